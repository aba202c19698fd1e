//! The built program in a process of its own: started, ended by signals, and what it said.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it is")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chaperone::storage::Access;
use tempfile::TempDir;

use super::School;

/// How long a program may take to end before the story fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program. It is killed when it is let go.
pub(crate) struct Program {
    child: Option<Child>,
    said: TempDir,
}

/// How a program ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// `chaperone` with these arguments, in an environment that has nothing in it.
pub(crate) fn chaperone(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chaperone"));
    command.args(arguments).env_clear();
    command
}

/// `chaperone` with these arguments for a data directory, with a configuration that names this Discord.
pub(crate) fn chaperone_on(data_dir: &Path, api_base: &str, arguments: &[&str]) -> Command {
    let config = config_file(data_dir);
    fs::write(&config, format!("[discord]\napi_base = \"{api_base}\"\n")).unwrap();
    let mut command = chaperone(arguments);
    command.env("CHAPERONE_DATA_DIR", data_dir).env("CHAPERONE_CONFIG", config);
    command
}

/// Beside the data directory, so that the directory itself may be missing or out of order.
pub(crate) fn config_file(data_dir: &Path) -> PathBuf {
    data_dir.with_extension("toml")
}

impl School {
    /// `chaperone` with these arguments, on this school's Discord and database.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let data_dir = self.database(Access::Read).data_dir;
        let mut command = chaperone_on(&data_dir, &self.discord.base(), arguments);
        command.env("CHAPERONE_TOKEN", self.discord.token());
        command
    }

    /// Starts `chaperone run`.
    pub(crate) fn runs_program(&self) -> Program {
        Program::start(self.command(&["run"]))
    }
}

impl Program {
    /// Starts a program.
    pub(crate) fn start(mut command: Command) -> Self {
        let said = tempfile::tempdir().unwrap();
        let file = |name| File::create(said.path().join(name)).unwrap();
        let child = command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err")).spawn().unwrap();
        Self { child: Some(child), said }
    }

    /// Ends it with SIGKILL, which it cannot prepare for; answers what it had said until then.
    pub(crate) fn kill(mut self) -> Ended {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        let code = child.wait().unwrap().code();
        self.ended_with(code)
    }

    /// Tells it to end, with SIGTERM.
    pub(crate) fn terminate(&self) {
        let id = self.child.as_ref().unwrap().id();
        signal(id, "TERM");
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(mut self) -> Ended {
        let mut child = self.child.take().unwrap();
        let id = child.id();
        let ending = tokio::task::spawn_blocking(move || child.wait().unwrap().code());
        if let Ok(code) = tokio::time::timeout(PATIENCE, ending).await {
            return self.ended_with(code.unwrap());
        }
        signal(id, "KILL");
        panic!("the program did not end within {PATIENCE:?}; it said:\n{}", self.said("err"))
    }

    /// What it has said so far on `out` or `err`.
    pub(crate) fn said(&self, stream: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.said.path().join(stream)).unwrap()).into_owned()
    }

    fn ended_with(&self, code: Option<i32>) -> Ended {
        Ended { code, out: self.said("out"), err: self.said("err") }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended already, which is all the same.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn signal(id: u32, name: &str) {
    let sent =
        Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &id.to_string()]).status().unwrap();
    assert!(sent.success(), "the signal {name} reaches the program");
}
