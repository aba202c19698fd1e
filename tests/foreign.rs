//! Bots of other libraries at the box: discord.py and discord.js log in, see the server that is there, receive and
//! send messages, and answer a slash command and a button.
//!
//! They run under `CHAPERONE_FOREIGN_CLIENTS=1` only, from what `.ci/run` installs below `target/foreign`.
#![expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says whether other clients are installed"
)]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, thread};

use chaperone::sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// A bot in a process of its own, which ends with the test.
struct Bot {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Bot {
    fn starts(command: &mut Command, town: &Sandbox) -> Self {
        let mut child = command
            .env("SANDBOX", town.base())
            .env("TOKEN", town.token())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the interpreter starts");
        let (tell, lines) = mpsc::unbounded_channel();
        let said = child.stdout.take().expect("it is piped");
        let complaints = child.stderr.take().expect("it is piped");
        thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
            let mut why = String::new();
            let _ = BufReader::new(complaints).read_to_string(&mut why);
            let _ = tell.send(format!("ended: {why}"));
        });
        Self { child, lines }
    }

    /// The next object it says.
    async fn says(&mut self) -> Value {
        let line = self.lines.recv().await.expect("it says something before it ends");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("the bot says what is no JSON: {line}"))
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended by itself, which is all the same.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::print_stderr, reason = "who runs the tests should know what did not run")]
fn wanted() -> bool {
    let wanted = env::var("CHAPERONE_FOREIGN_CLIENTS").is_ok_and(|value| value == "1");
    if !wanted {
        eprintln!("skipped: CHAPERONE_FOREIGN_CLIENTS is not 1");
    }
    wanted
}

fn checkout(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

async fn plays(command: &mut Command) {
    let town = Sandbox::start().await;
    let school = town
        .guild("Science Club")
        .role("Staff", 0)
        .role("Students", 0)
        .channel("#general")
        .private_channel("#office", &["Staff"])
        .build();
    let teacher = school.member("Mr Okafor").role("Staff").join();
    let ava = school.member("Ava").role("Students").join();
    let mut bot = Bot::starts(command, &town);
    let seen = bot.says().await;
    assert_eq!((&seen["guild"], &seen["channels"]), (&json!("Science Club"), &json!(["general", "office"])));
    assert_eq!(seen["roles"], json!(["@everyone", "Chaperone", "Staff", "Students"]));
    assert_eq!(seen["members"]["Ava"], json!(["@everyone", "Students"]));
    assert_eq!(seen["members"]["Mr Okafor"], json!(["@everyone", "Staff"]));
    assert_eq!(seen["members"].as_object().map(serde_json::Map::len), Some(4), "with the owner and the bot");
    town.wait_for_command("greet").await;
    let said = ava.says("#general", "is the lab open? 🔬");
    let answer = town
        .wait_for("an answer", |world| {
            world.channel_messages("#general").into_iter().find(|message| message.author == "Chaperone")
        })
        .await;
    assert_eq!(answer.content, "You said: is the lab open? 🔬");
    assert_eq!(answer.replies_to, Some(said.id));
    let reply = teacher.runs("/greet @Ava").await;
    assert_eq!((reply.text().lines().next(), reply.ephemeral), (Some("Hello, Ava"), true));
    let pressed = teacher.presses(&reply, "Again").await;
    assert_eq!(pressed.text(), "Hello again, Mr Okafor");
    let unknown = town.look(|world| {
        world
            .unknown_requests()
            .iter()
            .map(|seen| format!("{} {}", seen.method, seen.path))
            .collect::<Vec<_>>()
    });
    assert_eq!(unknown, Vec::<String>::new(), "every route it asks for is known");
}

#[tokio::test]
async fn a_bot_of_discord_py_is_at_home_in_the_box() {
    if wanted() {
        let mut command = Command::new(checkout("target/foreign/py/bin/python"));
        plays(command.arg(checkout("tests/foreign/discord_py/bot.py"))).await;
    }
}

#[tokio::test]
async fn a_bot_of_discord_js_is_at_home_in_the_box() {
    if wanted() {
        let mut command = Command::new("node");
        command.env("NODE_PATH", checkout("target/foreign/js/node_modules"));
        plays(command.arg(checkout("tests/foreign/discord_js/bot.js"))).await;
    }
}
