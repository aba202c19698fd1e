//! Threads and posts opened, changed, joined and left by the bot, and their members.

use serde_json::Value;

use super::answer::{Answer, ApiError, Call, Outcome, channel_for_bot, ok};
use super::fields::{optional_text, required_text, wrong};
use super::validate;
use crate::sandbox::world::json::thread_member_json;
use crate::sandbox::world::kinds::holds_posts;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::{Channel, kind};
use crate::sandbox::world::{Snowflake, World};

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("POST", ["channels", id, "threads"]) => open(world, call, id),
        ("POST", ["channels", id, "messages", message, "threads"]) => open_on(world, call, id, message),
        ("GET", ["channels", id, "thread-members"]) => members(world, call, id),
        ("GET", ["channels", id, "thread-members", user]) => member(world, id, user),
        ("PUT", ["channels", id, "thread-members", user]) => add(world, id, user),
        ("DELETE", ["channels", id, "thread-members", user]) => take_out(world, id, user),
        _ => return None,
    })
}

fn open(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let (bot, body) = (world.application.bot, &call.body);
    let parent = channel_for_bot(world, id, 0)?;
    let name = required_text(body, "name", 100)?;
    let minutes = archive_minutes(body)?;
    let parent_id = parent.id;
    let thread = if holds_posts(parent.kind) {
        must(world, parent, bits::SEND_MESSAGES)?;
        validate::message(&body["message"])?;
        let thread = world.add_thread(parent_id, &name, false, bot, &[]);
        world.begin_post(thread, bot, &body["message"]);
        if let Some(tags) = body.get("applied_tags").cloned() {
            world.change_thread_channel(thread, |channel| {
                channel.more.insert("applied_tags".to_owned(), tags);
            });
        }
        thread
    } else if matches!(parent.kind, kind::TEXT | kind::ANNOUNCEMENT) {
        let private = body["type"].as_u64().unwrap_or(u64::from(kind::PRIVATE_THREAD))
            == u64::from(kind::PRIVATE_THREAD);
        must(
            world,
            parent,
            if private { bits::CREATE_PRIVATE_THREADS } else { bits::CREATE_PUBLIC_THREADS },
        )?;
        world.add_thread(parent_id, &name, private, bot, &[])
    } else {
        return Err(wrong_kind());
    };
    Ok(finish(world, thread, body, minutes))
}

fn open_on(world: &mut World, call: &Call<'_>, id: &str, message: &str) -> Outcome {
    let bot = world.application.bot;
    let parent = channel_for_bot(world, id, bits::CREATE_PUBLIC_THREADS)?;
    if !matches!(parent.kind, kind::TEXT | kind::ANNOUNCEMENT) {
        return Err(wrong_kind());
    }
    let message = message.parse().unwrap_or_default();
    let key = (parent.id, message);
    if !world.messages.contains_key(&key) {
        return Err(ApiError::unknown("Message"));
    }
    if world.channels.contains_key(&message) {
        return Err(ApiError::new(400, 160_004, "A thread has already been created for this message"));
    }
    let name = required_text(&call.body, "name", 100)?;
    let minutes = archive_minutes(&call.body)?;
    let thread = world.add_thread_on(key, &name, bot);
    Ok(finish(world, thread, &call.body, minutes))
}

fn finish(world: &mut World, thread: Snowflake, body: &Value, minutes: Option<u64>) -> Answer {
    if let Some(channel) = world.channels.get_mut(&thread).and_then(|channel| channel.thread.as_mut()) {
        channel.auto_archive_minutes = minutes.unwrap_or(channel.auto_archive_minutes);
        channel.invitable = body["invitable"].as_bool().unwrap_or(channel.invitable);
    }
    let json = world.channels.get(&thread).map(|channel| {
        let mut json = world.channel_json(channel);
        json["member"] = thread_member_json(channel, world.application.bot);
        if let Some(message) = world.messages.get(&(thread, thread)) {
            json["message"] = world.message_json(message);
        }
        json
    });
    Answer::Json(201, json.into())
}

/// Changes a thread: `archived`, `locked`, `name` and so on.
pub(super) fn change(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let (bot, body) = (world.application.bot, &call.body);
    let channel = channel_for_bot(world, id, 0)?;
    let Some(thread) = &channel.thread else { return Err(wrong_kind()) };
    let manages = world.may(bot, channel, bits::MANAGE_THREADS);
    let reopens = body["archived"] == false;
    if thread.archived && !reopens && body["archived"] != true {
        return Err(ApiError::new(400, 50083, "Thread is archived"));
    }
    let only_reopens = reopens && body.as_object().is_some_and(|fields| fields.len() == 1);
    let may = manages
        || (thread.owner == bot && body.get("locked").is_none() && !thread.locked)
        || (only_reopens && !thread.locked && world.may(bot, channel, bits::SEND_MESSAGES_IN_THREADS));
    if !may {
        return Err(ApiError::missing_permissions());
    }
    let name = optional_text(body, "name", 100)?;
    let minutes = archive_minutes(body)?;
    let id = channel.id;
    world.change_thread_channel(id, |channel| {
        if let Some(name) = name {
            channel.name = name;
        }
        for field in ["rate_limit_per_user", "applied_tags", "flags"] {
            if let Some(value) = body.get(field) {
                channel.more.insert(field.to_owned(), value.clone());
            }
        }
        let Some(thread) = &mut channel.thread else { return };
        thread.archived = body["archived"].as_bool().unwrap_or(thread.archived);
        thread.locked = body["locked"].as_bool().unwrap_or(thread.locked);
        thread.invitable = body["invitable"].as_bool().unwrap_or(thread.invitable);
        thread.auto_archive_minutes = minutes.unwrap_or(thread.auto_archive_minutes);
    });
    ok(world.channels.get(&id).map(|channel| world.channel_json(channel)).into())
}

