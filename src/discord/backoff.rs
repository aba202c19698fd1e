//! How long to wait before the next try: doubling from a quarter of a second to eight seconds, with jitter.

use std::time::Duration;

/// The first wait, before jitter.
const FIRST: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(8);

/// Growing waits. The jitter is arithmetic on a seed, so that processes with different seeds do not try in step.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    tries: u32,
    state: u64,
}

impl Backoff {
    /// Waits whose jitter starts at `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self { tries: 0, state: seed }
    }

    /// How long to wait now; each call waits longer, up to eight seconds, and between half and all of the step.
    pub(super) fn next_wait(&mut self) -> Duration {
        let step = FIRST.saturating_mul(1 << self.tries.min(5)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        let half = step / 2;
        let share = u32::try_from(self.chance() % 1_000).unwrap_or(0);
        half + half.saturating_mul(share) / 999
    }

    /// Starts again with short waits.
    pub(super) fn reset(&mut self) {
        self.tries = 0;
    }

    /// The next number of the splitmix64 sequence.
    fn chance(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn waits_grow_and_never_pass_eight_seconds(seed: u64) {
            let mut backoff = Backoff::new(seed);
            for round in 0..12_u32 {
                let wait = backoff.next_wait();
                let step = FIRST.saturating_mul(1 << round.min(5)).min(LONGEST);
                proptest::prop_assert!(wait >= step / 2 && wait <= step, "{wait:?} in round {round}");
            }
            backoff.reset();
            proptest::prop_assert!(backoff.next_wait() <= FIRST);
        }
    }

    #[test]
    fn different_seeds_wait_differently() {
        let waits: std::collections::BTreeSet<_> =
            (0..50).map(|seed| Backoff::new(seed).next_wait()).collect();
        assert!(waits.len() > 25, "only {} different waits", waits.len());
    }
}
