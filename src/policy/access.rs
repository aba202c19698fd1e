//! Rights: the only place where they are decided, for every way in.
//!
//! A right is a value that only this module can make; whoever needs it asks for the value, so that forgetting the
//! check does not compile.

use crate::domain::{AccountId, Group, GroupId, Incident};

use super::is_recused;

/// Proof that an account is one of the two administrators of a Group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupAdmin {
    account: AccountId,
    group: GroupId,
}

impl GroupAdmin {
    /// Proves it from the Group's settings; `None` where it is not so.
    pub fn prove(group: &Group, account: AccountId) -> Option<Self> {
        let settings = group.settings.as_ref()?;
        settings.administrators.contains(&account).then_some(Self { account, group: group.id })
    }

    /// The administrator.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The Group.
    pub fn group(&self) -> GroupId {
        self.group
    }

    /// Whether this administrator may know of the Incident at all.
    pub fn may_open(&self, incident: &Incident) -> bool {
        incident.group == self.group && !is_recused(incident, self.account)
    }
}

/// Proof that an account may say what the roles of a Group are and who its administrators are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupSetter {
    account: AccountId,
    group: GroupId,
}

impl GroupSetter {
    /// Before the first setup, whoever may manage the server; from then on its two administrators only.
    pub fn prove(group: &Group, account: AccountId, manages_server: bool) -> Option<Self> {
        let may = match &group.settings {
            None => manages_server,
            Some(settings) => settings.administrators.contains(&account),
        };
        may.then_some(Self { account, group: group.id })
    }

    /// Who may.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The Group.
    pub fn group(&self) -> GroupId {
        self.group
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{GroupSettings, GroupState, SpaceId, Timestamp};

    fn group(set_up: bool) -> Group {
        let settings = GroupSettings {
            version: 1,
            staff_roles: vec![],
            student_roles: vec![],
            parent_roles: vec![],
            administrators: [AccountId::new(1), AccountId::new(2)],
            fallback: SpaceId::new(9),
        };
        Group {
            id: GroupId::new(7),
            first_seen: Timestamp::from_millis(0),
            state: GroupState::Pending,
            settings: set_up.then_some(settings),
        }
    }

    #[test]
    fn only_the_two_administrators_are_administrators() {
        assert!(GroupAdmin::prove(&group(true), AccountId::new(1)).is_some());
        assert!(GroupAdmin::prove(&group(true), AccountId::new(2)).is_some());
        assert!(GroupAdmin::prove(&group(true), AccountId::new(3)).is_none());
        assert!(GroupAdmin::prove(&group(false), AccountId::new(1)).is_none());
    }

    #[test]
    fn managing_the_server_counts_only_before_the_first_setup() {
        assert!(GroupSetter::prove(&group(false), AccountId::new(3), true).is_some());
        assert!(GroupSetter::prove(&group(false), AccountId::new(3), false).is_none());
        assert!(GroupSetter::prove(&group(true), AccountId::new(3), true).is_none());
        assert!(GroupSetter::prove(&group(true), AccountId::new(2), false).is_some());
    }
}
