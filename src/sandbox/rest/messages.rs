//! Messages: read, sent, edited and deleted by the bot.

use serde_json::{Map, Value, json};

use super::answer::{Answer, ApiError, Call, Outcome, channel_for_bot, ok};
use super::validate;
use crate::sandbox::world::belongings::Shelf;
use crate::sandbox::world::interactions::{apply_edit, list, text};
use crate::sandbox::world::kinds::takes_messages;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::sessions::{intents, without_content};
use crate::sandbox::world::state::{Channel, Message, Reference, flag, kind};
use crate::sandbox::world::{Draft, Snowflake, World};

/// How long a nonce is remembered: Discord says "the past few minutes".
const NONCE_MEMORY_MS: u64 = 300_000;
/// How old a message may be to be deleted in bulk.
const BULK_DELETE_MS: u64 = 14 * 24 * 3_600_000;

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    let ["channels", channel, "messages", rest @ ..] = call.path.as_slice() else { return None };
    Some(match (call.method, rest) {
        ("GET", []) => read(world, call, channel),
        ("POST", []) => send(world, call, channel),
        ("POST", ["bulk-delete"]) => delete_bulk(world, call, channel),
        ("GET", [message]) => read_one(world, channel, message),
        ("PATCH", [message]) => edit(world, call, channel, message),
        ("DELETE", [message]) => delete(world, channel, message),
        ("POST", [message, "crosspost"]) => crosspost(world, channel, message),
        _ => return None,
    })
}

fn read(world: &World, call: &Call<'_>, channel: &str) -> Outcome {
    let channel = channel_for_bot(world, channel, 0)?;
    let limit = call.limit(50, 100)?;
    if !world.may(world.application.bot, channel, bits::READ_MESSAGE_HISTORY) {
        return ok(json!([]));
    }
    let all = world.messages_in(channel.id);
    let mut found: Vec<&Message> = if let Some(after) = call.query_id("after") {
        all.filter(|message| message.id > after).take(limit).collect()
    } else if let Some(around) = call.query_id("around") {
        let all: Vec<_> = all.collect();
        let middle = all.partition_point(|message| message.id < around);
        let from = middle.saturating_sub(limit / 2);
        all.into_iter().skip(from).take(limit).collect()
    } else {
        let before = call.query_id("before").unwrap_or(Snowflake(u64::MAX));
        all.rev().filter(|message| message.id < before).take(limit).collect()
    };
    found.sort_by_key(|message| std::cmp::Reverse(message.id));
    ok(found.into_iter().map(|message| shown(world, channel, message)).collect())
}

fn read_one(world: &World, channel: &str, message: &str) -> Outcome {
    let channel = channel_for_bot(world, channel, bits::READ_MESSAGE_HISTORY)?;
    let message = message_in(world, channel.id, message)?;
    ok(shown(world, channel, message))
}

/// A message as the bot may read it: without its content unless the portal has switched that on.
fn shown(world: &World, channel: &Channel, message: &Message) -> Value {
    let json = world.message_json(message);
    if channel.guild.is_some() && world.application.privileged & intents::MESSAGE_CONTENT == 0 {
        without_content(json, world.application.bot)
    } else {
        json
    }
}

fn send(world: &mut World, call: &Call<'_>, channel: &str) -> Outcome {
    let bot = world.application.bot;
    let channel = channel_for_bot(world, channel, 0)?;
    if channel.kind == kind::DM {
        can_dm(world, channel)?;
    } else if !takes_messages(channel.kind) {
        return Err(ApiError::new(400, 50008, "Cannot send messages in a non-text channel"));
    } else if !world.may_write(bot, channel) {
        return Err(ApiError::missing_permissions());
    }
    let id = channel.id;
    if call.body["message_reference"]["type"] == 1 {
        return forward(world, call, id);
    }
    validate::message(&call.body)?;
    if let Some(already) = same_nonce(world, id, &call.body) {
        return ok(already);
    }
    let reference = reference(world, id, &call.body)?;
    let message = world.post(Draft {
        channel: id,
        author: bot,
        kind: if reference.is_some() { 19 } else { 0 },
        content: text(&call.body),
        flags: call.body["flags"].as_u64().unwrap_or(0),
        reference,
        attachments: list(&call.body, "attachments"),
        embeds: list(&call.body, "embeds"),
        components: list(&call.body, "components"),
        more: polls_and_stickers(world, id, &call.body)?,
        nonce: call.body.get("nonce").filter(|nonce| !nonce.is_null()).cloned(),
        ..Draft::default()
    });
    ok(world.messages.get(&(id, message)).map(|message| world.sent_message_json(message)).into())
}

