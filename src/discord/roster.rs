//! Which Groups' members are all known: messages read back over REST carry no roles, so they wait for this.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::ports::Clock;
use crate::domain::GroupId;

use super::world::World;

/// How long a roster is waited for before messages are read back with the roles that are known.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which Groups' members are all known.
#[derive(Debug, Clone)]
pub(super) struct Rosters {
    known: Arc<Mutex<HashMap<GroupId, watch::Sender<bool>>>>,
    clock: Arc<dyn Clock>,
}

impl Rosters {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { known: Arc::default(), clock }
    }

    /// Looks whether a Group that is waited for is complete by now.
    pub(super) fn look(&self, world: &World) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (group, known) in known.iter().filter(|(_, known)| !*known.borrow()) {
            if world.knows_all_members(*group) {
                known.send_replace(true);
            }
        }
    }

    /// Notes whether a Group's members are all known.
    pub(super) fn set(&self, group: GroupId, known: bool) {
        self.sender(group).send_replace(known);
    }

    /// Waits until they are, for a while.
    pub(super) async fn known(&self, group: GroupId, stop: &CancellationToken) {
        let mut known = self.sender(group).subscribe();
        let in_time = tokio::select! {
            result = known.wait_for(|known| *known) => result.is_ok(),
            () = self.clock.sleep(PATIENCE) => false,
            () = stop.cancelled() => return,
        };
        if !in_time {
            tracing::warn!(group = %group, "the list of members did not come; reading back with the roles known");
            self.set(group, true);
        }
    }

    fn sender(&self, group: GroupId) -> watch::Sender<bool> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(group).or_insert_with(|| watch::channel(false).0).clone()
    }
}
