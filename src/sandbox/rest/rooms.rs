//! Channels made, changed and removed by the bot, and their overwrites.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError, Call, Outcome, channel_for_bot, ok};
use super::fields::{guild_for_bot, mask, optional_text, required_text, wrong};
use crate::sandbox::world::interactions::list;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::{Channel, Overwrite, kind};
use crate::sandbox::world::{Snowflake, World};

/// The most channels of a guild.
const MOST_CHANNELS: usize = 500;
/// Fields that are kept as they are given.
const PLAIN: &[&str] = &[
    "available_tags",
    "bitrate",
    "default_auto_archive_duration",
    "default_forum_layout",
    "default_reaction_emoji",
    "default_sort_order",
    "default_thread_rate_limit_per_user",
    "flags",
    "nsfw",
    "rate_limit_per_user",
    "rtc_region",
    "user_limit",
    "video_quality_mode",
];

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("POST", ["guilds", guild, "channels"]) => create(world, call, guild),
        ("PATCH", ["guilds", guild, "channels"]) => arrange(world, call, guild),
        ("PATCH", ["channels", id]) => change(world, call, id),
        ("DELETE", ["channels", id]) => remove(world, id),
        ("PUT", ["channels", id, "permissions", target]) => overwrite(world, call, id, target),
        ("DELETE", ["channels", id, "permissions", target]) => lift(world, id, target),
        _ => return None,
    })
}

fn create(world: &mut World, call: &Call<'_>, guild: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, bits::MANAGE_CHANNELS)?.id;
    let name = required_text(&call.body, "name", 100)?;
    let kinds =
        [kind::TEXT, kind::VOICE, kind::CATEGORY, kind::ANNOUNCEMENT, kind::STAGE, kind::FORUM, kind::MEDIA];
    let asked = call.body["type"].as_u64().unwrap_or(0);
    let kind = kinds.into_iter().find(|kind| u64::from(*kind) == asked);
    let kind = kind.ok_or_else(|| wrong("type", "BASE_TYPE_CHOICES", "Value must be a type of channel."))?;
    let there =
        world.channels.values().filter(|one| one.guild == Some(guild) && one.thread.is_none()).count();
    if there >= MOST_CHANNELS {
        return Err(ApiError::new(400, 30013, "Maximum number of guild channels reached (500)"));
    }
    let id = world.next_id();
    let mut channel = Channel::new(id, kind, Some(guild), &name);
    apply(world, guild, &mut channel, &call.body)?;
    world.add_channel(channel);
    let made = world.channels.get(&id).map(|channel| world.channel_json(channel));
    Ok(Answer::Json(201, made.into()))
}

fn arrange(world: &mut World, call: &Call<'_>, guild: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, bits::MANAGE_CHANNELS)?.id;
    for one in call.body.as_array().cloned().unwrap_or_default() {
        let id = Snowflake::from_json(&one["id"]).unwrap_or_default();
        let own = world.channels.get(&id).is_some_and(|channel| channel.guild == Some(guild));
        if !own {
            return Err(ApiError::unknown("Channel"));
        }
        world.change_channel(id, |channel| {
            channel.position = one["position"].as_u64().unwrap_or(channel.position);
            if let Some(parent) = one.get("parent_id") {
                channel.parent = Snowflake::from_json(parent);
            }
        });
    }
    Ok(Answer::Empty)
}

fn change(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let channel = channel_for_bot(world, id, 0)?;
    if channel.thread.is_some() {
        return super::threads::change(world, call, id);
    }
    let guild =
        channel.guild.ok_or_else(|| ApiError::new(400, 50003, "Cannot execute action on a DM channel"))?;
    let mut changed = channel_for_bot(world, id, bits::MANAGE_CHANNELS)?.clone();
    if let Some(name) = optional_text(&call.body, "name", 100)? {
        changed.name = name;
    }
    apply(world, guild, &mut changed, &call.body)?;
    let id = changed.id;
    world.change_channel(id, |channel| *channel = changed);
    ok(world.channels.get(&id).map(|channel| world.channel_json(channel)).into())
}