/// The poll and the stickers of a body, as a message shows them.
fn polls_and_stickers(
    world: &World,
    channel: Snowflake,
    body: &Value,
) -> Result<Map<String, Value>, ApiError> {
    let mut more = Map::new();
    if body["poll"].is_object() {
        more.insert("poll".to_owned(), body["poll"].clone());
    }
    let ids: Vec<_> = list(body, "sticker_ids").iter().filter_map(Snowflake::from_json).collect();
    let guild = world.channels.get(&channel).and_then(|channel| world.guilds.get(&channel.guild?));
    let mut items = Vec::new();
    for id in ids {
        let sticker = guild.and_then(|guild| guild.belongings.one(Shelf::Stickers, id));
        let sticker = sticker.ok_or_else(|| ApiError::new(400, 50081, "Invalid sticker sent"))?;
        items.push(json!({"id": id, "name": sticker["name"], "format_type": sticker["format_type"]}));
    }
    if !items.is_empty() {
        more.insert("sticker_items".to_owned(), json!(items));
    }
    Ok(more)
}

/// Sends a message of elsewhere on, with a snapshot of what it says.
fn forward(world: &mut World, call: &Call<'_>, channel: Snowflake) -> Outcome {
    let asked = &call.body["message_reference"];
    let source = Snowflake::from_json(&asked["channel_id"]).unwrap_or(channel);
    let id = Snowflake::from_json(&asked["message_id"]).unwrap_or_default();
    let bot = world.application.bot;
    let Some(message) = world.readable_by(bot, (source, id)) else {
        let why = "You cannot forward a message whose content you cannot access";
        return Err(ApiError::new(400, 160_014, why));
    };
    let more = world.forward_of(message);
    let sent = world.post(Draft { channel, author: bot, more, ..Draft::default() });
    ok(world.messages.get(&(channel, sent)).map(|message| world.sent_message_json(message)).into())
}

/// Publishes an announcement to who follows the channel.
fn crosspost(world: &mut World, channel: &str, message: &str) -> Outcome {
    let bot = world.application.bot;
    let place = channel_for_bot(world, channel, bits::SEND_MESSAGES)?;
    let message = message_in(world, place.id, message)?;
    if place.kind != kind::ANNOUNCEMENT {
        return Err(ApiError::new(400, 50024, "Cannot execute action on this channel type"));
    }
    if message.author != bot && !world.may(bot, place, bits::MANAGE_MESSAGES) {
        return Err(ApiError::missing_permissions());
    }
    if message.flags & flag::CROSSPOSTED != 0 {
        return Err(ApiError::new(400, 40033, "This message has already been crossposted"));
    }
    let key = (place.id, message.id);
    world.edit(key, false, |message| message.flags |= flag::CROSSPOSTED);
    ok(world.messages.get(&key).map(|message| world.message_json(message)).into())
}

/// Whether the person of a DM lets the bot write to them.
fn can_dm(world: &World, dm: &Channel) -> Result<(), ApiError> {
    let bot = world.application.bot;
    let person = dm.recipients.iter().find(|id| **id != bot).and_then(|id| world.users.get(id));
    let Some(person) = person else { return Ok(()) };
    if person.refuses_dms {
        return Err(ApiError::new(403, 50007, "Cannot send messages to this user"));
    }
    let mutual = world
        .guilds
        .values()
        .any(|guild| guild.members.contains_key(&bot) && guild.members.contains_key(&person.id));
    if mutual {
        Ok(())
    } else {
        Err(ApiError::new(403, 50278, "Cannot send messages to this user due to having no mutual guilds"))
    }
}

