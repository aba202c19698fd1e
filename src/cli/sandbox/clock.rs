//! The story's clock: the system's, put forward so that a week is told in a minute. The bot and the box share it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use crate::app::ports::Clock;
use crate::cli::SystemClock;
use crate::domain::Timestamp;
use crate::sandbox::Sandbox;

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// When a day begins in the story: eight o'clock.
const MORNING: i64 = 8 * 60 * 60 * 1_000;
/// The first day of the Unix epoch was a Thursday.
const DAYS_FROM_MONDAY: i64 = 3;

/// A clock that can be put forward. Waiting takes as long as it takes.
#[derive(Debug, Clone)]
pub(super) struct StoryClock {
    sandbox: Sandbox,
    ahead: Arc<AtomicI64>,
}

impl StoryClock {
    /// Puts the box and the bot on the morning of the next Monday.
    pub(super) fn starting_monday(sandbox: &Sandbox) -> Self {
        let clock = Self { sandbox: sandbox.clone(), ahead: Arc::default() };
        clock.advance(until_monday(clock.now()));
        clock
    }

    /// Goes on to the next morning.
    pub(super) fn next_morning(&self) {
        self.advance(until_morning(self.now()));
    }

    /// Puts the box and the bot forward.
    pub(super) fn advance(&self, by: Duration) {
        self.sandbox.advances_clock(by);
        self.ahead.fetch_add(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead.load(Ordering::Relaxed);
        SystemClock.now().plus(Duration::from_millis(ahead.unsigned_abs()))
    }

    async fn sleep(&self, time: Duration) {
        SystemClock.sleep(time).await;
    }
}

fn until_morning(now: Timestamp) -> Duration {
    let into_day = now.as_millis().rem_euclid(DAY);
    millis((MORNING - into_day).rem_euclid(DAY))
}

fn until_monday(now: Timestamp) -> Duration {
    let into_week = (now.as_millis() + DAYS_FROM_MONDAY * DAY).rem_euclid(7 * DAY);
    millis((MORNING - into_week).rem_euclid(7 * DAY))
}

fn millis(count: i64) -> Duration {
    Duration::from_millis(count.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_starts_on_the_next_monday_at_eight_and_goes_on_at_eight() {
        let tuesday_noon = Timestamp::from_millis(1_795_521_600_000); // 2026-11-24T12:00:00Z
        let monday = tuesday_noon.plus(until_monday(tuesday_noon));
        assert_eq!(monday.as_millis(), 1_796_025_600_000); // 2026-11-30T08:00:00Z
        assert_eq!(until_monday(monday), Duration::ZERO);
        let next = monday.plus(Duration::from_hours(2));
        assert_eq!(until_morning(next), Duration::from_hours(22));
    }
}
