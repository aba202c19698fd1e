//! Guilds, their channels, roles, members and active threads.

use serde_json::{Value, json};

use super::answer::{ApiError, Call, Outcome, ok};
use crate::sandbox::world::json::{guild_json, role_json, thread_member_json};
use crate::sandbox::world::sessions::intents;
use crate::sandbox::world::state::{Channel, Guild};
use crate::sandbox::world::{Snowflake, World};

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    let ("GET", ["guilds", id, rest @ ..]) = (call.method, call.path.as_slice()) else { return None };
    let guild = match guild_of_bot(world, id) {
        Ok(guild) => guild,
        Err(refusal) => return Some(Err(refusal)),
    };
    Some(match rest {
        [] => ok(guild_json(guild)),
        ["channels"] => ok(channels(world, guild)),
        ["roles"] => ok(guild.roles.iter().map(role_json).collect()),
        ["members"] => members(world, guild, call),
        ["members", user] => member(world, guild, user),
        ["threads", "active"] => ok(active_threads(world, guild)),
        _ => return None,
    })
}

pub(super) fn guild_of_bot<'a>(world: &'a World, id: &str) -> Result<&'a Guild, ApiError> {
    let guild = id.parse().ok().and_then(|id: Snowflake| world.guilds.get(&id));
    guild
        .filter(|guild| guild.members.contains_key(&world.application.bot))
        .ok_or_else(|| ApiError::unknown("Guild"))
}

/// Over REST, channels that the bot may not see are left out.
fn channels(world: &World, guild: &Guild) -> Value {
    world
        .channels
        .values()
        .filter(|channel| {
            channel.guild == Some(guild.id) && channel.thread.is_none() && world.bot_sees(channel)
        })
        .map(|channel| world.channel_json(channel))
        .collect()
}

fn members(world: &World, guild: &Guild, call: &Call<'_>) -> Outcome {
    if world.application.privileged & intents::GUILD_MEMBERS == 0 {
        return Err(ApiError::missing_access());
    }
    let after = call.query_id("after").unwrap_or(Snowflake(0));
    let limit = call.limit(1, 1000)?;
    let later = guild.members.values().filter(|member| member.user > after);
    ok(later.take(limit).map(|member| world.member_json(member)).collect())
}

fn member(world: &World, guild: &Guild, user: &str) -> Outcome {
    let member = user.parse().ok().and_then(|id: Snowflake| guild.members.get(&id));
    member.map_or_else(|| Err(ApiError::unknown("Member")), |member| ok(world.member_json(member)))
}

fn active_threads(world: &World, guild: &Guild) -> Value {
    let active: Vec<&Channel> = world
        .channels
        .values()
        .filter(|channel| channel.guild == Some(guild.id) && world.bot_sees(channel))
        .filter(|channel| channel.thread.as_ref().is_some_and(|thread| !thread.archived))
        .collect();
    let mut body = threads_json(world, &active);
    body["has_more"] = json!(false);
    body
}

/// Threads with the bot's own memberships.
pub(super) fn threads_json(world: &World, threads: &[&Channel]) -> Value {
    let bot = world.application.bot;
    let joined = threads
        .iter()
        .filter(|channel| channel.thread.as_ref().is_some_and(|thread| thread.members.contains_key(&bot)));
    json!({
        "threads": threads.iter().map(|channel| world.channel_json(channel)).collect::<Vec<_>>(),
        "members": joined.map(|channel| thread_member_json(channel, bot)).collect::<Vec<_>>(),
    })
}
