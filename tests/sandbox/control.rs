//! The control API: what it does, what it refuses, and that its index tells all of it.

use std::time::Duration;

use chaperone::sandbox::Sandbox;
use serde_json::{Value, json};

use super::client::{Gateway, INTENTS, Rest};

/// Somebody who moves the box over HTTP.
pub(crate) struct Hand {
    http: reqwest::Client,
    base: String,
}

impl Hand {
    pub(crate) fn new(base: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
        Self { http, base: base.to_owned() }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.call_with(method, path, body, &[]).await
    }

    async fn call_with(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> (u16, Value) {
        let mut call = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        for (name, value) in headers {
            call = call.header(*name, *value);
        }
        let answer = call.body(body.to_owned()).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    pub(crate) async fn does(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call("POST", &format!("/sandbox/{path}"), &body.to_string()).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    pub(crate) async fn sees(&self, path: &str) -> Value {
        let (status, answer) = self.call("GET", &format!("/sandbox/{path}"), "").await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// A club with a teacher who may manage messages, a student, and an office that students do not see.
    pub(crate) async fn founds_club(&self) {
        self.does(
            "guilds",
            json!({
                "name": "Chess Club", "owner": "Dana",
                "roles": [{"name": "Staff", "permissions": ["MANAGE_MESSAGES"]}],
                "channels": [{"name": "#general"}, {"name": "#office", "only": ["Staff"]}],
            }),
        )
        .await;
        self.does("guilds/Chess%20Club/join", json!({"person": "Tom", "roles": ["Staff"]})).await;
        self.does("guilds/Chess%20Club/join", json!({"person": "Ava"})).await;
    }
}

async fn club() -> (Sandbox, Hand) {
    let town = Sandbox::start().await;
    let hand = Hand::new(&town.base());
    hand.founds_club().await;
    (town, hand)
}

#[tokio::test]
async fn what_is_said_over_http_reaches_a_bot() {
    let (town, hand) = club().await;
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let said = hand.does("people/Ava/say", json!({"channel": "#general", "text": "good move"})).await;
    let told = gateway.until("MESSAGE_CREATE").await;
    assert_eq!((&told["id"], &told["content"]), (&said["message"], &json!("good move")));
    hand.does("people/Ava/edit", json!({"message": said["message"], "text": "great move"})).await;
    assert_eq!(gateway.until("MESSAGE_UPDATE").await["content"], "great move");
    hand.does("people/Tom/delete", json!({"message": said["message"]})).await;
    assert_eq!(gateway.until("MESSAGE_DELETE").await["id"], said["message"]);
}

#[tokio::test]
async fn each_sees_what_they_may_see() {
    let (_town, hand) = club().await;
    hand.does("people/Tom/say", json!({"channel": "office", "text": "marks are in"})).await;
    let seen = hand.sees("channels/office/messages?as=Tom").await;
    assert_eq!(seen["messages"][0]["content"], "marks are in");
    let (status, _) = hand.call("GET", "/sandbox/channels/office/messages?as=Ava", "").await;
    assert_eq!(status, 404);
    let state = hand.sees("state").await;
    let office =
        state["guilds"][0]["channels"].as_array().unwrap().iter().find(|one| one["name"] == "office");
    let seen_by = office.unwrap()["seen_by"].as_array().unwrap();
    assert!(seen_by.contains(&json!("Tom")) && !seen_by.contains(&json!("Ava")), "{seen_by:?}");
}

#[tokio::test]
async fn a_look_waits_until_there_is_something_to_see() {
    let (_town, hand) = club().await;
    let looking = hand.sees("channels/general/messages?until=2");
    let writing = async {
        hand.does("people/Ava/say", json!({"channel": "general", "text": "one"})).await;
        hand.does("people/Tom/say", json!({"channel": "general", "text": "two"})).await;
    };
    let (seen, ()) = tokio::join!(looking, writing);
    assert_eq!(seen["messages"].as_array().unwrap().len(), 2);
    let (status, problem) = hand.call("GET", "/sandbox/people/Ava/inbox?until=1&patience=0", "").await;
    assert_eq!(status, 504, "{problem}");
}

#[tokio::test]
async fn a_set_fault_hits_the_bots_calls_and_is_seen_among_the_requests() {
    let (town, hand) = club().await;
    hand.does("faults/rest", json!({"of": "GET /users/@me", "fault": "status", "status": 503})).await;
    let rest = Rest::new(&town);
    assert_eq!(rest.get("/users/@me").await.status, 503);
    assert_eq!(rest.get("/users/@me").await.status, 200);
    let seen = hand.sees("requests?of=GET%20/users&until=2").await;
    let statuses: Vec<_> = seen["requests"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [503, 200]);
}

#[tokio::test]
async fn a_command_is_answered_over_http_also_with_buttons_and_forms() {
    let (town, hand) = club().await;
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    rest.registers(json!([{"name": "move", "description": "make a move", "type": 1}])).await;
    let bot = async {
        let asked = gateway.until("INTERACTION_CREATE").await;
        let button = json!({"type": 2, "style": 1, "label": "Resign", "custom_id": "resign"});
        let row = json!({"type": 1, "components": [button]});
        let answer = json!({"type": 4, "data": {"content": "e4", "flags": 64, "components": [row]}});
        rest.answers(&asked, answer).await;
        let pressed = gateway.until("INTERACTION_CREATE").await;
        let field = json!({"type": 4, "custom_id": "why", "label": "Why", "style": 1});
        let form = json!({"custom_id": "resigning", "title": "Resigning", "components": [{"type": 1, "components": [field]}]});
        rest.answers(&pressed, json!({"type": 9, "data": form})).await;
        let filled = gateway.until("INTERACTION_CREATE").await;
        rest.answers(&filled, json!({"type": 4, "data": {"content": "noted", "flags": 64}})).await;
        filled["data"]["components"][0]["components"][0]["value"].clone()
    };
    let person = async {
        let answer = hand.does("people/Ava/run", json!({"command": "/move"})).await;
        assert_eq!((&answer["message"]["content"], &answer["ephemeral"]), (&json!("e4"), &json!(true)));
        let message = &answer["message"]["message"];
        let (status, _) = hand
            .call(
                "POST",
                "/sandbox/people/Tom/press",
                &json!({"message": message, "button": "Resign"}).to_string(),
            )
            .await;
        assert_eq!(status, 409, "an answer that only Ava sees is not Tom's to press");
        let form = hand.does("people/Ava/press", json!({"message": message, "button": "Resign"})).await;
        assert_eq!(form["form"]["fields"][0]["label"], "Why");
        let values = json!({"Why": "no queen"});
        hand.does("people/Ava/fill", json!({"interaction": form["interaction"], "values": values})).await
    };
    let (value, noted) = tokio::join!(bot, person);
    assert_eq!((value, &noted["message"]["content"]), (json!("no queen"), &json!("noted")));
    let for_tom = hand.sees("channels/general/messages?as=Tom").await;
    assert_eq!(for_tom["messages"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_what_to_do() {
    let (_town, hand) = club().await;
    for (method, path, body, status, says) in [
        ("POST", "people/Ava/say", r#"{"channel": "office", "text": "x"}"#, 409, "may not write"),
        ("POST", "people/Ava/say", r#"{"channel": "offices", "text": "x"}"#, 409, "no channel named"),
        ("POST", "people/Ava/say", r#"{"channel": "general", "txt": "x"}"#, 400, "unknown field `txt`"),
        ("POST", "people/Ava/say", "{", 400, "cannot be read"),
        ("POST", "people/Ava/says", "{}", 404, "no verb"),
        ("POST", "people/Avo/say", "{}", 404, "no person"),
        ("POST", "people/Tom/edit", r#"{"message": "1", "text": "x"}"#, 404, "no message"),
        ("POST", "guilds/Chess%20Club/permit", r#"{"role": "Staff", "permissions": ["FLY"]}"#, 400, "FLY"),
        (
            "POST",
            "guilds/Chess%20Club/grant",
            r#"{"person": "Zoe", "role": "Staff"}"#,
            409,
            "nobody named Zoe",
        ),
        ("POST", "people/Ava/run?patience=0", r#"{"command": "/none"}"#, 504, "waited"),
        ("GET", "nowhere", "", 404, "no call"),
        ("GET", "state?untill=3", "", 400, "untill"),
        ("DELETE", "state", "", 404, "no call"),
    ] {
        let (got, problem) = hand.call(method, &format!("/sandbox/{path}"), body).await;
        let error = problem["error"].as_str().unwrap_or_default();
        assert!(got == status && error.contains(says), "{method} {path} {body}: {got} {problem}");
        assert!(!problem["remedy"].as_str().unwrap().is_empty(), "{problem}");
    }
    hand.does("people/Ava/say", json!({"channel": "general", "text": "the box goes on"})).await;
}

#[tokio::test]
async fn pages_and_names_from_elsewhere_are_refused() {
    let (_town, hand) = club().await;
    for (name, value) in [("origin", "http://evil.example"), ("host", "evil.example"), ("origin", "null")] {
        for path in ["/sandbox/state", "/sandbox/", "/sandbox/page.js", "/"] {
            let (status, _) = hand.call_with("GET", path, "", &[(name, value)]).await;
            assert_eq!(status, 403, "{path} with {name}: {value}");
        }
    }
    let own = hand.base.clone();
    let (status, _) = hand.call_with("GET", "/sandbox/state", "", &[("origin", &own)]).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn the_index_names_the_fields_of_each_call_as_they_are_read() {
    let (_town, hand) = club().await;
    let index = hand.sees("").await;
    let calls = index["calls"].as_array().unwrap();
    assert!(calls.len() > 50, "{}", calls.len());
    for call in calls.iter().filter(|call| call["method"] == "POST") {
        let path = call["path"].as_str().unwrap().replace("{name}", "Ava").replace("{guild}", "Chess%20Club");
        let (status, problem) = hand.call("POST", &path, r#"{"surely-not": 1}"#).await;
        let error = problem["error"].as_str().unwrap();
        let read: Vec<_> = error.split('`').skip(3).step_by(2).map(ToOwned::to_owned).collect();
        let listed = call["body"].as_object().unwrap().keys();
        let mut listed: Vec<_> = listed.map(|name| name.trim_end_matches('?').to_owned()).collect();
        let mut read_sorted = read.clone();
        read_sorted.sort();
        listed.sort();
        assert_eq!((status, &read_sorted), (400, &listed), "{path}: {error}");
    }
}

#[tokio::test]
async fn onlookers_are_told_as_it_happens() {
    let (town, hand) = club().await;
    let mut events = reqwest::get(format!("{}/sandbox/events", town.base())).await.unwrap();
    hand.does("people/Ava/say", json!({"channel": "general", "text": "look here"})).await;
    let mut told = String::new();
    while !told.contains("look here") {
        let chunk =
            tokio::time::timeout(super::client::PATIENCE, events.chunk()).await.unwrap().unwrap().unwrap();
        told.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(told.contains(r#""type":"said""#), "{told}");
}
