//! Webhooks, integrations, emoji, stickers, scheduled events and invites.

use chaperone::sandbox::{Sandbox, permissions};
use serde_json::{Value, json};

use super::client::{ALL_INTENTS, Gateway, INTENTS, Rest};
use super::models::everything_read;

#[tokio::test]
async fn a_webhook_writes_under_its_own_names_with_embeds_and_components() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let hook = school.adds_webhook("#general", "News");
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    hook.says("hello");
    let plain = gateway.until("MESSAGE_CREATE").await;
    assert_eq!(
        (&plain["author"]["username"], &plain["author"]["id"]),
        (&json!("News"), &plain["webhook_id"])
    );
    assert!(plain.get("member").is_none(), "a webhook is no member");
    hook.posts(&json!({"username": "Homework", "flags": 1 << 15, "components": [
        {"type": 17, "components": [{"type": 10, "content": "read me"}]}]}));
    let built = gateway.until("MESSAGE_CREATE").await;
    assert_eq!((&built["author"]["username"], &built["flags"]), (&json!("Homework"), &json!(1 << 15)));
    assert_eq!(built["components"][0]["components"][0]["content"], "read me");
    hook.posts(&json!({"embeds": [{"title": "t"}]}));
    assert_eq!(gateway.until("MESSAGE_CREATE").await["embeds"][0]["title"], "t");
    assert_eq!(town.channel_messages("#general")[1].author, "Homework");
}

#[tokio::test]
async fn webhooks_are_made_executed_and_deleted_over_rest() {
    let town = Sandbox::start().await;
    let powers = permissions::BOT | permissions::MANAGE_WEBHOOKS;
    let school = town.guild("Science Club").channel("#general").bot_permissions(powers).build();
    let (rest, anybody) = (Rest::new(&town), Rest::new(&town).with_token("none"));
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let channel = format!("/channels/{}/webhooks", school.channel_id("#general"));
    let made = rest.post(&channel, json!({"name": "News"})).await.body;
    assert_eq!(
        gateway.until("WEBHOOKS_UPDATE").await["channel_id"],
        school.channel_id("#general").to_string()
    );
    let (id, token) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let (own, open) = (format!("/webhooks/{id}"), format!("/webhooks/{id}/{token}"));
    let _: Vec<serenity::all::Webhook> = serde_json::from_value(rest.get(&channel).await.body).unwrap();
    assert_eq!(rest.get(&format!("/guilds/{}/webhooks", school.id())).await.body[0]["id"], id);
    assert_eq!(anybody.post(&open, json!({"content": "hi"})).await.status, 204);
    let written = anybody.post(&format!("{open}?wait=true"), json!({"content": "hi", "username": "X"})).await;
    assert_eq!((written.status, &written.body["author"]["username"]), (200, &json!("X")));
    let message = format!("{open}/messages/{}", written.body["id"].as_str().unwrap());
    assert_eq!(anybody.call("PATCH", &message, json!({"content": "ho"})).await.body["content"], "ho");
    assert_eq!(anybody.call("DELETE", &message, Value::Null).await.status, 204);
    assert_eq!(anybody.get(&message).await.refusal(), (404, 10008));
    assert_eq!(anybody.post(&open, json!({})).await.refusal(), (400, 50006));
    assert_eq!(anybody.post(&format!("{own}/wrong"), json!({"content": "x"})).await.refusal(), (401, 50027));
    assert_eq!(anybody.get(&own).await.status, 401, "without its token it needs a key");
    assert_eq!(rest.post(&channel, json!({"name": "Discord news"})).await.refusal(), (400, 50035));
    assert_eq!(rest.call("DELETE", &own, Value::Null).await.status, 204);
    assert_eq!(anybody.post(&open, json!({"content": "x"})).await.refusal(), (404, 10015));
    school.permits("Chaperone", permissions::BOT);
    assert_eq!(rest.post(&channel, json!({"name": "x"})).await.refusal(), (403, 50013));
}

