//! What happened, for whoever looks on: the terminal of `chaperone sandbox`, and tests.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, broadcast};

use crate::domain::{DeliveryState, GroupId, Incident, IncidentCode};

use super::ports::Recipient;

/// Something that was just committed or delivered. Carries no words of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// An Incident was opened, extended or reopened.
    Incident(Incident),
    /// A Group was set up for the first time: who is staff and who is a student is known from now on.
    SetUp(GroupId),
    /// A notice was settled.
    Alert {
        /// The Incident it is about, if it is about one.
        incident: Option<IncidentCode>,
        /// Where it went.
        to: Recipient,
        /// How it ended.
        state: DeliveryState,
    },
}

/// A channel of happenings. Nobody has to listen, and a slow listener loses the oldest ones.
#[derive(Debug, Clone)]
pub struct Happenings {
    sender: broadcast::Sender<Happening>,
    /// Held while notices are being sent.
    sending: Arc<Mutex<()>>,
}

impl Default for Happenings {
    fn default() -> Self {
        Self { sender: broadcast::channel(1024).0, sending: Arc::default() }
    }
}

impl Happenings {
    /// Tells whoever listens.
    pub(crate) fn tell(&self, happening: Happening) {
        // An error only means that nobody listens.
        drop(self.sender.send(happening));
    }

    /// Waits until no notice is on its way, and keeps new ones waiting as long as the answer is held: what the outbox
    /// says meanwhile and what was told by then belong together.
    pub async fn pause_sending(&self) -> MutexGuard<'_, ()> {
        self.sending.lock().await
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Happening> {
        self.sender.subscribe()
    }
}
