//! What Chaperone does: it takes in, records, tells people, and lets them review.
//!
//! Services over the ports [`ports::Messenger`], [`ports::Clock`], [`ports::Ids`] and over `storage::Storage`. Nothing
//! here knows Discord, and nothing here reads the in-memory world: what it needs comes with the Observation.

mod cursors;
mod dispatch;
mod group_book;
mod groups;
mod happening;
mod intake;
mod line;
pub mod ports;
mod recent_lines;
mod refusal;
mod review;
mod scan;

pub use cursors::CursorBook;
pub use dispatch::Dispatch;
pub use group_book::GroupBook;
pub use groups::{GroupStatus, Groups, SetupRequest};
pub use happening::{Happening, Happenings};
pub use intake::{Handled, Intake};
pub use line::Line;
pub use refusal::Refusal;
pub use review::{IncidentPage, Review};
pub use scan::{ExportedMessage, Scan, ScanOrder, ScanSummary, ScannedIncident};

use std::sync::Arc;

use tokio::sync::Notify;

use crate::detection::Ruleset;
use crate::storage::Storage;

/// What every service of a Deployment shares.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Where everything is kept.
    pub storage: Arc<dyn Storage>,
    /// The rules.
    pub ruleset: Arc<Ruleset>,
    /// The current time.
    pub clock: Arc<dyn ports::Clock>,
    /// Codes and nonces.
    pub ids: Arc<dyn ports::Ids>,
    /// The Groups and their settings, in memory.
    pub groups: Arc<GroupBook>,
    /// Wakes the dispatch when there is something in the outbox.
    pub outbox: Arc<Notify>,
    /// Tells whoever looks on what happened.
    pub happenings: Happenings,
    /// How many days the words of an Incident are kept.
    pub evidence_days: u32,
}

impl Deployment {
    /// Loads what is kept in memory and puts the services' common ground together.
    pub async fn open(
        storage: Arc<dyn Storage>,
        ruleset: Arc<Ruleset>,
        clock: Arc<dyn ports::Clock>,
        ids: Arc<dyn ports::Ids>,
        evidence_days: u32,
    ) -> crate::storage::Result<Self> {
        let groups = Arc::new(GroupBook::default());
        for group in storage.groups().await? {
            groups.put(group);
        }
        Ok(Self {
            storage,
            ruleset,
            clock,
            ids,
            groups,
            outbox: Arc::new(Notify::new()),
            happenings: Happenings::default(),
            evidence_days,
        })
    }
}
