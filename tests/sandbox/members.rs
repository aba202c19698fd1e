//! Roles and members, changed by the bot as far as its permissions and its highest role reach.

use std::time::Duration;

use chaperone::sandbox::{Guild, Sandbox, permissions};
use serde_json::{Value, json};

use super::client::{ALL_INTENTS, Gateway, INTENTS, Rest};
use super::models::everything_read;

const POWERS: u64 = permissions::BOT
    | permissions::KICK_MEMBERS
    | permissions::BAN_MEMBERS
    | permissions::MODERATE_MEMBERS
    | permissions::MANAGE_NICKNAMES
    | permissions::MANAGE_MESSAGES
    | permissions::MANAGE_GUILD;

/// A guild whose roles are, from below, Student, Chaperone, Staff.
fn school(town: &Sandbox) -> Guild {
    let school = town
        .guild("Science Club")
        .role("Student", 0)
        .role("Staff", permissions::ADMINISTRATOR)
        .channel("#general")
        .bot_permissions(POWERS)
        .build();
    school.places_role("Chaperone", 2);
    school
}

#[tokio::test]
async fn the_bot_commands_roles_below_its_own_only() {
    let town = Sandbox::start().await;
    let school = school(&town);
    let ava = school.member("Ava").join();
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let roles = format!("/guilds/{}/roles", school.id());
    let of = |name: &str| format!("{roles}/{}", school.role_id(name));
    let given =
        |name: &str| format!("/guilds/{}/members/{}/roles/{}", school.id(), ava.id(), school.role_id(name));
    let made = rest.post(&roles, json!({"name": "Helper", "permissions": "1024"})).await;
    assert_eq!((made.status, &made.body["position"]), (200, &json!(1)), "a new role is the lowest");
    assert_eq!(gateway.until("GUILD_ROLE_CREATE").await["role"]["name"], "Helper");
    let renamed = rest.call("PATCH", &of("Helper"), json!({"name": "Lab helper"})).await;
    assert_eq!(renamed.body["name"], "Lab helper");
    assert_eq!(rest.call("PUT", &given("Lab helper"), Value::Null).await.status, 204);
    assert_eq!(gateway.until("GUILD_MEMBER_UPDATE").await["roles"], json!([made.body["id"]]));
    assert_eq!(rest.call("DELETE", &given("Lab helper"), Value::Null).await.status, 204);
    assert_eq!(rest.call("DELETE", &of("Lab helper"), Value::Null).await.status, 204);
    gateway.until("GUILD_ROLE_DELETE").await;
    let own = json!({"permissions": permissions::ADMINISTRATOR.to_string()});
    for (method, path, body) in [
        ("PUT", given("Staff"), Value::Null),
        ("PUT", given("Chaperone"), Value::Null),
        ("PATCH", of("Staff"), json!({"name": "x"})),
        ("DELETE", of("Staff"), Value::Null),
        ("PATCH", of("Student"), own.clone()),
        ("POST", roles.clone(), own),
    ] {
        assert_eq!(rest.call(method, &path, body).await.refusal(), (403, 50013), "{method} {path}");
    }
    let moved = json!([{"id": school.role_id("Student").to_string(), "position": 3}]);
    assert_eq!(rest.call("PATCH", &roles, moved).await.refusal(), (403, 50013));
    assert_eq!(
        rest.call("PUT", &given("Student").replace(&school.role_id("Student").to_string(), "5"), Value::Null)
            .await
            .refusal(),
        (404, 10011)
    );
}

#[tokio::test]
async fn the_bot_has_power_over_those_below_it_only() {
    let town = Sandbox::start().await;
    let school = school(&town);
    let ava = school.member("Ava").role("Student").join();
    let staff = school.member("Ms Roy").role("Staff").join();
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, INTENTS).await;
    let of = |id: chaperone::domain::AccountId| format!("/guilds/{}/members/{id}", school.id());
    let until = town.moment_in(Duration::from_hours(1));
    let named = rest
        .call("PATCH", &of(ava.id()), json!({"nick": "Avie", "communication_disabled_until": until}))
        .await;
    assert_eq!((named.status, &named.body["nick"]), (200, &json!("Avie")));
    assert!(gateway.until("GUILD_MEMBER_UPDATE").await["communication_disabled_until"].is_string());
    assert_eq!(ava.permissions_in("#general"), permissions::VIEW_CHANNEL | permissions::READ_MESSAGE_HISTORY);
    let lifted = rest.call("PATCH", &of(ava.id()), json!({"communication_disabled_until": null})).await;
    assert_eq!(lifted.body["communication_disabled_until"], Value::Null);
    let long = json!({"communication_disabled_until": "2099-01-01T00:00:00Z"});
    assert_eq!(rest.call("PATCH", &of(ava.id()), long).await.refusal(), (400, 50035));
    let owner = school.owner().id();
    for (method, path, body) in [
        ("PATCH", of(staff.id()), json!({"nick": "x"})),
        ("PATCH", of(staff.id()), json!({"communication_disabled_until": until})),
        ("PATCH", of(owner), json!({"nick": "x"})),
        ("DELETE", of(staff.id()), Value::Null),
        ("PUT", format!("/guilds/{}/bans/{}", school.id(), staff.id()), json!({})),
        ("PATCH", of(ava.id()), json!({"mute": true})),
    ] {
        assert_eq!(rest.call(method, &path, body).await.refusal(), (403, 50013), "{method} {path}");
    }
    school.revokes(&staff, "Staff");
    school.permits("Student", permissions::ADMINISTRATOR);
    let admin = rest.call("PATCH", &of(ava.id()), json!({"communication_disabled_until": until})).await;
    assert_eq!(admin.refusal(), (403, 50013), "administrators cannot be timed out");
    assert_eq!(rest.call("DELETE", &of(ava.id()), Value::Null).await.status, 204);
    assert_eq!(gateway.until("GUILD_MEMBER_REMOVE").await["user"]["id"], ava.id().to_string());
    assert_eq!(rest.call("DELETE", &of(ava.id()), Value::Null).await.refusal(), (404, 10007));
}

