//! When Chaperone could not watch.

use super::{GroupId, SpaceId, Timestamp};

/// A span of time and Spaces in which Chaperone could not watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The Group.
    pub group: GroupId,
    /// The Space; none means all of the Group.
    pub space: Option<SpaceId>,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: GapReason,
}

/// Why Chaperone could not watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapReason {
    /// Something was seen and could not be handled after three tries.
    NotHandled,
    /// A Space could not be read back after an outage.
    NotReadBack,
}

impl GapReason {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::NotHandled, Self::NotReadBack];

    /// The word in databases.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotHandled => "not-handled",
            Self::NotReadBack => "not-read-back",
        }
    }
}
