//! People in the box, with and without a bot, and those who look on.

use chaperone::sandbox::{Sandbox, WorldEvent};
use serde_json::json;

use super::client::{Gateway, INTENTS, Rest};

#[tokio::test]
async fn a_story_needs_no_bot() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let (ava, ben) = (school.member("Ava").join(), school.member("Ben").join());
    let said = ava.says("#general", "hello");
    let reply = ben.replies(said, "hi");
    ava.edits(said, "hello all");
    ava.says("#general", "gone soon");
    let last = town.channel_messages("#general").pop().unwrap();
    ava.deletes(&last);
    let messages = town.channel_messages("#general");
    assert_eq!(
        messages.iter().map(|message| message.content.as_str()).collect::<Vec<_>>(),
        ["hello all", "hi"]
    );
    assert!(messages[0].edited && !messages[1].edited);
    assert_eq!((messages[1].id, messages[1].replies_to), (reply.id, Some(said.id)));
    assert_eq!(town.last_seq(), 0);
}

#[tokio::test]
async fn a_forward_a_poll_and_a_sticker_are_carried_as_they_are() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let snapshot = json!({"message": {"type": 0, "content": "from elsewhere"}});
    let reference = json!({"type": 1, "channel_id": "5", "message_id": "6"});
    ava.posts("#general", &json!({"message_reference": reference, "message_snapshots": [snapshot]}));
    ava.posts(
        "#general",
        &json!({"poll": {"question": {"text": "Lab or library?"}}, "sticker_items": [{"id": "1"}]}),
    );
    let forward = gateway.until("MESSAGE_CREATE").await;
    assert_eq!((&forward["message_reference"], &forward["message_snapshots"][0]), (&reference, &snapshot));
    let poll = gateway.until("MESSAGE_CREATE").await;
    assert_eq!(
        (&poll["poll"]["question"]["text"], &poll["sticker_items"][0]["id"]),
        (&json!("Lab or library?"), &json!("1"))
    );
}

#[tokio::test]
async fn one_person_may_be_in_several_guilds() {
    let town = Sandbox::start().await;
    let first = town.guild("Science Club").channel("#general").build();
    let second = town.guild("Chess Club").channel("#board").build();
    let here = first.member("Ms Tremblay").join();
    let there = second.member("Ms Tremblay").join();
    assert_eq!(here.id(), there.id());
    there.says("#board", "your move");
    assert_eq!(town.channel_messages("#board")[0].author, "Ms Tremblay");
}

#[tokio::test]
async fn onlookers_are_told_what_happens_in_words() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let rest = Rest::new(&town);
    rest.registers(json!([{"name": "ping", "description": "x"}])).await;
    let mut watching = town.watch();
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    assert_eq!(watching.recv().await.unwrap(), WorldEvent::Connected { resumed: false });
    let said = ava.says("#general", "hello");
    let named = |text: &str| {
        (String::from("Science Club"), String::from("general"), String::from("Ava"), text.to_owned())
    };
    let (guild, channel, author, text) = named("hello");
    assert_eq!(watching.recv().await.unwrap(), WorldEvent::Said { guild, channel, author, text });
    ava.edits(said, "hello all");
    let (guild, channel, author, text) = named("hello all");
    assert_eq!(watching.recv().await.unwrap(), WorldEvent::Edited { guild, channel, author, text });
    ava.deletes(said);
    let (guild, channel, author, text) = named("hello all");
    assert_eq!(watching.recv().await.unwrap(), WorldEvent::Deleted { guild, channel, author, text });
    let dm = rest.post("/users/@me/channels", json!({"recipient_id": ava.id().to_string()})).await.body;
    rest.post(&format!("/channels/{}/messages", dm["id"].as_str().unwrap()), json!({"content": "psst"}))
        .await;
    let (from, to, text) = ("Chaperone".to_owned(), "Ava".to_owned(), "psst".to_owned());
    assert_eq!(watching.recv().await.unwrap(), WorldEvent::DirectMessage { from, to, text });
    let asked = ava.asks("/ping").await;
    let carried = gateway.until("INTERACTION_CREATE").await;
    rest.answers(&carried, json!({"type": 5, "data": {"flags": 64}})).await;
    rest.call("PATCH", &rest.webhook(&carried, "/messages/@original"), json!({"content": "pong"})).await;
    asked.answer().await;
    let (who, what) = ("Ava".to_owned(), "/ping".to_owned());
    assert_eq!(watching.recv().await.unwrap(), WorldEvent::Asked { who: who.clone(), what: what.clone() });
    let answered = WorldEvent::Answered { who, what, text: "pong".to_owned(), ephemeral: true };
    assert_eq!(watching.recv().await.unwrap(), answered);
}

#[tokio::test]
async fn waiting_ends_when_the_bot_was_sent_everything() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let waiting = tokio::spawn({
        let town = town.clone();
        async move { town.wait_until_all_sent().await }
    });
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    waiting.await.unwrap();
    for number in 0..600 {
        ava.says("#general", &number.to_string());
    }
    town.wait_until_all_sent().await;
    assert_eq!(gateway.drain().await.iter().filter(|name| *name == "MESSAGE_CREATE").count(), 600);
}

#[tokio::test]
async fn the_box_listens_on_loopback_only() {
    let refused = Sandbox::start_on("0.0.0.0:0".parse().unwrap()).await;
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_box_that_is_let_go_closes_its_doors() {
    let town = Sandbox::start().await;
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let base = town.base();
    drop(town);
    assert!(gateway.raw().await.is_none());
    assert!(reqwest::get(base).await.is_err());
}
