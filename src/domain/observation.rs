//! What can be seen: one thing at a time, already free of any Discord type.

use super::{AccountId, GroupId, MessageId, MessageText, RoleId, SpaceId, SpaceKind, Timestamp};

/// One thing seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// A message, or a revision of one.
    Message(MessageSeen),
    /// A message is gone.
    Deleted(MessageDeleted),
}

impl Observation {
    /// The Space it was seen in; observations of one Space are handled in order.
    pub fn space(&self) -> SpaceId {
        match self {
            Self::Message(seen) => seen.place.space,
            Self::Deleted(deleted) => deleted.space,
        }
    }
}

/// A message as it stands now: new, or edited when `edited_at` is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSeen {
    /// Discord's id of the message; the idempotency key of what follows from it.
    pub message: MessageId,
    /// Where it stands.
    pub place: Place,
    /// Who wrote it.
    pub author: Author,
    /// Everything readable in it, in reading order, parts separated by line breaks.
    pub text: MessageText,
    /// Whom it addresses by mention or by reply, apart from the author.
    pub addressed: Vec<Author>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// How it came to be seen.
    pub sighting: Sighting,
}

impl MessageSeen {
    /// When this revision of the message was made.
    pub fn revised_at(&self) -> Timestamp {
        self.edited_at.unwrap_or(self.sent_at)
    }
}

/// A message that was deleted. Discord says neither who wrote it nor who deleted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDeleted {
    /// The message.
    pub message: MessageId,
    /// Its Group.
    pub group: GroupId,
    /// Where it stood.
    pub space: SpaceId,
    /// When its deletion was noticed.
    pub at: Timestamp,
}

/// How a message came to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// As it happened.
    Live,
    /// Read back after a restart or an outage.
    ReadBack,
    /// Read from an export file, long after it was written.
    Exported,
}

/// Where something was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The Group.
    pub group: GroupId,
    /// The Space.
    pub space: SpaceId,
    /// Its kind.
    pub kind: SpaceKind,
    /// Its name or title, which a member may have written.
    pub name: MessageText,
}

/// Who wrote or is addressed, as Discord shows it. What they are in the Group is their Standing, which this is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The account.
    pub account: AccountId,
    /// Person, app or webhook.
    pub kind: AuthorKind,
    /// The roles held in the Group at that time.
    pub roles: Vec<RoleId>,
    /// The name shown, which a member chose.
    pub name: MessageText,
}

/// What kind of account wrote something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorKind {
    /// A person's account.
    Person,
    /// A bot.
    App,
    /// A webhook: name and picture are free text, and the id is not an account's.
    Webhook,
}
