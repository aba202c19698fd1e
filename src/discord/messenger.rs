//! Carries notices to people: the port `Messenger` over Discord's REST interface.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::app::ports::{Clock, Messenger, Notice, Recipient, SendError};
use crate::domain::{AccountId, MessageId, SpaceId};

use super::notices;
use super::rest::{MessagePage, Nonce, Rest, RestError};
use super::shared_world::SharedWorld;

/// How long Discord is trusted to remember a nonce ("the past few minutes", discord-api-docs, Create Message).
const NONCE_WINDOW: Duration = Duration::from_mins(1);

/// How long a notice waits for the name of the server that it is about.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends notices as direct messages and posts.
#[derive(Debug)]
pub(super) struct DiscordMessenger {
    rest: Rest,
    world: SharedWorld,
    clock: Arc<dyn Clock>,
    direct: Mutex<HashMap<AccountId, SpaceId>>,
}

impl DiscordMessenger {
    pub(super) fn new(rest: Rest, world: SharedWorld, clock: Arc<dyn Clock>) -> Self {
        Self { rest, world, clock, direct: Mutex::default() }
    }

    async fn space(&self, to: Recipient) -> Result<SpaceId, RestError> {
        let account = match to {
            Recipient::Space(space) => return Ok(space),
            Recipient::Account(account) => account,
        };
        let known = self.direct.lock().unwrap_or_else(PoisonError::into_inner).get(&account).copied();
        if let Some(space) = known {
            return Ok(space);
        }
        let space = self.rest.open_direct(account).await?;
        self.direct.lock().unwrap_or_else(PoisonError::into_inner).insert(account, space);
        Ok(space)
    }

    /// Whether the server's name and language are still to come, as in the first moments after a start.
    fn is_too_early(&self, notice: &Notice) -> bool {
        let known = self.world.read().group_name(notice.group).is_some();
        let waited = notice.tried_at.is_some_and(|at| self.clock.now().since(at) > PATIENCE);
        !known && !waited
    }

    /// The message that an earlier attempt at the same notice became, if it got through: past the nonce's window
    /// Discord would send it a second time.
    async fn sent_before(&self, space: SpaceId, notice: &Notice) -> Result<Option<MessageId>, RestError> {
        let Some(tried_at) = notice.tried_at else { return Ok(None) };
        if self.clock.now().since(tried_at) < NONCE_WINDOW {
            return Ok(None);
        }
        let recent = self.rest.messages(space, MessagePage::Newest, 50).await?;
        // The nonce stands in the button's name; it is random, so finding it anywhere is finding the message.
        Ok(recent
            .into_iter()
            .find(|message| message.as_json().contains(&notice.nonce))
            .map(|message| message.id))
    }

    async fn try_send(&self, notice: &Notice) -> Result<MessageId, RestError> {
        if self.is_too_early(notice) {
            return Err(RestError::TooLate);
        }
        let space = self.space(notice.to).await?;
        if let Some(message) = self.sent_before(space, notice).await? {
            return Ok(message);
        }
        let (name, lang) = {
            let world = self.world.read();
            (world.group_name(notice.group).cloned().unwrap_or_default(), world.group_lang(notice.group))
        };
        let page = notices::page(&notice.body, notice.group, name.expose(), &notice.nonce, lang);
        let nonce = Nonce::new(&notice.nonce).ok_or(RestError::Unwritable)?;
        self.rest.send_message(space, &page.to_message(), &nonce).await
    }
}

#[async_trait]
impl Messenger for DiscordMessenger {
    async fn send(&self, notice: &Notice) -> Result<MessageId, SendError> {
        self.try_send(notice).await.map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "a notice was not sent");
            if let (RestError::NotFound { .. }, Recipient::Account(account)) = (&error, notice.to) {
                // The direct channel may be gone; the next attempt opens it anew.
                self.direct.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
            }
            match error {
                error if error.is_direct_refused() => SendError::Refused,
                error if error.is_passing() => SendError::Passing,
                // A token that is being changed, a proxy in between, an answer that was cut: none of it is about this
                // notice, and all of it may be over at the next attempt.
                RestError::Unauthorized | RestError::Undecodable { .. } => SendError::Passing,
                RestError::Forbidden { code: 0 } | RestError::Invalid { status: 408, .. } => {
                    SendError::Passing
                }
                RestError::NotFound { .. } if notice.tried_at.is_none() => SendError::Passing,
                _ => SendError::Impossible,
            }
        })
    }
}
