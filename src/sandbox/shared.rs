//! The world behind its lock, and everybody's way to learn that it changed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::refusal::{Refusal, patience, refuse};
use super::world::{World, WorldEvent};

/// How long an expectation waits before it gives up. Generous: it is reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many happenings an onlooker may be behind before it misses some.
const ONLOOKER_BACKLOG: usize = 16_384;

/// The world, its lock and its bell.
pub(crate) struct Shared {
    world: Mutex<World>,
    version: watch::Sender<u64>,
    happenings: broadcast::Sender<WorldEvent>,
    /// Cancelled when the box is closed.
    pub(crate) closed: CancellationToken,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Shared {
    pub(crate) fn new(address: String) -> Self {
        Self {
            world: Mutex::new(World::new(format!("ws://{address}"))),
            version: watch::Sender::new(0),
            happenings: broadcast::Sender::new(ONLOOKER_BACKLOG),
            closed: CancellationToken::new(),
            address,
        }
    }

    /// Looks at the world.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the world and tells everybody.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let (result, happenings) = {
            let mut world = self.lock();
            (change(&mut world), std::mem::take(&mut world.happenings))
        };
        for happening in happenings {
            // Nobody may be looking on; that is no fault.
            let _ = self.happenings.send(happening);
        }
        self.version.send_modify(|version| *version += 1);
        result
    }

    /// A bell that rings with each change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// What happens from now on, in words.
    pub(crate) fn watch(&self) -> broadcast::Receiver<WorldEvent> {
        self.happenings.subscribe()
    }

    /// Waits until `look` finds something; the caller's patience is [`PATIENCE`], unless it has said another.
    ///
    /// # Panics
    /// With an account of what went on, when it never does.
    pub(crate) async fn wait<T>(&self, what: &str, mut look: impl FnMut(&World) -> Option<T>) -> T {
        let mut changes = self.changes();
        let patience = patience().unwrap_or(PATIENCE);
        let found = tokio::time::timeout(patience, async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = self.read(&mut look) {
                    return found;
                }
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        });
        if let Ok(found) = found.await {
            return found;
        }
        let why = format!("waited {patience:?} in vain for {what}");
        refuse(Refusal::InVain(why), || self.read(World::account))
    }

    /// Stops a story that Discord would not allow, with a sentence that says why.
    pub(crate) fn refuse(&self, why: &str) -> ! {
        refuse(Refusal::NotAllowed(why.to_owned()), || self.read(World::account))
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
