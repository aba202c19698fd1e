//! Voice states and stages.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError, Call, Outcome, channel_for_bot, ok};
use super::fields::{guild_for_bot, optional_text, required_text};
use crate::sandbox::world::belongings::Shelf;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::kind;
use crate::sandbox::world::{Snowflake, World};

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("GET", ["guilds", guild, "voice-states", user]) => state(world, guild, user),
        ("PATCH", ["guilds", guild, "voice-states", user]) => suppress(world, call, guild, user),
        ("POST", ["stage-instances"]) => open(world, call),
        ("GET", ["stage-instances", channel]) => stage(world, channel).and_then(|(.., stage)| ok(stage)),
        ("PATCH", ["stage-instances", channel]) => change(world, call, channel),
        ("DELETE", ["stage-instances", channel]) => close(world, channel),
        _ => return None,
    })
}

fn state(world: &World, guild: &str, user: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, 0)?;
    let user = if user == "@me" { world.application.bot } else { user.parse().unwrap_or_default() };
    if !guild.belongings.voice.contains_key(&user) {
        return Err(ApiError::unknown("Voice State"));
    }
    ok(world.voice_state_json(guild, user))
}

/// Sends somebody on a stage to the audience, or lets them speak.
fn suppress(world: &mut World, call: &Call<'_>, guild: &str, user: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, 0)?;
    let user: Snowflake = user.parse().unwrap_or_default();
    let voice = guild.belongings.voice.get(&user).ok_or_else(|| ApiError::unknown("Voice State"))?;
    let channel = world.channels.get(&voice.channel).filter(|channel| channel.kind == kind::STAGE);
    let channel =
        channel.ok_or_else(|| ApiError::new(400, 50024, "Cannot execute action on this channel type"))?;
    if !world.may(world.application.bot, channel, bits::MUTE_MEMBERS) {
        return Err(ApiError::missing_permissions());
    }
    let guild = guild.id;
    if let Some(suppress) = call.body["suppress"].as_bool() {
        world.change_voice(guild, user, |voice| voice.suppress = suppress);
    }
    Ok(Answer::Empty)
}

/// What a moderator of a stage must be able to do.
const MODERATES: u64 = bits::MANAGE_CHANNELS | bits::MUTE_MEMBERS | bits::MOVE_MEMBERS;

fn open(world: &mut World, call: &Call<'_>) -> Outcome {
    let asked = Snowflake::from_json(&call.body["channel_id"]).unwrap_or_default();
    let channel = channel_for_bot(world, &asked.to_string(), MODERATES)?;
    let (id, guild) = (channel.id, channel.guild.unwrap_or_default());
    if channel.kind != kind::STAGE {
        return Err(ApiError::new(400, 50024, "Cannot execute action on this channel type"));
    }
    let topic = required_text(&call.body, "topic", 120)?;
    if stage(world, &id.to_string()).is_ok() {
        return Err(ApiError::new(400, 150_006, "The Stage is already open"));
    }
    let made = world.make_thing(guild, Shelf::Stages, json!({
        "guild_id": guild, "channel_id": id, "topic": topic, "privacy_level": 2, "discoverable_disabled": true,
        "guild_scheduled_event_id": null,
    }));
    let place = world.guilds.get(&guild);
    ok(json!(place.and_then(|guild| guild.belongings.one(Shelf::Stages, made))))
}

fn change(world: &mut World, call: &Call<'_>, channel: &str) -> Outcome {
    channel_for_bot(world, channel, MODERATES)?;
    let (guild, id, _) = stage(world, channel)?;
    if let Some(topic) = optional_text(&call.body, "topic", 120)? {
        world.change_thing(guild, Shelf::Stages, id, json!({"topic": topic}));
    }
    stage(world, channel).and_then(|(.., stage)| ok(stage))
}

fn close(world: &mut World, channel: &str) -> Outcome {
    channel_for_bot(world, channel, MODERATES)?;
    let (guild, id, _) = stage(world, channel)?;
    world.remove_thing(guild, Shelf::Stages, id);
    Ok(Answer::Empty)
}

/// The open stage of a channel, with its guild and place.
fn stage(world: &World, channel: &str) -> Result<(Snowflake, Snowflake, Value), ApiError> {
    let channel = channel_for_bot(world, channel, 0)?;
    let guild = channel.guild.and_then(|id| world.guilds.get(&id));
    let here = |stage: &Value| stage["channel_id"] == json!(channel.id);
    let found = guild.and_then(|guild| Some((guild.id, guild.belongings.find(Shelf::Stages, here)?)));
    let (guild, (id, stage)) = found.ok_or_else(|| ApiError::unknown("Stage Instance"))?;
    Ok((guild, id, stage.clone()))
}
