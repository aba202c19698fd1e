//! Where the box is as strict as Discord: compression, session starts and their end, limits, and faults of the
//! doors.

use std::time::Duration;

use chaperone::sandbox::{RestFault, Sandbox};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::client::{Gateway, INTENTS, Rest};

#[tokio::test]
async fn a_bot_that_asks_for_a_compressed_stream_is_sent_one() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let url = format!("{}/?v=10&encoding=json&compress=zlib-stream", town.base().replace("http", "ws"));
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let identify = json!({"token": town.token(), "intents": INTENTS, "compress": true});
    socket.send(Message::text(json!({"op": 2, "d": identify}).to_string())).await.unwrap();
    let mut stream = flate2::Decompress::new(true);
    let mut names = Vec::new();
    while !names.contains(&json!("MESSAGE_CREATE")) {
        let Message::Binary(bytes) = socket.next().await.unwrap().unwrap() else { panic!("not compressed") };
        let mut text = Vec::with_capacity(1 << 20);
        stream.decompress_vec(&bytes, &mut text, flate2::FlushDecompress::Sync).unwrap();
        let frame: Value = serde_json::from_slice(&text).unwrap();
        if frame["t"] == "GUILD_CREATE" {
            school.member("Ava").join().says("#general", "hello");
        }
        names.push(frame["t"].clone());
    }
    assert_eq!(names[..3], [json!(null), json!("READY"), json!("GUILD_CREATE")]);
}

#[tokio::test]
async fn starts_of_sessions_are_paced_and_counted() {
    let town = Sandbox::start().await;
    let rest = Rest::new(&town);
    town.paces_session_starts(Some(1));
    town.allows_session_starts(2);
    town.recommends_shards(3);
    let first = Gateway::identified(&town, INTENTS).await;
    let told = rest.get("/gateway/bot").await.body;
    let limit = &told["session_start_limit"];
    assert_eq!(
        (&told["shards"], &limit["total"], &limit["remaining"], &limit["max_concurrency"]),
        (&json!(3), &json!(2), &json!(1), &json!(1))
    );
    let mut hasty = Gateway::connect(&town).await;
    hasty.identify(INTENTS).await;
    let frame = hasty.frame().await;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));
    town.advances_clock(Duration::from_secs(5));
    hasty.identify(INTENTS).await;
    hasty.until("READY").await;
    town.advances_clock(Duration::from_secs(5));
    let mut third = Gateway::connect(&town).await;
    third.identify(INTENTS).await;
    assert_eq!(third.close_code().await, 4004, "the day's starts are used up");
    assert_eq!(hasty.close_code().await, 4004, "and all sessions are over");
    assert_eq!(rest.get("/users/@me").await.status, 401, "the token is another");
    let mut again = Gateway::connect(&town).await;
    again.resume(&first.session, 1).await;
    assert_eq!(again.frame().await["op"], 9);
}

#[tokio::test]
async fn a_session_ends_when_its_bot_is_silent_or_long_away() {
    let town = Sandbox::start().await;
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    town.insists_on_heartbeats(true);
    town.advances_clock(Duration::from_secs(40));
    gateway.drain().await;
    town.advances_clock(Duration::from_secs(40));
    gateway.drain().await;
    town.advances_clock(Duration::from_secs(70));
    assert_eq!(gateway.close_code().await, 4009);
    town.insists_on_heartbeats(false);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let (session, seq) = (gateway.session.clone(), gateway.seq);
    town.forgets_sessions_after(Some(Duration::from_mins(3)));
    for (away, op) in [(60, 0), (181, 9)] {
        town.drops_sockets();
        assert!(gateway.raw().await.is_none());
        town.wait_until("the session to be without a connection", |world| !world.all_sent()).await;
        town.advances_clock(Duration::from_secs(away));
        gateway = Gateway::connect(&town).await;
        gateway.resume(&session, seq).await;
        assert_eq!(gateway.frame().await["op"], op);
    }
}

