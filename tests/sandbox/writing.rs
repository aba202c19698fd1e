//! Forwards, polls and stickers, written by people and by the bot.

use chaperone::sandbox::Sandbox;
use serde_json::{Value, json};

use super::client::{ALL_INTENTS, Gateway, INTENTS, Rest};
use super::models::everything_read;

#[tokio::test]
async fn a_forward_carries_a_snapshot_without_its_author() {
    let town = Sandbox::start().await;
    let school = town
        .guild("Science Club")
        .role("Staff", 0)
        .channel("#general")
        .hidden_channel("#staffroom", &["Staff"])
        .build();
    let (ava, staff) = (school.member("Ava").join(), school.member("Ms Roy").role("Staff").join());
    let said = staff.says("#staffroom", "not for everyone");
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let forward = staff.forwards(said, "#general");
    let told = gateway.until("MESSAGE_CREATE").await;
    assert_eq!((&told["content"], &told["message_reference"]["type"]), (&json!(""), &json!(1)));
    let snapshot = &told["message_snapshots"][0]["message"];
    assert_eq!(snapshot["content"], "not for everyone");
    assert!(snapshot.get("author").is_none() && snapshot.get("id").is_none());
    let again = ava.forwards(forward, "#general");
    let rest = Rest::new(&town);
    let path = format!("/channels/{}/messages", again.space);
    let read = rest.get(&format!("{path}/{}", again.id)).await.body;
    assert_eq!(read["message_snapshots"][0]["message"]["content"], "not for everyone", "also of a forward");
    let by_bot = |channel: String, message: String| json!({"message_reference": {"type": 1, "channel_id": channel, "message_id": message}});
    let sent = rest.post(&path, by_bot(again.space.to_string(), again.id.to_string())).await;
    assert_eq!(sent.body["message_snapshots"][0]["message"]["content"], "not for everyone");
    let hidden = rest.post(&path, by_bot(said.space.to_string(), said.id.to_string())).await;
    assert_eq!(hidden.refusal(), (400, 160_014));
}

#[tokio::test]
async fn people_vote_and_change_their_minds() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let (ava, ben) = (school.member("Ava").join(), school.member("Ben").join());
    let gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let poll = ava.asks_poll("#general", "Where?", &["Lab", "Library"]);
    ava.votes(poll, "Lab");
    ben.votes(poll, "Lab");
    ben.votes(poll, "Library");
    let rest = Rest::new(&town);
    let message = rest.get(&format!("/channels/{}/messages/{}", poll.space, poll.id)).await.body;
    assert_eq!(
        message["poll"]["results"]["answer_counts"],
        json!([
        {"id": 1, "count": 1, "me_voted": false}, {"id": 2, "count": 1, "me_voted": false}])
    );
    assert!(message["poll"]["expiry"].is_string());
    let voters = |answer: u64| format!("/channels/{}/polls/{}/answers/{answer}", poll.space, poll.id);
    assert_eq!(rest.get(&voters(2)).await.body["users"][0]["id"], ben.id().to_string());
    ben.unvotes(poll, "Library");
    assert_eq!(rest.get(&voters(2)).await.body["users"], json!([]));
    let expire = format!("/channels/{}/polls/{}/expire", poll.space, poll.id);
    assert_eq!(rest.call("POST", &expire, Value::Null).await.refusal(), (403, 50005));
    let seen = everything_read(&town, &gateway.session).await;
    for name in ["MESSAGE_POLL_VOTE_ADD", "MESSAGE_POLL_VOTE_REMOVE"] {
        assert!(seen.iter().any(|one| one == name), "{name} in {seen:?}");
    }
}

#[tokio::test]
async fn the_bot_asks_with_a_poll_and_closes_it() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let sticker = school.adds_sticker("wave");
    let rest = Rest::new(&town);
    let path = format!("/channels/{}/messages", school.channel_id("#general"));
    let poll =
        json!({"question": {"text": "Where?"}, "answers": [{"poll_media": {"text": "Lab"}}], "duration": 1});
    let sent = rest.post(&path, json!({"poll": poll})).await.body;
    assert_eq!(sent["poll"]["answers"][0]["answer_id"], 1);
    let _: serenity::all::Message = serde_json::from_value(sent.clone()).unwrap();
    let expire =
        format!("/channels/{}/polls/{}/expire", school.channel_id("#general"), sent["id"].as_str().unwrap());
    assert_eq!(rest.call("POST", &expire, Value::Null).await.body["poll"]["results"]["is_finalized"], true);
    assert_eq!(rest.call("POST", &expire, Value::Null).await.refusal(), (400, 520_001));
    let waved = rest.post(&path, json!({"sticker_ids": [sticker["id"]]})).await.body;
    assert_eq!(waved["sticker_items"][0]["name"], "wave");
    assert_eq!(rest.post(&path, json!({"sticker_ids": ["5"]})).await.refusal(), (400, 50081));
}

#[tokio::test]
async fn a_poll_is_withheld_with_the_content_of_messages() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let mut gateway = Gateway::identified(&town, INTENTS & !(1 << 15)).await;
    ava.asks_poll("#general", "Where?", &["Lab"]);
    assert!(gateway.until("MESSAGE_CREATE").await.get("poll").is_none());
}
