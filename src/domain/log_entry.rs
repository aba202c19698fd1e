//! The log that says what was done or read, by whom, when.

use std::fmt;

use super::{AccountId, GroupId, IncidentId, Timestamp};

/// Which chain an entry stands in: one for each Group, and one for the Deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogChain {
    /// What belongs to no Group.
    Deployment,
    /// What belongs to a Group.
    Group(GroupId),
}

impl LogChain {
    /// The chain's number in the database: 0 is the Deployment's, others are the Group's id.
    pub const fn to_db(self) -> i64 {
        match self {
            Self::Deployment => 0,
            Self::Group(group) => group.to_db(),
        }
    }

    /// From the database's number.
    pub const fn from_db(chain: i64) -> Self {
        if chain == 0 { Self::Deployment } else { Self::Group(GroupId::from_db(chain)) }
    }
}

impl fmt::Display for LogChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment => f.write_str("deployment"),
            Self::Group(group) => write!(f, "group {group}"),
        }
    }
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Chaperone itself.
    Chaperone,
    /// A member.
    Account(AccountId),
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident $word:literal $en:literal $fr:literal)*) => {
        /// What was done or read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LogAction {
            $($(#[$doc])* $variant,)*
        }

        impl LogAction {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in databases; part of what the chain protects, so it never changes.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The words people read.
            pub fn name(self, lang: super::Lang) -> &'static str {
                match self { $(Self::$variant => lang.pick($en, $fr)),* }
            }
        }
    };
}

actions! {
    /// The Group's server was seen for the first time.
    GroupSeen "group-seen" "server first seen" "serveur vu pour la première fois"
    /// Roles, administrators or the fallback channel were set.
    GroupSettingsChanged "group-settings-changed" "settings changed" "paramètres modifiés"
    /// An Incident was opened.
    IncidentOpened "incident-opened" "opened" "ouvert"
    /// A later revision of the flagged message was kept.
    IncidentExtended "incident-extended" "later revision kept" "révision ultérieure conservée"
    /// A closed Incident got a new finding.
    IncidentReopened "incident-reopened" "reopened by a new finding" "rouvert par un nouveau constat"
    /// The flagged message was seen to be deleted.
    MessageDeleted "message-deleted" "message deleted on Discord" "message supprimé sur Discord"
    /// An Alert reached Discord.
    AlertDelivered "alert-delivered" "alert delivered" "alerte remise"
    /// An Alert was refused by its recipient's settings.
    AlertRefused "alert-refused" "alert refused by the recipient's settings" "alerte refusée par les réglages du destinataire"
    /// An Alert could not be delivered for another reason.
    AlertFailed "alert-failed" "alert could not be delivered" "alerte impossible à remettre"
    /// The list of incidents was read.
    IncidentsListed "incidents-listed" "list read" "liste consultée"
    /// An Incident was read.
    IncidentShown "incident-shown" "read" "consulté"
    /// A note was added.
    IncidentNoted "incident-noted" "note added" "note ajoutée"
    /// An Incident was closed.
    IncidentClosed "incident-closed" "closed" "fermé"
    /// Somebody asked for what they may not have, or for what does not exist.
    AccessRefused "access-refused" "refused" "refusé"
    /// Past messages were scanned from an export file.
    ExportScanned "export-scanned" "past messages scanned from an export" "messages passés analysés à partir d'une exportation"
    /// A stretch of time that could not be watched.
    GapRecorded "gap-recorded" "could not watch for a while" "surveillance interrompue"
}

/// One line of the append-only, keyed, chained log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its chain.
    pub chain: LogChain,
    /// Its place in the chain, from 1. Shown to nobody but oversight.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: LogAction,
    /// About which Incident.
    pub incident: Option<IncidentId>,
}
