//! The gateway: greeting, refusals, what is sent to whom, resuming, and faults.

use chaperone::sandbox::{Sandbox, permissions};
use futures_util::StreamExt;
use serde_json::json;

use super::client::{Gateway, INTENTS, PATIENCE, Rest};

#[tokio::test]
async fn a_bot_that_identifies_gets_ready_and_then_its_guilds() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").role("Staff", 0).channel("#general").build();
    school.member("Ava").join();
    let mut gateway = Gateway::connect(&town).await;
    gateway.identify(INTENTS).await;
    let text = gateway.raw().await.unwrap().unwrap();
    assert!(
        text.starts_with(r#"{"t":"READY","s":1,"op":0,"d":{"#),
        "transports find the fields in this order"
    );
    let guild = gateway.until("GUILD_CREATE").await;
    assert_eq!(guild["name"], "Science Club");
    assert_eq!(guild["member_count"], 3);
    assert_eq!(guild["members"].as_array().unwrap().len(), 1, "only the bot itself, without presences");
    assert_eq!(guild["channels"][0]["name"], "general");
    assert!(guild["roles"].as_array().unwrap().iter().all(|role| role["permissions"].is_string()));
}

#[tokio::test]
async fn a_wrong_token_or_intents_that_are_not_allowed_close_the_connection() {
    let town = Sandbox::start().await;
    for (intents, code) in [(1 << 30, 4013), (INTENTS | 1 << 8, 4014)] {
        let mut gateway = Gateway::connect(&town).await;
        gateway.identify(intents).await;
        assert_eq!(gateway.close_code().await, code);
    }
    let mut gateway = Gateway::connect(&town).await;
    gateway.set_token("not.the.token");
    gateway.identify(INTENTS).await;
    assert_eq!(gateway.close_code().await, 4004);
    town.allows_intents(0);
    let mut gateway = Gateway::connect(&town).await;
    gateway.identify(INTENTS).await;
    assert_eq!(gateway.close_code().await, 4014);
}

#[tokio::test]
async fn frames_that_are_not_frames_and_opcodes_out_of_turn_close_the_connection() {
    let town = Sandbox::start().await;
    for (frame, code) in [
        (json!({"op": 99, "d": null}), 4001),
        (json!({"op": 8, "d": {}}), 4003),
        (json!({"op": 2, "d": {"token": town.token(), "intents": 1, "shard": [2, 2]}}), 4010),
    ] {
        let mut gateway = Gateway::connect(&town).await;
        gateway.send(frame).await;
        assert_eq!(gateway.close_code().await, code);
    }
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    gateway.identify(INTENTS).await;
    assert_eq!(gateway.close_code().await, 4005);
}

#[tokio::test]
async fn heartbeats_are_answered_unless_a_fault_says_not() {
    let town = Sandbox::start().await;
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    gateway.drain().await;
    town.ignores_heartbeats(true);
    gateway.send(json!({"op": 1, "d": 1})).await;
    town.dispatches("MARK", &json!({}));
    assert_eq!(gateway.frame().await["t"], "MARK", "no op 11 came first");
}

#[tokio::test]
async fn events_go_to_those_who_asked_for_them() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let mut only_messages = Gateway::identified(&town, 1 << 9).await;
    let mut only_guilds = Gateway::identified(&town, 1).await;
    only_guilds.until("GUILD_CREATE").await;
    ava.says("#general", "hello");
    ava.tells_bot("hello bot");
    school.adds_channel("#lab");
    school.member("Ben").join();
    assert_eq!(only_messages.drain().await, ["MESSAGE_CREATE"]);
    assert_eq!(only_guilds.drain().await, ["CHANNEL_CREATE"]);
}

#[tokio::test]
async fn without_the_intent_message_content_is_empty_but_for_mentions_and_dms() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let mut gateway = Gateway::identified(&town, INTENTS & !(1 << 15)).await;
    ava.posts("#general", &json!({"content": "secret", "embeds": [{"title": "secret"}]}));
    ava.says("#general", &format!("hello <@{}>", town.bot_id()));
    ava.tells_bot("in a DM");
    let first = gateway.until("MESSAGE_CREATE").await;
    assert_eq!((&first["content"], &first["embeds"]), (&json!(""), &json!([])));
    assert!(gateway.until("MESSAGE_CREATE").await["content"].as_str().unwrap().starts_with("hello"));
    assert_eq!(gateway.until("MESSAGE_CREATE").await["content"], "in a DM");
}

