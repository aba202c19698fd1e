//! Members changed, thrown out and banned by the bot, as far as its permissions and its highest role reach.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError, Call, Outcome, ok};
use super::fields::{guild_for_bot, moment, must_command, must_outrank, wrong};
use crate::sandbox::world::interactions::list;
use crate::sandbox::world::kinds::is_vocal;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::Guild;
use crate::sandbox::world::{Snowflake, World};

/// The field that times somebody out.
const TIMEOUT: &str = "communication_disabled_until";
/// How long a timeout may last.
const LONGEST_TIMEOUT_MS: u64 = 28 * 24 * 3_600_000;

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    let ["guilds", guild, rest @ ..] = call.path.as_slice() else { return None };
    Some(match (call.method, rest) {
        ("PATCH", ["members", "@me"]) => rename_self(world, call, guild),
        ("PATCH", ["members", user]) => change(world, call, guild, user),
        ("DELETE", ["members", user]) => kick(world, guild, user),
        ("PUT", ["members", user, "roles", role]) => give(world, guild, user, role, true),
        ("DELETE", ["members", user, "roles", role]) => give(world, guild, user, role, false),
        ("GET", ["bans"]) => bans(world, call, guild),
        ("GET", ["bans", user]) => ban_of(world, guild, user),
        ("PUT", ["bans", user]) => ban(world, call, guild, user),
        ("DELETE", ["bans", user]) => unban(world, guild, user),
        ("POST", ["bulk-ban"]) => ban_many(world, call, guild),
        _ => return None,
    })
}

fn rename_self(world: &mut World, call: &Call<'_>, guild: &str) -> Outcome {
    let (guild, bot) = (guild_for_bot(world, guild, bits::CHANGE_NICKNAME)?.id, world.application.bot);
    let nick = nick(&call.body)?;
    if call.body.get("nick").is_some() {
        world.change_member(guild, bot, |member| member.nick = nick);
    }
    shown(world, guild, bot)
}

fn change(world: &mut World, call: &Call<'_>, guild: &str, user: &str) -> Outcome {
    let (place, user) = member_of(world, guild, user, 0)?;
    let (guild, body) = (place.id, &call.body);
    let nick = nick(body)?;
    let needs = [
        ("nick", bits::MANAGE_NICKNAMES, true),
        ("roles", bits::MANAGE_ROLES, false),
        ("mute", bits::MUTE_MEMBERS, false),
        ("deaf", bits::DEAFEN_MEMBERS, false),
        ("channel_id", bits::MOVE_MEMBERS, false),
        (TIMEOUT, bits::MODERATE_MEMBERS, true),
    ];
    for (_, wanted, by_rank) in needs.iter().filter(|(field, ..)| body.get(*field).is_some()) {
        if world.bot_base(guild) & wanted == 0 {
            return Err(ApiError::missing_permissions());
        }
        if *by_rank {
            must_outrank(world, guild, user)?;
        }
    }
    let until = timeout(world, guild, user, body)?;
    let roles = body["roles"].is_array().then(|| list(body, "roles"));
    let roles: Option<Vec<Snowflake>> =
        roles.map(|roles| roles.iter().filter_map(Snowflake::from_json).collect());
    if let Some(roles) = &roles {
        let before = place.members.get(&user).map(|member| member.roles.clone()).unwrap_or_default();
        let changed = roles.iter().filter(|role| !before.contains(role));
        for role in changed.chain(before.iter().filter(|role| !roles.contains(role))) {
            must_command(world, place, *role)?;
        }
    }
    let room = room(world, place, user, body)?;
    if ["nick", "roles", "mute", "deaf", TIMEOUT].iter().any(|field| body.get(*field).is_some()) {
        world.change_member(guild, user, |member| {
            if body.get("nick").is_some() {
                member.nick = nick;
            }
            if body.get(TIMEOUT).is_some() {
                member.timed_out_until_ms = until;
            }
            member.roles = roles.unwrap_or_else(|| member.roles.clone());
            member.muted = body["mute"].as_bool().unwrap_or(member.muted);
            member.deafened = body["deaf"].as_bool().unwrap_or(member.deafened);
        });
    }
    if body.get("channel_id").is_some() {
        world.move_in_voice(guild, user, room);
    }
    shown(world, guild, user)
}

