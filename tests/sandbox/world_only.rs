//! `chaperone sandbox --world-only`, the built binary, and `chaperone run` against it: nothing but HTTP in between.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use super::control::Hand;

/// A program that is ended when it is let go.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, which is all the same.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chaperone"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

/// Starts a world, and answers what it says of itself.
pub(crate) fn world(arguments: &[&str]) -> (Running, Value) {
    let mut command = program(&[&["sandbox", "--world-only", "--json"], arguments].concat());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Running(child), serde_json::from_str(&line).unwrap())
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = program(arguments).output().unwrap();
    assert_eq!(status.code(), Some(2));
    String::from_utf8(stderr).unwrap()
}

#[tokio::test]
async fn an_incident_goes_all_the_way_between_two_programs_over_http() {
    let (_world, told) = world(&["--listen", "127.0.0.1:0"]);
    let text = |key: &str| told[key].as_str().unwrap().to_owned();
    let hand = Hand::new(&text("base"));
    let people = ["Priya", "Tom", "Ava"];
    hand.does(
        "guilds",
        json!({
            "name": "Club",
            "roles": [
                {"name": "Students"}, {"name": "Parents"}, {"name": "Staff"},
                {"name": "Administrators", "permissions": ["ADMINISTRATOR"]},
            ],
            "channels": [{"name": "#general"}, {"name": "#office", "only": ["Administrators"]}],
        }),
    )
    .await;
    for (person, roles) in
        people.iter().zip([&["Staff", "Administrators"][..], &["Staff", "Administrators"], &["Students"]])
    {
        hand.does("guilds/Club/join", json!({"person": person, "roles": roles})).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("chaperone.toml");
    std::fs::write(&config, format!("[discord]\napi_base = \"{}\"\n", text("base"))).unwrap();
    let bot = program(&["run"])
        .env("CHAPERONE_TOKEN", text("token"))
        .env("CHAPERONE_DATA_DIR", dir.path().join("data"))
        .env("CHAPERONE_CONFIG", &config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _bot = Running(bot);
    let set_up = "/group setup staff:@Staff students:@Students parents:@Parents administrator:@Priya \
        second-administrator:@Tom fallback:#office";
    hand.does("people/Priya/run", json!({"command": set_up})).await;
    hand.does("people/Ava/say", json!({"channel": "general", "text": "shut up you worthless loser"})).await;
    for administrator in &people[..2] {
        let inbox = hand.sees(&format!("people/{administrator}/inbox?until=1")).await;
        assert_eq!(inbox["messages"].as_array().unwrap().len(), 1, "{inbox}");
    }
    let list = hand.does("people/Priya/run", json!({"command": "/incident list"})).await;
    assert_eq!(list["ephemeral"], true);
    let listed = list["text"].as_str().unwrap();
    assert!(listed.contains('`'), "a case is listed by its code: {listed}");
    let requests = hand.sees("requests").await;
    let unknown: Vec<_> =
        requests["requests"].as_array().unwrap().iter().filter(|one| one["known"] != true).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[tokio::test]
async fn a_scenario_founds_the_world() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("day.toml");
    let scenario = "title = \"A day\"\nguild = { name = \"Chess\", channels = [{ name = \"#board\" }] }\n\
        people = [{ name = \"Ava\" }]\n[[days]]\nname = \"Monday\"\n\
        steps = [{ who = \"Ava\", runs = \"/x\" }, { who = \"Ava\", in = \"#board\", says = \"hello\" }]\n";
    std::fs::write(&file, scenario).unwrap();
    let (_world, told) = world(&["--scenario", file.to_str().unwrap()]);
    let hand = Hand::new(told["base"].as_str().unwrap());
    let before = hand.sees("channels/board/messages").await;
    assert_eq!(before["messages"], json!([]), "nobody speaks before a bot is there");
    let gateway = tokio_tungstenite::connect_async(told["gateway"].as_str().unwrap()).await.unwrap();
    let (mut socket, _) = gateway;
    let identify = json!({"op": 2, "d": {"token": told["token"], "intents": 1, "properties": {}}});
    futures_util::SinkExt::send(&mut socket, identify.to_string().into()).await.unwrap();
    let said = hand.sees("channels/board/messages?until=1").await;
    assert_eq!(said["messages"][0]["content"], "hello");
}

#[test]
fn an_address_of_another_machine_is_refused_with_a_sentence() {
    let said = refused(&["sandbox", "--world-only", "--listen", "0.0.0.0:0"]);
    assert!(said.contains("listens on this machine only"), "{said}");
}

#[test]
fn listening_elsewhere_is_for_the_world_alone() {
    let said = refused(&["sandbox", "--listen", "127.0.0.1:0"]);
    assert!(said.contains("--world-only"), "{said}");
}
