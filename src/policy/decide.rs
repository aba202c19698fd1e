//! From findings to a decision.

use crate::domain::{
    AccountId, Addressees, Circumstances, Clause, Consequence, Decision, Finding, GroupSettings, Job,
    NothingBecause, Standing,
};

/// Who and where a decision is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Who wrote the words.
    pub author: AccountId,
    /// The Group's settings, once it has some.
    pub settings: Option<&'a GroupSettings>,
}

/// Decides what follows from findings: an Incident with everyone to be told, or nothing with the reason.
///
/// Both administrators are told, except the one whose conduct it is about. `findings` come heaviest first.
///
/// Before the first setup nobody is known to be staff or student, so what depends on that is left for then: with the
/// setup everything since the Group was first seen is read again.
pub fn decide(mut findings: Vec<Finding>, subject: Subject<'_>, circumstances: &Circumstances) -> Decision {
    if subject.settings.is_none() {
        findings.retain(|finding| finding.job != Job::Contact);
    }
    let Some(heaviest) = findings.first() else {
        return Decision::Nothing(NothingBecause::NoFinding);
    };
    let accused = accused(heaviest.clause, subject.author, circumstances);
    // A lighter finding can be about somebody else than the heaviest; they are not told either.
    let pointed_at: Vec<AccountId> =
        findings.iter().map(|finding| self::accused(finding.clause, subject.author, circumstances)).collect();
    let administrators = subject.settings.iter().flat_map(|settings| settings.administrators);
    Decision::Flag {
        severity: heaviest.severity,
        clause: heaviest.clause,
        accused,
        consequences: administrators
            .filter(|administrator| !pointed_at.contains(administrator))
            .map(Consequence::Alert)
            .collect(),
        findings,
    }
}

/// Whose conduct it is about: the author, or, where a private exchange between staff and student is at stake, the
/// adult whom the words address, whoever wrote first.
fn accused(clause: Clause, author: AccountId, circumstances: &Circumstances) -> AccountId {
    let about_contact = matches!(clause, Clause::C3a | Clause::C3b | Clause::C3f | Clause::C3g);
    if !about_contact || circumstances.author == Standing::Staff {
        return author;
    }
    match &circumstances.addressees {
        Addressees::Room => author,
        Addressees::Named(named) => named
            .iter()
            .find(|(_, standing)| *standing == Standing::Staff)
            .map_or(author, |(account, _)| *account),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Explanation, RuleId, Severity, SpaceId, SpaceKind, Span};

    fn finding(clause: Clause, severity: Severity) -> Finding {
        Finding {
            rule: RuleId::new("a-rule").unwrap(),
            job: Job::Contact,
            clause,
            severity,
            spans: vec![Span { start: 0, end: 1 }],
            joined: false,
            explanation: Explanation {
                title: [String::new(), String::new()],
                why: [String::new(), String::new()],
                read_as: vec![],
            },
        }
    }

    fn settings() -> GroupSettings {
        GroupSettings {
            version: 1,
            staff_roles: vec![],
            student_roles: vec![],
            parent_roles: vec![],
            administrators: [AccountId::new(1), AccountId::new(2)],
            fallback: SpaceId::new(9),
        }
    }

    fn circumstances(author: Standing, addressees: Addressees) -> Circumstances {
        Circumstances { author, addressees, space: SpaceKind::Channel, earlier: vec![] }
    }

    fn told(decision: &Decision) -> Vec<u64> {
        match decision {
            Decision::Nothing(_) => vec![],
            Decision::Flag { consequences, .. } => {
                consequences.iter().map(|Consequence::Alert(account)| account.get()).collect()
            }
        }
    }

    fn decide_for(author: u64, clause: Clause, circumstances: &Circumstances) -> Decision {
        let settings = settings();
        let subject = Subject { author: AccountId::new(author), settings: Some(&settings) };
        decide(vec![finding(clause, Severity::High)], subject, circumstances)
    }

    #[test]
    fn nothing_found_is_nothing_with_its_reason() {
        let subject = Subject { author: AccountId::new(3), settings: None };
        let decision = decide(vec![], subject, &circumstances(Standing::Student, Addressees::Room));
        assert_eq!(decision, Decision::Nothing(NothingBecause::NoFinding));
    }

    #[test]
    fn both_administrators_are_told_but_never_of_their_own_case() {
        let room = circumstances(Standing::Staff, Addressees::Room);
        assert_eq!(told(&decide_for(3, Clause::C2b, &room)), [1, 2]);
        assert_eq!(told(&decide_for(1, Clause::C2b, &room)), [2]);
    }

    #[test]
    fn in_a_private_exchange_the_adult_is_the_accused_whoever_wrote_first() {
        let to_staff = Addressees::Named(vec![(AccountId::new(2), Standing::Staff)]);
        let decision = decide_for(3, Clause::C3b, &circumstances(Standing::Student, to_staff.clone()));
        assert!(matches!(decision, Decision::Flag { accused, .. } if accused == AccountId::new(2)));
        assert_eq!(told(&decision), [1]);

        let insult = decide_for(3, Clause::C2b, &circumstances(Standing::Student, to_staff));
        assert!(matches!(insult, Decision::Flag { accused, .. } if accused == AccountId::new(3)));
    }
}
