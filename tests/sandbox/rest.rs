//! REST: what is answered, what is refused and with which codes, and faults.

use std::time::Duration;

use chaperone::sandbox::{RestFault, Sandbox, permissions};
use serde_json::{Value, json};

use super::client::Rest;

#[tokio::test]
async fn refusals_carry_the_codes_of_discord() {
    let town = Sandbox::start().await;
    let school = town
        .guild("Science Club")
        .role("Staff", 0)
        .channel("#general")
        .hidden_channel("#staffroom", &["Staff"])
        .build();
    let ava = school.member("Ava").join();
    let said = ava.says("#general", "hello");
    let rest = Rest::new(&town);
    let (general, hidden) = (said.space, school.channel_id("#staffroom"));
    let long = "x".repeat(2_001);
    for (method, path, body, expected) in [
        ("GET", "/channels/1".to_owned(), Value::Null, (404, 10003)),
        ("GET", format!("/channels/{hidden}"), Value::Null, (403, 50001)),
        ("GET", format!("/channels/{hidden}/messages"), Value::Null, (403, 50001)),
        ("GET", "/guilds/1".to_owned(), Value::Null, (404, 10004)),
        ("GET", format!("/guilds/{}/members/1", school.id()), Value::Null, (404, 10007)),
        ("GET", format!("/channels/{general}/messages/1"), Value::Null, (404, 10008)),
        ("GET", format!("/channels/{general}/messages?limit=101"), Value::Null, (400, 50035)),
        ("DELETE", format!("/channels/{general}/messages/{}", said.id), Value::Null, (403, 50013)),
        ("PATCH", format!("/channels/{general}/messages/{}", said.id), json!({"content": "x"}), (403, 50005)),
        ("POST", format!("/channels/{general}/messages"), json!({}), (400, 50006)),
        ("POST", format!("/channels/{general}/messages"), json!({"content": long}), (400, 50035)),
        ("POST", "/users/@me/channels".to_owned(), json!({"recipient_id": "1"}), (400, 50033)),
        ("PUT", "/applications/1/commands".to_owned(), json!([]), (404, 10002)),
        ("POST", "/interactions/1/x/callback".to_owned(), json!({"type": 4}), (404, 10062)),
        ("PATCH", format!("/webhooks/{}/x/messages/@original", rest.application), json!({}), (404, 10015)),
        ("GET", "/nowhere".to_owned(), Value::Null, (404, 0)),
    ] {
        assert_eq!(rest.call(method, &path, body).await.refusal(), expected, "{method} {path}");
    }
    school.overwrites_role("#general", "Chaperone", 0, permissions::SEND_MESSAGES);
    let refused = rest.post(&format!("/channels/{general}/messages"), json!({"content": "hi"})).await;
    assert_eq!(refused.refusal(), (403, 50013));
    let stranger = Rest::new(&town).with_token("wrong").get("/users/@me").await;
    assert_eq!((stranger.status, stranger.body), (401, json!({"message": "401: Unauthorized", "code": 0})));
    let unknown =
        town.look(|world| world.unknown_requests().iter().map(|seen| seen.path.clone()).collect::<Vec<_>>());
    assert_eq!(unknown, ["/nowhere"]);
}

#[tokio::test]
async fn messages_come_newest_first_in_pages() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let said: Vec<_> = (0..10).map(|number| ava.says("#general", &number.to_string())).collect();
    let rest = Rest::new(&town);
    let path = format!("/channels/{}/messages", said[0].space);
    let page = async |query: String| rest.get(&format!("{path}?{query}")).await.contents().join("");
    assert_eq!(page("limit=3".to_owned()).await, "987");
    assert_eq!(page(format!("limit=3&before={}", said[5].id)).await, "432");
    assert_eq!(page(format!("limit=3&after={}", said[5].id)).await, "876", "the next three after it");
    assert_eq!(page(format!("limit=5&around={}", said[5].id)).await, "76543");
    school.overwrites_role("#general", "Chaperone", 0, permissions::READ_MESSAGE_HISTORY);
    assert_eq!(page("limit=3".to_owned()).await, "", "no history, no messages");
}

