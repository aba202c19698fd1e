//! Notices to people.

use std::fmt;

use super::{AccountId, GroupId, IncidentId, SpaceId, Timestamp};

/// The row of an Alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(i64);

impl AlertId {
    /// From the database's BIGINT.
    pub const fn from_db(id: i64) -> Self {
        Self(id)
    }

    /// To the database's BIGINT.
    pub const fn to_db(self) -> i64 {
        self.0
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One notice, from the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The row.
    pub id: AlertId,
    /// The Group it is about.
    pub group: GroupId,
    /// What it is about and whom it goes to.
    pub subject: AlertSubject,
    /// Makes sending twice harmless: Discord answers a repeated nonce with the message that is already there.
    pub nonce: String,
    /// Where its delivery stands.
    pub state: DeliveryState,
    /// How often sending was tried.
    pub attempts: u32,
    /// When sending was first tried.
    pub first_attempt_at: Option<Timestamp>,
}

/// What an Alert is about and whom it goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertSubject {
    /// An Incident, to one person.
    Incident {
        /// The case.
        incident: IncidentId,
        /// The person.
        to: AccountId,
    },
    /// The Group's settings were changed, to one administrator, old or new.
    SettingsChanged {
        /// The person.
        to: AccountId,
    },
    /// A stretch of time or a message that could not be watched, to one administrator.
    Gap {
        /// The person.
        to: AccountId,
    },
    /// The fallback post: an administrator could not be reached. Says nothing else.
    Unreachable {
        /// The Group's fallback channel.
        space: SpaceId,
    },
}

/// Where the delivery of an Alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Not sent yet, or to be tried again.
    Queued,
    /// Discord has it.
    Delivered,
    /// The recipient does not accept direct messages from Chaperone.
    Refused,
    /// Given up for another reason.
    Failed,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Delivered, Self::Refused, Self::Failed];

    /// The word in databases and in `--json` output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}