#[tokio::test]
async fn a_resumed_session_is_sent_what_it_missed_in_order_and_then_resumed() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    ava.says("#general", "one");
    gateway.until("MESSAGE_CREATE").await;
    let (session, seq) = (gateway.session.clone(), gateway.seq);
    town.drops_sockets();
    assert!(gateway.raw().await.is_none(), "dropped without a close frame");
    for text in ["two", "three"] {
        ava.says("#general", text);
    }
    let mut again = Gateway::connect(&town).await;
    again.resume(&session, seq).await;
    assert_eq!(again.until("MESSAGE_CREATE").await["content"], "two");
    assert_eq!(again.until("MESSAGE_CREATE").await["content"], "three");
    assert_eq!(again.frame().await["t"], "RESUMED");
    ava.says("#general", "four");
    assert_eq!(again.until("MESSAGE_CREATE").await["content"], "four");
    assert_eq!(again.seq, seq + 4);
    assert_eq!(town.look(chaperone::sandbox::World::sessions), 1);
}

#[tokio::test]
async fn sessions_that_ended_or_never_were_cannot_be_resumed() {
    let town = Sandbox::start().await;
    let gateway = Gateway::identified(&town, INTENTS).await;
    let session = gateway.session.clone();
    let mut ahead = Gateway::connect(&town).await;
    ahead.resume(&session, 9_999).await;
    assert_eq!(ahead.close_code().await, 4007);
    gateway.close(1000).await;
    town.wait_until("the session to end", |world| !world.all_sent()).await;
    for unknown in [session.as_str(), "0123"] {
        let mut gateway = Gateway::connect(&town).await;
        gateway.resume(unknown, 1).await;
        let frame = gateway.frame().await;
        assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));
        gateway.identify(INTENTS).await;
        gateway.until("READY").await;
    }
}

#[tokio::test]
async fn a_session_survives_a_close_that_is_not_a_goodbye_unless_a_fault_says_not() {
    let town = Sandbox::start().await;
    let gateway = Gateway::identified(&town, INTENTS).await;
    let (session, seq) = (gateway.session.clone(), gateway.seq);
    gateway.close(4000).await;
    town.refuses_resume(true);
    let mut refused = Gateway::connect(&town).await;
    refused.resume(&session, seq).await;
    assert_eq!(refused.frame().await["op"], 9);
    town.refuses_resume(false);
    let mut again = Gateway::connect(&town).await;
    again.resume(&session, seq).await;
    again.until("RESUMED").await;
}

#[tokio::test]
async fn faults_of_the_gateway_reach_the_bot() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    assert!(!town.repeats("MESSAGE_CREATE"), "there is nothing to repeat yet");
    let said = school.member("Ava").join().says("#general", "hello");
    assert!(town.repeats("MESSAGE_CREATE"));
    for _ in 0..2 {
        assert_eq!(gateway.until("MESSAGE_CREATE").await["id"], said.id.to_string());
    }
    school.actor("Ava").replies(said, "something later that quotes it");
    gateway.until("MESSAGE_CREATE").await;
    assert!(town.repeats_message(said));
    assert_eq!(gateway.until("MESSAGE_CREATE").await["id"], said.id.to_string());
    town.sends_raw("this is not JSON");
    assert_eq!(gateway.raw().await.unwrap().unwrap(), "this is not JSON");
    town.asks_to_reconnect();
    assert_eq!(gateway.frame().await["op"], 7);
    town.invalidates_sessions(false);
    assert_eq!(gateway.frame().await["d"], json!(false));
    town.refuses_gateway(true);
    let refused = tokio_tungstenite::connect_async(town.base().replace("http", "ws")).await;
    assert!(refused.unwrap_err().to_string().contains("503"));
    town.refuses_gateway(false);
    Gateway::identified(&town, INTENTS).await;
}

#[tokio::test]
async fn members_are_sent_in_chunks_on_request() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").build();
    let ids: Vec<_> =
        (0..1_200).map(|number| school.member(&format!("Student {number}")).join().id()).collect();
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let guild = school.id().to_string();
    gateway.send(json!({"op": 8, "d": {"guild_id": guild, "query": "", "limit": 0, "nonce": "n"}})).await;
    let first = gateway.until("GUILD_MEMBERS_CHUNK").await;
    let second = gateway.until("GUILD_MEMBERS_CHUNK").await;
    let count = |chunk: &serde_json::Value| chunk["members"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second)), (1_000, 202), "with the owner and the bot");
    assert_eq!(
        (&second["chunk_index"], &second["chunk_count"], &second["nonce"]),
        (&json!(1), &json!(2), &json!("n"))
    );
    let asked = json!([ids[7].to_string(), "12345"]);
    gateway.send(json!({"op": 8, "d": {"guild_id": guild, "user_ids": asked}})).await;
    let chunk = gateway.until("GUILD_MEMBERS_CHUNK").await;
    assert_eq!((count(&chunk), &chunk["not_found"]), (1, &json!(["12345"])));
}