#[tokio::test]
async fn a_message_that_is_sent_is_read_edited_and_deleted() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let said = school.member("Ava").join().says("#general", "hello");
    let rest = Rest::new(&town);
    let path = format!("/channels/{}/messages", said.space);
    let reply = json!({"content": "hi", "message_reference": {"message_id": said.id.to_string()}});
    let sent = rest.post(&path, reply).await;
    assert_eq!((sent.status, &sent.body["type"]), (200, &json!(19)));
    let as_number = json!({"content": "hi", "message_reference": {"message_id": said.id.get()}});
    let number = rest.post(&path, as_number).await.body;
    assert_eq!(
        number["message_reference"]["message_id"],
        said.id.to_string(),
        "some clients write ids as numbers"
    );
    assert_eq!(sent.body["referenced_message"]["content"], "hello");
    assert_eq!(sent.body["mentions"][0]["global_name"], "Ava");
    let own = format!("{path}/{}", sent.body["id"].as_str().unwrap());
    let edited = rest.call("PATCH", &own, json!({"content": "hi there"})).await;
    assert!(edited.body["edited_timestamp"].is_string());
    assert_eq!(rest.get(&own).await.body["content"], "hi there");
    assert_eq!(rest.call("DELETE", &own, Value::Null).await.status, 204);
    assert_eq!(rest.get(&own).await.refusal(), (404, 10008));
    let lost = json!({"content": "hi", "message_reference": {"message_id": "1"}});
    assert_eq!(rest.post(&path, lost).await.refusal(), (400, 50035));
}

#[tokio::test]
async fn a_nonce_that_is_enforced_sends_once() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let rest = Rest::new(&town);
    let path = format!("/channels/{}/messages", school.channel_id("#general"));
    let body = json!({"content": "once", "nonce": "a1", "enforce_nonce": true});
    town.fails(&format!("POST {path}"), RestFault::DoneButStatus(502), 1);
    assert_eq!(rest.post(&path, body.clone()).await.status, 502);
    let second = rest.post(&path, body.clone()).await;
    assert_eq!(second.body["nonce"], "a1");
    assert!(rest.get(&path).await.body[0].get("nonce").is_none(), "it is not shown when messages are read");
    assert_eq!(town.channel_messages("#general").len(), 1);
    rest.post(&path, json!({"content": "once", "nonce": "a1"})).await;
    assert_eq!(town.channel_messages("#general").len(), 2, "it is not enforced unless asked");
    town.advances_clock(Duration::from_hours(1));
    rest.post(&path, body).await;
    assert_eq!(town.channel_messages("#general").len(), 3, "and forgotten after a while");
}

#[tokio::test]
async fn a_dm_reaches_the_inbox_unless_the_person_refuses_or_left() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").build();
    let ava = school.member("Ava").join();
    let rest = Rest::new(&town);
    let open = json!({"recipient_id": ava.id().to_string()});
    let dm = rest.post("/users/@me/channels", open.clone()).await.body;
    assert_eq!((&dm["type"], &dm["recipients"][0]["global_name"]), (&json!(1), &json!("Ava")));
    assert_eq!(rest.post("/users/@me/channels", open).await.body["id"], dm["id"], "the same one again");
    let path = format!("/channels/{}/messages", dm["id"].as_str().unwrap());
    assert_eq!(rest.post(&path, json!({"content": "hello"})).await.status, 200);
    assert_eq!(ava.inbox_until(1).await[0].content, "hello");
    ava.refuses_dms(true);
    assert_eq!(rest.post(&path, json!({"content": "hello"})).await.refusal(), (403, 50007));
    ava.refuses_dms(false);
    ava.leaves();
    assert_eq!(rest.post(&path, json!({"content": "hello"})).await.refusal(), (403, 50278));
    assert_eq!(ava.inbox().len(), 1);
}

#[tokio::test]
async fn faults_hit_as_many_calls_as_was_said() {
    let town = Sandbox::start().await;
    let rest = Rest::new(&town);
    town.fails("/users/@me", RestFault::Status(503), 2);
    for expected in [503, 503, 200] {
        assert_eq!(rest.get("/users/@me").await.status, expected);
    }
    town.fails("/users/@me", RestFault::RateLimited { seconds: 0.25, global: true }, 1);
    let limited = rest.get("/users/@me").await;
    assert_eq!(
        (limited.status, &limited.body["retry_after"], &limited.body["global"]),
        (429, &json!(0.25), &json!(true))
    );
    assert_eq!(limited.headers["x-ratelimit-global"], "true");
    assert_eq!(limited.headers["retry-after"], "1");
    town.fails("/users/@me", RestFault::NeverAnswered, 1);
    let waiting = tokio::spawn({
        let rest = Rest::new(&town);
        async move { rest.get("/users/@me").await.status }
    });
    town.wait_until("the call to arrive", |world| {
        world.requests().last().is_some_and(|seen| seen.status == 0)
    })
    .await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled(), "it was never answered");
    let good = rest.get("/users/@me").await;
    assert_eq!(good.status, 200);
    for header in ["bucket", "limit", "remaining", "reset", "reset-after"] {
        assert!(good.headers.contains_key(format!("x-ratelimit-{header}")), "{header}");
    }
    assert_eq!(town.requests().last().unwrap().status, 200);
}

