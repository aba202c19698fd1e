//! From frames and REST messages to the words of the house. No Discord type passes this point.
//!
//! Everything is read leniently: a message of a shape newer than this program still gives author, place and whatever
//! text is found. What this does not do is judge what was written.

mod message;
#[cfg(test)]
mod tests;
mod text;

use serde::Deserialize;

use crate::discord::frame::{Frame, RawFrame};
use crate::discord::interactions::Interaction;
use crate::discord::lenient;
use crate::discord::rest::RestMessage;
use crate::discord::world::{Change, World};
use crate::domain::{
    AccountId, ApplicationId, GroupId, MessageDeleted, MessageId, MessageSeen, MessageText, Observation,
    SpaceId, Timestamp,
};

/// What a frame means.
#[derive(Debug, Clone)]
pub enum Incoming {
    /// A new session has begun; what happened before it has to be read back. Each Group comes anew after it.
    Ready {
        /// Discord's name of the session.
        session: String,
        /// The application this bot belongs to.
        application: ApplicationId,
        /// The bot's own account.
        bot: AccountId,
    },
    /// The session goes on, and everything missed was replayed before this.
    Resumed,
    /// A Group came, for the first time or after an outage at Discord; what happened before has to be read back.
    GroupArrived(GroupId),
    /// The bot is no longer in a Group.
    GroupGone(GroupId),
    /// The world has changed.
    World,
    /// Something was seen; several only when many messages are deleted at once.
    Observations(Vec<Observation>),
    /// Somebody used a command, a button or a form.
    Interaction(Box<Interaction>),
    /// Nothing of concern.
    Other,
    /// Something of concern that could not be read.
    Unreadable {
        /// The name of the event; empty when not even that could be read.
        kind: String,
        /// The Group it is about, as far as that can be read.
        group: Option<GroupId>,
        /// The Space it is about, as far as that can be read.
        space: Option<SpaceId>,
    },
}

/// A message that gives neither id, place nor author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message cannot be read; its id, channel or author is missing")]
pub struct UnreadableMessage;

/// Takes a frame into the world and says what it means. `now` is when it came.
///
/// Frames must be given in the order in which they came: a message is understood in the world it was written in.
pub fn incoming(raw: &RawFrame, world: &mut World, now: Timestamp) -> Incoming {
    let Ok(frame) = raw.frame() else {
        return Incoming::Unreadable { kind: String::new(), group: None, space: None };
    };
    if frame.op != 0 {
        return Incoming::Other;
    }
    match world.apply(&frame) {
        Change::Unreadable => unreadable(&frame),
        Change::Arrived(group) => Incoming::GroupArrived(group),
        Change::Gone(group) => Incoming::GroupGone(group),
        Change::Applied if frame.kind() == "READY" => ready(&frame).unwrap_or_else(|| unreadable(&frame)),
        Change::Applied => Incoming::World,
        Change::Nothing => other(&frame, world, now),
    }
}

/// A message that was asked for by REST, as an Observation; none when the bot wrote it itself.
pub fn read_back(
    message: &RestMessage,
    group: GroupId,
    world: &World,
) -> Result<Option<MessageSeen>, UnreadableMessage> {
    message::read_back(message.as_json(), group, world)
}

/// Everything readable in a message's JSON; none when it is not a message at all.
pub(super) fn readable_text(json: &str) -> Option<MessageText> {
    text::of_message(json)
}

fn other(frame: &Frame<'_>, world: &World, now: Timestamp) -> Incoming {
    let seen = match frame.kind() {
        "RESUMED" => return Incoming::Resumed,
        "INTERACTION_CREATE" => {
            return Interaction::from_json(frame.content()).map_or_else(
                || unreadable(frame),
                |interaction| Incoming::Interaction(Box::new(interaction)),
            );
        }
        "MESSAGE_CREATE" => message::created(frame.content(), world),
        "MESSAGE_UPDATE" => message::updated(frame.content(), world),
        "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK" => {
            return deleted(frame, now).unwrap_or_else(|| unreadable(frame));
        }
        _ => return Incoming::Other,
    };
    match seen {
        Ok(Some(seen)) => Incoming::Observations(vec![Observation::Message(seen)]),
        Ok(None) => Incoming::Other,
        Err(UnreadableMessage) => unreadable(frame),
    }
}

fn unreadable(frame: &Frame<'_>) -> Incoming {
    #[derive(Deserialize)]
    struct Outline {
        #[serde(default, deserialize_with = "lenient::field")]
        guild_id: Option<GroupId>,
        #[serde(default, deserialize_with = "lenient::field")]
        channel_id: Option<SpaceId>,
    }
    let outline: Option<Outline> = frame.read();
    let (group, space) = outline.map_or((None, None), |outline| (outline.guild_id, outline.channel_id));
    Incoming::Unreadable { kind: frame.kind().to_owned(), group, space }
}

fn ready(frame: &Frame<'_>) -> Option<Incoming> {
    #[derive(Deserialize)]
    struct Ready {
        session_id: String,
        application: Id<ApplicationId>,
        user: Id<AccountId>,
    }
    #[derive(Deserialize)]
    struct Id<T> {
        id: T,
    }
    let ready: Ready = frame.read()?;
    Some(Incoming::Ready { session: ready.session_id, application: ready.application.id, bot: ready.user.id })
}

fn deleted(frame: &Frame<'_>, now: Timestamp) -> Option<Incoming> {
    #[derive(Deserialize)]
    struct Deleted {
        channel_id: SpaceId,
        #[serde(default, deserialize_with = "lenient::field")]
        guild_id: Option<GroupId>,
        #[serde(default, deserialize_with = "lenient::field")]
        id: Option<MessageId>,
        #[serde(default, deserialize_with = "lenient::list")]
        ids: Vec<MessageId>,
    }
    let deleted: Deleted = frame.read()?;
    let Some(group) = deleted.guild_id else { return Some(Incoming::Other) };
    let seen: Vec<_> = deleted
        .id
        .into_iter()
        .chain(deleted.ids)
        .map(|message| {
            Observation::Deleted(MessageDeleted { message, group, space: deleted.channel_id, at: now })
        })
        .collect();
    (!seen.is_empty()).then_some(Incoming::Observations(seen))
}