/// The message that was sent with the same nonce, when the sender wants it to be unique.
fn same_nonce(world: &World, channel: Snowflake, body: &Value) -> Option<Value> {
    let nonce = body.get("nonce").filter(|nonce| !nonce.is_null() && body["enforce_nonce"] == true)?;
    let since = world.clock.now_ms().saturating_sub(NONCE_MEMORY_MS);
    let found =
        world.messages_in(channel).rev().take_while(|message| message.id.made_at_ms() >= since).find(
            |message| message.author == world.application.bot && message.nonce.as_ref() == Some(nonce),
        )?;
    Some(world.sent_message_json(found))
}

fn reference(world: &World, channel: Snowflake, body: &Value) -> Result<Option<Reference>, ApiError> {
    let asked = &body["message_reference"];
    if asked["message_id"].is_null() {
        return Ok(None);
    }
    let id = Snowflake::from_json(&asked["message_id"]).unwrap_or_default();
    match message_in(world, channel, &id.to_string()) {
        Ok(message) => {
            let guild = world.channels.get(&channel).and_then(|channel| channel.guild);
            Ok(Some(Reference { message: message.id, channel, guild }))
        }
        Err(_) if asked["fail_if_not_exists"] == false => Ok(None),
        Err(_) => Err(ApiError::invalid_form(json!({"message_reference": {"_errors": [
            {"code": "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "message": "Unknown message"}
        ]}}))),
    }
}

fn edit(world: &mut World, call: &Call<'_>, channel: &str, message: &str) -> Outcome {
    let channel = channel_for_bot(world, channel, 0)?.id;
    let message = message_in(world, channel, message)?;
    if message.author != world.application.bot {
        return Err(ApiError::new(403, 50005, "Cannot edit a message authored by another user"));
    }
    let key = (channel, message.id);
    validate::edit(&call.body)?;
    world.edit(key, true, |message| apply_edit(message, &call.body));
    ok(world.messages.get(&key).map(|message| world.message_json(message)).into())
}

fn delete(world: &mut World, channel: &str, message: &str) -> Outcome {
    let bot = world.application.bot;
    let channel = channel_for_bot(world, channel, 0)?;
    let message = message_in(world, channel.id, message)?;
    if message.author != bot && !world.may(bot, channel, bits::MANAGE_MESSAGES) {
        return Err(ApiError::missing_permissions());
    }
    let key = (channel.id, message.id);
    world.delete(key);
    Ok(Answer::Empty)
}

fn delete_bulk(world: &mut World, call: &Call<'_>, channel: &str) -> Outcome {
    let channel = channel_for_bot(world, channel, bits::MANAGE_MESSAGES)?.id;
    let ids: Vec<Snowflake> = list(&call.body, "messages").iter().filter_map(Snowflake::from_json).collect();
    if !(2..=100).contains(&ids.len()) {
        let message = "Provided too few or too many messages to delete. Must provide at least 2 and fewer than \
                       100 messages to delete";
        return Err(ApiError::new(400, 50016, message));
    }
    let oldest = world.clock.now_ms().saturating_sub(BULK_DELETE_MS);
    if ids.iter().any(|id| id.made_at_ms() < oldest) {
        return Err(ApiError::new(
            400,
            50034,
            "You can only bulk delete messages that are under 14 days old.",
        ));
    }
    world.delete_bulk(channel, &ids);
    Ok(Answer::Empty)
}

/// A message of a channel that everybody there sees.
fn message_in<'a>(world: &'a World, channel: Snowflake, id: &str) -> Result<&'a Message, ApiError> {
    let found = id.parse().ok().and_then(|id: Snowflake| world.messages.get(&(channel, id)));
    found.filter(|message| message.only_for.is_none()).ok_or_else(|| ApiError::unknown("Message"))
}
