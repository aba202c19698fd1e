//! What happened, for whoever looks on: the terminal of `chaperone sandbox`, and tests.

use tokio::sync::broadcast;

use crate::domain::{DeliveryState, Incident, IncidentCode};

use super::ports::Recipient;

/// Something that was just committed or delivered. Carries no words of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// An Incident was opened, extended or reopened.
    Incident(Incident),
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
pub struct Happenings(broadcast::Sender<Happening>);

impl Default for Happenings {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Happenings {
    /// Tells whoever listens.
    pub(crate) fn tell(&self, happening: Happening) {
        // An error only means that nobody listens.
        drop(self.0.send(happening));
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Happening> {
        self.0.subscribe()
    }
}
