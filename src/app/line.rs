//! The patience around the intake: what cannot be handled now waits, what can never be handled becomes a Gap, and the
//! line moves on.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use crate::domain::{AccountId, AlertSubject, Gap, GapReason, GroupId, Observation, SpaceId, Timestamp};
use crate::storage::{NewAlert, StorageError};

use super::{CursorBook, Deployment, Intake};

/// How often an observation is tried that fails for a reason of its own.
const TRIES: u32 = 3;

/// Takes observations of one Space after the other and never loses its place.
#[derive(Debug)]
pub struct Line {
    deployment: Deployment,
    intake: Intake,
    cursors: CursorBook,
    stop: CancellationToken,
}

/// Why an observation was not handled this time.
enum Failure {
    /// Waiting helps: the database is locked, or its disk is full.
    Passing(StorageError),
    /// Trying again a few times may help.
    Own(Option<StorageError>),
}

impl Line {
    /// A line into this Deployment; when `stop` falls, what waits is left to be read back at the next start.
    pub fn new(deployment: Deployment, stop: CancellationToken) -> Self {
        Self { intake: Intake::new(deployment.clone()), deployment, cursors: CursorBook::default(), stop }
    }

    /// How far each Space was handled.
    pub fn cursors(&self) -> &CursorBook {
        &self.cursors
    }

    /// Takes a message on the spot if there is nothing to record about it; answers whether it is taken. Only when
    /// nothing of its Space is still in hand.
    pub fn glance(&self, observation: &Observation) -> bool {
        let Observation::Message(seen) = observation else { return false };
        if self.stop.is_cancelled() {
            return false;
        }
        let taken = std::panic::catch_unwind(AssertUnwindSafe(|| self.intake.glance(seen))).unwrap_or(false);
        if taken {
            self.cursors.advance(seen.place.group, seen.place.space, seen.message);
        }
        taken
    }

    /// Takes one observation and moves the Space's cursor past it, once it is handled or recorded as a Gap. Answers
    /// whether it was taken: not where the stop fell first, and then nothing later of its Space may be taken either,
    /// or the cursor would pass it.
    pub async fn take(&self, observation: &Observation) -> bool {
        let (mut tries, mut own) = (0_u32, 0);
        while let Err(failure) = self.try_once(observation).await {
            tries = tries.saturating_add(1);
            match failure {
                Failure::Passing(error) if tries.is_power_of_two() => {
                    report(&error, "the database cannot be written to; waiting");
                }
                Failure::Passing(_) => {}
                Failure::Own(error) => {
                    own += 1;
                    if own <= TRIES {
                        tracing::warn!(
                            own,
                            error = error.as_ref().map(tracing::field::display),
                            "not handled"
                        );
                    }
                }
            }
            // Where not even the Gap can be recorded the trouble is the database's, and waiting is all there is.
            if own >= TRIES && self.give_up(observation).await {
                break;
            }
            if !self.pause(Intake::pause_after(tries)).await {
                return false;
            }
        }
        if let Observation::Message(seen) = observation {
            self.cursors.advance(seen.place.group, seen.place.space, seen.message);
        }
        true
    }

    async fn try_once(&self, observation: &Observation) -> Result<(), Failure> {
        match AssertUnwindSafe(self.intake.handle(observation)).catch_unwind().await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_passing() => Err(Failure::Passing(error)),
            Ok(Err(error)) => Err(Failure::Own(Some(error))),
            Err(_panic) => Err(Failure::Own(None)),
        }
    }

    /// Waits, and answers whether to go on.
    async fn pause(&self, time: Duration) -> bool {
        tokio::select! {
            () = self.deployment.clock.sleep(time) => true,
            () = self.stop.cancelled() => false,
        }
    }

    /// Records the Gap, and answers whether it is recorded.
    async fn give_up(&self, observation: &Observation) -> bool {
        let (group, space, at) = match observation {
            Observation::Message(seen) => (seen.place.group, seen.place.space, seen.revised_at()),
            Observation::Deleted(deleted) => (deleted.group, deleted.space, deleted.at),
        };
        self.record_gap(group, Some(space), at, GapReason::NotHandled).await
    }

    /// Records that a Space, or a Group where none is named, could not be watched from `from` until now, and tells
    /// the administrators, once an hour. Answers whether it is recorded.
    pub async fn record_gap(
        &self,
        group: GroupId,
        space: Option<SpaceId>,
        from: Timestamp,
        reason: GapReason,
    ) -> bool {
        let now = self.deployment.clock.now();
        let administrators = self
            .deployment
            .groups
            .get(group)
            .and_then(|group| group.settings.as_ref().map(|s| s.administrators));
        let alerts = administrators
            .into_iter()
            .flatten()
            .map(|to| NewAlert { subject: AlertSubject::Gap { to }, nonce: gap_nonce(group, to, now) })
            .collect();
        let gap = Gap { group, space, from: from.min(now), until: now, reason };
        match self.deployment.storage.record_gap(gap, now, alerts).await {
            Ok(()) => {
                self.deployment.outbox.notify_one();
                true
            }
            Err(error) => {
                report(&error, "a gap could not be recorded");
                false
            }
        }
    }
}

/// The same for all notices of Gaps in a Group to one person within an hour, so that an outage of many Spaces is one
/// message; 25 characters at most.
fn gap_nonce(group: GroupId, to: AccountId, at: Timestamp) -> String {
    let both = group.get().wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ to.get();
    format!("g{both:x}-{:x}", at.as_seconds() / 3600)
}

fn report(error: &StorageError, what: &'static str) {
    tracing::error!(error = error as &dyn std::error::Error, "{what}");
}
