//! The audit log of a guild, and the locks of `incident-actions`.

use serde_json::{Value, json};

use super::answer::{ApiError, Call, Outcome, ok};
use super::fields::{guild_for_bot, moment, wrong};
use crate::sandbox::clock::iso;
use crate::sandbox::world::audit::Entry;
use crate::sandbox::world::belongings::Shelf;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::{Snowflake, World};

/// How long a lock may last.
const LONGEST_LOCK_MS: u64 = 24 * 3_600_000;

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("GET", ["guilds", guild, "audit-logs"]) => read(world, call, guild),
        ("PUT", ["guilds", guild, "incident-actions"]) => lock(world, call, guild),
        _ => return None,
    })
}

fn read(world: &World, call: &Call<'_>, guild: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, bits::VIEW_AUDIT_LOG)?;
    let limit = call.limit(50, 100)?;
    let action: Option<u64> = call.query("action_type").and_then(|action| action.parse().ok());
    let (user, target) = (call.query_id("user_id"), call.query_id("target_id"));
    let before = call.query_id("before").unwrap_or(Snowflake(u64::MAX));
    let fits = |entry: &&Entry| {
        entry.id < before
            && action.is_none_or(|action| entry.action == action)
            && user.is_none_or(|user| entry.user == user)
            && target.is_none_or(|target| entry.target == Some(target))
    };
    let entries: Vec<&Entry> = match call.query_id("after") {
        None => world.audit_log(guild.id).filter(fits).take(limit).collect(),
        Some(after) => {
            let mut later: Vec<_> =
                world.audit_log(guild.id).filter(fits).filter(|entry| entry.id > after).collect();
            later.reverse();
            later.truncate(limit);
            later
        }
    };
    let mut people: Vec<Snowflake> = entries
        .iter()
        .flat_map(|entry| [Some(entry.user), entry.target])
        .flatten()
        .filter(|id| world.users.contains_key(id))
        .collect();
    people.sort_unstable();
    people.dedup();
    let of = |shelf| guild.belongings.all(shelf);
    let threads: Vec<Value> = entries
        .iter()
        .filter_map(|entry| world.channels.get(&entry.target?))
        .filter(|channel| channel.thread.is_some() && world.bot_sees(channel))
        .map(|channel| world.channel_json(channel))
        .collect();
    ok(json!({
        "audit_log_entries": entries.into_iter().map(Entry::json).collect::<Vec<_>>(),
        "users": people.into_iter().map(|id| world.user_json(id)).collect::<Vec<_>>(),
        "auto_moderation_rules": of(Shelf::Rules), "guild_scheduled_events": of(Shelf::Events),
        "integrations": of(Shelf::Integrations), "webhooks": of(Shelf::Webhooks), "threads": threads,
        "application_commands": [],
    }))
}

/// Locks invites and DMs for a while. What a body does not say is unlocked.
fn lock(world: &mut World, call: &Call<'_>, guild: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, bits::MANAGE_GUILD)?.id;
    let now = world.clock.now_ms();
    let until = |field: &str| -> Result<Value, ApiError> {
        let Some(value) = call.body.get(field).filter(|value| !value.is_null()) else {
            return Ok(Value::Null);
        };
        let at = moment(value)
            .ok_or_else(|| wrong(field, "DATE_TIME_TYPE_PARSE", "Could not parse. Should be ISO8601."))?;
        if at > now + LONGEST_LOCK_MS {
            return Err(wrong(field, "DATE_TIME_TYPE_MAX", "Must be at most 24 hours from now."));
        }
        Ok(json!(iso(at)))
    };
    let incidents = json!({
        "invites_disabled_until": until("invites_disabled_until")?,
        "dms_disabled_until": until("dms_disabled_until")?,
        "dm_spam_detected_at": null, "raid_detected_at": null,
    });
    let none = incidents["invites_disabled_until"].is_null() && incidents["dms_disabled_until"].is_null();
    world.set_incidents(guild, if none { Value::Null } else { incidents.clone() });
    ok(incidents)
}
