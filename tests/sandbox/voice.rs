//! Voice and stage channels: who is there, with camera and stream, and guests.

use chaperone::sandbox::{Sandbox, permissions};
use serde_json::{Value, json};

use super::client::{ALL_INTENTS, Gateway, INTENTS, Rest};
use super::models::everything_read;

#[tokio::test]
async fn the_bot_sees_who_comes_and_goes_and_with_what() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").voice_channel("Lounge").voice_channel("Lab").build();
    let ava = school.member("Ava").join();
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    ava.joins_voice("Lounge");
    let joined = gateway.until("VOICE_STATE_UPDATE").await;
    assert_eq!(joined["channel_id"], school.channel_id("Lounge").to_string());
    assert_eq!((&joined["self_video"], &joined["self_stream"]), (&json!(false), &json!(false)));
    assert_eq!(joined["member"]["user"]["global_name"], "Ava");
    ava.turns_camera(true);
    assert_eq!(gateway.until("VOICE_STATE_UPDATE").await["self_video"], true);
    ava.streams(true);
    assert_eq!(gateway.until("VOICE_STATE_UPDATE").await["self_stream"], true);
    ava.joins_voice("Lab");
    assert_eq!(school.in_voice("Lounge"), Vec::<String>::new());
    assert_eq!(school.in_voice("Lab"), ["Ava"]);
    gateway.until("VOICE_STATE_UPDATE").await;
    ava.leaves_voice();
    assert_eq!(gateway.until("VOICE_STATE_UPDATE").await["channel_id"], Value::Null);
    let mut late = Gateway::identified(&town, INTENTS).await;
    ava.joins_voice("Lab");
    assert!(!late.drain().await.contains(&"VOICE_STATE_UPDATE".to_owned()), "it was not asked for");
}

#[tokio::test]
async fn a_guild_shows_who_is_in_voice_already() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").voice_channel("Lounge").build();
    let ava = school.member("Ava").join();
    school.member("Ben").join();
    ava.joins_voice("Lounge");
    ava.turns_camera(true);
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let created = gateway.until("GUILD_CREATE").await;
    let state = &created["voice_states"][0];
    assert_eq!((&state["user_id"], &state["self_video"]), (&json!(ava.id().to_string()), &json!(true)));
    assert!(state.get("guild_id").is_none() && state.get("member").is_none());
    let members: Vec<_> =
        created["members"].as_array().unwrap().iter().map(|one| &one["user"]["id"]).collect();
    assert_eq!(members.len(), 2, "the bot and who is in voice");
    let rest = Rest::new(&town);
    let states = format!("/guilds/{}/voice-states", school.id());
    assert_eq!(rest.get(&format!("{states}/{}", ava.id())).await.body["self_video"], true);
    assert_eq!(rest.get(&format!("{states}/@me")).await.refusal(), (404, 10065));
}

#[tokio::test]
async fn a_guest_sees_one_channel_and_is_gone_with_it() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").voice_channel("Lounge").build();
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let guest = school.lets_guest_into("Lounge", "Uncle Joe");
    let added = gateway.until("GUILD_MEMBER_ADD").await;
    assert_eq!((&added["flags"], &added["joined_at"]), (&json!(1 << 4), &Value::Null));
    assert_eq!(gateway.until("VOICE_STATE_UPDATE").await["member"]["joined_at"], Value::Null);
    assert!(guest.sees("Lounge") && !guest.sees("#general"));
    guest.leaves_voice();
    assert_eq!(gateway.until("VOICE_STATE_UPDATE").await["channel_id"], Value::Null);
    gateway.until("GUILD_MEMBER_REMOVE").await;
}

#[tokio::test]
async fn the_bot_takes_people_out_of_voice_where_it_may() {
    let town = Sandbox::start().await;
    let school =
        town.guild("Science Club").channel("#general").voice_channel("Lounge").voice_channel("Lab").build();
    let ava = school.member("Ava").join();
    let rest = Rest::new(&town);
    let path = format!("/guilds/{}/members/{}", school.id(), ava.id());
    let out = json!({"channel_id": null});
    ava.joins_voice("Lounge");
    assert_eq!(rest.call("PATCH", &path, out.clone()).await.refusal(), (403, 50013));
    school.permits("Chaperone", permissions::BOT | permissions::MOVE_MEMBERS | permissions::MUTE_MEMBERS);
    let over = json!({"channel_id": school.channel_id("Lab").to_string()});
    assert_eq!(rest.call("PATCH", &path, over).await.status, 200);
    assert_eq!(school.in_voice("Lab"), ["Ava"]);
    let text = json!({"channel_id": school.channel_id("#general").to_string()});
    assert_eq!(rest.call("PATCH", &path, text).await.refusal(), (404, 10003));
    let muted = rest.call("PATCH", &path, json!({"mute": true})).await;
    assert_eq!(muted.body["mute"], true);
    assert_eq!(rest.call("PATCH", &path, out.clone()).await.status, 200);
    assert_eq!(school.in_voice("Lab"), Vec::<String>::new());
    assert_eq!(rest.call("PATCH", &path, out).await.refusal(), (400, 40032));
    let actions: Vec<_> =
        school.audit_log().iter().map(|entry| entry["action_type"].as_u64().unwrap()).collect();
    assert_eq!(actions[..3], [27, 24, 26], "disconnected, muted, moved");
}

#[tokio::test]
async fn stages_open_and_close_and_speakers_are_let_up() {
    let town = Sandbox::start().await;
    let gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let powers = permissions::BOT | permissions::MOVE_MEMBERS | permissions::MUTE_MEMBERS;
    let school =
        town.guild("Science Club").stage_channel("Hall").channel("#general").bot_permissions(powers).build();
    let ava = school.member("Ava").join();
    let rest = Rest::new(&town);
    let hall = school.channel_id("Hall").to_string();
    let topic = json!({"channel_id": hall, "topic": "Science fair"});
    let opened = rest.post("/stage-instances", topic.clone()).await;
    assert_eq!((opened.status, &opened.body["topic"]), (200, &json!("Science fair")));
    assert_eq!(rest.post("/stage-instances", topic).await.refusal(), (400, 150_006));
    let text = json!({"channel_id": school.channel_id("#general").to_string(), "topic": "x"});
    assert_eq!(rest.post("/stage-instances", text).await.refusal(), (400, 50024));
    let stage = format!("/stage-instances/{hall}");
    assert_eq!(rest.call("PATCH", &stage, json!({"topic": "Later"})).await.body["topic"], "Later");
    ava.joins_voice("Hall");
    ava.asks_to_speak();
    let speaker = format!("/guilds/{}/voice-states/{}", school.id(), ava.id());
    let asking = rest.get(&speaker).await.body;
    assert!(asking["suppress"] == true && asking["request_to_speak_timestamp"].is_string());
    assert_eq!(
        rest.call("PATCH", &speaker, json!({"channel_id": hall, "suppress": false})).await.status,
        204
    );
    assert_eq!(rest.get(&speaker).await.body["suppress"], false);
    assert_eq!(rest.call("DELETE", &stage, Value::Null).await.status, 204);
    assert_eq!(rest.get(&stage).await.refusal(), (404, 10067));
    school.opens_stage("Hall", "Again");
    school.closes_stage("Hall");
    let seen = everything_read(&town, &gateway.session).await;
    for name in
        ["STAGE_INSTANCE_CREATE", "STAGE_INSTANCE_UPDATE", "STAGE_INSTANCE_DELETE", "VOICE_STATE_UPDATE"]
    {
        assert!(seen.iter().any(|one| one == name), "{name} in {seen:?}");
    }
}
