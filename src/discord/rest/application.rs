//! The bot itself: who it is, where its gateway is, and its commands.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::execute::Call;
use super::{Rest, RestError};
use crate::discord::address::GatewayUrl;
use crate::domain::{AccountId, ApplicationId};

/// Where the gateway is and how it may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayBot {
    /// Where it is.
    pub url: GatewayUrl,
    /// How many connections Discord recommends.
    pub shards: u32,
    /// How many sessions may still be started.
    pub session_start_limit: SessionStartLimit,
}

/// How many sessions may be started. Discord resets the token of a bot that goes beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionStartLimit {
    /// In all.
    pub total: u32,
    /// Still.
    pub remaining: u32,
    /// Until the count starts again.
    pub reset_after: Duration,
    /// How many at once, every five seconds.
    pub max_concurrency: u16,
}

/// The application this bot belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentApplication {
    /// Its id.
    pub id: ApplicationId,
    /// Whether Server Members Intent is switched on.
    pub may_see_members: bool,
    /// Whether Message Content Intent is switched on.
    pub may_see_messages: bool,
}

impl Rest {
    /// Where the gateway is.
    pub async fn gateway_bot(&self) -> Result<GatewayBot, RestError> {
        #[derive(Deserialize)]
        struct Answer {
            url: String,
            #[serde(default = "one")]
            shards: u32,
            session_start_limit: Limit,
        }
        #[derive(Deserialize)]
        struct Limit {
            total: u32,
            remaining: u32,
            reset_after: u64,
            #[serde(default = "one")]
            max_concurrency: u16,
        }
        fn one<T: From<u8>>() -> T {
            T::from(1)
        }
        const WHAT: &str = "its gateway";
        let answer: Answer = self.ask(Call::get("gateway/bot".to_owned()), WHAT).await?;
        let limit = answer.session_start_limit;
        Ok(GatewayBot {
            // An address that Chaperone does not talk to is as good as none.
            url: answer.url.parse().map_err(|_| RestError::Undecodable { what: WHAT, line: 1, column: 1 })?,
            shards: answer.shards,
            session_start_limit: SessionStartLimit {
                total: limit.total,
                remaining: limit.remaining,
                reset_after: Duration::from_millis(limit.reset_after),
                max_concurrency: limit.max_concurrency,
            },
        })
    }

    /// The bot's own account.
    pub async fn current_user(&self) -> Result<AccountId, RestError> {
        #[derive(Deserialize)]
        struct Answer {
            id: AccountId,
        }
        let answer: Answer = self.ask(Call::get("users/@me".to_owned()), "the bot's account").await?;
        Ok(answer.id)
    }

    /// The application this bot belongs to.
    pub async fn current_application(&self) -> Result<CurrentApplication, RestError> {
        /// Bits of the application's flags: for large applications after a review, and for small ones.
        const MEMBERS: u64 = 1 << 14 | 1 << 15;
        const CONTENT: u64 = 1 << 18 | 1 << 19;
        #[derive(Deserialize)]
        struct Answer {
            id: ApplicationId,
            #[serde(default)]
            flags: u64,
        }
        let answer: Answer =
            self.ask(Call::get("applications/@me".to_owned()), "the bot's application").await?;
        Ok(CurrentApplication {
            id: answer.id,
            may_see_members: answer.flags & MEMBERS != 0,
            may_see_messages: answer.flags & CONTENT != 0,
        })
    }

    /// Makes these the bot's commands everywhere, in place of all it had.
    pub async fn set_global_commands(
        &self,
        application: ApplicationId,
        commands: &[impl Serialize + Sync],
    ) -> Result<(), RestError> {
        self.tell(Call::put(format!("applications/{application}/commands")).body(&commands)?).await
    }
}