fn members(world: &World, call: &Call<'_>, id: &str) -> Outcome {
    let channel = a_thread(world, id)?;
    let Some(thread) = &channel.thread else { return Err(wrong_kind()) };
    let guild = channel.guild.and_then(|id| world.guilds.get(&id));
    let with_member = call.query("with_member").is_some_and(|value| value == "true" || value == "1");
    let list = thread.members.keys().map(|user| {
        let mut json = thread_member_json(channel, *user);
        if let Some(member) = guild.and_then(|guild| guild.members.get(user)).filter(|_| with_member) {
            json["member"] = world.member_json(member);
        }
        json
    });
    ok(list.collect())
}

fn member(world: &World, id: &str, user: &str) -> Outcome {
    let channel = a_thread(world, id)?;
    let user = person(world, user);
    let inside = channel.thread.as_ref().is_some_and(|thread| thread.members.contains_key(&user));
    if inside { ok(thread_member_json(channel, user)) } else { Err(ApiError::unknown("Member")) }
}

fn add(world: &mut World, id: &str, user: &str) -> Outcome {
    let thread = open_thread(world, id)?;
    let (id, guild, user) = (thread.id, thread.guild, person(world, user));
    let bot = world.application.bot;
    let of_guild =
        guild.and_then(|id| world.guilds.get(&id)).is_some_and(|guild| guild.members.contains_key(&user));
    if !of_guild {
        return Err(ApiError::unknown("Member"));
    }
    let closed = thread.kind == kind::PRIVATE_THREAD
        && user != bot
        && thread.thread.as_ref().is_some_and(|thread| !thread.invitable && thread.owner != bot);
    if (closed && !world.may(bot, thread, bits::MANAGE_THREADS))
        || (user != bot && !world.may(bot, thread, bits::SEND_MESSAGES_IN_THREADS))
    {
        return Err(ApiError::missing_permissions());
    }
    world.join_thread(id, &[user]);
    Ok(Answer::Empty)
}

fn take_out(world: &mut World, id: &str, user: &str) -> Outcome {
    let thread = open_thread(world, id)?;
    let (id, user, bot) = (thread.id, person(world, user), world.application.bot);
    let owns = thread.kind == kind::PRIVATE_THREAD
        && thread.thread.as_ref().is_some_and(|thread| thread.owner == bot);
    if user != bot && !owns && !world.may(bot, thread, bits::MANAGE_THREADS) {
        return Err(ApiError::missing_permissions());
    }
    world.leave_thread(id, user);
    Ok(Answer::Empty)
}

fn a_thread<'a>(world: &'a World, id: &str) -> Result<&'a Channel, ApiError> {
    channel_for_bot(world, id, 0)
        .and_then(|channel| channel.thread.as_ref().map(|_| channel).ok_or_else(wrong_kind))
}

fn open_thread<'a>(world: &'a World, id: &str) -> Result<&'a Channel, ApiError> {
    let channel = a_thread(world, id)?;
    let archived = channel.thread.as_ref().is_some_and(|thread| thread.archived);
    if archived { Err(ApiError::new(400, 50083, "Thread is archived")) } else { Ok(channel) }
}

fn person(world: &World, user: &str) -> Snowflake {
    if user == "@me" { world.application.bot } else { user.parse().unwrap_or_default() }
}

fn must(world: &World, channel: &Channel, wanted: u64) -> Result<(), ApiError> {
    let may = world.may(world.application.bot, channel, wanted);
    if may { Ok(()) } else { Err(ApiError::missing_permissions()) }
}

fn archive_minutes(body: &Value) -> Result<Option<u64>, ApiError> {
    let Some(minutes) = body.get("auto_archive_duration").filter(|minutes| !minutes.is_null()) else {
        return Ok(None);
    };
    let known = [60, 1_440, 4_320, 10_080];
    let known = minutes.as_u64().filter(|minutes| known.contains(minutes));
    let refusal = || {
        let message = "Value must be one of {4320, 60, 10080, 1440}.";
        wrong("auto_archive_duration", "BASE_TYPE_CHOICES", message)
    };
    known.map(Some).ok_or_else(refusal)
}

fn wrong_kind() -> ApiError {
    ApiError::new(400, 50024, "Cannot execute action on this channel type")
}
