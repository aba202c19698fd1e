//! How far each Space was handled, in memory; written to storage now and then and at the end.
//!
//! What a crash loses of this is read back and handled again, which changes nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::{GroupId, MessageId, SpaceId};
use crate::storage::{Cursor, Storage};

/// The cursors of all Spaces.
#[derive(Debug, Default)]
pub struct CursorBook(Mutex<HashMap<SpaceId, Entry>>);

#[derive(Debug, Clone, Copy)]
struct Entry {
    group: GroupId,
    message: MessageId,
    saved: MessageId,
}

impl CursorBook {
    /// Loads what storage knows of a Group, without moving a cursor back.
    pub async fn load(&self, storage: &dyn Storage, group: GroupId) -> crate::storage::Result<()> {
        let cursors = storage.cursors(group).await?;
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for cursor in cursors {
            let entry = entries.entry(cursor.space).or_insert(Entry {
                group,
                message: cursor.message,
                saved: cursor.message,
            });
            entry.message = entry.message.max(cursor.message);
            entry.saved = entry.saved.max(cursor.message);
        }
        Ok(())
    }

    /// How far each Space of a Group was handled.
    pub fn of(&self, group: GroupId) -> HashMap<SpaceId, MessageId> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_group = entries.iter().filter(|(_, entry)| entry.group == group);
        of_group.map(|(space, entry)| (*space, entry.message)).collect()
    }

    /// Notes that a Space is handled up to this message.
    pub fn advance(&self, group: GroupId, space: SpaceId, message: MessageId) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.entry(space).or_insert(Entry { group, message, saved: MessageId::default() });
        entry.message = entry.message.max(message);
    }

    /// Writes what has moved since it was last written.
    pub async fn save(&self, storage: &dyn Storage) -> crate::storage::Result<()> {
        let moved: Vec<Cursor> = {
            let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let mut moved: Vec<Cursor> = entries
                .iter()
                .filter(|(_, entry)| entry.saved < entry.message)
                .map(|(space, entry)| Cursor { group: entry.group, space: *space, message: entry.message })
                .collect();
            moved.sort_by_key(|cursor| cursor.space);
            moved
        };
        if moved.is_empty() {
            return Ok(());
        }
        storage.save_cursors(&moved).await?;
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for cursor in moved {
            if let Some(entry) = entries.get_mut(&cursor.space) {
                entry.saved = entry.saved.max(cursor.message);
            }
        }
        Ok(())
    }
}
