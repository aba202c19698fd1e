//! The audit log: what it says of whom, what Discord leaves out of it, and the locks of incident actions.

use std::time::Duration;

use chaperone::sandbox::{Sandbox, permissions};
use serde_json::{Value, json};

use super::client::{ALL_INTENTS, Gateway, Rest};

fn actions(log: &Value) -> Vec<u64> {
    log["audit_log_entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["action_type"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn the_log_says_who_did_what_and_why_and_the_models_read_it() {
    let town = Sandbox::start().await;
    let school = town
        .guild("Science Club")
        .role("Student", 0)
        .role("Staff", permissions::KICK_MEMBERS)
        .channel("#general")
        .build();
    let staff = school.member("Ms Roy").role("Staff").join();
    let (ava, ben) = (school.member("Ava").join(), school.member("Ben").join());
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    school.grants(&ava, "Student");
    let told = gateway.until("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    let role = json!([{"id": school.role_id("Student").to_string(), "name": "Student"}]);
    assert_eq!(told["changes"], json!([{"key": "$add", "new_value": role}]));
    assert_eq!(told["user_id"], school.owner().id().to_string());
    staff.kicks(&ben, "shouting");
    let told = gateway.until("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    assert_eq!((&told["action_type"], &told["reason"]), (&json!(20), &json!("shouting")));
    assert_eq!(
        (&told["user_id"], &told["target_id"]),
        (&json!(staff.id().to_string()), &json!(ben.id().to_string()))
    );
    school.overwrites_role("#general", "Student", 0, permissions::SEND_MESSAGES);
    school.sets_topic("#general", "What we do");
    school.nicknames(&ava, "Avie");
    ava.opens_thread("#general", "lab");
    school.renames("Science Circle");
    let log = rest.get(&format!("/guilds/{}/audit-logs", school.id())).await.body;
    assert_eq!(actions(&log), [1, 110, 24, 11, 13, 20, 25]);
    let read: serenity::all::AuditLogs = serde_json::from_value(log.clone()).unwrap();
    assert_eq!(read.entries.len(), 7);
    assert_eq!(log["threads"][0]["name"], "lab");
}

#[tokio::test]
async fn the_reason_of_the_bot_is_in_the_log() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let http = reqwest::Client::new();
    let url = format!("{}/api/v10/channels/{}", town.base(), school.channel_id("#general"));
    let answer = http
        .patch(url)
        .header("authorization", format!("Bot {}", town.token()))
        .header("x-audit-log-reason", "an%20explained%20reason")
        .header("content-type", "application/json")
        .body(r#"{"topic": "x"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let entry = &school.audit_log()[0];
    assert_eq!(
        (&entry["reason"], &entry["user_id"]),
        (&json!("an explained reason"), &json!(town.bot_id().to_string()))
    );
}

#[tokio::test]
async fn what_discord_leaves_out_of_the_log_is_left_out() {
    let town = Sandbox::start().await;
    let powers = permissions::BOT | permissions::MANAGE_MESSAGES;
    let school = town
        .guild("Science Club")
        .role("Staff", permissions::MANAGE_MESSAGES)
        .channel("#general")
        .bot_permissions(powers)
        .build();
    let staff = school.member("Ms Roy").role("Staff").join();
    let ava = school.member("Ava").join();
    let rest = Rest::new(&town);
    ava.deletes(ava.says("#general", "my own"));
    let said = ava.says("#general", "deleted by the bot");
    let path = format!("/channels/{}/messages/{}", said.space, said.id);
    assert_eq!(rest.call("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(school.audit_log(), Vec::<Value>::new());
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    staff.deletes(ava.says("#general", "one"));
    staff.deletes(ava.says("#general", "two"));
    let names = gateway.drain().await;
    assert_eq!(names.iter().filter(|name| *name == "GUILD_AUDIT_LOG_ENTRY_CREATE").count(), 1);
    let log = school.audit_log();
    assert_eq!(
        (log.len(), &log[0]["action_type"], &log[0]["options"]["count"]),
        (1, &json!(72), &json!("2"))
    );
    let two = [ava.says("#general", "1").id.to_string(), ava.says("#general", "2").id.to_string()];
    rest.post(&format!("/channels/{}/messages/bulk-delete", said.space), json!({"messages": two})).await;
    assert_eq!(school.audit_log()[0]["action_type"], 73, "but bots' bulk deletions are in it");
}

#[tokio::test]
async fn the_log_comes_in_pages_to_who_may_read_it() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    for number in 0..5 {
        school.sets_topic("#general", &number.to_string());
    }
    let rest = Rest::new(&town);
    let path = format!("/guilds/{}/audit-logs", school.id());
    let page = async |query: &str| -> Vec<String> {
        let log = rest.get(&format!("{path}?{query}")).await.body;
        let entries = log["audit_log_entries"].as_array().unwrap();
        entries.iter().map(|one| one["changes"][0]["new_value"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(page("limit=2").await, ["4", "3"]);
    let third = school.audit_log()[2]["id"].as_str().unwrap().to_owned();
    assert_eq!(page(&format!("before={third}&limit=9")).await, ["1", "0"]);
    assert_eq!(page(&format!("after={third}")).await, ["3", "4"], "oldest first, as Discord has it");
    assert_eq!(page("action_type=20").await, Vec::<String>::new());
    assert_eq!(rest.get(&format!("{path}?limit=101")).await.refusal(), (400, 50035));
    school.permits("Chaperone", permissions::EVERYONE);
    assert_eq!(rest.get(&path).await.refusal(), (403, 50013));
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    school.sets_topic("#general", "unseen");
    assert!(!gateway.drain().await.contains(&"GUILD_AUDIT_LOG_ENTRY_CREATE".to_owned()));
}

#[tokio::test]
async fn incident_actions_lock_for_a_day_at_most_and_unlock_what_is_not_said() {
    let town = Sandbox::start().await;
    let powers = permissions::BOT | permissions::MANAGE_GUILD;
    let school = town.guild("Science Club").channel("#general").bot_permissions(powers).build();
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let path = format!("/guilds/{}/incident-actions", school.id());
    let soon = |hours: u64| town.moment_in(Duration::from_hours(hours));
    let both = json!({"invites_disabled_until": soon(1), "dms_disabled_until": soon(23)});
    let locked = rest.call("PUT", &path, both).await;
    assert!(locked.body["dms_disabled_until"].is_string());
    assert!(gateway.until("GUILD_UPDATE").await["incidents_data"]["dms_disabled_until"].is_string());
    let invites = format!("/channels/{}/invites", school.channel_id("#general"));
    assert_eq!(rest.post(&invites, json!({})).await.refusal(), (400, 40077));
    let one = rest.call("PUT", &path, json!({"dms_disabled_until": soon(1)})).await;
    assert_eq!(one.body["invites_disabled_until"], Value::Null, "what is not said is unlocked");
    assert_eq!(rest.post(&invites, json!({})).await.status, 200);
    assert_eq!(
        rest.call("PUT", &path, json!({"dms_disabled_until": soon(25)})).await.refusal(),
        (400, 50035)
    );
    rest.call("PUT", &path, json!({})).await;
    assert_eq!(school.incidents(), Value::Null);
    school.permits("Chaperone", permissions::BOT);
    assert_eq!(rest.call("PUT", &path, json!({})).await.refusal(), (403, 50013));
}
