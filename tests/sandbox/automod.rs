//! `AutoMod`: its rules over REST, and what it blocks, alerts of and times out.

use chaperone::sandbox::{Guild, Sandbox, permissions};
use serde_json::{Value, json};

use super::client::{ALL_INTENTS, Gateway, Rest};
use super::models::everything_read;

const POWERS: u64 = permissions::BOT | permissions::MANAGE_GUILD | permissions::MODERATE_MEMBERS;

fn school(town: &Sandbox) -> Guild {
    town.guild("Science Club")
        .role("Staff", permissions::MANAGE_GUILD)
        .channel("#general")
        .channel("#alerts")
        .bot_permissions(POWERS)
        .build()
}

#[tokio::test]
async fn what_a_rule_blocks_is_never_posted_and_is_told_of_once_per_action() {
    let town = Sandbox::start().await;
    let school = school(&town);
    let (ava, staff) = (school.member("Ava").join(), school.member("Ms Roy").role("Staff").join());
    let alert = json!({"type": 2, "metadata": {"channel_id": school.channel_id("#alerts").to_string()}});
    let out = json!({"type": 3, "metadata": {"duration_seconds": 60}});
    school.forbids_words("No insults", &["loser*"], &json!([{"type": 1}, alert, out]));
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    assert!(ava.tries_to_say("#general", "hello").is_ok());
    assert_eq!(ava.tries_to_say("#general", "what a Losers' club").unwrap_err(), "No insults");
    let mut executions = Vec::new();
    for _ in 0..3 {
        executions.push(gateway.until("AUTO_MODERATION_ACTION_EXECUTION").await);
    }
    assert_eq!(
        executions.iter().map(|one| one["action"]["type"].as_u64().unwrap()).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(executions.iter().all(|one| one.get("message_id").is_none()));
    assert_eq!(
        (&executions[0]["matched_keyword"], &executions[0]["matched_content"]),
        (&json!("loser*"), &json!("Loser"))
    );
    let alerts = town.channel_messages("#alerts");
    assert_eq!(executions[1]["alert_system_message_id"], alerts[0].id.to_string());
    assert_eq!(alerts[0].embeds[0]["type"], "auto_moderation_message");
    assert_eq!(town.channel_messages("#general").len(), 1);
    assert_eq!(ava.permissions_in("#general") & permissions::SEND_MESSAGES, 0, "timed out");
    let logged: Vec<_> = school.audit_log().iter().map(|one| one["action_type"].as_u64().unwrap()).collect();
    assert_eq!(logged, [145, 144, 143, 140]);
    staff.says("#general", "losers, says who manages the server");
}

#[tokio::test]
async fn what_is_only_flagged_is_posted_and_named() {
    let town = Sandbox::start().await;
    let school = school(&town);
    let ava = school.member("Ava").join();
    let alert = json!([{"type": 2, "metadata": {"channel_id": school.channel_id("#alerts").to_string()}}]);
    school.adds_rule("Mentions", 5, &json!({"mention_total_limit": 1}), &alert);
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let said = ava.tries_to_say("#general", "<@1> <@2>").unwrap();
    let told = gateway.until("AUTO_MODERATION_ACTION_EXECUTION").await;
    assert_eq!((&told["message_id"], &told["content"]), (&json!(said.id.to_string()), &json!("<@1> <@2>")));
}

#[tokio::test]
async fn rules_are_made_changed_and_removed_over_rest() {
    let town = Sandbox::start().await;
    let school = school(&town);
    let rest = Rest::new(&town);
    let gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let path = format!("/guilds/{}/auto-moderation/rules", school.id());
    let rule = json!({"name": "No insults", "event_type": 1, "trigger_type": 1, "actions": [{"type": 1}],
        "trigger_metadata": {"keyword_filter": ["loser"]}});
    let made = rest.post(&path, rule.clone()).await;
    assert_eq!((made.status, &made.body["enabled"]), (200, &json!(false)), "off until it is switched on");
    let one = format!("{path}/{}", made.body["id"].as_str().unwrap());
    assert_eq!(rest.call("PATCH", &one, json!({"enabled": true})).await.body["enabled"], true);
    assert_eq!(school.member("Ava").join().tries_to_say("#general", "loser").unwrap_err(), "No insults");
    let _: Vec<serenity::model::guild::automod::Rule> =
        serde_json::from_value(rest.get(&path).await.body).unwrap();
    assert_eq!(rest.call("DELETE", &one, Value::Null).await.status, 204);
    assert_eq!(rest.get(&one).await.status, 404);
    let with = |field: &str, value: Value| {
        let mut rule = rule.clone();
        rule[field] = value;
        rule
    };
    for bad in [
        with("name", json!("")),
        with("trigger_type", json!(2)),
        with("actions", json!([])),
        with("actions", json!([{"type": 2, "metadata": {"channel_id": "5"}}])),
        with("trigger_metadata", json!({"keyword_filter": ["x".repeat(61)]})),
    ] {
        assert_eq!(rest.post(&path, bad.clone()).await.refusal(), (400, 50035), "{bad}");
    }
    for _ in 0..6 {
        rest.post(&path, rule.clone()).await;
    }
    assert_eq!(rest.post(&path, rule.clone()).await.refusal(), (400, 50035), "six of a kind are the most");
    let seen = everything_read(&town, &gateway.session).await;
    for name in ["CREATE", "UPDATE", "DELETE"].map(|word| format!("AUTO_MODERATION_RULE_{word}")) {
        assert!(seen.contains(&name), "{name}");
    }
    assert!(seen.contains(&"AUTO_MODERATION_ACTION_EXECUTION".to_owned()));
    school.permits("Chaperone", permissions::BOT);
    assert_eq!(rest.get(&path).await.refusal(), (403, 50013));
    let mut late = Gateway::identified(&town, ALL_INTENTS).await;
    school.forbids_words("Quiet", &["x"], &json!([{"type": 1}]));
    assert!(!late.drain().await.contains(&"AUTO_MODERATION_RULE_CREATE".to_owned()));
}
