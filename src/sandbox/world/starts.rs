//! How often sessions may be started: so many a day, and one at a time in five seconds.

use std::collections::BTreeMap;

/// How long the allowance of session starts lasts.
const DAY_MS: u64 = 86_400_000;
/// How long a start keeps others of its kind waiting.
const PACE_MS: u64 = 5_000;

/// The allowance, and what is used of it.
#[derive(Debug)]
pub(crate) struct Starts {
    /// How many shards `/gateway/bot` recommends.
    pub(crate) shards: u64,
    /// How many starts a day there are.
    pub(crate) total: u64,
    /// How many shards may start at the same time.
    pub(crate) concurrency: u64,
    /// Whether the pace is demanded.
    pub(crate) paced: bool,
    used: u64,
    began_ms: u64,
    /// The last start of each kind: the shard's number modulo the concurrency.
    last_ms: BTreeMap<u64, u64>,
}

/// Why a session may not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartRefused {
    /// Another started less than five seconds ago.
    TooSoon,
    /// The day's allowance is used up.
    UsedUp,
}

impl Default for Starts {
    fn default() -> Self {
        Self {
            shards: 1,
            total: 1_000,
            concurrency: 16,
            paced: false,
            used: 0,
            began_ms: 0,
            last_ms: BTreeMap::new(),
        }
    }
}

impl Starts {
    /// Counts a start.
    pub(crate) fn start(&mut self, shard: u64, now_ms: u64) -> Result<(), StartRefused> {
        let kind = shard % self.concurrency;
        let last = self.last_ms.get(&kind).copied();
        if self.paced && last.is_some_and(|last| now_ms < last + PACE_MS) {
            return Err(StartRefused::TooSoon);
        }
        if now_ms >= self.began_ms + DAY_MS {
            (self.began_ms, self.used) = (now_ms, 0);
        }
        if self.used >= self.total {
            return Err(StartRefused::UsedUp);
        }
        self.used += 1;
        self.last_ms.insert(kind, now_ms);
        Ok(())
    }

    /// How many starts are left, and in how many milliseconds there are more.
    pub(crate) fn left(&self, now_ms: u64) -> (u64, u64) {
        match (self.began_ms + DAY_MS).checked_sub(now_ms) {
            Some(more_in) if more_in > 0 => (self.total.saturating_sub(self.used), more_in),
            _ => (self.total, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_of_a_kind_wait_for_each_other_and_the_day_has_an_end() {
        let mut starts = Starts { total: 3, concurrency: 2, paced: true, ..Starts::default() };
        let day = 2 * DAY_MS;
        assert_eq!(starts.start(0, day), Ok(()));
        assert_eq!(starts.start(2, day + 4_999), Err(StartRefused::TooSoon));
        assert_eq!(starts.start(1, day + 4_999), Ok(()), "of another kind");
        assert_eq!(starts.start(2, day + 5_000), Ok(()));
        assert_eq!(starts.left(day + 5_000), (0, DAY_MS - 5_000));
        assert_eq!(starts.start(0, day + 20_000), Err(StartRefused::UsedUp));
        assert_eq!(starts.start(0, day + DAY_MS), Ok(()));
        assert_eq!(starts.left(day + DAY_MS).0, 2);
    }
}
