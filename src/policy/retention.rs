//! How long Evidence is kept.

use std::time::Duration;

use crate::domain::Timestamp;

/// The end date of Evidence that is kept from `now` for so many days.
pub fn held_until(now: Timestamp, days: u32) -> Timestamp {
    now.plus(Duration::from_hours(u64::from(days) * 24))
}
