//! Emoji, stickers, integrations and scheduled events, read and changed by the bot.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError, Call, Outcome, ok};
use super::fields::{guild_for_bot, moment, only, optional_text, required_text, wrong};
use crate::sandbox::world::belongings::Shelf;
use crate::sandbox::world::json::merge;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::{Snowflake, World};

/// What a body may set of an event.
const OF_EVENTS: &[&str] = &[
    "channel_id",
    "description",
    "entity_metadata",
    "entity_type",
    "name",
    "privacy_level",
    "scheduled_end_time",
    "scheduled_start_time",
    "status",
];

/// A kind of thing: where it lies, what it is called, and what the bot needs to read and to change it.
struct Kind {
    shelf: Shelf,
    word: &'static str,
    read: u64,
    manage: u64,
}

fn kind(segment: &str) -> Option<Kind> {
    let expressions = bits::MANAGE_GUILD_EXPRESSIONS;
    let (shelf, word, read, manage) = match segment {
        "emojis" => (Shelf::Emojis, "Emoji", 0, expressions),
        "stickers" => (Shelf::Stickers, "Sticker", 0, expressions),
        "integrations" => (Shelf::Integrations, "Integration", bits::MANAGE_GUILD, bits::MANAGE_GUILD),
        "scheduled-events" => (Shelf::Events, "Guild Scheduled Event", 0, bits::MANAGE_EVENTS),
        _ => return None,
    };
    Some(Kind { shelf, word, read, manage })
}

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    let ["guilds", guild, segment, rest @ ..] = call.path.as_slice() else { return None };
    let kind = kind(segment)?;
    Some(match (call.method, rest, kind.shelf) {
        ("GET", [], _) => all(world, guild, &kind),
        ("GET", [id], _) => one(world, guild, &kind, id).and_then(|(.., thing)| ok(thing)),
        ("POST", [], Shelf::Events) => plan(world, call, guild),
        ("PATCH", [id], shelf) if shelf != Shelf::Integrations => change(world, call, guild, &kind, id),
        ("DELETE", [id], _) => remove(world, guild, &kind, id),
        _ => return None,
    })
}

fn all(world: &World, guild: &str, kind: &Kind) -> Outcome {
    ok(json!(guild_for_bot(world, guild, kind.read)?.belongings.all(kind.shelf)))
}

fn one(world: &World, guild: &str, kind: &Kind, id: &str) -> Result<(Snowflake, Snowflake, Value), ApiError> {
    let guild = guild_for_bot(world, guild, kind.read)?;
    let id = id.parse().unwrap_or_default();
    let thing = guild.belongings.one(kind.shelf, id).ok_or_else(|| ApiError::unknown(kind.word))?;
    Ok((guild.id, id, thing.clone()))
}

fn plan(world: &mut World, call: &Call<'_>, guild: &str) -> Outcome {
    let (body, bot) = (&call.body, world.application.bot);
    let guild = guild_for_bot(world, guild, bits::CREATE_EVENTS)?.id;
    required_text(body, "name", 100)?;
    let begin = moment(&body["scheduled_start_time"])
        .ok_or_else(|| wrong("scheduled_start_time", "BASE_TYPE_REQUIRED", "This field is required"))?;
    if begin < world.clock.now_ms() {
        let message = "Cannot schedule event in the past.";
        return Err(wrong("scheduled_start_time", "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST", message));
    }
    let elsewhere = body["entity_type"] == 3;
    if elsewhere && (body["entity_metadata"]["location"].is_null() || body["scheduled_end_time"].is_null()) {
        return Err(wrong("entity_metadata", "BASE_TYPE_REQUIRED", "This field is required"));
    }
    if !elsewhere && body["channel_id"].is_null() {
        return Err(wrong("channel_id", "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let mut event = json!({
        "guild_id": guild, "creator_id": bot, "channel_id": null, "description": null,
        "scheduled_end_time": null, "privacy_level": 2, "status": 1, "entity_id": null, "entity_metadata": null,
        "image": null, "recurrence_rule": null, "guild_scheduled_event_exceptions": [], "creator": world.user_json(bot),
    });
    merge(&mut event, only(body, OF_EVENTS));
    let id = world.make_thing(guild, Shelf::Events, event);
    ok(json!(world.guilds.get(&guild).and_then(|guild| guild.belongings.one(Shelf::Events, id))))
}

fn change(world: &mut World, call: &Call<'_>, guild: &str, kind: &Kind, id: &str) -> Outcome {
    guild_for_bot(world, guild, kind.manage)?;
    let (guild, id, _) = one(world, guild, kind, id)?;
    optional_text(&call.body, "name", 100)?;
    let settable = if kind.shelf == Shelf::Events { OF_EVENTS } else { &["description", "name", "tags"] };
    world.change_thing(guild, kind.shelf, id, only(&call.body, settable));
    ok(json!(world.guilds.get(&guild).and_then(|guild| guild.belongings.one(kind.shelf, id))))
}

fn remove(world: &mut World, guild: &str, kind: &Kind, id: &str) -> Outcome {
    guild_for_bot(world, guild, kind.manage)?;
    let (guild, id, _) = one(world, guild, kind, id)?;
    world.remove_thing(guild, kind.shelf, id);
    Ok(Answer::Empty)
}
