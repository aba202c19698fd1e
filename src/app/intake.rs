//! The way in for everything that is seen: circumstances, scan, decision, record.

use std::sync::Arc;
use std::time::Duration;

use crate::detection::scan;
use crate::domain::{
    Addressees, Author, Circumstances, Consequence, Decision, EvidenceItem, EvidenceKind, EvidenceState,
    Finding, Group, GroupId, Incident, MessageDeleted, MessageSeen, Observation, Standing, Timestamp,
};
use crate::policy::{Subject, decide, held_until};
use crate::storage::{AlertTo, Recorded, Recording, Result, Revision};

use super::recent_lines::RecentLines;
use super::{Deployment, Happening};

/// How many codes are offered for an Incident; one is taken already about once in a million at twenty open ones.
const CODES: usize = 8;

/// Takes in observations. Those of one Space must come one after the other.
#[derive(Debug)]
pub struct Intake {
    deployment: Deployment,
    recent: RecentLines,
}

/// What became of an observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handled {
    /// Nothing to record.
    Nothing,
    /// An Incident was opened.
    Opened(Box<Incident>),
    /// A later revision was kept in an Incident, or reopened it.
    Extended(Box<Incident>),
    /// It belongs to an Incident that knew it already, or was added to one without a new finding.
    Known,
}

/// What has to be recorded about a message; nothing is yet.
#[derive(Debug)]
pub(super) enum Assessed {
    /// Nothing.
    Nothing,
    /// A revision in which nothing was found, kept only where an earlier one was flagged.
    Harmless(Revision),
    /// An Incident.
    Flagged(Box<Recording>),
}

impl Intake {
    /// An intake for this Deployment.
    pub fn new(deployment: Deployment) -> Self {
        Self { deployment, recent: RecentLines::default() }
    }

    /// Handles one observation of a known Group. Record first: when this returns, what had to be kept is committed.
    /// On an error nothing was recorded and the same observation can be handed in again.
    pub async fn handle(&self, observation: &Observation) -> Result<Handled> {
        match observation {
            Observation::Message(seen) => self.message(seen).await,
            Observation::Deleted(deleted) => self.deleted(deleted).await,
        }
    }

    /// Handles a message on the spot if there is nothing to record about it, without waiting for anything; answers
    /// whether it is handled. Most messages are; the others are handed in to [`Intake::handle`].
    pub fn glance(&self, seen: &MessageSeen) -> bool {
        let Some(group) = self.deployment.groups.get(seen.place.group) else { return false };
        let is_new = seen.edited_at.is_none();
        is_new && matches!(self.judge(seen, &group, &by_settings(&group)), (_, Decision::Nothing(_)))
    }

    async fn message(&self, seen: &MessageSeen) -> Result<Handled> {
        let group = self.group(seen.place.group).await?;
        let assessed = self.assess(seen, &group, &by_settings(&group));
        self.commit(assessed).await
    }

    /// A Group from memory. The first thing ever seen of a Group may come before its own arrival was handled.
    pub(super) async fn group(&self, group: GroupId) -> Result<Arc<Group>> {
        if let Some(group) = self.deployment.groups.get(group) {
            return Ok(group);
        }
        let group = self.deployment.storage.see_group(group, self.deployment.clock.now()).await?;
        self.deployment.groups.put(group.clone());
        Ok(Arc::new(group))
    }

    /// Scans a message and decides what has to be recorded. Messages of one Space must come one after the other; what
    /// is decided about them may then be committed side by side.
    pub(super) fn assess(
        &self,
        seen: &MessageSeen,
        group: &Group,
        standing: &dyn Fn(&Author) -> Standing,
    ) -> Assessed {
        match self.judge(seen, group, standing) {
            (_, Decision::Nothing(_)) if seen.edited_at.is_some() => {
                let at = self.deployment.clock.now();
                let evidence = self.evidence(seen, EvidenceKind::Revision, Vec::new(), at);
                Assessed::Harmless(Revision { evidence, at })
            }
            (_, Decision::Nothing(_)) => Assessed::Nothing,
            (circumstances, flag @ Decision::Flag { .. }) => {
                self.recording(seen, group, &circumstances, flag)
            }
        }
    }

    /// What the rules find and what policy makes of it. Judging the same message again gives the same.
    fn judge(
        &self,
        seen: &MessageSeen,
        group: &Group,
        standing: &dyn Fn(&Author) -> Standing,
    ) -> (Circumstances, Decision) {
        let circumstances = circumstances(seen, standing, &self.recent);
        let findings = scan(&self.deployment.ruleset, &seen.text, &circumstances);
        let subject = Subject {
            author: seen.author.account,
            settings: group.settings.as_ref(),
            sighting: seen.sighting,
        };
        let decision = decide(findings, subject, &circumstances);
        (circumstances, decision)
    }

