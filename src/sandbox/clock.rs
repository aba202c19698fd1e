//! The box's time: the one place of the sandbox that asks the operating system for it, and how Discord writes
//! it.
#![expect(clippy::disallowed_methods, reason = "the box is the outside world, so it has a clock of its own")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that can be put forward, so that a week can be told in a minute.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead: Duration,
}

impl Clock {
    /// Milliseconds since the Unix epoch.
    pub(crate) fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + self.ahead;
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// Puts the clock forward for good.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead += by;
    }
}

/// A moment as Discord writes it: `2026-11-24T08:14:32.123000+00:00`.
pub(crate) fn iso(ms: u64) -> String {
    let at = i64::try_from(ms)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_discord_writes_them() {
        assert_eq!(iso(1_462_015_105_796), "2016-04-30T11:18:25.796000+00:00");
    }

    #[test]
    fn a_clock_put_forward_stays_forward() {
        let mut clock = Clock::default();
        let before = clock.now_ms();
        clock.advance(Duration::from_hours(1));
        assert!(clock.now_ms() >= before + 3_600_000);
    }
}