/// The nickname that a body sets; none takes it away.
fn nick(body: &Value) -> Result<Option<String>, ApiError> {
    let nick = body["nick"].as_str().filter(|nick| !nick.is_empty());
    if nick.is_some_and(|nick| nick.chars().count() > 32) {
        return Err(wrong("nick", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length."));
    }
    Ok(nick.map(ToOwned::to_owned))
}

/// The end of a timeout that a body sets; none lifts it. Administrators cannot be timed out.
fn timeout(world: &World, guild: Snowflake, user: Snowflake, body: &Value) -> Result<Option<u64>, ApiError> {
    let until = &body[TIMEOUT];
    if until.is_null() {
        return Ok(None);
    }
    if world.base_of(guild, user) & bits::ADMINISTRATOR != 0 {
        return Err(ApiError::missing_permissions());
    }
    let until = moment(until)
        .ok_or_else(|| wrong(TIMEOUT, "DATE_TIME_TYPE_PARSE", "Could not parse. Should be ISO8601."))?;
    if until > world.clock.now_ms() + LONGEST_TIMEOUT_MS {
        let message = "Timeout cannot be longer than 28 days.";
        return Err(wrong(TIMEOUT, "GUILD_MEMBER_TIMEOUT_TOO_LONG", message));
    }
    Ok(Some(until))
}

/// Where a body moves somebody who is in voice: to a channel; none is out.
fn room(world: &World, guild: &Guild, user: Snowflake, body: &Value) -> Result<Option<Snowflake>, ApiError> {
    let Some(room) = body.get("channel_id") else { return Ok(None) };
    if !guild.belongings.voice.contains_key(&user) {
        return Err(ApiError::new(400, 40032, "Target user is not connected to voice."));
    }
    if room.is_null() {
        return Ok(None);
    }
    let room = Snowflake::from_json(room).and_then(|id| world.channels.get(&id));
    let room = room.filter(|room| room.guild == Some(guild.id) && is_vocal(room.kind));
    room.map(|room| Some(room.id)).ok_or_else(|| ApiError::unknown("Channel"))
}

fn kick(world: &mut World, guild: &str, user: &str) -> Outcome {
    let (guild, user) = member_of(world, guild, user, bits::KICK_MEMBERS)?;
    let guild = guild.id;
    must_outrank(world, guild, user)?;
    world.kick(guild, user);
    Ok(Answer::Empty)
}

fn give(world: &mut World, guild: &str, user: &str, role: &str, gives: bool) -> Outcome {
    let (place, user) = member_of(world, guild, user, bits::MANAGE_ROLES)?;
    let (guild, role): (Snowflake, Snowflake) = (place.id, role.parse().unwrap_or_default());
    must_command(world, place, role)?;
    let has = place.members.get(&user).is_some_and(|member| member.roles.contains(&role));
    if has != gives {
        world.change_member(guild, user, |member| {
            member.roles.retain(|one| *one != role);
            member.roles.extend(gives.then_some(role));
        });
    }
    Ok(Answer::Empty)
}

fn bans(world: &World, call: &Call<'_>, guild: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, bits::BAN_MEMBERS)?;
    let limit = call.limit(1000, 1000)?;
    let after = call.query_id("after").unwrap_or_default();
    let before = call.query_id("before").unwrap_or(Snowflake(u64::MAX));
    let found = guild.belongings.bans.iter().filter(|(user, _)| **user > after && **user < before);
    ok(found
        .take(limit)
        .map(|(user, reason)| json!({"reason": reason, "user": world.user_json(*user)}))
        .collect())
}

fn ban_of(world: &World, guild: &str, user: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, bits::BAN_MEMBERS)?;
    let found = user.parse().ok().and_then(|user| guild.belongings.bans.get_key_value(&user));
    let (user, reason) = found.ok_or_else(|| ApiError::unknown("Ban"))?;
    ok(json!({"reason": reason, "user": world.user_json(*user)}))
}

fn ban(world: &mut World, call: &Call<'_>, guild: &str, user: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, bits::BAN_MEMBERS)?.id;
    let user = user.parse().ok().filter(|user| world.users.contains_key(user));
    let user = user.ok_or_else(|| ApiError::unknown("User"))?;
    must_outrank(world, guild, user)?;
    let seconds = call.body["delete_message_seconds"].as_u64().unwrap_or(0);
    if seconds > 604_800 {
        let message = "int value should be between 0 and 604800.";
        return Err(wrong("delete_message_seconds", "NUMBER_TYPE_MAX", message));
    }
    world.ban(guild, user);
    world.forget_recent(guild, user, seconds * 1_000);
    Ok(Answer::Empty)
}

fn ban_many(world: &mut World, call: &Call<'_>, guild: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, bits::BAN_MEMBERS | bits::MANAGE_GUILD)?.id;
    let asked: Vec<_> = list(&call.body, "user_ids").iter().filter_map(Snowflake::from_json).collect();
    let (mut banned, mut failed) = (Vec::new(), Vec::new());
    for user in asked {
        let known = world.users.contains_key(&user) && must_outrank(world, guild, user).is_ok();
        if known {
            world.ban(guild, user);
        }
        if known { &mut banned } else { &mut failed }.push(user);
    }
    if banned.is_empty() {
        return Err(ApiError::new(400, 500_000, "Failed to ban users"));
    }
    ok(json!({"banned_users": banned, "failed_users": failed}))
}

fn unban(world: &mut World, guild: &str, user: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, bits::BAN_MEMBERS)?.id;
    let lifted = user.parse().is_ok_and(|user| world.unban(guild, user));
    if lifted { Ok(Answer::Empty) } else { Err(ApiError::unknown("Ban")) }
}

fn member_of<'a>(
    world: &'a World,
    guild: &str,
    user: &str,
    wanted: u64,
) -> Result<(&'a Guild, Snowflake), ApiError> {
    let guild = guild_for_bot(world, guild, wanted)?;
    let user = user.parse().ok().filter(|user| guild.members.contains_key(user));
    user.map(|user| (guild, user)).ok_or_else(|| ApiError::unknown("Member"))
}

fn shown(world: &World, guild: Snowflake, user: Snowflake) -> Outcome {
    let member = world.guilds.get(&guild).and_then(|guild| guild.members.get(&user));
    ok(member.map(|member| world.member_json(member)).into())
}
