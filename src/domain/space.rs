//! Spaces: anywhere members can be together.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ParseWordError;

/// What kind of Space it is. Who can read it is its Audience, which this does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpaceKind {
    /// A text or announcement channel.
    Channel,
    /// A thread that everybody who can read its channel can read.
    PublicThread,
    /// A thread for those who were added to it.
    PrivateThread,
    /// A post of a forum or media channel.
    ForumPost,
    /// A voice or stage channel, with the chat that belongs to it.
    Voice,
    /// Something newer than this program.
    Other,
}

impl SpaceKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Channel, Self::PublicThread, Self::PrivateThread, Self::ForumPost, Self::Voice, Self::Other];

    /// The word in files and databases.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::PublicThread => "public-thread",
            Self::PrivateThread => "private-thread",
            Self::ForumPost => "forum-post",
            Self::Voice => "voice",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for SpaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SpaceKind {
    type Err = ParseWordError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(ParseWordError {
            expected: "channel, public-thread, private-thread, forum-post, voice or other",
        })
    }
}