    /// Records what was decided. When this returns it is committed.
    pub(super) async fn commit(&self, assessed: Assessed) -> Result<Handled> {
        match assessed {
            Assessed::Nothing => Ok(Handled::Nothing),
            Assessed::Harmless(revision) => {
                let known = self.deployment.storage.record_revision(revision).await?;
                Ok(known.map_or(Handled::Nothing, |_| Handled::Known))
            }
            Assessed::Flagged(recording) => {
                let recorded = self.deployment.storage.record(*recording).await?;
                Ok(self.tell(recorded))
            }
        }
    }

    fn recording(
        &self,
        seen: &MessageSeen,
        group: &Group,
        circumstances: &Circumstances,
        decision: Decision,
    ) -> Assessed {
        let rules = decision.rules();
        let Decision::Flag { severity, clause, findings, accused, consequences } = decision else {
            return Assessed::Nothing;
        };
        let now = self.deployment.clock.now();
        Assessed::Flagged(Box::new(Recording {
            group: group.id,
            space: seen.place.space,
            message: seen.message,
            revised_at: seen.revised_at(),
            author: seen.author.account,
            accused,
            severity,
            clause,
            rules,
            ruleset: self.deployment.ruleset.hash(),
            settings_version: group.settings_version(),
            at: now,
            evidence: self.all_evidence(seen, circumstances, findings, now),
            alerts: self.alerts(&consequences),
            codes: (0..CODES).map(|_| self.deployment.ids.code()).collect(),
            cursor: None,
        }))
    }

    fn alerts(&self, consequences: &[Consequence]) -> Vec<AlertTo> {
        consequences
            .iter()
            .map(|Consequence::Alert(to)| AlertTo { to: *to, nonce: self.deployment.ids.nonce() })
            .collect()
    }

    fn tell(&self, recorded: Recorded) -> Handled {
        let (incident, handled): (_, fn(_) -> _) = match recorded {
            Recorded::Opened(incident) => (incident, Handled::Opened),
            Recorded::Extended(incident) | Recorded::Reopened(incident) => (incident, Handled::Extended),
            Recorded::Already(_) => return Handled::Known,
        };
        self.deployment.happenings.tell(Happening::Incident(incident.clone()));
        self.deployment.outbox.notify_one();
        handled(Box::new(incident))
    }

    fn all_evidence(
        &self,
        seen: &MessageSeen,
        circumstances: &Circumstances,
        findings: Vec<Finding>,
        now: Timestamp,
    ) -> Vec<EvidenceItem> {
        let joined = findings.iter().any(|finding| finding.joined);
        let earlier = circumstances.earlier.iter().filter(|_| joined).map(|line| EvidenceItem {
            kind: EvidenceKind::Earlier,
            message: line.message,
            revised_at: line.sent_at,
            text: line.text.clone(),
            ..self.evidence(seen, EvidenceKind::Earlier, Vec::new(), now)
        });
        let mut evidence: Vec<EvidenceItem> = earlier.collect();
        let kind = if seen.edited_at.is_some() { EvidenceKind::Revision } else { EvidenceKind::Message };
        evidence.push(self.evidence(seen, kind, findings, now));
        evidence
    }

    fn evidence(
        &self,
        seen: &MessageSeen,
        kind: EvidenceKind,
        findings: Vec<Finding>,
        now: Timestamp,
    ) -> EvidenceItem {
        EvidenceItem {
            kind,
            message: seen.message,
            revised_at: seen.revised_at(),
            author_name: seen.author.name.clone(),
            space_name: seen.place.name.clone(),
            text: seen.text.clone(),
            findings,
            state: EvidenceState::Held { until: held_until(now, self.deployment.evidence_days) },
        }
    }

    async fn deleted(&self, deleted: &MessageDeleted) -> Result<Handled> {
        self.recent.forget(deleted.space, deleted.message);
        let known = self.deployment.storage.record_deletion(deleted).await?;
        Ok(known.map_or(Handled::Nothing, |_| Handled::Known))
    }

    /// How long to wait before an observation is handed in again after so many failed tries.
    pub fn pause_after(tries: u32) -> Duration {
        Duration::from_millis(100 << tries.min(6))
    }
}

/// What people are by the settings of their Group.
fn by_settings(group: &Group) -> impl Fn(&Author) -> Standing {
    |author| group.standing(author.kind, &author.roles)
}

fn circumstances(
    seen: &MessageSeen,
    standing: &dyn Fn(&Author) -> Standing,
    recent: &RecentLines,
) -> Circumstances {
    let addressees = if seen.addressed.is_empty() {
        Addressees::Room
    } else {
        Addressees::Named(seen.addressed.iter().map(|author| (author.account, standing(author))).collect())
    };
    Circumstances {
        author: standing(&seen.author),
        addressees,
        space: seen.place.kind,
        earlier: recent.before_and_keep(seen),
    }
}
