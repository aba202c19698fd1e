//! How far the bot has come with what the gateway sent: for an orderly stop, and for whoever must know that nothing is
//! left to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Counts what was received and what is still in hand.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The highest sequence number received in this session.
    received: AtomicU64,
    in_hand: AtomicU64,
    changed: Notify,
}

impl Progress {
    /// A frame came in, after `begin` was called for it; its sequence number, if it has one.
    pub(super) fn received(&self, seq: Option<u64>) {
        if let Some(seq) = seq {
            self.0.received.store(seq, Ordering::Release);
        }
    }

    /// One more thing is in hand.
    pub(super) fn begin(&self) {
        self.0.in_hand.fetch_add(1, Ordering::AcqRel);
    }

    /// One thing is done.
    pub(super) fn end(&self) {
        if self.0.in_hand.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.changed.notify_waiters();
        }
    }

    /// Waits until everything up to this sequence number was received and nothing is in hand.
    pub async fn settled(&self, seq: u64) {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let received = self.0.received.load(Ordering::Acquire);
            if received >= seq && self.0.in_hand.load(Ordering::Acquire) == 0 {
                return;
            }
            changed.await;
        }
    }
}
