//! Which Groups' members were asked for and have not all come, so that they can be asked for again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use crate::discord::frame::Frame;
use crate::domain::GroupId;

/// Open requests for members.
#[derive(Debug, Default)]
pub(super) struct MemberRequests {
    open: Mutex<BTreeSet<GroupId>>,
    /// When to ask again for those that were asked for too often.
    again: BTreeMap<GroupId, Instant>,
}

impl MemberRequests {
    /// What to send to ask for a Group's members.
    pub(super) fn ask(&self, group: GroupId) -> String {
        self.open().insert(group);
        format!(r#"{{"op":8,"d":{{"guild_id":"{group}","query":"","limit":0}}}}"#)
    }

    /// Whether any have not all come.
    pub(super) fn are_open(&self) -> bool {
        !self.open().is_empty()
    }

    /// The Groups whose members have not all come.
    pub(super) fn all(&self) -> Vec<GroupId> {
        self.open().iter().copied().collect()
    }

    /// Forgets everything: in a new session the Groups come anew.
    pub(super) fn clear(&mut self) {
        self.open().clear();
        self.again.clear();
    }

    /// Takes note of a frame that brings members, or that says to wait.
    pub(super) fn note(&mut self, frame: &Frame<'_>) {
        match frame.kind() {
            "GUILD_MEMBERS_CHUNK" => {
                if let Some(group) = last_chunk_of(frame) {
                    self.open().remove(&group);
                }
            }
            "RATE_LIMITED" => {
                if let Some((group, wait)) = asked_too_often(frame) {
                    self.again.insert(group, Instant::now() + wait);
                }
            }
            _ => {}
        }
    }

    /// The Group to ask for again next, and when.
    pub(super) fn next_again(&self) -> Option<(GroupId, Instant)> {
        self.again.iter().map(|(group, at)| (*group, *at)).min_by_key(|(_, at)| *at)
    }

    /// What to send to ask again for a Group whose wait is over.
    pub(super) fn ask_again(&mut self, group: GroupId) -> String {
        self.again.remove(&group);
        self.ask(group)
    }

    fn open(&self) -> MutexGuard<'_, BTreeSet<GroupId>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The Group whose last members this frame brings.
fn last_chunk_of(frame: &Frame<'_>) -> Option<GroupId> {
    #[derive(Deserialize)]
    struct Chunk {
        guild_id: GroupId,
        #[serde(rename = "chunk_index")]
        index: u32,
        #[serde(rename = "chunk_count")]
        count: u32,
    }
    let chunk: Chunk = frame.read()?;
    (chunk.index.saturating_add(1) >= chunk.count).then_some(chunk.guild_id)
}

/// The Group whose members were asked for too often, and how long to wait before it is asked again.
fn asked_too_often(frame: &Frame<'_>) -> Option<(GroupId, Duration)> {
    #[derive(Deserialize)]
    struct Limited {
        opcode: u8,
        retry_after: f64,
        meta: Meta,
    }
    #[derive(Deserialize)]
    struct Meta {
        guild_id: GroupId,
    }
    let limited: Limited = frame.read()?;
    let wait = Duration::try_from_secs_f64(limited.retry_after).ok()?;
    (limited.opcode == 8).then_some((limited.meta.guild_id, wait))
}
