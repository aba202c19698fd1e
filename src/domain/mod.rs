//! The words of the house, one word for one thing.
//!
//! Plain values only: no I/O, no async, no clock, no randomness. Everything else may name this module; it names nothing.

mod alert;
mod circumstances;
mod decision;
mod evidence;
mod finding;
mod gap;
mod group;
mod ids;
mod incident;
mod lang;
mod log_entry;
mod observation;
mod rule_words;
mod severity;
mod space;
mod standing;
mod text;
mod time;

pub use alert::{Alert, AlertId, AlertSubject, DeliveryState};
pub use circumstances::{Addressees, Circumstances, EarlierLine};
pub use decision::{Consequence, Decision, NothingBecause};
pub use evidence::{EvidenceItem, EvidenceKind, EvidenceState};
pub use finding::{Explanation, Finding, Span};
pub use gap::{Gap, GapReason};
pub use group::{Group, GroupSettings, GroupState};
pub use ids::{
    AccountId, ApplicationId, GroupId, IncidentCode, IncidentId, MessageId, ParseIdError, RoleId, RuleId,
    RulesetHash, SpaceId,
};
pub use incident::{Closing, Disposition, Incident, IncidentState};
pub use lang::Lang;
pub use log_entry::{Actor, LogAction, LogChain, LogEntry};
pub use observation::{Author, AuthorKind, MessageDeleted, MessageSeen, Observation, Place, Sighting};
pub use rule_words::{Clause, Job, ParseWordError};
pub use severity::Severity;
pub use space::SpaceKind;
pub use standing::Standing;
pub use text::MessageText;
pub use time::Timestamp;