#[tokio::test]
async fn each_shard_is_sent_its_own_guilds_only() {
    let town = Sandbox::start().await;
    let guild = town.guild("Science Club").channel("#general").build();
    let number = (guild.id().get() >> 22) % 2;
    let ava = guild.member("Ava").join();
    let mut gateways = Vec::new();
    for shard in 0..2 {
        let mut gateway = Gateway::connect(&town).await;
        let identify = json!({"token": town.token(), "intents": INTENTS, "shard": [shard, 2]});
        gateway.send(json!({"op": 2, "d": identify})).await;
        let ready = gateway.until("READY").await;
        assert_eq!(ready["guilds"].as_array().unwrap().len(), usize::from(shard == number));
        gateway.drain().await;
        gateways.push(gateway);
    }
    ava.says("#general", "hello");
    ava.tells_bot("hello");
    for (shard, mut gateway) in (0..2).zip(gateways) {
        let expected = usize::from(shard == number) + usize::from(shard == 0);
        assert_eq!(gateway.drain().await.len(), expected, "guilds by their shard, DMs to the first");
    }
}

#[tokio::test]
async fn a_channel_that_the_bot_may_not_see_is_obfuscated_and_silent_until_it_may() {
    let town = Sandbox::start().await;
    let school = town
        .guild("Science Club")
        .role("Staff", 0)
        .channel("#general")
        .hidden_channel("#staffroom", &["Staff"])
        .build();
    let teacher = school.member("Mr Okafor").role("Staff").join();
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let guild = gateway.until("GUILD_CREATE").await;
    let hidden = &guild["channels"][1];
    assert_eq!(hidden["name"], "___hidden___");
    assert_eq!(hidden["flags"], 1 << 17);
    assert_eq!(hidden["permission_overwrites"].as_array().unwrap().len(), 1);
    let id = school.channel_id("#staffroom");
    let listed = Rest::new(&town).get(&format!("/guilds/{}/channels", school.id())).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 1, "left out over REST");
    teacher.says("#staffroom", "unheard");
    teacher.opens_thread("#staffroom", "unheard, too");
    assert!(gateway.drain().await.is_empty());
    school.overwrites_role("#staffroom", "Chaperone", permissions::VIEW_CHANNEL, 0);
    let shown = gateway.until("CHANNEL_UPDATE").await;
    assert_eq!((&shown["id"], &shown["name"]), (&json!(id.to_string()), &json!("staffroom")));
    assert_eq!(gateway.until("THREAD_LIST_SYNC").await["threads"][0]["name"], "unheard, too");
    teacher.says("#staffroom", "heard");
    assert_eq!(gateway.until("MESSAGE_CREATE").await["content"], "heard");
    school.overwrites_role("#staffroom", "Chaperone", 0, 0);
    assert_eq!(gateway.until("CHANNEL_UPDATE").await["name"], "___hidden___");
}

#[tokio::test]
async fn a_private_thread_is_seen_by_those_added_and_those_who_manage_threads() {
    let town = Sandbox::start().await;
    let school =
        town.guild("Science Club").channel("#general").bot_permissions(permissions::EVERYONE).build();
    let (ava, ben) = (school.member("Ava").join(), school.member("Ben").join());
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    gateway.until("GUILD_CREATE").await;
    ava.opens_private_thread("#general", "just us", &[&ben]);
    ben.says("just us", "unheard");
    assert!(gateway.drain().await.is_empty());
    ben.adds_bot("just us");
    let created = gateway.until("THREAD_CREATE").await;
    assert_eq!((&created["type"], &created["newly_created"]), (&json!(12), &json!(true)));
    ben.says("just us", "heard");
    assert_eq!(gateway.until("MESSAGE_CREATE").await["content"], "heard");
    school.permits("Chaperone", permissions::BOT);
    let cara = school.member("Cara").join();
    assert!(!cara.sees("just us"));
    ava.opens_private_thread("#general", "another", &[]);
    assert_eq!(gateway.until("THREAD_CREATE").await["name"], "another");
}

#[tokio::test]
async fn the_transport_of_the_bot_connects_and_resumes_without_losing_a_message() {
    use twilight_gateway::{ConfigBuilder, Intents, Message, Shard, ShardId};
    let _ = rustls::crypto::ring::default_provider().install_default();
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let ava = school.member("Ava").join();
    let config = ConfigBuilder::new(town.token(), Intents::from_bits_truncate(INTENTS))
        .proxy_url(town.base().replace("http", "ws"))
        .build();
    let mut shard = Shard::with_config(ShardId::ONE, config);
    let mut texts: Vec<String> = Vec::new();
    let mut told = 0;
    while texts.len() < 3 {
        let next = tokio::time::timeout(PATIENCE, shard.next()).await.expect("the transport says something");
        let Ok(Message::Text(text)) = next.unwrap() else { continue };
        let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
        match frame["t"].as_str() {
            Some("GUILD_CREATE") => {
                ava.says("#general", "before");
            }
            Some("MESSAGE_CREATE") => {
                texts.push(frame["d"]["content"].as_str().unwrap().to_owned());
                if told == 0 {
                    town.drops_sockets();
                    ava.says("#general", "while away");
                }
                told += 1;
            }
            Some("RESUMED") => {
                ava.says("#general", "after");
            }
            _ => {}
        }
    }
    assert_eq!(texts, ["before", "while away", "after"]);
}
