//! Throw-away PostgreSQL servers for tests, started from the binaries of the machine.
//!
//! Tests share one server, each with a database of its own; a test that stops its server starts one for itself. A
//! server ends with the process that started it, however that ends: a watchdog reads from a pipe that closes then.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;

/// Where set to 1, a machine without PostgreSQL fails the tests that need it, in place of skipping them.
const REQUIRED: &str = "CHAPERONE_REQUIRE_POSTGRES";
/// Whose server it is where the tests run as root, under which no server starts.
const SERVER_USER: &str = "postgres";

/// Ends the server with the process: it waits until its standard input closes.
const WATCHDOG: &str = r#"trap '' INT TERM HUP; read -r _; "$@" stop >/dev/null 2>&1; rm -rf "$DIR""#;

/// A running server. Whoever holds it can stop it and start it again.
#[derive(Debug)]
pub(crate) struct Server {
    bin: PathBuf,
    dir: TempDir,
    _watchdog: Child,
}

impl Server {
    /// The server that tests share; `None` where the machine has no PostgreSQL, which is said once.
    pub(crate) fn shared() -> Option<Arc<Self>> {
        static SHARED: OnceLock<Option<Arc<Server>>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start_own().map(Arc::new)).clone()
    }

    /// A server for one test alone. Its own user needs no password, everybody else does.
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says whether they may skip this")]
    pub(crate) fn start_own() -> Option<Self> {
        let Some(bin) = installed() else {
            assert!(
                std::env::var(REQUIRED).as_deref() != Ok("1"),
                "PostgreSQL is not installed, and {REQUIRED}=1 wants it; `apt-get install postgresql` brings it"
            );
            say_once();
            return None;
        };
        let dir = tempfile::tempdir().expect("the machine has a place for temporary files");
        if rustix::process::geteuid().is_root() {
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).expect("it is ours");
            run(Command::new("chown").arg(SERVER_USER).arg(dir.path()));
        }
        run(as_server_user(bin.join("initdb"))
            .args(["-U", SERVER_USER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8", "-D"])
            .arg(dir.path().join("data")));
        let rules = format!("local all {SERVER_USER} trust\nlocal all all scram-sha-256\n");
        fs::write(dir.path().join("data/pg_hba.conf"), rules).expect("it was just made");
        let mut stop = pg_ctl(&bin, dir.path());
        stop.args(["-m", "immediate"]);
        let watchdog = Command::new("setsid")
            .args(["sh", "-c", WATCHDOG, "watchdog"])
            .arg(stop.get_program())
            .args(stop.get_args())
            .env("DIR", dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the machine has a shell");
        let server = Self { bin, dir, _watchdog: watchdog };
        server.start();
        Some(server)
    }

    /// Starts it again after [`stop`](Self::stop).
    pub(crate) fn start(&self) {
        // Nothing of it has to survive, so that nothing has to reach the disk.
        let socket = self.dir.path().display();
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories={socket} -c max_connections=300 -c fsync=off \
             -c full_page_writes=off"
        );
        let log = self.dir.path().join("data/server.log");
        run(pg_ctl(&self.bin, self.dir.path()).args(["-w", "-o", &options, "-l"]).arg(log).arg("start"));
    }

    /// Stops it at once: connections are cut, and what was committed is kept.
    pub(crate) fn stop(&self) {
        run(pg_ctl(&self.bin, self.dir.path()).args(["-m", "immediate", "-w", "stop"]));
    }

    /// Makes a database; answers its name.
    pub(crate) fn create_database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"));
        name
    }

    /// Drops a database, whoever uses it.
    pub(crate) fn drop_database(&self, name: &str) {
        self.psql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
    }

    /// The address of a database, for a user who needs no password.
    pub(crate) fn url(&self, database: &str) -> String {
        self.url_as(SERVER_USER, database)
    }

    /// The address of a database for a user, who may be `name:password`.
    pub(crate) fn url_as(&self, user: &str, database: &str) -> String {
        let socket = self.dir.path().display().to_string().replace('/', "%2F");
        format!("postgres://{user}@{socket}/{database}")
    }

    /// Cuts every connection to a database.
    pub(crate) fn cut(&self, database: &str) {
        let sessions =
            format!("FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()");
        self.psql("postgres", &format!("SELECT pg_terminate_backend(pid, 5000) {sessions}"));
    }

    /// Waits until somebody waits for a lock in a database.
    pub(crate) fn somebody_waits(&self, database: &str) {
        let waiting = "SELECT 1 / COUNT(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'";
        while !self.attempts(database, waiting) {
            std::thread::yield_now();
        }
    }

    /// The socket of the server.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join(".s.PGSQL.5432")
    }

    /// Runs statements behind everybody's back.
    pub(crate) fn psql(&self, database: &str, sql: &str) {
        run(Command::new(self.bin.join("psql"))
            .args(["-q", "-X", "-v", "ON_ERROR_STOP=1", "-U", SERVER_USER, "-d", database, "-c", sql, "-h"])
            .arg(self.dir.path()));
    }

    fn attempts(&self, database: &str, sql: &str) -> bool {
        Command::new(self.bin.join("psql"))
            .args(["-q", "-X", "-v", "ON_ERROR_STOP=1", "-U", SERVER_USER, "-d", database, "-c", sql, "-h"])
            .arg(self.dir.path())
            .output()
            .is_ok_and(|done| done.status.success())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(pg_ctl(&self.bin, self.dir.path()).args(["-m", "immediate", "stop"]).output());
    }
}

fn pg_ctl(bin: &Path, dir: &Path) -> Command {
    let mut command = as_server_user(bin.join("pg_ctl"));
    command.arg("-D").arg(dir.join("data"));
    command
}

/// The folder with the server's binaries.
fn installed() -> Option<PathBuf> {
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().or_else(|| {
        let said = Command::new("pg_config").arg("--bindir").output().ok()?;
        let bin = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim());
        bin.join("initdb").exists().then_some(bin)
    })
}

fn as_server_user(program: impl AsRef<OsStr>) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let user = format!("--reuid={SERVER_USER}");
    let group = format!("--regid={SERVER_USER}");
    command.args([&user, &group, "--init-groups"]).arg(program);
    command.current_dir("/");
    command
}

fn run(command: &mut Command) {
    // A server that stays would keep pipes open, so that nobody could wait for their end.
    let log = tempfile::tempfile().expect("the machine has a place for temporary files");
    let said = log.try_clone().expect("a file can be opened twice");
    let done = command.stdin(Stdio::null()).stdout(said).stderr(log.try_clone().expect("as above")).status();
    let done = done.unwrap_or_else(|why| panic!("{command:?} cannot be run: {why}"));
    if !done.success() {
        use std::io::{Read, Seek};
        let (mut log, mut text) = (log, String::new());
        log.rewind().and_then(|()| log.read_to_string(&mut text)).expect("it was just written");
        panic!("{command:?} failed: {text}");
    }
}

/// Says past the harness, which shows nothing of a test that passes, that tests were skipped.
fn say_once() {
    static SAID: OnceLock<()> = OnceLock::new();
    SAID.get_or_init(|| {
        let line = "PostgreSQL is not installed: the tests that need it are skipped.";
        drop(writeln!(std::io::stderr(), "{line}"));
    });
}
