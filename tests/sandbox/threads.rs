//! Threads and posts, opened, changed and joined by the bot as far as it may.

use chaperone::sandbox::{Sandbox, permissions};
use serde_json::{Value, json};

use super::client::{Gateway, INTENTS, Rest};

#[tokio::test]
async fn the_bot_opens_threads_of_every_kind() {
    let town = Sandbox::start().await;
    let school = town
        .guild("Science Club")
        .channel("#general")
        .announcement_channel("#news")
        .forum("questions")
        .build();
    let said = school.member("Ava").join().says("#general", "hello");
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let of = |name: &str| format!("/channels/{}/threads", school.channel_id(name));
    let general = of("#general");
    for (path, body, kind) in [
        (general.clone(), json!({"name": "open", "type": 11}), 11),
        (general.clone(), json!({"name": "closed", "type": 12, "invitable": false}), 12),
        (general.clone(), json!({"name": "usual"}), 12),
        (of("#news"), json!({"name": "news", "type": 10}), 10),
        (
            of("questions"),
            json!({"name": "how", "message": {"content": "?"}, "auto_archive_duration": 60}),
            11,
        ),
        (format!("/channels/{}/messages/{}/threads", said.space, said.id), json!({"name": "on it"}), 11),
    ] {
        let opened = rest.post(&path, body).await;
        assert_eq!((opened.status, &opened.body["type"]), (201, &json!(kind)), "{path}");
        assert_eq!(gateway.until("THREAD_CREATE").await["id"], opened.body["id"]);
    }
    let post = rest.get(&format!("/channels/{}/messages", school.channel_id("how"))).await.body;
    assert_eq!(post[0]["id"], post[0]["channel_id"], "the first message of a post has its id");
    assert_eq!(school.channel_id("on it").get(), said.id.get(), "a thread on a message has its id");
    let again = format!("/channels/{}/messages/{}/threads", said.space, said.id);
    assert_eq!(rest.post(&again, json!({"name": "x"})).await.refusal(), (400, 160_004));
    let odd = json!({"name": "x", "auto_archive_duration": 5});
    assert_eq!(rest.post(&general, odd).await.refusal(), (400, 50035));
    school.permits("Chaperone", permissions::VIEW_CHANNEL);
    school.permits("@everyone", permissions::VIEW_CHANNEL);
    assert_eq!(rest.post(&general, json!({"name": "x", "type": 11})).await.refusal(), (403, 50013));
}

#[tokio::test]
async fn who_manages_threads_archives_and_locks_them() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    ava.opens_thread("#general", "lab");
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let path = format!("/channels/{}", school.channel_id("lab"));
    let closed = rest.call("PATCH", &path, json!({"archived": true, "locked": true})).await;
    assert_eq!(closed.body["thread_metadata"]["archived"], true);
    let told = gateway.until("THREAD_UPDATE").await;
    assert_eq!((&told["thread_metadata"]["locked"], &told["name"]), (&json!(true), &json!("lab")));
    let renamed = rest.call("PATCH", &path, json!({"name": "x"})).await;
    assert_eq!(renamed.refusal(), (400, 50083), "an archived thread is only taken out of the archive");
    let joined = rest.call("PUT", &format!("{path}/thread-members/@me"), Value::Null).await;
    assert_eq!(joined.refusal(), (400, 50083));
    let opened =
        rest.call("PATCH", &path, json!({"archived": false, "locked": false, "name": "lab 2"})).await;
    assert_eq!((opened.status, &opened.body["name"]), (200, &json!("lab 2")));
    school.permits("Chaperone", permissions::EVERYONE);
    for body in [json!({"locked": true}), json!({"archived": true}), json!({"name": "x"})] {
        assert_eq!(rest.call("PATCH", &path, body).await.refusal(), (403, 50013));
    }
    school.archives("lab 2", true);
    let woken = rest.call("PATCH", &path, json!({"archived": false})).await;
    assert_eq!(woken.status, 200, "whoever may write takes an unlocked thread out of the archive");
}

#[tokio::test]
async fn the_bot_adds_and_takes_out_members_as_far_as_it_may() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let (ava, ben) = (school.member("Ava").join(), school.member("Ben").join());
    ava.opens_private_thread("#general", "for two", &[]);
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let path = format!("/channels/{}/thread-members", school.channel_id("for two"));
    assert_eq!(rest.call("PUT", &format!("{path}/{}", ben.id()), Value::Null).await.status, 204);
    let told = gateway.until("THREAD_MEMBERS_UPDATE").await;
    assert_eq!(told["added_members"][0]["user_id"], ben.id().to_string());
    let members = rest.get(&format!("{path}?with_member=true")).await.body;
    assert_eq!(members.as_array().unwrap().len(), 2);
    assert_eq!(members[1]["member"]["user"]["global_name"], "Ben");
    assert_eq!(rest.call("DELETE", &format!("{path}/{}", ben.id()), Value::Null).await.status, 204);
    assert_eq!(gateway.until("THREAD_MEMBERS_UPDATE").await["removed_member_ids"][0], ben.id().to_string());
    assert_eq!(rest.get(&format!("{path}/{}", ben.id())).await.refusal(), (404, 10007));
    assert_eq!(rest.call("PUT", &format!("{path}/5"), Value::Null).await.refusal(), (404, 10007));
    school.permits("Chaperone", permissions::EVERYONE);
    assert_eq!(rest.call("PUT", &format!("{path}/@me"), Value::Null).await.refusal(), (403, 50001));
    ava.adds_bot("for two");
    let taken = rest.call("DELETE", &format!("{path}/{}", ava.id()), Value::Null).await;
    assert_eq!(taken.refusal(), (403, 50013));
    assert_eq!(rest.call("DELETE", &format!("{path}/@me"), Value::Null).await.status, 204);
    let general = format!("/channels/{}/thread-members/@me", school.channel_id("#general"));
    assert_eq!(rest.call("PUT", &general, Value::Null).await.refusal(), (400, 50024));
}
