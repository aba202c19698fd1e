//! The values that the tests put into storage, and what they look for in it.

use chaperone::domain::{
    AccountId, Actor, Clause, EvidenceItem, EvidenceKind, EvidenceState, Explanation, Finding, GroupId,
    GroupSettings, Incident, IncidentCode, IncidentId, Job, LogAction, LogChain, MessageId, MessageText,
    RoleId, RuleId, RulesetHash, Severity, SpaceId, Span, Timestamp,
};
use chaperone::storage::{
    AlertTo, IncidentFilter, LogVerdict, NewLogEntry, Recorded, Recording, Revision, Storage,
};

pub(super) const GROUP: GroupId = GroupId::new(1000);
pub(super) const SPACE: SpaceId = SpaceId::new(2000);
pub(super) const PRINCIPAL: AccountId = AccountId::new(31);
pub(super) const TEACHER: AccountId = AccountId::new(32);
pub(super) const AUTHOR: AccountId = AccountId::new(33);

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + second * 1000)
}

pub(super) fn rule(id: &str) -> RuleId {
    RuleId::new(id).unwrap()
}

/// A code that depends on the number alone.
pub(super) fn code(number: u64) -> IncidentCode {
    let mut bytes = [0; IncidentCode::LENGTH];
    bytes[0] = (number % 30) as u8;
    bytes[1] = (number / 30 % 30) as u8;
    bytes[2] = (number / 900 % 30) as u8;
    IncidentCode::from_random(bytes)
}

pub(super) fn finding(text: &str) -> Finding {
    Finding {
        rule: rule("asks-to-move-to-dm"),
        job: Job::Contact,
        clause: Clause::C3b,
        severity: Severity::High,
        spans: vec![Span { start: 0, end: text.len() }],
        joined: false,
        explanation: Explanation {
            title: ["Asks to talk in private".into(), "Demande à parler en privé".into()],
            why: [
                "Staff and students write in the group.".into(),
                "Le personnel écrit dans le groupe.".into(),
            ],
            read_as: vec![MessageText::new(text.to_lowercase())],
        },
    }
}

pub(super) fn evidence(message: u64, revised: i64, text: &str) -> EvidenceItem {
    EvidenceItem {
        kind: EvidenceKind::Message,
        message: MessageId::new(message),
        revised_at: at(revised),
        author_name: "Coach Ito".into(),
        space_name: "general".into(),
        text: text.into(),
        findings: vec![finding(text)],
        state: EvidenceState::Held { until: at(1_000_000) },
    }
}

/// A flagged message, with alerts for both administrators. The second `revised` was sent is part of the nonces.
pub(super) fn recording(message: u64, revised: i64) -> Recording {
    let nonce = |to: AccountId| format!("{message}-{revised}-{to}");
    Recording {
        group: GROUP,
        space: SPACE,
        message: MessageId::new(message),
        revised_at: at(revised),
        author: AUTHOR,
        accused: AUTHOR,
        severity: Severity::Medium,
        clause: Clause::C3b,
        rules: vec![rule("asks-to-move-to-dm")],
        ruleset: RulesetHash::new([7; 32]),
        settings_version: 0,
        at: at(revised + 1),
        evidence: vec![evidence(message, revised, "DM me instead")],
        alerts: [PRINCIPAL, TEACHER].map(|to| AlertTo { to, nonce: nonce(to) }).to_vec(),
        codes: vec![code(message)],
        cursor: Some(MessageId::new(message)),
    }
}

pub(super) fn revision(message: u64, revised: i64, text: &str) -> Revision {
    let evidence = EvidenceItem { findings: Vec::new(), ..evidence(message, revised, text) };
    Revision { evidence: EvidenceItem { kind: EvidenceKind::Revision, ..evidence }, at: at(revised + 1) }
}

pub(super) fn settings(version: i64) -> GroupSettings {
    GroupSettings {
        version,
        staff_roles: vec![RoleId::new(1), RoleId::new(2)],
        student_roles: vec![RoleId::new(3)],
        parent_roles: Vec::new(),
        administrators: [PRINCIPAL, TEACHER],
        fallback: SpaceId::new(2001),
    }
}

pub(super) fn reading(by: AccountId, second: i64) -> NewLogEntry {
    NewLogEntry {
        chain: LogChain::Group(GROUP),
        at: at(second),
        actor: Actor::Account(by),
        action: LogAction::IncidentShown,
        incident: None,
        detail: None,
    }
}

pub(super) fn every_incident() -> IncidentFilter {
    IncidentFilter { group: GROUP, open_only: false, without_accused: None, before: None, most: 1000 }
}

/// Records, and answers the incident that was opened.
pub(super) async fn open_incident(storage: &dyn Storage, recording: Recording) -> Incident {
    match storage.record(recording).await.unwrap() {
        Recorded::Opened(incident) => incident,
        other => panic!("a new incident was expected, not {other:?}"),
    }
}

pub(super) async fn incident(storage: &dyn Storage, id: IncidentId) -> Incident {
    storage.incident(id).await.unwrap().unwrap()
}

/// Asserts that the chain is intact and all evidence opens.
pub(super) async fn assert_whole(storage: &dyn Storage) -> LogVerdict {
    let verdict = storage.verify_log(&|_| {}).await.unwrap();
    assert_eq!(verdict.problems, Vec::<String>::new());
    verdict
}
