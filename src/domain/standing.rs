//! What an account is in a Group.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Lang, ParseWordError};

/// What an account is in a Group. Staff wins over Student; unknown is `Unverified`, never "harmless".
///
/// Ordered by precedence, the strongest first: an account that is several things is the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Employed by the division, or acting for it (coaches, substitutes).
    Staff,
    /// A student.
    Student,
    /// A parent or guardian.
    Parent,
    /// A School Council representative.
    Council,
    /// Nobody has said who this is.
    Unverified,
    /// Another bot or a webhook.
    App,
}

impl Standing {
    /// All of them, the strongest first.
    pub const ALL: [Self; 6] =
        [Self::Staff, Self::Student, Self::Parent, Self::Council, Self::Unverified, Self::App];

    /// The word in files and databases.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Student => "student",
            Self::Parent => "parent",
            Self::Council => "council",
            Self::Unverified => "unverified",
            Self::App => "app",
        }
    }

    /// The word as people read it.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Staff => lang.pick("staff", "personnel"),
            Self::Student => lang.pick("student", "élève"),
            Self::Parent => lang.pick("parent", "parent"),
            Self::Council => lang.pick("School Council", "conseil d'école"),
            Self::Unverified => lang.pick("unverified", "non vérifié"),
            Self::App => lang.pick("app", "application"),
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Standing {
    type Err = ParseWordError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|standing| standing.as_str() == word)
            .ok_or(ParseWordError { expected: "staff, student, parent, council, unverified or app" })
    }
}
