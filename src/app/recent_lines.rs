//! What each author wrote in each Space within the last minute, so that lines broken over messages are read as one.
//!
//! The only place where words of members that were not flagged are held, in memory and for a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::{AccountId, EarlierLine, MessageId, MessageSeen, SpaceId, Timestamp};

/// How far back lines count as one.
const WINDOW: Duration = Duration::from_mins(1);
/// How many lines of one author in one Space are kept at most.
const MOST_LINES: usize = 8;
/// After how many lines everything older than the window is let go.
const SWEEP_EVERY: usize = 256;

/// The last minute's lines.
#[derive(Debug, Default)]
pub(super) struct RecentLines(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    lines: HashMap<(SpaceId, AccountId), Vec<EarlierLine>>,
    since_sweep: usize,
}

impl RecentLines {
    /// The lines that come before this message within the window, the oldest first; and keeps this one for those that
    /// follow. A later revision takes the place of the earlier one.
    pub(super) fn before_and_keep(&self, seen: &MessageSeen) -> Vec<EarlierLine> {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *guard;
        inner.since_sweep += 1;
        if inner.since_sweep >= SWEEP_EVERY {
            inner.since_sweep = 0;
            inner.sweep(seen.sent_at);
        }
        let lines = inner.lines.entry((seen.place.space, seen.author.account)).or_default();
        let start = seen.sent_at.minus(WINDOW);
        lines.retain(|line| line.sent_at >= start);
        let before: Vec<EarlierLine> =
            lines.iter().filter(|line| line.message < seen.message).cloned().collect();
        keep(lines, EarlierLine { message: seen.message, text: seen.text.clone(), sent_at: seen.sent_at });
        before
    }

    /// Lets go of a message that was deleted.
    pub(super) fn forget(&self, space: SpaceId, message: MessageId) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ((_, _), lines) in inner.lines.iter_mut().filter(|((of, _), _)| *of == space) {
            lines.retain(|line| line.message != message);
        }
    }
}

impl Inner {
    fn sweep(&mut self, now: Timestamp) {
        let start = now.minus(WINDOW);
        self.lines.retain(|_, lines| lines.last().is_some_and(|line| line.sent_at >= start));
    }
}

fn keep(lines: &mut Vec<EarlierLine>, line: EarlierLine) {
    match lines.binary_search_by_key(&line.message, |known| known.message) {
        Ok(at) => lines[at] = line,
        Err(at) => lines.insert(at, line),
    }
    if lines.len() > MOST_LINES {
        lines.remove(0);
    }
}
