//! Messages: reading them back, sending them once, and opening a direct channel.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::execute::Call;
use super::{Rest, RestError};
use crate::domain::{AccountId, MessageId, SpaceId};

/// Which messages of a Space, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessagePage {
    /// Those directly after a message.
    After(MessageId),
    /// Those directly before a message.
    Before(MessageId),
    /// Those around a message, and it.
    Around(MessageId),
    /// The newest.
    Newest,
}

/// A message as Discord gave it; [`crate::discord::convert::read_back`] understands it. `Debug` prints only its id.
#[derive(Clone)]
pub struct RestMessage {
    /// Its id.
    pub id: MessageId,
    json: Box<RawValue>,
}

impl RestMessage {
    /// Its JSON.
    pub fn as_json(&self) -> &str {
        self.json.get()
    }

    /// From Discord's JSON; none when it has no id.
    pub fn from_json(json: Box<RawValue>) -> Option<Self> {
        #[derive(Deserialize)]
        struct Outline {
            id: MessageId,
        }
        let Outline { id } = serde_json::from_str(json.get()).ok()?;
        Some(Self { id, json })
    }
}

impl fmt::Debug for RestMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestMessage").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What tells Discord that a second sending is the same message. Unique for a few minutes among what the bot sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// The longest that Discord takes, in characters.
    pub const LONGEST: usize = 25;

    /// A nonce of one to 25 letters, digits and hyphens; none otherwise.
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=Self::LONGEST).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        fits.then(|| Self(text.to_owned()))
    }

    /// A nonce from a number.
    pub fn from_number(number: u64) -> Self {
        Self(number.to_string())
    }
}

impl Rest {
    /// Up to `limit` messages of a Space (one to a hundred), the oldest first.
    pub async fn messages(
        &self,
        space: SpaceId,
        page: MessagePage,
        limit: u8,
    ) -> Result<Vec<RestMessage>, RestError> {
        const WHAT: &str = "messages";
        let call = Call::get(format!("channels/{space}/messages")).with("limit", &limit.clamp(1, 100));
        let call = match page {
            MessagePage::After(id) => call.with("after", &id),
            MessagePage::Before(id) => call.with("before", &id),
            MessagePage::Around(id) => call.with("around", &id),
            MessagePage::Newest => call,
        };
        let answers: Vec<Box<RawValue>> = self.ask(call, WHAT).await?;
        let mut messages = answers
            .into_iter()
            .map(|json| {
                RestMessage::from_json(json).ok_or(RestError::Undecodable { what: WHAT, line: 1, column: 1 })
            })
            .collect::<Result<Vec<_>, _>>()?;
        messages.sort_by_key(|message| message.id);
        Ok(messages)
    }

    /// One message of a Space.
    pub async fn message(&self, space: SpaceId, id: MessageId) -> Result<RestMessage, RestError> {
        const WHAT: &str = "a message";
        let json: Box<RawValue> =
            self.ask(Call::get(format!("channels/{space}/messages/{id}")), WHAT).await?;
        RestMessage::from_json(json).ok_or(RestError::Undecodable { what: WHAT, line: 1, column: 1 })
    }

    /// Sends a message. With the same nonce within a few minutes Discord sends it once and answers with the first.
    pub async fn send_message(
        &self,
        space: SpaceId,
        body: &(impl Serialize + Sync),
        nonce: &Nonce,
    ) -> Result<MessageId, RestError> {
        #[derive(Deserialize)]
        struct Answer {
            id: MessageId,
        }
        let mut body = serde_json::to_value(body).map_err(|_| RestError::Unwritable)?;
        let fields = body.as_object_mut().ok_or(RestError::Unwritable)?;
        fields.insert("nonce".to_owned(), Value::from(nonce.0.as_str()));
        fields.insert("enforce_nonce".to_owned(), Value::from(true));
        let call = Call::post(format!("channels/{space}/messages")).recognised().body(&body)?;
        let answer: Answer = self.ask(call, "a sent message").await?;
        Ok(answer.id)
    }

    /// The direct channel between the bot and an account; the same one each time.
    pub async fn open_direct(&self, account: AccountId) -> Result<SpaceId, RestError> {
        #[derive(Deserialize)]
        struct Answer {
            id: SpaceId,
        }
        let call = Call::post("users/@me/channels".to_owned())
            .recognised()
            .body(&serde_json::json!({ "recipient_id": account }))?;
        let answer: Answer = self.ask(call, "a direct channel").await?;
        Ok(answer.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_short_and_plain() {
        assert!(Nonce::new("a1-7").is_some());
        for bad in ["", "12345678901234567890123456", "a b", "é"] {
            assert!(Nonce::new(bad).is_none(), "{bad}");
        }
        assert!(Nonce::new(&Nonce::from_number(u64::MAX).0).is_some());
    }
}
