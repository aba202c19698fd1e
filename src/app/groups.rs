//! Setting a Group up, and saying how it stands.

use std::sync::Arc;

use crate::domain::{
    AccountId, AlertSubject, Gap, Group, GroupId, GroupSettings, IncidentId, RoleId, SpaceId, Timestamp,
};
use crate::policy::access::{GroupAdmin, GroupSetter};
use crate::policy::is_recused;
use crate::storage::{NewAlert, SettingsChange};

use super::{Deployment, Happening, Refusal};

/// What the administrators do with their Group.
#[derive(Debug, Clone)]
pub struct Groups {
    deployment: Deployment,
}

/// What `/group setup` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupRequest {
    /// The role whose members are staff.
    pub staff: RoleId,
    /// The role whose members are students.
    pub students: RoleId,
    /// The role whose members are parents, where there is one.
    pub parents: Option<RoleId>,
    /// The two administrators.
    pub administrators: [AccountId; 2],
    /// The fallback channel.
    pub fallback: SpaceId,
}

/// How a Group stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupStatus {
    /// The Group.
    pub group: Arc<Group>,
    /// The Gaps of the last thirty days, the oldest first.
    pub gaps: Vec<Gap>,
    /// The ruleset in use.
    pub ruleset: crate::domain::RulesetHash,
    /// How many rules it has.
    pub rules: usize,
}

impl Groups {
    /// The Groups of this Deployment.
    pub fn new(deployment: Deployment) -> Self {
        Self { deployment }
    }

    /// A Group's server is there: the first time it becomes a Pending Group. Loads its cursors' ground.
    pub async fn arrive(&self, group: GroupId) -> crate::storage::Result<Arc<Group>> {
        let group = self.deployment.storage.see_group(group, self.deployment.clock.now()).await?;
        self.deployment.groups.put(group.clone());
        Ok(self.deployment.groups.get(group.id).unwrap_or_else(|| Arc::new(group)))
    }

    /// Sets a Group up, or changes how it is set up. Everyone who is or was an administrator is told, and the
    /// administrators get Alerts of open Incidents of which they have none.
    pub async fn set_up(
        &self,
        group: GroupId,
        by: AccountId,
        manages_server: bool,
        request: SetupRequest,
    ) -> Result<Arc<Group>, Refusal> {
        let known = self.deployment.groups.get(group).ok_or(Refusal::UnknownGroup)?;
        let setter = GroupSetter::prove(&known, by, manages_server).ok_or(match known.settings {
            None => Refusal::NotManager,
            Some(_) => Refusal::NotAdministrator,
        })?;
        check(&request)?;
        let settings = GroupSettings {
            version: known.settings_version() + 1,
            staff_roles: vec![request.staff],
            student_roles: vec![request.students],
            parent_roles: request.parents.into_iter().collect(),
            administrators: request.administrators,
            fallback: request.fallback,
        };
        let alerts = self.alerts_after(&known, &settings).await?;
        let change =
            SettingsChange { group, settings, by: setter.account(), at: self.deployment.clock.now(), alerts };
        let changed = self.deployment.storage.change_settings(change).await?.ok_or(Refusal::Overtaken)?;
        self.deployment.groups.put(changed.clone());
        self.deployment.outbox.notify_one();
        if known.settings.is_none() {
            self.deployment.happenings.tell(Happening::SetUp(group));
        }
        Ok(Arc::new(changed))
    }

    /// How a Group stands, for its administrators.
    pub async fn status(&self, group: GroupId, viewer: AccountId) -> Result<GroupStatus, Refusal> {
        let group = self.deployment.groups.get(group).ok_or(Refusal::UnknownGroup)?;
        if group.settings.is_none() {
            return Err(Refusal::NotSetUp);
        }
        GroupAdmin::prove(&group, viewer).ok_or(Refusal::NotAdministrator)?;
        let since = month_before(self.deployment.clock.now());
        let gaps = self.deployment.storage.gaps(group.id, since).await?;
        let ruleset = &self.deployment.ruleset;
        Ok(GroupStatus { group, gaps, ruleset: ruleset.hash(), rules: ruleset.rules().len() })
    }

    /// Who is told of changed settings, and the Alerts that the administrators are still owed.
    async fn alerts_after(&self, known: &Group, settings: &GroupSettings) -> Result<Vec<NewAlert>, Refusal> {
        let mut alerts = Vec::new();
        if let Some(before) = &known.settings {
            let mut people: Vec<AccountId> = before.administrators.into_iter().collect();
            people.extend(settings.administrators);
            people.sort_unstable();
            people.dedup();
            alerts.extend(people.into_iter().map(|to| self.alert(AlertSubject::SettingsChanged { to })));
        }
        for to in settings.administrators {
            for incident in self.deployment.storage.unalerted_incidents(known.id, to).await? {
                if !is_recused(&incident, to) {
                    alerts.push(self.alert(incident_alert(incident.id, to)));
                }
            }
        }
        Ok(alerts)
    }

    fn alert(&self, subject: AlertSubject) -> NewAlert {
        NewAlert { subject, nonce: self.deployment.ids.nonce() }
    }
}

fn incident_alert(incident: IncidentId, to: AccountId) -> AlertSubject {
    AlertSubject::Incident { incident, to }
}

fn month_before(now: Timestamp) -> Timestamp {
    now.minus(std::time::Duration::from_hours(30 * 24))
}

fn check(request: &SetupRequest) -> Result<(), Refusal> {
    let [first, second] = request.administrators;
    if first == second {
        return Err(Refusal::Input {
            why: [
                "The two administrators must be two different people (clause 3d). Nothing was changed.",
                "Les deux administrateurs doivent être deux personnes différentes (clause 3d). Rien n'a été changé.",
            ],
        });
    }
    let mut roles = vec![request.staff, request.students];
    roles.extend(request.parents);
    roles.sort_unstable();
    if roles.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::Input {
            why: [
                "Staff, students and parents need a role each, and not the same one. Nothing was changed.",
                "Le personnel, les élèves et les parents ont chacun leur rôle, et non le même. Rien n'a été changé.",
            ],
        });
    }
    Ok(())
}
