//! What can go wrong between Chaperone and Discord. Never holds a body, an address or a token.

use std::time::Duration;

/// The executor cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum RestSetupError {
    /// The token cannot be a token.
    #[error(
        "the bot token holds characters that no token has; copy it again from Discord's developer portal"
    )]
    UnfitToken,
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be set up; check the proxy settings of this machine")]
    Client {
        /// Why.
        #[source]
        source: reqwest::Error,
    },
}

/// A request that brought no answer or the wrong one. Codes are Discord's own; 0 where none was given.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
    /// The token is not valid, or no longer.
    #[error(
        "Discord does not accept the bot token; give Chaperone a new one from Discord's developer portal"
    )]
    Unauthorized,
    /// The bot may not do this.
    #[error("Discord does not let the bot do this (code {code}); check its roles and permissions")]
    Forbidden {
        /// Discord's code; 50007 is a direct message that its recipient does not accept, 40003 one too many of them.
        code: u64,
    },
    /// There is no such thing, or no longer.
    #[error("Discord does not know what was asked for, or no longer (code {code})")]
    NotFound {
        /// Discord's code.
        code: u64,
    },
    /// The interaction can no longer be answered: it was answered before, or its time is over.
    #[error("this command or button can no longer be answered (code {code}); use it again")]
    InteractionOver {
        /// Discord's code; 40060 when it was answered before.
        code: u64,
    },
    /// The request was wrong.
    #[error("Discord refuses a request (status {status}, code {code}); this is a fault of Chaperone")]
    Invalid {
        /// The HTTP status.
        status: u16,
        /// Discord's code.
        code: u64,
    },
    /// Discord wants a longer wait than is worth waiting here.
    #[error("Discord wants no such request for {} seconds", retry_after.as_secs())]
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Discord is not working.
    #[error(
        "Discord is out of order (status {status}), and nothing is wrong here; wait until it works again"
    )]
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// There was no answer.
    #[error("Discord cannot be reached; check the network of this machine")]
    Unreachable {
        /// Why, without the address.
        #[source]
        source: reqwest::Error,
    },
    /// There was no answer in the time that the request is worth something.
    #[error("Discord did not answer in time")]
    TooLate,
    /// The answer is not what was expected.
    #[error(
        "Discord's answer about {what} cannot be read (line {line}, column {column}); install a newer Chaperone"
    )]
    Undecodable {
        /// What was asked for.
        what: &'static str,
        /// Where the answer stops being readable.
        line: usize,
        /// Where the answer stops being readable.
        column: usize,
    },
    /// The body could not be written as JSON.
    #[error("a request cannot be written as JSON; this is a fault of Chaperone")]
    Unwritable,
}

impl RestError {
    /// Whether the same request may work later without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        // 40003: direct channels are opened too fast.
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Unavailable { .. }
                | Self::Unreachable { .. }
                | Self::TooLate
                | Self::Invalid { code: 40003, .. }
                | Self::Forbidden { code: 40003 }
        )
    }

    /// Whether a direct message was refused by its recipient's settings, or cannot be opened at all.
    pub fn is_direct_refused(&self) -> bool {
        matches!(self, Self::Forbidden { code: 50007 | 50278 })
    }

    pub(super) fn unreachable(error: reqwest::Error) -> Self {
        // The address may hold an interaction's token.
        Self::Unreachable { source: error.without_url() }
    }

    pub(super) fn undecodable(what: &'static str, error: &serde_json::Error) -> Self {
        Self::Undecodable { what, line: error.line(), column: error.column() }
    }
}
