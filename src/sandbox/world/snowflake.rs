//! Snowflakes: ids that carry their time, are written as text, and are never given twice.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// Milliseconds from the Unix epoch to Discord's own.
const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;

/// An id of anything in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Snowflake(pub(crate) u64);

impl Snowflake {
    /// When it was made, in milliseconds since the Unix epoch.
    pub(crate) const fn made_at_ms(self) -> u64 {
        (self.0 >> 22) + DISCORD_EPOCH_MS
    }
}

impl Snowflake {
    /// An id in JSON: a text, as Discord writes it, or a number, as some clients do.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        value.as_u64().map(Self).or_else(|| value.as_str()?.parse().ok())
    }
}

impl fmt::Display for Snowflake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Snowflake {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for Snowflake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Makes snowflakes.
#[derive(Debug, Default)]
pub(crate) struct Snowflakes {
    last: u64,
}

impl Snowflakes {
    /// The next id, later than all before it even when many are made within a millisecond.
    pub(crate) fn next(&mut self, now_ms: u64) -> Snowflake {
        let from_time = now_ms.saturating_sub(DISCORD_EPOCH_MS) << 22;
        self.last = from_time.max(self.last + 1);
        Snowflake(self.last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_strictly_increase_whatever_the_clock_does(times in proptest::collection::vec(0_u64..4_000_000_000_000, 2..50)) {
            let mut snowflakes = Snowflakes::default();
            let ids: Vec<_> = times.iter().map(|now| snowflakes.next(*now)).collect();
            prop_assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn an_id_carries_its_time_and_is_written_as_text() {
        let id = Snowflakes::default().next(1_462_015_105_796);
        assert_eq!(id.made_at_ms(), 1_462_015_105_796);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{}\"", id.0));
    }
}
