//! Incidents: one case each.

use std::fmt;
use std::str::FromStr;

use super::{
    AccountId, Clause, GroupId, IncidentCode, IncidentId, Lang, MessageId, ParseWordError, RuleId,
    RulesetHash, Severity, SpaceId, Timestamp,
};

/// One case, without its words: those are Evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// The row.
    pub id: IncidentId,
    /// What people call it.
    pub code: IncidentCode,
    /// The Group it belongs to.
    pub group: GroupId,
    /// Where it happened.
    pub space: SpaceId,
    /// The flagged message.
    pub message: MessageId,
    /// Who wrote it.
    pub author: AccountId,
    /// Whose conduct it is about.
    pub accused: AccountId,
    /// How much it weighs.
    pub severity: Severity,
    /// The clause it stands on.
    pub clause: Clause,
    /// The rules that fit, the heaviest first.
    pub rules: Vec<RuleId>,
    /// The ruleset that found it.
    pub ruleset: RulesetHash,
    /// The version of the Group's settings at that time; 0 before the first setup.
    pub settings_version: i64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the flagged message was seen to be deleted.
    pub message_deleted_at: Option<Timestamp>,
    /// Where the review stands.
    pub state: IncidentState,
}

/// Where the review of an Incident stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncidentState {
    /// Nobody has looked yet.
    Open,
    /// Somebody has opened it.
    UnderReview,
    /// Closed, with what came of it.
    Closed(Closing),
}

impl IncidentState {
    /// The word in databases.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::UnderReview => "under-review",
            Self::Closed(_) => "closed",
        }
    }

    /// The word as people read it.
    pub fn name(&self, lang: Lang) -> &'static str {
        match self {
            Self::Open => lang.pick("Open", "Ouvert"),
            Self::UnderReview => lang.pick("Under review", "À l'étude"),
            Self::Closed(_) => lang.pick("Closed", "Fermé"),
        }
    }

    /// Whether work remains.
    pub const fn is_open(&self) -> bool {
        !matches!(self, Self::Closed(_))
    }
}

/// How an Incident was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// What came of it.
    pub disposition: Disposition,
    /// Who closed it.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
}

/// What came of an Incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// It happened and it is what it was flagged for.
    Confirmed,
    /// The rule was wrong: ordinary words.
    FalseAlarm,
    /// Dealt with in another way, outside this log.
    HandledElsewhere,
    /// What was claimed did not happen.
    Unfounded,
}

impl Disposition {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::FalseAlarm, Self::HandledElsewhere, Self::Unfounded];

    /// The word in databases and `custom_id`s.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::FalseAlarm => "false-alarm",
            Self::HandledElsewhere => "handled-elsewhere",
            Self::Unfounded => "unfounded",
        }
    }

    /// The word as people read it.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Confirmed => lang.pick("Confirmed", "Confirmé"),
            Self::FalseAlarm => lang.pick("False alarm", "Fausse alerte"),
            Self::HandledElsewhere => lang.pick("Handled elsewhere", "Traité autrement"),
            Self::Unfounded => lang.pick("Unfounded", "Non fondé"),
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Disposition {
    type Err = ParseWordError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|disposition| disposition.as_str() == word)
            .ok_or(ParseWordError { expected: "confirmed, false-alarm, handled-elsewhere or unfounded" })
    }
}
