//! Channels of every kind: what the bot is shown of them, and what it may change.

use chaperone::sandbox::{Sandbox, permissions};
use serde_json::{Value, json};

use super::client::{ALL_INTENTS, Gateway, INTENTS, Rest};
use super::models::everything_read;

#[tokio::test]
async fn a_guild_shows_its_channels_of_every_kind() {
    let town = Sandbox::start().await;
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    town.guild("Science Club")
        .category("Rooms")
        .channel("#general")
        .announcement_channel("#news")
        .voice_channel("Lounge")
        .stage_channel("Hall")
        .forum("questions")
        .media_channel("photos")
        .build();
    let created = gateway.until("GUILD_CREATE").await;
    let kinds: Vec<_> =
        created["channels"].as_array().unwrap().iter().map(|one| one["type"].as_u64().unwrap()).collect();
    assert_eq!(kinds, [4, 0, 5, 2, 13, 15, 16]);
    assert_eq!(created["channels"][3]["bitrate"], 64_000);
    assert_eq!(created["channels"][5]["available_tags"], json!([]));
    assert_eq!(created["channels"][1]["parent_id"], created["channels"][0]["id"]);
}

#[tokio::test]
async fn the_bot_makes_changes_and_removes_channels() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").role("Staff", 0).category("Rooms").build();
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let category = school.channel_id("Rooms").to_string();
    let deny = json!([{"id": school.id().to_string(), "type": 0, "allow": "0", "deny": "1024"}]);
    let forum = json!({"name": "questions", "type": 15, "parent_id": category, "topic": "ask",
        "available_tags": [{"name": "maths"}]});
    let channels = format!("/guilds/{}/channels", school.id());
    let made = rest.post(&channels, forum).await;
    assert_eq!((made.status, &made.body["parent_id"]), (201, &json!(category)));
    assert!(made.body["available_tags"][0]["id"].is_string());
    assert_eq!(gateway.until("CHANNEL_CREATE").await["name"], "questions");
    let path = format!("/channels/{}", made.body["id"].as_str().unwrap());
    let renamed = rest.call("PATCH", &path, json!({"name": "help", "rate_limit_per_user": 5})).await;
    assert_eq!((&renamed.body["name"], &renamed.body["rate_limit_per_user"]), (&json!("help"), &json!(5)));
    assert_eq!(gateway.until("CHANNEL_UPDATE").await["name"], "help");
    let staff = school.role_id("Staff").to_string();
    let set =
        rest.call("PUT", &format!("{path}/permissions/{staff}"), json!({"type": 0, "allow": "1024"})).await;
    assert_eq!(set.status, 204);
    assert_eq!(gateway.until("CHANNEL_UPDATE").await["permission_overwrites"][0]["id"], staff);
    assert_eq!(rest.call("DELETE", &format!("{path}/permissions/{staff}"), Value::Null).await.status, 204);
    assert_eq!(rest.call("DELETE", &path, Value::Null).await.body["name"], "help");
    assert_eq!(gateway.until("CHANNEL_DELETE").await["name"], "help");
    let hidden = rest.post(&channels, json!({"name": "x", "permission_overwrites": deny})).await;
    assert_eq!(hidden.status, 201);
    let shown = gateway.until("CHANNEL_CREATE").await;
    assert_eq!((&shown["name"], &shown["flags"]), (&json!("___hidden___"), &json!(1 << 17)));
}

#[tokio::test]
async fn channels_are_refused_with_the_codes_of_discord() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").forum("questions").build();
    let (rest, guild) = (Rest::new(&town), format!("/guilds/{}/channels", school.id()));
    let forum = format!("/channels/{}", school.channel_id("questions"));
    let general = format!("/channels/{}", school.channel_id("#general"));
    let admin = json!({"type": 0, "allow": (1 << 3).to_string()});
    for (method, path, body, expected) in [
        ("POST", guild.clone(), json!({}), (400, 50035)),
        ("POST", guild.clone(), json!({"name": "x", "type": 11}), (400, 50035)),
        ("POST", guild.clone(), json!({"name": "x", "parent_id": "5"}), (400, 50035)),
        ("PATCH", general.clone(), json!({"name": "x".repeat(101)}), (400, 50035)),
        ("PATCH", general.clone(), json!({"topic": "x".repeat(1_025)}), (400, 50035)),
        ("PUT", format!("{general}/permissions/5"), admin, (403, 50013)),
        ("POST", format!("{forum}/messages"), json!({"content": "x"}), (400, 50008)),
    ] {
        assert_eq!(rest.call(method, &path, body).await.refusal(), expected, "{method} {path}");
    }
    school.permits("Chaperone", permissions::EVERYONE);
    for (method, path) in [("POST", &guild), ("PATCH", &general), ("DELETE", &general)] {
        assert_eq!(rest.call(method, path, json!({"name": "x"})).await.refusal(), (403, 50013), "{method}");
    }
}

#[tokio::test]
async fn an_announcement_is_published_once() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").announcement_channel("#news").channel("#general").build();
    let rest = Rest::new(&town);
    for (channel, expected) in [("#news", 200), ("#general", 400)] {
        let path = format!("/channels/{}/messages", school.channel_id(channel));
        let sent = rest.post(&path, json!({"content": "x"})).await.body;
        let path = format!("{path}/{}/crosspost", sent["id"].as_str().unwrap());
        let first = rest.call("POST", &path, Value::Null).await;
        assert_eq!(first.status, expected);
        if expected == 200 {
            assert_eq!(first.body["flags"], 1);
            assert_eq!(rest.call("POST", &path, Value::Null).await.refusal(), (400, 40033));
        }
    }
}

#[tokio::test]
async fn the_models_read_what_happens_in_rooms_of_every_kind() {
    let town = Sandbox::start().await;
    let gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    school.adds_category("Rooms");
    school.adds_announcement_channel("#news");
    school.adds_voice_channel("Lounge");
    school.adds_stage_channel("Hall");
    school.adds_forum("questions");
    school.adds_media_channel("photos");
    school.sets_tags("questions", &["maths", "physics"]);
    school.moves_channel("#general", Some("Rooms"));
    ava.opens_post("questions", "How?", "who knows");
    ava.opens_post("photos", "The lab", "a picture");
    ava.says("How?", "more");
    ava.opens_thread("#news", "about it");
    let said = ava.says("#general", "hello");
    ava.opens_thread_on(said, "on this");
    school.renames_thread("on this", "on that");
    let seen = everything_read(&town, &gateway.session).await;
    for name in ["CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE", "MESSAGE_UPDATE"] {
        assert!(seen.iter().any(|one| one == name), "{name} in {seen:?}");
    }
}
