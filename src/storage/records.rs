//! What goes into storage and what comes out, where a word of the domain alone does not say it.

use crate::domain::{
    AccountId, Actor, AlertSubject, Clause, Closing, DeliveryState, EvidenceItem, GroupId, GroupSettings,
    Incident, IncidentCode, IncidentId, LogAction, LogChain, MessageId, MessageText, RuleId, RulesetHash,
    Severity, SpaceId, Timestamp,
};

/// How far a Space was handled: every message up to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The Group.
    pub group: GroupId,
    /// The Space.
    pub space: SpaceId,
    /// The last message handled.
    pub message: MessageId,
}

/// A change of a Group's settings.
#[derive(Debug, Clone)]
pub struct SettingsChange {
    /// The Group.
    pub group: GroupId,
    /// The new settings; `version` is one more than that of the settings they replace (1 for the first).
    pub settings: GroupSettings,
    /// Who changes them.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
    /// Whom to tell about what.
    pub alerts: Vec<NewAlert>,
}

/// An Alert to queue.
#[derive(Debug, Clone)]
pub struct NewAlert {
    /// What it is about and whom it goes to.
    pub subject: AlertSubject,
    /// At most 25 characters (Discord's limit); the same nonce is queued once.
    pub nonce: String,
}

/// An Alert about the Incident that is being recorded.
#[derive(Debug, Clone)]
pub struct AlertTo {
    /// The person.
    pub to: AccountId,
    /// As in [`NewAlert`].
    pub nonce: String,
}

/// A flagged message on its way into the log.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The Group.
    pub group: GroupId,
    /// The Space.
    pub space: SpaceId,
    /// The message; the idempotency key.
    pub message: MessageId,
    /// When this revision of the message was made.
    pub revised_at: Timestamp,
    /// Who wrote it.
    pub author: AccountId,
    /// Whose conduct it is about.
    pub accused: AccountId,
    /// The heaviest of the findings.
    pub severity: Severity,
    /// The clause of the heaviest finding.
    pub clause: Clause,
    /// The rules that fit, the heaviest first.
    pub rules: Vec<RuleId>,
    /// The ruleset that found it.
    pub ruleset: RulesetHash,
    /// The version of the Group's settings.
    pub settings_version: i64,
    /// When it is recorded.
    pub at: Timestamp,
    /// What is kept; the flagged message is among it.
    pub evidence: Vec<EvidenceItem>,
    /// Whom to tell.
    pub alerts: Vec<AlertTo>,
    /// Codes to choose from; the first that is free in the Group is taken. Several, since they are random.
    pub codes: Vec<IncidentCode>,
    /// How far the Space is handled with this message, where that moves the cursor.
    pub cursor: Option<MessageId>,
}

/// What recording did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// A new Incident.
    Opened(Incident),
    /// A later revision was kept in the Incident.
    Extended(Incident),
    /// A later revision reopened the Incident.
    Reopened(Incident),
    /// Everything was there already.
    Already(IncidentId),
}

/// A later revision of a flagged message in which nothing was found.
#[derive(Debug, Clone)]
pub struct Revision {
    /// What is kept.
    pub evidence: EvidenceItem,
    /// When it is recorded.
    pub at: Timestamp,
}

/// How sending an Alert ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// Delivered, Refused or Failed.
    pub state: DeliveryState,
    /// When.
    pub at: Timestamp,
    /// The message it became.
    pub message: Option<MessageId>,
}

/// Which Incidents to list.
#[derive(Debug, Clone)]
pub struct IncidentFilter {
    /// The Group.
    pub group: GroupId,
    /// Only those with work left.
    pub open_only: bool,
    /// Leave out those whose accused is this account: the viewer, who is recused from them.
    pub without_accused: Option<AccountId>,
    /// Only those with a lower row number, for the next page.
    pub before: Option<IncidentId>,
    /// At most so many.
    pub most: u32,
}

/// An Incident with all that is kept for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// The Incident, after the reading was noted.
    pub incident: Incident,
    /// The Evidence, in the order it was kept.
    pub evidence: Vec<EvidenceItem>,
    /// The notes, the oldest first.
    pub notes: Vec<Note>,
    /// Who was told.
    pub told: Vec<Told>,
    /// What was done about it, the oldest first, this reading included.
    pub history: Vec<HistoryLine>,
}

/// A note on an Incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Who wrote it.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
    /// The words; sealed at rest.
    pub text: MessageText,
}

/// Who was told about an Incident and whether it reached them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The person.
    pub to: AccountId,
    /// Where the delivery stands.
    pub state: DeliveryState,
    /// Since when.
    pub at: Timestamp,
}

/// One line of an Incident's history, from the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryLine {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: LogAction,
}

/// A note to add.
#[derive(Debug, Clone)]
pub struct NewNote {
    /// The Incident.
    pub incident: IncidentId,
    /// Who writes it.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub text: MessageText,
}

/// The closing of an Incident.
#[derive(Debug, Clone)]
pub struct Closure {
    /// The Incident.
    pub incident: IncidentId,
    /// What came of it, who says so, when.
    pub closing: Closing,
    /// A closing note, kept like any note.
    pub note: Option<MessageText>,
}

/// What closing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseOutcome {
    /// It is closed now.
    Closed(Incident),
    /// It was closed before; nothing was changed.
    AlreadyClosed(Incident),
    /// There is no such Incident.
    Unknown,
}

/// A log entry to write.
#[derive(Debug, Clone)]
pub struct NewLogEntry {
    /// Its chain.
    pub chain: LogChain,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: LogAction,
    /// About which Incident.
    pub incident: Option<IncidentId>,
    /// Words that can be erased later while the line stays; sealed at rest, bound to the line by a salted hash.
    pub detail: Option<MessageText>,
}

/// What verifying the log found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogVerdict {
    /// How many chains were read.
    pub chains: u64,
    /// How many entries were read.
    pub entries: u64,
    /// How many pieces of Evidence were read.
    pub evidence: u64,
    /// What does not fit, each a sentence that names chain and entry; empty when all is well.
    pub problems: Vec<String>,
}
