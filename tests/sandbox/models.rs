//! Everything that the box sends is read by the models that the bot uses.

use std::time::Duration;

use chaperone::sandbox::{Sandbox, permissions};
use serde_json::{Value, json};
use serenity::all::{CommandInteraction, Event, Interaction};

use super::client::{Gateway, INTENTS, Rest};

/// Does about everything that can be done in the box, so that every event is sent at least once.
async fn eventful_story(town: &Sandbox, rest: &Rest) {
    let school = town
        .guild("Science Club")
        .role("Student", 0)
        .role("Staff", permissions::PIN_MESSAGES)
        .category("Rooms")
        .channel("#general")
        .private_channel("#office", &["Staff"])
        .hidden_channel("#staffroom", &["Staff"])
        .build();
    let ava = school.member("Ava").nick("Avie").role("Student").join();
    let ben = school.member("Ben").join();
    let attachment = json!({"id": "1", "filename": "a.png", "size": 3, "url": "https://cdn.example/a.png",
        "proxy_url": "https://cdn.example/a.png", "content_type": "image/png"});
    let said = ava.posts(
        "#general",
        &json!({"content": format!("hello {}", ben.mention()), "attachments": [attachment],
        "embeds": [{"type": "rich", "title": "t", "description": "d"}]}),
    );
    let reply = ben.replies(said, "hi");
    ava.edits(said, "hello all");
    ben.deletes(reply);
    let two = [ava.says("#general", "1"), ava.says("#general", "2")];
    ava.deletes_all(&two);
    ava.tells_bot("hello");
    ava.opens_thread("#general", "lab reports");
    ben.says("lab reports", "mine is done");
    school.archives("lab reports", true);
    ava.opens_private_thread("#general", "for two", &[&ben]);
    ava.adds_bot("for two");
    ben.leaves_thread("for two");
    school.removes_channel("for two");
    school.adds_role("Helper", 0);
    school.renames_role("Helper", "Lab helper");
    school.grants(&ben, "Lab helper");
    school.times_out(&ben, Duration::from_mins(1));
    school.removes_role("Lab helper");
    school.adds_channel("#lab");
    school.sets_topic("#lab", "What we do");
    school.overwrites_role("#staffroom", "Chaperone", permissions::VIEW_CHANNEL, 0);
    school.removes_channel("#lab");
    school.renames("Science Circle");
    school.removes(&ben);
    rest.registers(json!([
        {"name": "about", "description": "x", "options": [
            {"type": 6, "name": "who", "description": "x"}, {"type": 8, "name": "role", "description": "x"},
            {"type": 7, "name": "where", "description": "x"}]},
        {"name": "Report", "type": 3}, {"name": "Look", "type": 2},
    ]))
    .await;
    let _asked = ava.asks("/about @Ava @Student #general").await;
    let _asked = ava.in_dm().asks("/about").await;
    school.invites_bot(permissions::BOT);
    school.removes_bot();
}

/// The names of all events of a session, sorted, each of which the models of the bot were able to read.
pub(crate) async fn everything_read(town: &Sandbox, session: &str) -> Vec<String> {
    town.dispatches("END", &json!({}));
    let mut again = Gateway::connect(town).await;
    again.resume(session, 0).await;
    let mut seen = Vec::new();
    loop {
        let text = again.raw().await.unwrap().unwrap();
        let frame: Value = serde_json::from_str(&text).unwrap();
        let name = frame["t"].as_str().unwrap().to_owned();
        if name == "END" {
            break;
        }
        let event: Event =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        let why = || match name.as_str() {
            "GUILD_CREATE" => serde_json::from_value::<serenity::all::Guild>(frame["d"].clone()).err(),
            "INTERACTION_CREATE" => serde_json::from_value::<Interaction>(frame["d"].clone()).err(),
            _ => None,
        };
        assert!(!matches!(event, Event::Unknown(_)), "{name} is not understood: {:?}\n{text}", why());
        if let Event::GuildCreate(created) = &event {
            let sent = frame["d"]["channels"].as_array().unwrap().len();
            assert_eq!(created.guild.channels.len(), sent, "no channel is silently left out");
        }
        seen.push(name);
    }
    seen.sort_unstable();
    seen.dedup();
    seen
}

