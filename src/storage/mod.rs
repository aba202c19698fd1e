//! Where everything is kept: the trait [`Storage`], what goes in and what comes out.
//!
//! One transaction per method. Not-found is a value, not an error. Time, codes and nonces come in as parameters.
//! Nothing here decides who may see what: that is `policy::access`, asked by `app::review`.
//!
//! [`open()`] takes the lock, checks key and schema (`open`, `data_dir`, `migrate`) and hands out a `store`: a `writer`,
//! the one task that writes, and readers. What they run is written once for every engine, over the small traits of
//! `connection`, in the rooms `groups`, `record`, `review`, `alerts`, `watch` and `log`; `sqlite` and `postgres` are the
//! engines there are, and `dialect` what SQL cannot say once. Words are sealed in `sealed` with keys from `keys`.

mod alerts;
mod connection;
mod data_dir;
mod dialect;
mod error;
mod groups;
mod incidents;
mod keys;
mod log;
mod migrate;
mod open;
mod postgres;
mod record;
mod records;
mod review;
mod rows;
mod sealed;
mod sqlite;
mod store;
mod verify;
mod verify_cases;
mod watch;
mod writer;

use std::fmt;

use async_trait::async_trait;

pub use error::{Place, StorageError};
pub use open::{Access, OpenOptions, open};
pub use records::{
    AlertTo, CaseFile, CloseOutcome, Closure, Cursor, HistoryLine, IncidentFilter, LogVerdict, NewAlert,
    NewLogEntry, NewNote, Note, Recorded, Recording, Revision, SettingsChange, Settled, Told,
};

use crate::domain::{
    AccountId, Alert, AlertId, Gap, Group, GroupId, Incident, IncidentCode, IncidentId, MessageDeleted,
    MessageId, SpaceId, Timestamp,
};

/// What every method answers.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;

/// The storage of a Deployment. One implementation for each engine, one contract story for all.
#[async_trait]
pub trait Storage: fmt::Debug + Send + Sync {
    /// Notes that a Group's server is there; the first time, with a log entry. Answers the Group.
    async fn see_group(&self, group: GroupId, at: Timestamp) -> Result<Group>;

    /// A Group.
    async fn group(&self, group: GroupId) -> Result<Option<Group>>;

    /// All Groups, by id.
    async fn groups(&self) -> Result<Vec<Group>>;

    /// Changes a Group's settings, if they are still at the version before; answers `None` where somebody else was
    /// faster, and nothing is changed then.
    async fn change_settings(&self, change: SettingsChange) -> Result<Option<Group>>;

    /// Records a flagged message: Incident, Evidence, log entries, Alerts and the cursor, all or nothing.
    ///
    /// The message id is the idempotency key. The same revision again changes nothing; a later revision extends the
    /// Incident (severity and rules only ever grow), and reopens it where it was closed. Extending alerts again only
    /// where the severity grew or the Incident was reopened.
    /// In an Incident that is there already, Evidence of the kind `Message` is kept as a `Revision`. The cursor moves in
    /// every case.
    async fn record(&self, recording: Recording) -> Result<Recorded>;

    /// Keeps a later revision of a flagged message in which nothing was found. Answers the Incident, or `None` where
    /// the message was never flagged. The same revision again changes nothing.
    async fn record_revision(&self, revision: Revision) -> Result<Option<IncidentId>>;

    /// Records that a flagged message is gone. Answers the Incident, or `None` where the message was never flagged.
    async fn record_deletion(&self, deleted: &MessageDeleted) -> Result<Option<IncidentId>>;

    /// The flagged messages of a Space with ids in `from..=to` that are not known to be deleted, by id.
    async fn flagged_messages(
        &self,
        space: SpaceId,
        from: MessageId,
        to: MessageId,
    ) -> Result<Vec<MessageId>>;

    /// How far each Space of a Group was handled.
    async fn cursors(&self, group: GroupId) -> Result<Vec<Cursor>>;

    /// Moves cursors forward; one that would move back stays.
    async fn save_cursors(&self, cursors: &[Cursor]) -> Result<()>;

    /// Records a Gap, its log entry and the Alerts about it.
    async fn record_gap(&self, gap: Gap, at: Timestamp, alerts: Vec<NewAlert>) -> Result<()>;

    /// The Gaps of a Group that ended after `since`, the oldest first.
    async fn gaps(&self, group: GroupId, since: Timestamp) -> Result<Vec<Gap>>;

    /// Queued Alerts whose time has come, the oldest first.
    async fn due_alerts(&self, now: Timestamp, most: u32) -> Result<Vec<Alert>>;

    /// When the next queued Alert is due.
    async fn next_alert_at(&self) -> Result<Option<Timestamp>>;

    /// Notes that sending is about to be tried, before it is: one more attempt, and not again before `not_before`.
    async fn attempt_alert(&self, alert: AlertId, at: Timestamp, not_before: Timestamp) -> Result<()>;

    /// Notes how sending ended, with its log entry, and queues `then` (the fallback post) in the same transaction,
    /// unless an Alert with the same nonce is already there. An Alert that is not queued any more is left alone.
    async fn settle_alert(&self, alert: AlertId, settled: Settled, then: Option<NewAlert>) -> Result<()>;

    /// The open Incidents of a Group of which this account has no Alert, by id.
    async fn unalerted_incidents(&self, group: GroupId, to: AccountId) -> Result<Vec<Incident>>;

    /// Incidents, the newest first.
    async fn incidents(&self, filter: IncidentFilter) -> Result<Vec<Incident>>;

    /// The Incident that a Group's people call by this code.
    async fn find_incident(&self, group: GroupId, code: &IncidentCode) -> Result<Option<Incident>>;

    /// An Incident.
    async fn incident(&self, incident: IncidentId) -> Result<Option<Incident>>;

    /// Opens the case file for a reader: logs the reading in the Group's chain, moves `Open` to `UnderReview`, unseals
    /// the Evidence. A piece that cannot be opened is `Unavailable` and says why; the rest is there all the same.
    async fn open_case_file(&self, incident: IncidentId, entry: NewLogEntry) -> Result<Option<CaseFile>>;

    /// Adds a note, with its log entry. Answers whether there is such an Incident.
    async fn note(&self, note: NewNote) -> Result<bool>;

    /// Closes an Incident, with its log entry, unless it is closed already.
    async fn close(&self, closure: Closure) -> Result<CloseOutcome>;

    /// Writes one log entry by itself.
    async fn log(&self, entry: NewLogEntry) -> Result<()>;

    /// Reads all chains and all Evidence and says what does not fit. `progress` hears how many entries were read.
    async fn verify_log(&self, progress: &(dyn Fn(u64) + Send + Sync)) -> Result<LogVerdict>;

    /// Waits for what is under way and closes the files.
    async fn close_down(&self);
}
