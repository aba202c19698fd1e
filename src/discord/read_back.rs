//! Reads Spaces back after a start or an outage: what came after the cursor, and the hundred before it again, since
//! they may have been edited or deleted meanwhile.

use std::collections::{BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use crate::app::{Deployment, Line};
use crate::domain::{
    GapReason, Group, GroupId, MessageDeleted, MessageId, MessageSeen, Observation, SpaceId,
};

use super::convert;
use super::rest::{ArchivedThread, ArchivedThreads, MessagePage, Rest, RestError, RestMessage};
use super::roster::Rosters;
use super::shared_world::SharedWorld;

/// Messages of a page; Discord's most.
const PAGE: u8 = 100;
/// How often a page is asked for before the Space is given up for now.
const TRIES: u32 = 5;

/// A Space to be read back, with its cursor as it was when its Group arrived: what is said meanwhile moves the cursor,
/// and what is missing lies before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) group: GroupId,
    pub(super) space: SpaceId,
    pub(super) cursor: Option<MessageId>,
}

/// Reads Spaces back.
#[derive(Debug)]
pub(super) struct ReadBack {
    deployment: Deployment,
    rest: Rest,
    world: SharedWorld,
    line: Arc<Line>,
    rosters: Rosters,
    stop: CancellationToken,
}

impl ReadBack {
    pub(super) fn new(
        deployment: Deployment,
        rest: Rest,
        world: SharedWorld,
        line: Arc<Line>,
        rosters: Rosters,
        stop: CancellationToken,
    ) -> Self {
        Self { deployment, rest, world, line, rosters, stop }
    }

    /// Reads one Space back. What cannot be read becomes a Gap, also where reading it panics: the lane goes on, since other
    /// Spaces wait in it. Answers whether this is done: not where the stop fell first, and then nothing later of the Space
    /// may be taken.
    pub(super) async fn space(&self, Stretch { group, space, cursor }: Stretch) -> bool {
        let Some(group) = self.deployment.groups.get(group) else { return true };
        self.rosters.known(group.id, &self.stop).await;
        let start = cursor.unwrap_or_else(|| MessageId::first_at(group.first_seen));
        match AssertUnwindSafe(self.read(&group, space, cursor, start)).catch_unwind().await {
            Ok(Ok(done)) => return done,
            Ok(Err(_)) if self.stop.is_cancelled() => return false,
            Ok(Err(error)) => {
                tracing::warn!(space = %space, error = &error as &dyn std::error::Error, "a space was not read back");
            }
            // It was told where it happened.
            Err(_panic) => {
                tracing::warn!(space = %space, "a space was not read back, by a fault of Chaperone");
            }
        }
        self.line.record_gap(group.id, Some(space), start.created_at(), GapReason::NotReadBack).await;
        true
    }

    /// The archived threads of a Group in which something may have been said that was not handled. They are not among
    /// the Spaces that Discord tells of when a Group arrives.
    pub(super) async fn archived(
        &self,
        group: GroupId,
        cursors: &HashMap<SpaceId, MessageId>,
    ) -> Vec<Stretch> {
        let Some(known) = self.deployment.groups.get(group) else { return Vec::new() };
        let parents = self.world.read().thread_parents(group);
        let mut stretches = Vec::new();
        for parent in parents {
            for which in [ArchivedThreads::Public, ArchivedThreads::Private] {
                let threads = match self.rest.archived_threads(parent, which).await {
                    Ok(threads) => threads,
                    // Without Manage Threads private ones cannot be listed; that is a shortcoming, not a gap.
                    Err(RestError::Forbidden { .. }) => continue,
                    Err(error) => {
                        tracing::warn!(space = %parent, error = &error as &dyn std::error::Error, "archived threads were not listed");
                        self.line
                            .record_gap(group, Some(parent), known.first_seen, GapReason::NotReadBack)
                            .await;
                        continue;
                    }
                };
                self.world.write().learn_threads(group, threads.iter().map(ArchivedThread::as_json));
                stretches.extend(threads.iter().filter_map(|thread| {
                    let cursor = cursors.get(&thread.id).copied();
                    let start = cursor.unwrap_or_else(|| MessageId::first_at(known.first_seen));
                    let has_more = thread.last_message.is_some_and(|last| last > start);
                    has_more.then_some(Stretch { group, space: thread.id, cursor })
                }));
            }
        }
        stretches
    }

    async fn read(
        &self,
        group: &Group,
        space: SpaceId,
        cursor: Option<MessageId>,
        start: MessageId,
    ) -> Result<bool, RestError> {
        if let Some(cursor) = cursor
            && !self.look_again(group, space, cursor).await?
        {
            return Ok(false);
        }
        let mut after = start;
        loop {
            let page = self.page(space, MessagePage::After(after)).await?;
            let full = page.len() >= usize::from(PAGE);
            after = page.iter().map(|message| message.id).max().unwrap_or(after);
            for message in self.seen(group, &page) {
                if self.stop.is_cancelled() || !self.line.take(&Observation::Message(message)).await {
                    return Ok(false);
                }
            }
            if !full {
                return Ok(true);
            }
        }
    }

    /// The hundred up to the cursor: edits are revisions, and a flagged one that is missing was deleted.
    async fn look_again(&self, group: &Group, space: SpaceId, cursor: MessageId) -> Result<bool, RestError> {
        let page = self.page(space, MessagePage::Before(MessageId::new(cursor.get() + 1))).await?;
        let whole = page.len() < usize::from(PAGE);
        let there: BTreeSet<MessageId> = page.iter().map(|message| message.id).collect();
        for message in self.seen(group, &page) {
            if self.stop.is_cancelled() || !self.line.take(&Observation::Message(message)).await {
                return Ok(false);
            }
        }
        let from = if whole { MessageId::default() } else { there.first().copied().unwrap_or_default() };
        let flagged = match self.deployment.storage.flagged_messages(space, from, cursor).await {
            Ok(flagged) => flagged,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "deletions could not be looked for");
                Vec::new()
            }
        };
        for message in flagged.into_iter().filter(|message| !there.contains(message)) {
            let deleted = MessageDeleted { message, group: group.id, space, at: self.deployment.clock.now() };
            if !self.line.take(&Observation::Deleted(deleted)).await {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The messages of a page, the oldest first, without those from before the Group was first seen.
    fn seen(&self, group: &Group, page: &[RestMessage]) -> Vec<MessageSeen> {
        let world = self.world.read();
        let mut seen: Vec<MessageSeen> = page
            .iter()
            .filter_map(|message| convert::read_back(message, group.id, &world).ok().flatten())
            .filter(|seen| seen.revised_at() >= group.first_seen)
            .collect();
        seen.sort_by_key(|seen| seen.message);
        seen
    }

    async fn page(&self, space: SpaceId, at: MessagePage) -> Result<Vec<RestMessage>, RestError> {
        let mut tries = 0;
        loop {
            match self.rest.messages(space, at, PAGE).await {
                Err(error) if error.is_passing() && tries < TRIES && !self.stop.is_cancelled() => {
                    tries += 1;
                    self.deployment.clock.sleep(Duration::from_millis(250 << tries)).await;
                }
                other => return other,
            }
        }
    }
}