#[tokio::test]
async fn every_event_is_read_by_the_models_of_the_bot() {
    let town = Sandbox::start().await;
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let guild = town.guild("First").channel("#a").build();
    guild.member("Zoe").join().opens_thread("#a", "t");
    gateway.send(json!({"op": 8, "d": {"guild_id": guild.id().to_string(), "query": "", "limit": 0}})).await;
    gateway.until("GUILD_MEMBERS_CHUNK").await;
    eventful_story(&town, &rest).await;
    let seen = everything_read(&town, &gateway.session).await;
    assert_eq!(
        seen,
        [
            "CHANNEL_CREATE",
            "CHANNEL_DELETE",
            "CHANNEL_UPDATE",
            "GUILD_CREATE",
            "GUILD_DELETE",
            "GUILD_MEMBERS_CHUNK",
            "GUILD_MEMBER_ADD",
            "GUILD_MEMBER_REMOVE",
            "GUILD_MEMBER_UPDATE",
            "GUILD_ROLE_CREATE",
            "GUILD_ROLE_DELETE",
            "GUILD_ROLE_UPDATE",
            "GUILD_UPDATE",
            "INTERACTION_CREATE",
            "MESSAGE_CREATE",
            "MESSAGE_DELETE",
            "MESSAGE_DELETE_BULK",
            "MESSAGE_UPDATE",
            "READY",
            "THREAD_CREATE",
            "THREAD_DELETE",
            "THREAD_LIST_SYNC",
            "THREAD_MEMBERS_UPDATE",
            "THREAD_UPDATE",
        ]
    );
}

#[tokio::test]
async fn every_answer_over_rest_is_read_by_the_models_of_the_bot() {
    fn read<T: serde::de::DeserializeOwned>(what: &str, got: super::client::Got) -> T {
        assert_eq!(got.status, 200, "{what}");
        serde_json::from_value(got.body).unwrap_or_else(|error| panic!("{what}: {error}"))
    }
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let said = ava.says("#general", "hello");
    ava.opens_thread("#general", "lab");
    let rest = Rest::new(&town);
    let guild = format!("/guilds/{}", school.id());
    let general = format!("/channels/{}", said.space);
    read::<serenity::all::CurrentUser>("me", rest.get("/users/@me").await);
    read::<serenity::all::CurrentApplicationInfo>("application", rest.get("/oauth2/applications/@me").await);
    read::<Vec<serenity::all::GuildInfo>>("own guilds", rest.get("/users/@me/guilds").await);
    read::<serenity::all::BotGateway>("gateway", rest.get("/gateway/bot").await);
    read::<serenity::all::PartialGuild>("guild", rest.get(&guild).await);
    read::<Vec<serenity::all::GuildChannel>>("channels", rest.get(&format!("{guild}/channels")).await);
    read::<Vec<serenity::all::Role>>("roles", rest.get(&format!("{guild}/roles")).await);
    read::<Vec<serenity::all::Member>>("members", rest.get(&format!("{guild}/members?limit=9")).await);
    read::<serenity::all::ThreadsData>("threads", rest.get(&format!("{guild}/threads/active")).await);
    read::<serenity::all::Channel>("channel", rest.get(&general).await);
    read::<Vec<serenity::all::Message>>("messages", rest.get(&format!("{general}/messages")).await);
    let dm = rest.post("/users/@me/channels", json!({"recipient_id": ava.id().to_string()})).await;
    read::<serenity::all::PrivateChannel>("dm", dm);
    let commands = rest.registers(json!([{"name": "x", "description": "x"}])).await;
    read::<Vec<serenity::all::Command>>("commands", commands);
}

#[tokio::test]
async fn an_interaction_is_read_as_a_command_with_its_member() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let rest = Rest::new(&town);
    rest.registers(json!([{"name": "about", "description": "x"}])).await;
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let _asked = ava.asks("/about").await;
    let carried = gateway.until("INTERACTION_CREATE").await;
    let command: CommandInteraction = serde_json::from_value(carried).unwrap();
    assert_eq!(command.user.id.get(), ava.id().get());
    assert_eq!(command.member.unwrap().guild_id.get(), school.id().get());
}
