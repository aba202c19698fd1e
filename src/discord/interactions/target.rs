//! The message that a message command was used on.

use serde_json::Value;

use crate::discord::convert::readable_text;
use crate::domain::{AccountId, AuthorKind, MessageId, MessageText, SpaceId};

/// A message somebody pointed at, as it stood then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetMessage {
    /// The message.
    pub message: MessageId,
    /// Where it stands.
    pub space: SpaceId,
    /// Who wrote it.
    pub author: AccountId,
    /// Person, app or webhook.
    pub author_kind: AuthorKind,
    /// Everything readable in it.
    pub text: MessageText,
}

/// The resolved message of a message command's data.
pub(super) fn message(data: &Value) -> Option<TargetMessage> {
    let id = data["target_id"].as_str()?;
    let raw = &data["resolved"]["messages"][id];
    let author = &raw["author"];
    let author_kind = if raw["webhook_id"].is_string() {
        AuthorKind::Webhook
    } else if author["bot"] == true {
        AuthorKind::App
    } else {
        AuthorKind::Person
    };
    Some(TargetMessage {
        message: id.parse().ok()?,
        space: raw["channel_id"].as_str()?.parse().ok()?,
        author: author["id"].as_str()?.parse().ok()?,
        author_kind,
        text: readable_text(&raw.to_string())?,
    })
}
