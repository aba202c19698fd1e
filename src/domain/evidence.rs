//! What is kept for an Incident: the words, always with an end date.

use super::{Finding, MessageId, MessageText, Timestamp};

/// One thing kept for an Incident. Encrypted at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceItem {
    /// What it is.
    pub kind: EvidenceKind,
    /// The message it comes from.
    pub message: MessageId,
    /// When this revision of the message was made.
    pub revised_at: Timestamp,
    /// What its author was called then.
    pub author_name: MessageText,
    /// What the Space was called then.
    pub space_name: MessageText,
    /// The words.
    pub text: MessageText,
    /// What was found in them, if anything.
    pub findings: Vec<Finding>,
    /// Whether the words are still there.
    pub state: EvidenceState,
}

/// What a piece of Evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// The flagged message, as it was when it was flagged.
    Message,
    /// A later revision of it.
    Revision,
    /// A line its author wrote shortly before, which the finding needs.
    Earlier,
}

impl EvidenceKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Message, Self::Revision, Self::Earlier];

    /// The word in databases.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Revision => "revision",
            Self::Earlier => "earlier",
        }
    }
}

/// Whether Evidence is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceState {
    /// Kept until then.
    Held {
        /// The end date, which every piece has.
        until: Timestamp,
    },
    /// It is there but cannot be read.
    Unavailable {
        /// Why, and what would help.
        why: String,
    },
}
