//! Newtypes for ids, so that a role can never be passed where a member is meant.
//!
//! Discord's snowflakes are 64-bit numbers that carry their creation time in the upper 42 bits
//! (discord-api-docs, Reference, "Snowflakes").

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Milliseconds from the Unix epoch to Discord's own (2015-01-01T00:00:00Z).
const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not {expected}")]
pub struct ParseIdError {
    expected: &'static str,
}

macro_rules! snowflake {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(u64);

        impl $name {
            /// Wraps Discord's number.
            pub const fn new(id: u64) -> Self {
                Self(id)
            }

            /// Discord's number.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The same bits as the database's BIGINT.
            pub const fn to_db(self) -> i64 {
                self.0 as i64
            }

            /// From the database's BIGINT.
            pub const fn from_db(id: i64) -> Self {
                Self(id as u64)
            }

            /// When Discord made this id.
            pub const fn created_at(self) -> Timestamp {
                Timestamp::from_millis((self.0 >> 22) as i64 + DISCORD_EPOCH_MS)
            }

            /// The smallest id that can have been made at `at`; times before Discord's epoch give zero.
            pub const fn first_at(at: Timestamp) -> Self {
                let since = at.as_millis() - DISCORD_EPOCH_MS;
                if since <= 0 { Self(0) } else { Self((since as u64) << 22) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self).map_err(|_| ParseIdError { expected: $what })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                /// Discord writes ids as text; old fixtures and people write numbers.
                struct Either;
                impl serde::de::Visitor<'_> for Either {
                    type Value = u64;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($what)
                    }

                    fn visit_u64<E: serde::de::Error>(self, id: u64) -> Result<u64, E> {
                        Ok(id)
                    }

                    fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<u64, E> {
                        id.parse().map_err(|_| E::custom(concat!("this is not ", $what)))
                    }
                }
                deserializer.deserialize_any(Either).map(Self)
            }
        }
    };
}

snowflake!(
    /// A Discord account: a person's, a bot's or a webhook's. Not a proof of any right; see `policy::access`.
    AccountId,
    "an account id (a long number)"
);
snowflake!(
    /// A Group's Discord server (a "guild").
    GroupId,
    "a server id (a long number)"
);
snowflake!(
    /// A Space: a channel or a thread.
    SpaceId,
    "a channel id (a long number)"
);
snowflake!(
    /// A message.
    MessageId,
    "a message id (a long number)"
);
snowflake!(
    /// A role of a server.
    RoleId,
    "a role id (a long number)"
);
snowflake!(
    /// A Discord application.
    ApplicationId,
    "an application id (a long number)"
);

/// The row number of an Incident. Never shown to people, who read its [`IncidentCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(i64);

impl IncidentId {
    /// From the database's BIGINT.
    pub const fn from_db(id: i64) -> Self {
        Self(id)
    }

    /// To the database's BIGINT.
    pub const fn to_db(self) -> i64 {
        self.0
    }
}

/// What people call an Incident, unique within its Group: five random letters and digits, such as `K7QX3`.
///
/// Random, so that nobody can count incidents by their codes; without the letters I, L, O and U and the digits 0
/// and 1, so that it can be read out over a telephone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct IncidentCode(String);

impl IncidentCode {
    /// The letters and digits of a code.
    pub const ALPHABET: &'static [u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
    /// How many of them a code has.
    pub const LENGTH: usize = 5;

    /// A code from chance. Each byte picks one letter; the slight unevenness of 256 over 30 is harmless, since
    /// codes are checked for uniqueness and guard nothing.
    pub fn from_random(bytes: [u8; Self::LENGTH]) -> Self {
        Self(
            bytes
                .iter()
                .map(|byte| Self::ALPHABET[usize::from(*byte) % Self::ALPHABET.len()] as char)
                .collect(),
        )
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IncidentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for IncidentCode {
    type Err = ParseIdError;

    /// Reads a code as people type it: in any case, with blanks or a `#` around it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().trim_start_matches('#').to_ascii_uppercase();
        if code.len() == Self::LENGTH && code.bytes().all(|byte| Self::ALPHABET.contains(&byte)) {
            Ok(Self(code))
        } else {
            Err(ParseIdError { expected: "a case code (five letters and digits, such as K7QX3)" })
        }
    }
}

/// The name of a Rule: its file name without `.toml`. Never reused; reads well after "flagged for".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(String);

impl RuleId {
    /// A rule's name: lower-case letters, digits and hyphens, starting with a letter.
    pub fn new(id: &str) -> Result<Self, ParseIdError> {
        let good = id.starts_with(|first: char| first.is_ascii_lowercase())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if good {
            Ok(Self(id.to_owned()))
        } else {
            Err(ParseIdError { expected: "a rule id (lower-case letters, digits and hyphens)" })
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names a Ruleset by its content: the SHA-256 of all its files in a fixed order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RulesetHash([u8; 32]);

impl RulesetHash {
    /// Wraps a SHA-256.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for RulesetHash {
    /// The first twelve hexadecimal digits: enough to tell two rulesets apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..6].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RulesetHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RulesetHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snowflake_carries_its_time() {
        let id = MessageId::new(175_928_847_299_117_063); // the example of Discord's reference
        assert_eq!(id.created_at().as_millis(), 1_462_015_105_796);
        let first = MessageId::first_at(id.created_at());
        assert!(first <= id && first.created_at() == id.created_at());
    }

    #[test]
    fn ids_are_read_as_text_and_as_numbers_and_written_as_text() {
        let from_text: AccountId = serde_json::from_str("\"123\"").unwrap();
        let from_number: AccountId = serde_json::from_str("123").unwrap();
        assert_eq!(from_text, from_number);
        assert_eq!(serde_json::to_string(&from_text).unwrap(), "\"123\"");
        assert!(serde_json::from_str::<AccountId>("\"12x\"").is_err());
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code: IncidentCode = " #k7qx3 ".parse().unwrap();
        assert_eq!(code.as_str(), "K7QX3");
        for bad in ["", "K7QX", "K7QX33", "K7QXO", "K7 QX"] {
            assert!(bad.parse::<IncidentCode>().is_err(), "{bad}");
        }
        let made = IncidentCode::from_random([0, 29, 30, 255, 7]);
        assert_eq!(made, made.as_str().parse().unwrap());
    }

    #[test]
    fn rule_ids_are_file_names() {
        assert!(RuleId::new("asks-to-move-to-dm").is_ok());
        for bad in ["", "Shout", "../etc", "9lives", "a_b", "a b"] {
            assert!(RuleId::new(bad).is_err(), "{bad}");
        }
    }
}
