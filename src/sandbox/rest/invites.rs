//! Invites made, read and taken back by the bot.

use serde_json::{Value, json};

use super::answer::{ApiError, Call, Outcome, channel_for_bot, ok};
use super::fields::{guild_for_bot, wrong};
use crate::sandbox::world::belongings::Shelf;
use crate::sandbox::world::json::merge;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::{Snowflake, World};

/// The longest that an invite lasts, in seconds.
const LONGEST_AGE: u64 = 604_800;
/// What only who manages the guild sees of an invite.
const METADATA: &[&str] = &["created_at", "max_age", "max_uses", "temporary", "uses"];

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("POST", ["channels", channel, "invites"]) => create(world, call, channel),
        ("GET", ["channels", channel, "invites"]) => of_channel(world, channel),
        ("GET", ["guilds", guild, "invites"]) => of_guild(world, guild),
        ("GET", ["invites", code]) => {
            find(world, code).map(|(.., invite)| without_metadata(&invite)).and_then(ok)
        }
        ("DELETE", ["invites", code]) => revoke(world, code),
        _ => return None,
    })
}

fn create(world: &mut World, call: &Call<'_>, channel: &str) -> Outcome {
    let channel = channel_for_bot(world, channel, bits::CREATE_INSTANT_INVITE)?;
    let (id, guild, bot) = (channel.id, channel.guild.unwrap_or_default(), world.application.bot);
    let locked =
        world.guilds.get(&guild).is_some_and(|guild| invites_locked(world, &guild.belongings.incidents));
    if locked {
        return Err(ApiError::new(400, 40077, "Invites are currently paused for this server"));
    }
    let age = call.body["max_age"].as_u64().unwrap_or(86_400);
    let uses = call.body["max_uses"].as_u64().unwrap_or(0);
    if age > LONGEST_AGE {
        return Err(wrong("max_age", "NUMBER_TYPE_MAX", "int value should be less than or equal to 604800."));
    }
    if uses > 100 {
        return Err(wrong("max_uses", "NUMBER_TYPE_MAX", "int value should be less than or equal to 100."));
    }
    let code = world.add_invite(id, bot, age, uses, call.body["temporary"] == true);
    find(world, &code).and_then(|(.., invite)| ok(invite))
}

fn invites_locked(world: &World, incidents: &Value) -> bool {
    super::fields::moment(&incidents["invites_disabled_until"])
        .is_some_and(|until| until > world.clock.now_ms())
}

fn of_channel(world: &World, channel: &str) -> Outcome {
    let channel = channel_for_bot(world, channel, bits::MANAGE_CHANNELS)?;
    let guild = channel.guild.and_then(|id| world.guilds.get(&id));
    let all = guild.map(|guild| guild.belongings.all(Shelf::Invites)).unwrap_or_default();
    ok(all.into_iter().filter(|invite| invite["channel"]["id"] == json!(channel.id)).cloned().collect())
}

fn of_guild(world: &World, guild: &str) -> Outcome {
    ok(json!(guild_for_bot(world, guild, bits::MANAGE_GUILD)?.belongings.all(Shelf::Invites)))
}

fn revoke(world: &mut World, code: &str) -> Outcome {
    let (guild, id, invite) = find(world, code)?;
    let channel = invite["channel"]["id"].as_str().unwrap_or_default();
    let may = world.bot_base(guild) & bits::MANAGE_GUILD != 0
        || channel_for_bot(world, channel, bits::MANAGE_CHANNELS).is_ok();
    if !may {
        return Err(ApiError::missing_permissions());
    }
    world.remove_thing(guild, Shelf::Invites, id);
    ok(without_metadata(&invite))
}

fn find(world: &World, code: &str) -> Result<(Snowflake, Snowflake, Value), ApiError> {
    let found = world.guilds.values().find_map(|guild| {
        let (id, invite) = guild.belongings.find(Shelf::Invites, |invite| invite["code"] == *code)?;
        Some((guild.id, id, invite.clone()))
    });
    found.ok_or_else(|| ApiError::unknown("Invite"))
}

fn without_metadata(invite: &Value) -> Value {
    let mut bare = json!({});
    merge(&mut bare, invite.clone());
    if let Value::Object(fields) = &mut bare {
        fields.retain(|name, _| !METADATA.contains(&name.as_str()));
    }
    bare
}