#[tokio::test]
async fn bans_are_set_read_and_lifted() {
    let town = Sandbox::start().await;
    let school = school(&town);
    let ava = school.member("Ava").join();
    ava.says("#general", "gone soon");
    let rest = Rest::new(&town);
    let mut gateway = Gateway::identified(&town, ALL_INTENTS).await;
    let bans = format!("/guilds/{}/bans", school.id());
    let one = format!("{bans}/{}", ava.id());
    let reason = json!({"delete_message_seconds": 3600});
    assert_eq!(rest.call("PUT", &one, reason).await.status, 204);
    assert_eq!(gateway.until("GUILD_BAN_ADD").await["user"]["id"], ava.id().to_string());
    gateway.until("MESSAGE_DELETE_BULK").await;
    assert!(town.channel_messages("#general").is_empty());
    assert_eq!(school.banned(), ["Ava"]);
    assert_eq!(rest.get(&bans).await.body[0]["user"]["id"], ava.id().to_string());
    assert_eq!(rest.get(&one).await.status, 200);
    assert_eq!(rest.call("DELETE", &one, Value::Null).await.status, 204);
    gateway.until("GUILD_BAN_REMOVE").await;
    assert_eq!(rest.get(&one).await.refusal(), (404, 10026));
    assert_eq!(rest.call("DELETE", &one, Value::Null).await.refusal(), (404, 10026));
    assert_eq!(rest.call("PUT", &format!("{bans}/5"), json!({})).await.refusal(), (404, 10013));
    let many = rest
        .post(&format!("/guilds/{}/bulk-ban", school.id()), json!({"user_ids": [ava.id().to_string(), "5"]}))
        .await;
    assert_eq!(many.body, json!({"banned_users": [ava.id().to_string()], "failed_users": ["5"]}));
}

#[tokio::test]
async fn moderation_is_told_only_where_it_was_asked_for_and_read_by_the_models() {
    let town = Sandbox::start().await;
    let without = Gateway::identified(&town, INTENTS).await;
    let with = Gateway::identified(&town, ALL_INTENTS).await;
    let school = school(&town);
    let staff = school.member("Ms Roy").role("Staff").join();
    let (ava, ben) = (school.member("Ava").join(), school.member("Ben").join());
    staff.times_out(&ben, Duration::from_mins(5), "shouting");
    staff.kicks(&ben, "again");
    staff.bans(&ava, "threats");
    staff.unbans(&ava);
    let told = |names: &[String]| -> Vec<String> {
        let of = ["GUILD_BAN_ADD", "GUILD_BAN_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"];
        names.iter().filter(|name| of.contains(&name.as_str())).cloned().collect()
    };
    assert!(told(&everything_read(&town, &without.session).await).is_empty());
    let seen = told(&everything_read(&town, &with.session).await);
    assert_eq!(seen, ["GUILD_AUDIT_LOG_ENTRY_CREATE", "GUILD_BAN_ADD", "GUILD_BAN_REMOVE"]);
}

#[tokio::test]
async fn messages_are_deleted_in_bulk_within_the_limits() {
    let town = Sandbox::start().await;
    let school = school(&town);
    let ava = school.member("Ava").join();
    let old = ava.says("#general", "old");
    town.advances_clock(Duration::from_hours(14 * 24 + 1));
    let ids: Vec<String> = (0..100).map(|n| ava.says("#general", &n.to_string()).id.to_string()).collect();
    let rest = Rest::new(&town);
    let path = format!("/channels/{}/messages/bulk-delete", old.space);
    let with_old = json!({"messages": [old.id.to_string(), ids[0]]});
    assert_eq!(rest.post(&path, with_old).await.refusal(), (400, 50034));
    assert_eq!(rest.post(&path, json!({"messages": [ids[0]]})).await.refusal(), (400, 50016));
    let too_many = [ids.clone(), vec!["5".to_owned()]].concat();
    assert_eq!(rest.post(&path, json!({"messages": too_many})).await.refusal(), (400, 50016));
    assert_eq!(rest.post(&path, json!({"messages": ids})).await.status, 204);
    assert_eq!(town.channel_messages("#general").len(), 1);
    school.permits("Chaperone", permissions::BOT);
    assert_eq!(rest.post(&path, json!({"messages": ids})).await.refusal(), (403, 50013));
}
