//! What a scan is told besides the text.

use super::{AccountId, MessageId, MessageText, SpaceKind, Standing, Timestamp};

/// What a scan is told besides the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// What the author is in the Group.
    pub author: Standing,
    /// Whom the words address.
    pub addressees: Addressees,
    /// The kind of Space.
    pub space: SpaceKind,
    /// What the author wrote in this Space within the last minute, the oldest first.
    pub earlier: Vec<EarlierLine>,
}

impl Circumstances {
    /// A single line from one Standing to another in an ordinary channel.
    pub fn between(author: Standing, addressee: Standing) -> Self {
        Self {
            author,
            addressees: Addressees::Named(vec![(AccountId::default(), addressee)]),
            space: SpaceKind::Channel,
            earlier: Vec::new(),
        }
    }
}

/// Whom words address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressees {
    /// Nobody in particular: everyone who can read the Space.
    Room,
    /// Those mentioned or replied to.
    Named(Vec<(AccountId, Standing)>),
}

impl Addressees {
    /// Whether somebody of this Standing is or may be addressed.
    pub fn may_include(&self, standing: Standing) -> bool {
        match self {
            Self::Room => true,
            Self::Named(named) => named.iter().any(|(_, their)| *their == standing),
        }
    }
}

/// A line that its author wrote shortly before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierLine {
    /// The message it was.
    pub message: MessageId,
    /// Its text.
    pub text: MessageText,
    /// When it was sent.
    pub sent_at: Timestamp,
}
