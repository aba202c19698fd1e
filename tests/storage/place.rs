//! A place to open storage in, and the values that the tests put into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chaperone::domain::{
    AccountId, Actor, Clause, EvidenceItem, EvidenceKind, EvidenceState, Explanation, Finding, GroupId,
    GroupSettings, Incident, IncidentCode, IncidentId, Job, LogAction, LogChain, MessageId, MessageText,
    RoleId, RuleId, RulesetHash, Severity, SpaceId, Span, Timestamp,
};
use chaperone::storage::{
    self, Access, AlertTo, IncidentFilter, LogVerdict, NewLogEntry, OpenOptions, Recorded, Recording,
    Revision, Storage,
};
use chaperone::vault::KeySource;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

const MARK: &str = "a-test-works-here";

pub(super) const GROUP: GroupId = GroupId::new(1000);
pub(super) const SPACE: SpaceId = SpaceId::new(2000);
pub(super) const PRINCIPAL: AccountId = AccountId::new(31);
pub(super) const TEACHER: AccountId = AccountId::new(32);
pub(super) const AUTHOR: AccountId = AccountId::new(33);

/// Somewhere that storage can be opened, closed and opened again.
#[async_trait]
pub(super) trait Place: Send + Sync {
    async fn open(&self) -> Arc<dyn Storage>;
}

/// A fresh data directory.
pub(super) struct Sqlite {
    folder: TempDir,
}

impl Sqlite {
    pub(super) fn fresh() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.folder.path().join("deployment.key")
    }

    pub(super) fn options(&self, access: Access) -> OpenOptions {
        OpenOptions { data_dir: self.data_dir(), key: KeySource::File(self.key_file()), access }
    }

    pub(super) async fn try_open(&self, access: Access) -> storage::Result<Arc<dyn Storage>> {
        storage::open(&self.options(access)).await
    }

    /// The main database behind storage's back.
    pub(super) async fn main(&self) -> SqliteConnection {
        raw(&self.data_dir().join("chaperone.db")).await
    }

    /// The data keys behind storage's back.
    pub(super) async fn keys(&self) -> SqliteConnection {
        raw(&self.data_dir().join("keys.db")).await
    }

    /// Runs statements on the main database, which nothing else may have open.
    pub(super) async fn tamper(&self, statements: &[&'static str]) {
        let mut connection = self.main().await;
        for statement in statements {
            let changed = sqlx::query(*statement).execute(&mut connection).await.unwrap().rows_affected();
            assert!(changed > 0, "{statement} changed nothing");
        }
        connection.close().await.unwrap();
    }
}

#[async_trait]
impl Place for Sqlite {
    async fn open(&self) -> Arc<dyn Storage> {
        self.try_open(Access::Write).await.unwrap()
    }
}

async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).foreign_keys(false).connect().await.unwrap()
}

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

/// Marks a folder as one in which a process of a test may work.
pub(super) fn prepare(folder: &Path) {
    std::fs::write(folder.join(MARK), "").unwrap();
}

/// The working directory of a process that another test has started.
pub(super) fn prepared() -> &'static Path {
    assert!(Path::new(MARK).exists(), "another test runs this one, in a folder of its own");
    Path::new(".")
}

/// What to open in a folder that a test and its process share.
pub(super) fn here(folder: &Path) -> OpenOptions {
    let key = KeySource::File(folder.join("deployment.key"));
    OpenOptions { data_dir: folder.join("data"), key, access: Access::Write }
}
