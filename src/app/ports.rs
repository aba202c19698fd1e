//! What the services need from outside: people's inboxes, the time, and chance.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::{AccountId, GroupId, IncidentCode, MessageId, Severity, SpaceId, Timestamp};

/// Carries notices to people.
#[async_trait]
pub trait Messenger: fmt::Debug + Send + Sync {
    /// Sends a notice. Sending the same notice twice must end in one message.
    async fn send(&self, notice: &Notice) -> Result<MessageId, SendError>;
}

/// A notice on its way to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Where it goes.
    pub to: Recipient,
    /// The Group it is about.
    pub group: GroupId,
    /// What it says.
    pub body: NoticeBody,
    /// The same for every attempt at the same notice.
    pub nonce: String,
    /// When it was first tried, where this is not the first attempt: it may be there already.
    pub tried_at: Option<Timestamp>,
}

/// Where a notice goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// One person, privately.
    Account(AccountId),
    /// A Space.
    Space(SpaceId),
}

/// What a notice says. An Alert carries group, severity, case code and how to open it, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeBody {
    /// There is an Incident.
    Incident {
        /// What people call it.
        code: IncidentCode,
        /// How much it weighs.
        severity: Severity,
    },
    /// The Group's settings were changed.
    SettingsChanged,
    /// Something could not be watched.
    Gap,
    /// An administrator could not be reached.
    Unreachable,
}

/// Why a notice was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The recipient does not accept direct messages from Chaperone. Trying again does not help.
    #[error("the recipient does not accept direct messages")]
    Refused,
    /// It may work later.
    #[error("the notice could not be sent now")]
    Passing,
    /// It will not work later either.
    #[error("the notice cannot be sent there")]
    Impossible,
}

/// The current time, and waiting for a later one.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, time: Duration);
}

/// Chance.
pub trait Ids: fmt::Debug + Send + Sync {
    /// A random case code.
    fn code(&self) -> IncidentCode;

    /// A random nonce of at most 25 characters.
    fn nonce(&self) -> String;
}