#[tokio::test]
async fn sockets_are_closed_with_any_code_and_some_end_the_session() {
    let town = Sandbox::start().await;
    for (code, op) in [(4000, 0), (4008, 0), (4007, 9), (4009, 9)] {
        let mut gateway = Gateway::identified(&town, INTENTS).await;
        town.closes_sockets(code);
        assert_eq!(gateway.close_code().await, code);
        let mut again = Gateway::connect(&town).await;
        again.resume(&gateway.session, gateway.seq).await;
        assert_eq!(again.frame().await["op"], op, "after {code}");
    }
}

#[tokio::test]
async fn calls_over_all_routes_are_limited_but_for_answers_to_interactions() {
    let town = Sandbox::start().await;
    let rest = Rest::new(&town);
    town.limits_globally(Some(2));
    let paths = ["/users/@me", "/gateway", "/gateway/bot", "/users/@me/guilds"];
    let mut refused = None;
    // A window may end between two calls, hence more than one round.
    for path in paths.iter().cycle().take(200) {
        let got = rest.get(path).await;
        if got.status == 429 {
            refused = Some(got);
            break;
        }
    }
    let refused = refused.expect("one call was too many");
    assert_eq!(refused.body["global"], true);
    assert!(refused.body["retry_after"].as_f64().unwrap() <= 1.0);
    assert_eq!(refused.headers["x-ratelimit-scope"], "global");
    assert_eq!(refused.headers["x-ratelimit-global"], "true");
    for _ in 0..5 {
        let answer = rest.post("/interactions/1/none/callback", json!({"type": 6})).await;
        assert_eq!(answer.refusal(), (404, 10062), "not counted");
    }
}

#[tokio::test]
async fn all_members_are_asked_for_once_in_a_while_and_with_the_intent() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").build();
    town.limits_member_requests(true);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let asks =
        json!({"op": 8, "d": {"guild_id": school.id().to_string(), "query": "", "limit": 0, "nonce": "n"}});
    gateway.send(asks.clone()).await;
    gateway.until("GUILD_MEMBERS_CHUNK").await;
    gateway.send(asks.clone()).await;
    let limited = gateway.until("RATE_LIMITED").await;
    assert_eq!((&limited["opcode"], &limited["meta"]["nonce"]), (&json!(8), &json!("n")));
    town.advances_clock(Duration::from_secs(30));
    gateway.send(asks.clone()).await;
    gateway.until("GUILD_MEMBERS_CHUNK").await;
    let mut without = Gateway::identified(&town, 1).await;
    without.until("GUILD_CREATE").await;
    without.send(asks).await;
    assert!(without.drain().await.is_empty());
}

#[tokio::test]
async fn hidden_channels_can_be_shown_as_they_once_were() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").role("Staff", 0).hidden_channel("#staffroom", &["Staff"]).build();
    let teacher = school.member("Mr Okafor").role("Staff").join();
    town.shows_hidden_channels_in_full(true);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let guild = gateway.until("GUILD_CREATE").await;
    assert_eq!(
        (&guild["channels"][0]["name"], &guild["channels"][0]["flags"]),
        (&json!("staffroom"), &json!(0))
    );
    assert!(guild["channels"][0]["permission_overwrites"].as_array().unwrap().len() > 1);
    teacher.says("#staffroom", "unheard");
    assert!(gateway.drain().await.is_empty());
}

#[tokio::test]
async fn answers_can_be_cut_short_or_late() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let rest = Rest::new(&town);
    let path = format!("/channels/{}/messages", school.channel_id("#general"));
    town.fails("POST /channels/", RestFault::Truncated, 1);
    let got = rest.post(&path, json!({"content": "one"})).await;
    assert_eq!((got.status, &got.body), (200, &Value::Null), "half an object is no JSON");
    town.fails("POST /channels/", RestFault::Late(Duration::from_millis(1)), 1);
    let got = rest.post(&path, json!({"content": "two"})).await;
    assert_eq!((got.status, &got.body["content"]), (200, &json!("two")));
    let said: Vec<_> = town.channel_messages("#general").into_iter().map(|message| message.content).collect();
    assert_eq!(said, ["one", "two"], "both were done");
}
