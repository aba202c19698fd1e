//! Webhooks made, read, removed and executed. With its token a webhook needs no key.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError, Call, Outcome, channel_for_bot, ok};
use super::fields::{guild_for_bot, required_text, wrong};
use super::validate;
use crate::sandbox::world::belongings::Shelf;
use crate::sandbox::world::interactions::apply_edit;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::{Snowflake, World};

/// The most webhooks of a channel.
const MOST: usize = 15;

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("POST", ["channels", channel, "webhooks"]) => create(world, call, channel),
        ("GET", ["channels", channel, "webhooks"]) => of_channel(world, channel),
        ("GET", ["guilds", guild, "webhooks"]) => of_guild(world, guild),
        ("GET", ["webhooks", id]) => managed(world, id).and_then(|(.., hook)| ok(hook)),
        ("DELETE", ["webhooks", id]) => managed(world, id).map(|(guild, id, _)| {
            world.remove_thing(guild, Shelf::Webhooks, id);
            Answer::Empty
        }),
        ("GET", ["webhooks", id, token]) => with_token(world, id, token).and_then(|(.., mut hook)| {
            hook["user"].take();
            ok(hook)
        }),
        ("DELETE", ["webhooks", id, token]) => with_token(world, id, token).map(|(guild, id, _)| {
            world.remove_thing(guild, Shelf::Webhooks, id);
            Answer::Empty
        }),
        _ => return None,
    })
}

/// What is written with a webhook's id and token; asked before the interactions, whose paths look the same.
pub(super) fn executed(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    let ["webhooks", id, token, rest @ ..] = call.path.as_slice() else { return None };
    world.webhook(id.parse().ok()?)?;
    Some(match (call.method, rest) {
        ("POST", []) => execute(world, call, id, token),
        ("GET", ["messages", message]) => {
            written(world, id, token, message).and_then(|key| shown(world, key))
        }
        ("PATCH", ["messages", message]) => edit(world, call, id, token, message),
        ("DELETE", ["messages", message]) => written(world, id, token, message).map(|key| {
            world.delete(key);
            Answer::Empty
        }),
        _ => return None,
    })
}

fn create(world: &mut World, call: &Call<'_>, channel: &str) -> Outcome {
    let channel = channel_for_bot(world, channel, bits::MANAGE_WEBHOOKS)?;
    let (id, guild) = (channel.id, channel.guild.unwrap_or_default());
    let name = required_text(&call.body, "name", 80)?;
    if ["clyde", "discord"].iter().any(|word| name.to_lowercase().contains(word)) {
        return Err(wrong("name", "USERNAME_INVALID_CONTAINS", "Username cannot contain \"discord\""));
    }
    let place = world.guilds.get(&guild).ok_or_else(|| ApiError::unknown("Guild"))?;
    let hooks = place.belongings.all(Shelf::Webhooks);
    if hooks.iter().filter(|hook| hook["channel_id"] == json!(id)).count() >= MOST {
        return Err(ApiError::new(400, 30007, "Maximum number of webhooks reached (15)"));
    }
    let bot = world.application.bot;
    let made = world.add_webhook(guild, id, &name, bot);
    ok(json!(world.webhook(made).map(|(_, hook)| hook)))
}

fn of_channel(world: &World, channel: &str) -> Outcome {
    let channel = channel_for_bot(world, channel, bits::MANAGE_WEBHOOKS)?;
    let guild = channel.guild.and_then(|id| world.guilds.get(&id));
    let all = guild.map(|guild| guild.belongings.all(Shelf::Webhooks)).unwrap_or_default();
    ok(all.into_iter().filter(|hook| hook["channel_id"] == json!(channel.id)).cloned().collect())
}

fn of_guild(world: &World, guild: &str) -> Outcome {
    ok(json!(guild_for_bot(world, guild, bits::MANAGE_WEBHOOKS)?.belongings.all(Shelf::Webhooks)))
}

type Hook = (Snowflake, Snowflake, Value);

fn managed(world: &World, id: &str) -> Result<Hook, ApiError> {
    let id = id.parse().unwrap_or_default();
    let (guild, hook) = world.webhook(id).ok_or_else(|| ApiError::unknown("Webhook"))?;
    if world.bot_base(guild) & bits::MANAGE_WEBHOOKS == 0 {
        return Err(ApiError::missing_permissions());
    }
    Ok((guild, id, hook.clone()))
}

fn with_token(world: &World, id: &str, token: &str) -> Result<Hook, ApiError> {
    let id = id.parse().unwrap_or_default();
    let (guild, hook) = world.webhook(id).ok_or_else(|| ApiError::unknown("Webhook"))?;
    if hook["token"] != *token {
        return Err(ApiError::new(401, 50027, "Invalid Webhook Token"));
    }
    Ok((guild, id, hook.clone()))
}

fn execute(world: &mut World, call: &Call<'_>, id: &str, token: &str) -> Outcome {
    let (guild, id, hook) = with_token(world, id, token)?;
    validate::message(&call.body)?;
    let thread = call.query_id("thread_id");
    let fits = |thread: Snowflake| {
        world.channels.get(&thread).is_some_and(|thread| json!(thread.parent) == hook["channel_id"])
    };
    if thread.is_some_and(|thread| !fits(thread)) {
        return Err(ApiError::unknown("Channel"));
    }
    let key = world.execute_webhook(guild, id, thread, &call.body);
    let waits = call.query("wait").is_some_and(|wait| wait == "true" || wait == "1");
    match key.filter(|_| waits) {
        Some(key) => shown(world, key),
        None => Ok(Answer::Empty),
    }
}

fn edit(world: &mut World, call: &Call<'_>, id: &str, token: &str, message: &str) -> Outcome {
    let key = written(world, id, token, message)?;
    validate::edit(&call.body)?;
    world.edit(key, true, |message| apply_edit(message, &call.body));
    shown(world, key)
}

/// A message that this webhook wrote.
fn written(world: &World, id: &str, token: &str, message: &str) -> Result<(Snowflake, Snowflake), ApiError> {
    let (_, id, _) = with_token(world, id, token)?;
    let message: Snowflake = message.parse().unwrap_or_default();
    let found = world.messages.values().find(|one| one.id == message && one.author == id);
    found.map(|message| (message.channel, message.id)).ok_or_else(|| ApiError::unknown("Message"))
}

fn shown(world: &World, key: (Snowflake, Snowflake)) -> Outcome {
    ok(world.messages.get(&key).map(|message| world.message_json(message)).into())
}