/// Sets what a body says of a channel besides its name.
fn apply(world: &World, guild: Snowflake, channel: &mut Channel, body: &Value) -> Result<(), ApiError> {
    if let Some(topic) = body.get("topic") {
        let most = if matches!(channel.kind, kind::FORUM | kind::MEDIA) { 4_096 } else { 1_024 };
        if topic.as_str().is_some_and(|topic| topic.chars().count() > most) {
            let message = format!("Must be {most} or fewer in length.");
            return Err(wrong("topic", "BASE_TYPE_MAX_LENGTH", &message));
        }
        channel.topic = topic.as_str().map(ToOwned::to_owned);
    }
    if let Some(parent) = body.get("parent_id") {
        channel.parent = Snowflake::from_json(parent);
        let place = channel.parent.map(|id| world.channels.get(&id));
        if place.is_some_and(|place| place.is_none_or(|place| place.kind != kind::CATEGORY)) {
            return Err(wrong("parent_id", "CHANNEL_PARENT_INVALID", "Not a category"));
        }
    }
    if body["permission_overwrites"].is_array() {
        if world.bot_base(guild) & bits::MANAGE_ROLES == 0 {
            return Err(ApiError::missing_permissions());
        }
        let read = |one: &Value| Overwrite {
            id: Snowflake::from_json(&one["id"]).unwrap_or_default(),
            of_member: one["type"] == 1 || one["type"] == "1",
            allow: mask(&one["allow"]).unwrap_or(0),
            deny: mask(&one["deny"]).unwrap_or(0),
        };
        channel.overwrites = list(body, "permission_overwrites").iter().map(read).collect();
    }
    channel.position = body["position"].as_u64().unwrap_or(channel.position);
    for name in PLAIN {
        if let Some(value) = body.get(*name) {
            channel.more.insert((*name).to_owned(), value.clone());
        }
    }
    number_tags(channel);
    Ok(())
}

/// Gives new tags ids that nothing else has: their place below the channel's own id.
fn number_tags(channel: &mut Channel) {
    let first = channel.id.0;
    let Some(Value::Array(tags)) = channel.more.get_mut("available_tags") else { return };
    for (tag, place) in tags.iter_mut().zip(1_u64..) {
        let fresh = tag.get("id").is_none_or(Value::is_null);
        if fresh {
            tag["id"] = json!(Snowflake(first + place));
        }
        for (field, usual) in
            [("moderated", json!(false)), ("emoji_id", Value::Null), ("emoji_name", Value::Null)]
        {
            if tag.get(field).is_none() {
                tag[field] = usual;
            }
        }
    }
}

fn remove(world: &mut World, id: &str) -> Outcome {
    let channel = channel_for_bot(world, id, 0)?;
    let wanted = if channel.thread.is_some() { bits::MANAGE_THREADS } else { bits::MANAGE_CHANNELS };
    let channel = channel_for_bot(world, id, if channel.guild.is_some() { wanted } else { 0 })?;
    let (json, id, of_guild) = (world.channel_json(channel), channel.id, channel.guild.is_some());
    if of_guild {
        world.remove_channel(id);
    }
    ok(json)
}

fn overwrite(world: &mut World, call: &Call<'_>, id: &str, target: &str) -> Outcome {
    let channel = channel_for_bot(world, id, bits::MANAGE_ROLES)?;
    let target: Snowflake = target.parse().map_err(|_| ApiError::new(400, 10009, "Unknown Overwrite"))?;
    let (allow, deny) = (mask(&call.body["allow"]).unwrap_or(0), mask(&call.body["deny"]).unwrap_or(0));
    let own = world.permissions(world.application.bot, channel);
    if (allow | deny) & !own != 0 && own & bits::ADMINISTRATOR == 0 {
        return Err(ApiError::missing_permissions());
    }
    let one = Overwrite { id: target, of_member: call.body["type"] == 1, allow, deny };
    let id = channel.id;
    world.change_channel(id, |channel| {
        channel.overwrites.retain(|other| other.id != target);
        channel.overwrites.push(one);
    });
    Ok(Answer::Empty)
}

fn lift(world: &mut World, id: &str, target: &str) -> Outcome {
    let id = channel_for_bot(world, id, bits::MANAGE_ROLES)?.id;
    let target: Snowflake = target.parse().map_err(|_| ApiError::new(404, 10009, "Unknown Overwrite"))?;
    world.change_channel(id, |channel| channel.overwrites.retain(|one| one.id != target));
    Ok(Answer::Empty)
}
