//! The only way in for people who review: it asks `policy::access`, acts, and logs, also reading.
//!
//! It reads storage and the Group book, never the in-memory world.

use std::sync::Arc;

use crate::detection::scan;
use crate::domain::{
    AccountId, Actor, Circumstances, Closing, Disposition, Finding, Group, GroupId, Incident, IncidentCode,
    Lang, LogAction, LogChain, MessageText, RuleId, Standing,
};
use crate::policy::access::GroupAdmin;
use crate::storage::{CaseFile, CloseOutcome, Closure, IncidentFilter, NewLogEntry, NewNote};

use super::{Deployment, Refusal};

/// How many Incidents are on a page of the list.
const PAGE: u32 = 10;

/// What the administrators do with Incidents.
#[derive(Debug, Clone)]
pub struct Review {
    deployment: Deployment,
}

/// One page of Incidents that the viewer may open, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentPage {
    /// The Incidents.
    pub incidents: Vec<Incident>,
    /// The code to hand in for the next page, if there is one.
    pub next: Option<IncidentCode>,
}

impl Review {
    /// A review over this Deployment.
    pub fn new(deployment: Deployment) -> Self {
        Self { deployment }
    }

    /// Whether this account is an administrator of the Group, from memory: for answers that cannot wait. What is done
    /// afterwards is checked again.
    pub fn administrator(&self, group: GroupId, viewer: AccountId) -> Result<GroupAdmin, Refusal> {
        let group = self.group(group)?;
        if group.settings.is_none() {
            return Err(Refusal::NotSetUp);
        }
        GroupAdmin::prove(&group, viewer).ok_or(Refusal::NotAdministrator)
    }

    /// Lists Incidents, the open ones or all, after the one called `after`.
    pub async fn list(
        &self,
        group: GroupId,
        viewer: AccountId,
        open_only: bool,
        after: Option<&str>,
    ) -> Result<IncidentPage, Refusal> {
        let admin = self.admit(group, viewer).await?;
        let before = match after {
            Some(code) => Some(self.find(&admin, code).await?.id),
            None => None,
        };
        let filter =
            IncidentFilter { group, open_only, without_accused: Some(viewer), before, most: PAGE + 1 };
        let mut incidents = self.deployment.storage.incidents(filter).await?;
        self.log(group, viewer, LogAction::IncidentsListed, None).await?;
        let more = incidents.len() > PAGE as usize;
        incidents.truncate(PAGE as usize);
        let next = incidents.last().filter(|_| more).map(|incident| incident.code.clone());
        Ok(IncidentPage { incidents, next })
    }

    /// Opens a case file.
    pub async fn show(&self, group: GroupId, viewer: AccountId, code: &str) -> Result<CaseFile, Refusal> {
        let admin = self.admit(group, viewer).await?;
        let incident = self.find(&admin, code).await?;
        let entry = NewLogEntry {
            incident: Some(incident.id),
            ..self.entry(group, viewer, LogAction::IncidentShown)
        };
        self.deployment.storage.open_case_file(incident.id, entry).await?.ok_or(Refusal::NoSuchCase)
    }

    /// Adds a note.
    pub async fn note(
        &self,
        group: GroupId,
        viewer: AccountId,
        code: &str,
        text: MessageText,
    ) -> Result<Incident, Refusal> {
        let admin = self.admit(group, viewer).await?;
        let incident = self.find(&admin, code).await?;
        if text.expose().trim().is_empty() {
            return Err(Refusal::Input {
                why: ["The note is empty. Nothing was added.", "La note est vide. Rien n'a été ajouté."],
            });
        }
        let note = NewNote { incident: incident.id, by: viewer, at: self.deployment.clock.now(), text };
        self.deployment.storage.note(note).await?;
        Ok(incident)
    }

