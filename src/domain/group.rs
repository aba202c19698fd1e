//! Groups: the servers that a school stands for.

use super::{AccountId, AuthorKind, GroupId, RoleId, SpaceId, Standing, Timestamp};

/// A Discord server that Chaperone is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its server.
    pub id: GroupId,
    /// When Chaperone first saw it; Spaces are read from then on.
    pub first_seen: Timestamp,
    /// Whether it is approved. It is watched in every state.
    pub state: GroupState,
    /// What `/group setup` said, once it has.
    pub settings: Option<GroupSettings>,
}

impl Group {
    /// What an account is in this Group, from its kind and roles; `Unverified` where nobody has said.
    pub fn standing(&self, kind: AuthorKind, roles: &[RoleId]) -> Standing {
        match kind {
            AuthorKind::App | AuthorKind::Webhook => Standing::App,
            AuthorKind::Person => {
                self.settings.as_ref().map_or(Standing::Unverified, |settings| settings.standing(roles))
            }
        }
    }

    /// The version of the settings; 0 before the first setup.
    pub fn settings_version(&self) -> i64 {
        self.settings.as_ref().map_or(0, |settings| settings.version)
    }
}

/// Whether a Group is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupState {
    /// Not approved yet.
    Pending,
    /// Approved, and the approval has not ended.
    Active,
    /// The approval has ended.
    Lapsed,
}

impl GroupState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Active, Self::Lapsed];

    /// The word in databases.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Lapsed => "lapsed",
        }
    }
}

/// What `/group setup` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSettings {
    /// Counts changes, from 1; kept with each Incident.
    pub version: i64,
    /// The roles whose members are staff.
    pub staff_roles: Vec<RoleId>,
    /// The roles whose members are students.
    pub student_roles: Vec<RoleId>,
    /// The roles whose members are parents.
    pub parent_roles: Vec<RoleId>,
    /// The two administrators of the procedure (3d, 4b), two different accounts.
    pub administrators: [AccountId; 2],
    /// Where "Chaperone could not reach an administrator" is posted.
    pub fallback: SpaceId,
}

impl GroupSettings {
    /// What an account with these roles is: staff wins over student, student over parent.
    pub fn standing(&self, roles: &[RoleId]) -> Standing {
        let any_of = |of: &[RoleId]| roles.iter().any(|role| of.contains(role));
        if any_of(&self.staff_roles) {
            Standing::Staff
        } else if any_of(&self.student_roles) {
            Standing::Student
        } else if any_of(&self.parent_roles) {
            Standing::Parent
        } else {
            Standing::Unverified
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_wins_over_student_and_unknown_is_unverified() {
        let [staff, student, parent, other] = [1, 2, 3, 4].map(RoleId::new);
        let settings = GroupSettings {
            version: 1,
            staff_roles: vec![staff],
            student_roles: vec![student],
            parent_roles: vec![parent],
            administrators: [AccountId::new(1), AccountId::new(2)],
            fallback: SpaceId::new(1),
        };
        assert_eq!(settings.standing(&[student, staff]), Standing::Staff);
        assert_eq!(settings.standing(&[parent, student]), Standing::Student);
        assert_eq!(settings.standing(&[other, parent]), Standing::Parent);
        assert_eq!(settings.standing(&[other]), Standing::Unverified);

        let group = Group {
            id: GroupId::new(1),
            first_seen: Timestamp::from_millis(0),
            state: GroupState::Pending,
            settings: Some(settings),
        };
        assert_eq!(group.standing(AuthorKind::Webhook, &[staff]), Standing::App);
    }
}
