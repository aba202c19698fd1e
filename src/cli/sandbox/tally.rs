//! The counts of a scenario, kept as its lines are told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::line::Line;

/// How many lines of each kind were told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tally {
    pub(super) said: u64,
    pub(super) edited: u64,
    pub(super) deleted: u64,
    pub(super) incidents: Incidents,
    /// Notices by how they ended.
    pub(super) alerts: BTreeMap<String, u64>,
}

/// Counts of cases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Incidents {
    pub(super) total: u64,
    pub(super) by_clause: BTreeMap<String, u64>,
    pub(super) by_severity: BTreeMap<String, u64>,
    /// By clause and severity, for the table.
    #[serde(skip)]
    pub(super) cells: BTreeMap<(String, String), u64>,
}

impl Tally {
    /// Counts a line.
    pub(super) fn count(&mut self, line: &Line) {
        match line {
            Line::Said(_) => self.said += 1,
            Line::Edited(_) => self.edited += 1,
            Line::Deleted(_) => self.deleted += 1,
            Line::Incident(incident) => {
                let (clause, severity) = (incident.clause.clone(), incident.severity.clone());
                let incidents = &mut self.incidents;
                incidents.total += 1;
                *incidents.by_clause.entry(clause.clone()).or_default() += 1;
                *incidents.by_severity.entry(severity.clone()).or_default() += 1;
                *incidents.cells.entry((clause, severity)).or_default() += 1;
            }
            Line::Alert(alert) => *self.alerts.entry(alert.state.to_owned()).or_default() += 1,
            _ => {}
        }
    }
}