    /// Closes a case. Where somebody was faster, says who, and changes nothing.
    pub async fn close(
        &self,
        group: GroupId,
        viewer: AccountId,
        code: &str,
        disposition: Disposition,
        note: Option<MessageText>,
    ) -> Result<Incident, Refusal> {
        let admin = self.admit(group, viewer).await?;
        let incident = self.find(&admin, code).await?;
        if disposition == Disposition::Confirmed {
            return Err(Refusal::Input {
                why: [
                    "Nobody is confirmed here before they were heard and a second person agrees. Add what was done as a \
                     note and close the case as handled elsewhere.",
                    "Personne n'est confirmé ici avant d'avoir été entendu et qu'une deuxième personne soit d'accord. \
                     Notez ce qui a été fait et fermez le dossier comme traité autrement.",
                ],
            });
        }
        let closing = Closing { disposition, by: viewer, at: self.deployment.clock.now() };
        let note = note.filter(|text| !text.expose().trim().is_empty());
        match self.deployment.storage.close(Closure { incident: incident.id, closing, note }).await? {
            CloseOutcome::Closed(incident) => Ok(incident),
            CloseOutcome::AlreadyClosed(incident) => match incident.state {
                crate::domain::IncidentState::Closed(closing) => {
                    Err(Refusal::AlreadyClosed(incident.code, closing))
                }
                _ => Err(Refusal::NoSuchCase),
            },
            CloseOutcome::Unknown => Err(Refusal::NoSuchCase),
        }
    }

    /// What the rules say to a text, as if somebody of one standing wrote it to somebody of another. Nothing is kept.
    pub async fn test_rules(
        &self,
        group: GroupId,
        viewer: AccountId,
        text: &MessageText,
        author: Standing,
        addressee: Standing,
    ) -> Result<Vec<Finding>, Refusal> {
        self.admit(group, viewer).await?;
        Ok(scan(&self.deployment.ruleset, text, &Circumstances::between(author, addressee)))
    }

    /// What a Rule flags for, as people read it; its id where the ruleset no longer has it.
    pub fn title_of(&self, rule: &RuleId, lang: Lang) -> String {
        let known = self.deployment.ruleset.rule(rule);
        known
            .map_or_else(|| rule.to_string(), |known| lang.pick(&known.title()[0], &known.title()[1]).clone())
    }

    fn group(&self, group: GroupId) -> Result<Arc<Group>, Refusal> {
        self.deployment.groups.get(group).ok_or(Refusal::UnknownGroup)
    }

    /// The administrator, or a refusal that is logged.
    async fn admit(&self, group: GroupId, viewer: AccountId) -> Result<GroupAdmin, Refusal> {
        match self.administrator(group, viewer) {
            Err(refusal @ Refusal::NotAdministrator) => {
                self.log(group, viewer, LogAction::AccessRefused, None).await?;
                Err(refusal)
            }
            other => other,
        }
    }

    /// The Incident of this code, if the administrator may know of it. Unknown and recused answer and log the same.
    async fn find(&self, admin: &GroupAdmin, code: &str) -> Result<Incident, Refusal> {
        let found = match code.parse::<IncidentCode>() {
            Ok(code) => self.deployment.storage.find_incident(admin.group(), &code).await?,
            Err(_) => None,
        };
        if let Some(incident) = found.filter(|incident| admin.may_open(incident)) {
            return Ok(incident);
        }
        self.log(admin.group(), admin.account(), LogAction::AccessRefused, None).await?;
        Err(Refusal::NoSuchCase)
    }

    fn entry(&self, group: GroupId, viewer: AccountId, action: LogAction) -> NewLogEntry {
        NewLogEntry {
            chain: LogChain::Group(group),
            at: self.deployment.clock.now(),
            actor: Actor::Account(viewer),
            action,
            incident: None,
            detail: None,
        }
    }

    async fn log(
        &self,
        group: GroupId,
        viewer: AccountId,
        action: LogAction,
        incident: Option<crate::domain::IncidentId>,
    ) -> Result<(), Refusal> {
        let entry = NewLogEntry { incident, ..self.entry(group, viewer, action) };
        Ok(self.deployment.storage.log(entry).await?)
    }
}