#[tokio::test]
async fn what_hangs_on_the_walls_is_told_and_read_by_the_models() {
    let town = Sandbox::start().await;
    let powers = permissions::BOT | permissions::MANAGE_GUILD | permissions::MANAGE_GUILD_EXPRESSIONS;
    let gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let school = town.guild("Science Club").channel("#general").bot_permissions(powers).build();
    let ava = school.member("Ava").join();
    let emoji = school.adds_emoji("beaker");
    ava.says("#general", &emoji);
    let sticker = school.adds_sticker("wave");
    ava.posts("#general", &json!({"sticker_items": [sticker]}));
    school.adds_integration("twitch", "Club stream");
    school.schedules_event("Science fair", "The gym");
    school.renames_event("Science fair", "Science night");
    let invite = ava.invites_to("#general");
    school.revokes_invite(&invite);
    let hook = school.adds_webhook("#general", "News");
    hook.is_deleted();
    let rest = Rest::new(&town);
    let guild = format!("/guilds/{}", school.id());
    let _: Vec<serenity::all::Emoji> =
        serde_json::from_value(rest.get(&format!("{guild}/emojis")).await.body).unwrap();
    let _: Vec<serenity::all::Sticker> =
        serde_json::from_value(rest.get(&format!("{guild}/stickers")).await.body).unwrap();
    let _: Vec<serenity::all::Integration> =
        serde_json::from_value(rest.get(&format!("{guild}/integrations")).await.body).unwrap();
    let _: Vec<serenity::all::ScheduledEvent> =
        serde_json::from_value(rest.get(&format!("{guild}/scheduled-events")).await.body).unwrap();
    let _: serenity::all::PartialGuild = serde_json::from_value(rest.get(&guild).await.body).unwrap();
    let id = rest.get(&format!("{guild}/emojis")).await.body[0]["id"].as_str().unwrap().to_owned();
    let renamed = rest.call("PATCH", &format!("{guild}/emojis/{id}"), json!({"name": "flask"})).await;
    assert_eq!(renamed.body["name"], "flask");
    school.removes_expression("flask");
    assert_eq!(rest.get(&format!("{guild}/emojis/{id}")).await.refusal(), (404, 10014));
    school.cancels_event("Science night");
    let seen = everything_read(&town, &gateway.session).await;
    for name in [
        "GUILD_EMOJIS_UPDATE",
        "GUILD_INTEGRATIONS_UPDATE",
        "GUILD_SCHEDULED_EVENT_CREATE",
        "GUILD_SCHEDULED_EVENT_DELETE",
        "GUILD_SCHEDULED_EVENT_UPDATE",
        "GUILD_STICKERS_UPDATE",
        "INTEGRATION_CREATE",
        "INVITE_CREATE",
        "INVITE_DELETE",
        "WEBHOOKS_UPDATE",
    ] {
        assert!(seen.iter().any(|one| one == name), "{name} in {seen:?}");
    }
}

#[tokio::test]
async fn events_are_planned_by_the_bot_where_it_may() {
    let town = Sandbox::start().await;
    let powers = permissions::BOT | permissions::CREATE_EVENTS | permissions::MANAGE_EVENTS;
    let school = town.guild("Science Club").bot_permissions(powers).build();
    let rest = Rest::new(&town);
    let path = format!("/guilds/{}/scheduled-events", school.id());
    let event = json!({"name": "Fair", "privacy_level": 2, "entity_type": 3, "entity_metadata": {"location": "Gym"},
        "scheduled_start_time": "2099-01-01T18:00:00Z", "scheduled_end_time": "2099-01-01T20:00:00Z"});
    let made = rest.post(&path, event.clone()).await;
    assert_eq!((made.status, &made.body["status"]), (200, &json!(1)));
    let one = format!("{path}/{}", made.body["id"].as_str().unwrap());
    assert_eq!(rest.call("PATCH", &one, json!({"name": "Night"})).await.body["name"], "Night");
    assert_eq!(rest.call("DELETE", &one, Value::Null).await.status, 204);
    assert_eq!(rest.get(&one).await.refusal(), (404, 10070));
    let mut past = event.clone();
    past["scheduled_start_time"] = json!("2001-01-01T18:00:00Z");
    assert_eq!(rest.post(&path, past).await.refusal(), (400, 50035));
    assert_eq!(rest.post(&path, json!({"name": "x"})).await.refusal(), (400, 50035));
    school.permits("Chaperone", permissions::BOT);
    assert_eq!(rest.post(&path, event).await.refusal(), (403, 50013));
}

#[tokio::test]
async fn invites_are_made_read_and_taken_back() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let rest = Rest::new(&town);
    let path = format!("/channels/{}/invites", school.channel_id("#general"));
    let made = rest.post(&path, json!({"max_age": 60, "max_uses": 1})).await;
    assert_eq!((made.status, &made.body["max_uses"]), (200, &json!(1)));
    let _: Vec<serenity::all::RichInvite> = serde_json::from_value(rest.get(&path).await.body).unwrap();
    let one = format!("/invites/{}", made.body["code"].as_str().unwrap());
    let bare = rest.get(&one).await.body;
    assert!(bare["guild"]["name"] == "Science Club" && bare.get("max_uses").is_none());
    assert_eq!(rest.call("DELETE", &one, Value::Null).await.status, 200);
    assert_eq!(rest.get(&one).await.refusal(), (404, 10006));
    assert_eq!(rest.post(&path, json!({"max_age": 604_801})).await.refusal(), (400, 50035));
    assert_eq!(rest.get(&format!("/guilds/{}/invites", school.id())).await.refusal(), (403, 50013));
}
