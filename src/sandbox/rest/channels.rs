//! Channels, archived threads, and opening a DM.

use serde_json::json;

use super::answer::{ApiError, Call, Outcome, channel_for_bot, ok};
use super::guilds::threads_json;
use crate::sandbox::clock::iso;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::{Channel, kind};
use crate::sandbox::world::{Snowflake, World};

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("GET", ["channels", id]) => {
            channel_for_bot(world, id, 0).and_then(|channel| ok(world.channel_json(channel)))
        }
        ("GET", ["channels", id, "threads", "archived", "public"]) => {
            archived(world, call, id, false, bits::READ_MESSAGE_HISTORY)
        }
        ("GET", ["channels", id, "threads", "archived", "private"]) => {
            archived(world, call, id, true, bits::READ_MESSAGE_HISTORY | bits::MANAGE_THREADS)
        }
        ("POST", ["users", "@me", "channels"]) => open_dm(world, call),
        _ => return None,
    })
}

/// Archived threads, the latest archived first.
fn archived(world: &World, call: &Call<'_>, id: &str, private: bool, wanted: u64) -> Outcome {
    let parent = channel_for_bot(world, id, wanted)?.id;
    let limit = call.limit(50, 100)?;
    let when = |channel: &Channel| channel.thread.as_ref().map_or(0, |thread| thread.archive_changed_ms);
    let mut found: Vec<&Channel> = world
        .channels
        .values()
        .filter(|channel| channel.parent == Some(parent) && (channel.kind == kind::PRIVATE_THREAD) == private)
        .filter(|channel| channel.thread.as_ref().is_some_and(|thread| thread.archived))
        .filter(|channel| call.query("before").is_none_or(|before| is_before(when(channel), before)))
        .collect();
    found.sort_by_key(|channel| (std::cmp::Reverse(when(channel)), std::cmp::Reverse(channel.id)));
    let has_more = found.len() > limit;
    found.truncate(limit);
    let mut body = threads_json(world, &found);
    body["has_more"] = json!(has_more);
    ok(body)
}

/// Whether a moment is before another that the bot wrote, to the millisecond.
fn is_before(ms: u64, before: &str) -> bool {
    match before.replace(' ', "+").parse::<jiff::Timestamp>() {
        Ok(before) => u64::try_from(before.as_millisecond()).is_ok_and(|before| ms < before),
        Err(_) => *iso(ms) < *before,
    }
}

fn open_dm(world: &mut World, call: &Call<'_>) -> Outcome {
    let recipient = Snowflake::from_json(&call.body["recipient_id"]);
    let person = recipient.and_then(|id| world.users.get(&id)).filter(|user| !user.bot).map(|user| user.id);
    let person = person.ok_or_else(|| ApiError::new(400, 50033, "Invalid Recipient(s)"))?;
    let id = world.dm_with_bot(person);
    world.channels.get(&id).map_or_else(|| Err(ApiError::unknown("Channel")), |dm| ok(world.channel_json(dm)))
}
