//! What a Rule says about itself besides its pattern: the job it belongs to and the clause it stands on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Lang;

/// A word that is not one of a fixed few.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct ParseWordError {
    /// The words that would have been right, for the message.
    pub expected: &'static str,
}

/// The three jobs of detection; each is a folder of `patterns/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Job {
    /// Private contact between staff and students (3a, 3b, 3f, 3g).
    Contact,
    /// Harassing or defamatory language (2b).
    Harassment,
    /// Student personal information without consent (2a).
    Personal,
}

impl Job {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Contact, Self::Harassment, Self::Personal];

    /// The word in files: also the folder of its rules.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Harassment => "harassment",
            Self::Personal => "personal",
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Job {
    type Err = ParseWordError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|job| job.as_str() == word)
            .ok_or(ParseWordError { expected: "contact, harassment or personal" })
    }
}

macro_rules! clauses {
    ($($variant:ident $code:literal $en:literal $fr:literal)*) => {
        /// A clause of Administrative Procedure 146 on which an Incident can stand.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Clause {
            $(
                #[doc = concat!($code, ": ", $en)]
                #[serde(rename = $code)]
                $variant,
            )*
        }

        impl Clause {
            /// All of them, in the procedure's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The procedure's number, such as `3b`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// What the clause is about, in a few words.
            pub fn subject(self, lang: Lang) -> &'static str {
                match self { $(Self::$variant => lang.pick($en, $fr)),* }
            }
        }
    };
}

clauses! {
    C2a "2a" "student information without consent" "renseignements sur un élève sans consentement"
    C2b "2b" "harassing or defamatory language" "propos harcelants ou diffamatoires"
    C3a "3a" "staff correspondence off the course or activity" "correspondance du personnel hors du cours ou de l'activité"
    C3b "3b" "private messages between staff and student" "messages privés entre le personnel et un élève"
    C3f "3f" "unprofessional use with students" "usage non professionnel avec des élèves"
    C3g "3g" "friend or follow requests" "demandes d'ami ou d'abonnement"
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Clause {
    type Err = ParseWordError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|clause| clause.as_str() == word)
            .ok_or(ParseWordError { expected: "a clause: 2a, 2b, 3a, 3b, 3f or 3g" })
    }
}
