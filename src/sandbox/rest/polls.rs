//! Polls: who voted, and closing the bot's own.

use serde_json::json;

use super::answer::{ApiError, Call, Outcome, channel_for_bot, ok};
use crate::sandbox::world::{Snowflake, World};

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    let ["channels", channel, "polls", message, rest @ ..] = call.path.as_slice() else { return None };
    Some(match (call.method, rest) {
        ("GET", ["answers", answer]) => voters(world, call, channel, message, answer),
        ("POST", ["expire"]) => expire(world, channel, message),
        _ => return None,
    })
}

fn voters(world: &World, call: &Call<'_>, channel: &str, message: &str, answer: &str) -> Outcome {
    let channel = channel_for_bot(world, channel, 0)?;
    let (limit, after) = (call.limit(25, 100)?, call.query_id("after").unwrap_or_default());
    let key = (channel.id, message.parse().unwrap_or_default());
    let message = world.messages.get(&key).ok_or_else(|| ApiError::unknown("Message"))?;
    let answer: u64 = answer.parse().unwrap_or(0);
    let users = message.votes.iter().filter(|(one, user)| *one == answer && *user > after);
    ok(json!({"users": users.take(limit).map(|(_, user)| world.user_json(*user)).collect::<Vec<_>>()}))
}

fn expire(world: &mut World, channel: &str, message: &str) -> Outcome {
    let key: (Snowflake, Snowflake) =
        (channel_for_bot(world, channel, 0)?.id, message.parse().unwrap_or_default());
    let message = world.messages.get(&key).ok_or_else(|| ApiError::unknown("Message"))?;
    if message.author != world.application.bot {
        return Err(ApiError::new(403, 50005, "Cannot edit a message authored by another user"));
    }
    if !message.more.contains_key("poll") {
        return Err(ApiError::new(400, 520_004, "Cannot expire a non-poll message"));
    }
    if !world.has_open_poll(key) {
        return Err(ApiError::new(400, 520_001, "Poll expired"));
    }
    world.close_poll(key);
    ok(world.messages.get(&key).map(|message| world.message_json(message)).into())
}
