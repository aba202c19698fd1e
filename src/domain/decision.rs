//! What policy wants done: values, not deeds.

use super::{AccountId, Clause, Finding, RuleId, Severity};

/// What policy wants done about an Observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing, with the reason.
    Nothing(NothingBecause),
    /// An Incident.
    Flag {
        /// The heaviest of the findings.
        severity: Severity,
        /// The clause of the heaviest finding.
        clause: Clause,
        /// All rules that fit, the heaviest first.
        findings: Vec<Finding>,
        /// Whose conduct it is about: the author, or the adult in a 3b case.
        accused: AccountId,
        /// What follows after the record.
        consequences: Vec<Consequence>,
    },
}

/// Why nothing is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NothingBecause {
    /// No Rule fits.
    NoFinding,
}

/// What follows after the record was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// Tell this account that there is an Incident.
    Alert(AccountId),
}

impl Decision {
    /// The rules that fit, the heaviest first.
    pub fn rules(&self) -> Vec<RuleId> {
        match self {
            Self::Nothing(_) => Vec::new(),
            Self::Flag { findings, .. } => findings.iter().map(|finding| finding.rule.clone()).collect(),
        }
    }
}
