//! From a message of an export to [`ExportedMessage`].

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::Position;
use super::people::{People, User};
use super::words::Words;
use crate::app::ExportedMessage;
use crate::domain::{
    GroupId, MessageId, MessageSeen, MessageText, Place, Sighting, SpaceId, SpaceKind, Timestamp,
};

/// What an export says before its messages.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) group: Option<GroupId>,
    pub(super) channel: Option<(SpaceId, SpaceKind, MessageText)>,
    /// How many messages there should be, and where that is said: before them or behind them.
    pub(super) count: Option<(u64, Position)>,
}

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unread {
    /// Where in it, in bytes.
    pub(super) offset: usize,
    pub(super) expected: &'static str,
}

/// The parts of a message as they stand in the file. Each is read by itself, so that one of another shape loses no other.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timestamp_edited: Option<&'a RawValue>,
    #[serde(borrow, default)]
    author: Option<&'a RawValue>,
    #[serde(borrow, default)]
    mentions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reference: Option<&'a RawValue>,
    // The words, as in `Words`.
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    forwarded_message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    embeds: Option<&'a RawValue>,
    #[serde(borrow, default)]
    poll: Option<&'a RawValue>,
    #[serde(borrow, default)]
    attachments: Option<&'a RawValue>,
    #[serde(borrow, default)]
    stickers: Option<&'a RawValue>,
    #[serde(borrow, default)]
    components: Option<&'a RawValue>,
}

impl<'a> Outline<'a> {
    fn words(&self) -> Words<'a> {
        Words {
            content: self.content,
            forwarded_message: self.forwarded_message,
            embeds: self.embeds,
            poll: self.poll,
            attachments: self.attachments,
            stickers: self.stickers,
            components: self.components,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    message_id: MessageId,
}

/// Reads a message from its bytes.
pub(super) fn read(bytes: &[u8], place: Place, people: &mut People) -> Result<ExportedMessage, Unread> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Unread { offset: error.valid_up_to(), expected: "UTF-8" })?;
    let outline: Outline<'_> = serde_json::from_str(text).map_err(|error| unread(text, &error))?;
    let missing = |expected| Unread { offset: 0, expected };
    let message = part::<MessageId>(outline.id).filter(|id| id.get() != 0);
    let message = message.ok_or(missing("a message with its `id`"))?;
    let author =
        part::<User<'_>>(outline.author).ok_or(missing("a message with its `author` and their `id`"))?;
    let mentions = list::<User<'_>>(outline.mentions);
    let reply_to = part::<Reference>(outline.reference).map(|reference| reference.message_id);
    let told = people.meet(message, &author, &mentions, reply_to);
    Ok(ExportedMessage {
        seen: MessageSeen {
            message,
            place,
            author: told.author,
            text: outline.words().into_text(),
            addressed: told.addressed,
            sent_at: timestamp(outline.timestamp).unwrap_or_else(|| message.created_at()),
            edited_at: timestamp(outline.timestamp_edited),
            sighting: Sighting::Exported,
        },
        by_role_name: told.by_role_name,
    })
}

/// The kind of Space that a channel kind of an export is. Posts of forums are public threads there.
pub(super) fn space_kind(kind: &str) -> SpaceKind {
    match kind {
        "GuildTextChat" | "GuildNews" => SpaceKind::Channel,
        "GuildPublicThread" | "GuildNewsThread" => SpaceKind::PublicThread,
        "GuildPrivateThread" => SpaceKind::PrivateThread,
        "GuildVoiceChat" | "GuildStageVoice" => SpaceKind::Voice,
        _ => SpaceKind::Other,
    }
}

/// A part, where it is there and of the shape that is wanted.
pub(super) fn part<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}

/// The elements of a list that are of the shape that is wanted.
pub(super) fn list<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Vec<T> {
    let elements: Vec<&'a RawValue> = part(raw).unwrap_or_default();
    elements.into_iter().filter_map(|element| part(Some(element))).collect()
}

fn timestamp(raw: Option<&RawValue>) -> Option<Timestamp> {
    let at: jiff::Timestamp = part::<&str>(raw)?.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

/// Where JSON is not sound. What serde says about it may hold members' words, and is not repeated.
fn unread(text: &str, error: &serde_json::Error) -> Unread {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let offset = (before + error.column().saturating_sub(1)).min(text.len());
    Unread { offset, expected: if error.is_data() { "a message" } else { "sound JSON" } }
}