#[tokio::test]
async fn guilds_are_read_whole() {
    let town = Sandbox::start().await;
    let school = town
        .guild("Science Club")
        .locale("fr")
        .role("Staff", 8)
        .category("Rooms")
        .channel("#general")
        .build();
    let ava = school.member("Ava").nick("Avie").role("Staff").join();
    let rest = Rest::new(&town);
    let path = format!("/guilds/{}", school.id());
    let guild = rest.get(&path).await.body;
    assert_eq!((&guild["name"], &guild["preferred_locale"]), (&json!("Science Club"), &json!("fr")));
    let channels = rest.get(&format!("{path}/channels")).await.body;
    assert_eq!((&channels[0]["type"], &channels[1]["parent_id"]), (&json!(4), &channels[0]["id"]));
    let roles = rest.get(&format!("{path}/roles")).await.body;
    let names: Vec<_> = roles.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["@everyone", "Staff", "Chaperone"]);
    let member = rest.get(&format!("{path}/members/{}", ava.id())).await.body;
    assert_eq!((&member["nick"], &member["roles"][0]), (&json!("Avie"), &roles[1]["id"]));
    let page = rest.get(&format!("{path}/members?limit=1000")).await.body;
    assert_eq!(page.as_array().unwrap().len(), 3);
    let last = page[2]["user"]["id"].as_str().unwrap();
    assert_eq!(rest.get(&format!("{path}/members?limit=5&after={last}")).await.body, json!([]));
}

#[tokio::test]
async fn threads_are_listed_where_the_bot_may_see_them() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    for (name, archived) in [("old", true), ("older", true), ("new", false)] {
        ava.opens_thread("#general", name);
        school.archives(name, archived);
        town.advances_clock(Duration::from_mins(1));
    }
    ava.opens_private_thread("#general", "hush", &[]);
    school.archives("hush", true);
    let rest = Rest::new(&town);
    let names = |body: &Value| -> Vec<String> {
        body["threads"]
            .as_array()
            .unwrap()
            .iter()
            .map(|thread| thread["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let active = rest.get(&format!("/guilds/{}/threads/active", school.id())).await.body;
    assert_eq!(names(&active), ["new"]);
    let general = school.channel_id("#general");
    let public = format!("/channels/{general}/threads/archived/public");
    let first = rest.get(&format!("{public}?limit=1")).await.body;
    assert_eq!((names(&first), &first["has_more"]), (vec!["older".to_owned()], &json!(true)));
    let before =
        first["threads"][0]["thread_metadata"]["archive_timestamp"].as_str().unwrap().replace('+', "%2B");
    let second = rest.get(&format!("{public}?before={before}")).await.body;
    assert_eq!((names(&second), &second["has_more"]), (vec!["old".to_owned()], &json!(false)));
    let private = format!("/channels/{general}/threads/archived/private");
    assert_eq!(names(&rest.get(&private).await.body), ["hush"]);
    school.permits("Chaperone", permissions::EVERYONE);
    assert_eq!(rest.get(&private).await.refusal(), (403, 50013));
    ava.says("old", "awake again");
    let active = rest.get(&format!("/guilds/{}/threads/active", school.id())).await.body;
    assert_eq!(names(&active), ["old", "new"], "writing in an archived thread opens it");
}

#[tokio::test]
async fn without_the_switch_in_the_portal_content_and_members_are_withheld() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    school.member("Ava").join().says("#general", "secret");
    let rest = Rest::new(&town);
    town.allows_intents(0);
    let messages = rest.get(&format!("/channels/{}/messages", school.channel_id("#general"))).await;
    assert_eq!(messages.contents(), [""]);
    assert_eq!(rest.get(&format!("/guilds/{}/members", school.id())).await.refusal(), (403, 50001));
}

#[tokio::test]
async fn what_is_too_long_is_refused_with_its_path() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let rest = Rest::new(&town);
    let path = format!("/channels/{}/messages", school.channel_id("#general"));
    let row = |button: Value| json!({"content": "x", "components": [{"type": 1, "components": [button]}]});
    let long = "x".repeat(101);
    for (body, at) in [
        (json!({"embeds": [{"title": "x".repeat(257)}]}), "/errors/embeds/0/title/_errors/0/code"),
        (
            row(json!({"type": 2, "style": 1, "label": "x", "custom_id": long})),
            "/errors/components/0/components/0/custom_id/_errors/0/code",
        ),
        (
            row(json!({"type": 2, "style": 1, "label": "x"})),
            "/errors/components/0/components/0/custom_id/_errors/0/code",
        ),
        (json!({"content": "x", "nonce": "x".repeat(26)}), "/errors/nonce/_errors/0/code"),
    ] {
        let refused = rest.post(&path, body).await;
        assert_eq!(refused.refusal(), (400, 50035));
        assert!(refused.body.pointer(at).is_some(), "{at} in {}", refused.body);
    }
    let many: Vec<_> = (0..3).map(|_| json!({"description": "x".repeat(2_001)})).collect();
    assert_eq!(rest.post(&path, json!({"embeds": many})).await.refusal(), (400, 50035));
}
