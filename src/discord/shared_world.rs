//! The world behind a lock: one writer, the loop over frames; readers hold it for moments only, never across a wait.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::world::World;

/// The world behind a lock.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedWorld(Arc<RwLock<World>>);

impl SharedWorld {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, World> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, World> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
