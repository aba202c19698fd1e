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
            match (error.is_direct_refused(), error.is_passing()) {
                (true, _) => SendError::Refused,
                (false, true) => SendError::Passing,
                (false, false) => SendError::Impossible,
            }
        })
    }
}
