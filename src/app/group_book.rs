//! The Groups and their settings in memory, so that every message and every command need not ask the database.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::{Group, GroupId};

/// The Groups as they were last read or written.
#[derive(Debug, Default)]
pub struct GroupBook(RwLock<HashMap<GroupId, Arc<Group>>>);

impl GroupBook {
    /// A Group, if it was ever seen.
    pub fn get(&self, group: GroupId) -> Option<Arc<Group>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&group).cloned()
    }

    /// Keeps a Group as it is now. One with older settings than those kept is ignored.
    pub(crate) fn put(&self, group: Group) {
        let mut groups = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let newer =
            groups.get(&group.id).is_none_or(|known| known.settings_version() <= group.settings_version());
        if newer {
            groups.insert(group.id, Arc::new(group));
        }
    }
}
