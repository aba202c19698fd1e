//! Forwards: a message that carries a snapshot of another, without its author.

use serde_json::{Map, Value, json};

use super::state::Message;
use super::{Snowflake, World};

/// What a snapshot keeps of the message it was taken from.
const KEPT: &[&str] = &[
    "attachments",
    "components",
    "content",
    "edited_timestamp",
    "embeds",
    "flags",
    "mention_roles",
    "mentions",
    "sticker_items",
    "timestamp",
    "type",
];

impl World {
    /// The fields of a forward of this message: where it points, and the snapshot.
    pub(crate) fn forward_of(&self, message: &Message) -> Map<String, Value> {
        let guild = self.channels.get(&message.channel).and_then(|channel| channel.guild);
        let mut reference = json!({"type": 1, "message_id": message.id, "channel_id": message.channel});
        if let Some(guild) = guild {
            reference["guild_id"] = json!(guild);
        }
        let nested = message.more.get("message_snapshots").cloned();
        let snapshots = nested.unwrap_or_else(|| {
            let mut snapshot = self.message_json(message);
            if let Value::Object(fields) = &mut snapshot {
                fields.retain(|name, _| KEPT.contains(&name.as_str()));
            }
            json!([{"message": snapshot}])
        });
        [("message_reference".to_owned(), reference), ("message_snapshots".to_owned(), snapshots)]
            .into_iter()
            .collect()
    }

    /// A message that somebody may read, to be forwarded.
    pub(crate) fn readable_by(&self, user: Snowflake, key: (Snowflake, Snowflake)) -> Option<&Message> {
        let channel = self.channels.get(&key.0)?;
        let wanted = super::permissions::bits::READ_MESSAGE_HISTORY;
        self.messages.get(&key).filter(|_| self.sees(user, channel) && self.may(user, channel, wanted))
    }
}
