//! A place to open storage in, and the values that the tests put into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chaperone::config::DatabaseUrl;
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
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

use crate::postgres_server::Server;

const MARK: &str = "a-test-works-here";

pub(super) const GROUP: GroupId = GroupId::new(1000);
pub(super) const SPACE: SpaceId = SpaceId::new(2000);
pub(super) const PRINCIPAL: AccountId = AccountId::new(31);
pub(super) const TEACHER: AccountId = AccountId::new(32);
pub(super) const AUTHOR: AccountId = AccountId::new(33);

/// Runs every one of these on every engine.
macro_rules! on_every_engine {
    ($($promise:ident)*) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $promise() {
                    super::$promise(crate::storage::place::Sqlite::fresh()).await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test]
                async fn $promise() {
                    if let Some(place) = crate::storage::place::Postgres::fresh() {
                        super::$promise(place).await;
                    }
                }
            )*
        }
    };
}
pub(super) use on_every_engine;

/// Somewhere that storage can be opened, closed and opened again.
#[async_trait]
pub(super) trait Place: Send + Sync {
    /// Another fresh place of the same engine.
    fn another(&self) -> Self
    where
        Self: Sized;

    /// The folder for what is kept on this machine.
    fn folder(&self) -> &Path;

    /// The address of the database, where it is not in the folder.
    fn database(&self) -> Option<DatabaseUrl>;

    /// Runs statements behind storage's back, with bytes written `x'00'`; answers how many rows each changed. Nothing
    /// else may have the main database open, or the data keys where it is `keys` that are changed.
    async fn change(&self, keys: bool, statements: &[&'static str]) -> Vec<u64>;

    /// Loses the data keys, store and all.
    async fn lose_keys(&self);

    /// Takes a lock that keeps storage from writing, to the main database or to the data keys.
    async fn block(&self, keys: bool) -> Block;

    fn data_dir(&self) -> PathBuf {
        self.folder().join("data")
    }

    fn key_file(&self) -> PathBuf {
        self.folder().join("deployment.key")
    }

    fn options(&self, access: Access) -> OpenOptions {
        let key = KeySource::File(self.key_file());
        OpenOptions { data_dir: self.data_dir(), database: self.database(), key, access }
    }

    async fn try_open(&self, access: Access) -> storage::Result<Arc<dyn Storage>> {
        storage::open(&self.options(access)).await
    }

    async fn open(&self) -> Arc<dyn Storage> {
        self.try_open(Access::Write).await.unwrap()
    }

    /// Changes the main database, which nothing else may have open.
    async fn tamper(&self, statements: &[&'static str]) {
        for (changed, statement) in self.change(false, statements).await.into_iter().zip(statements) {
            assert!(changed > 0, "{statement} changed nothing");
        }
    }

    /// Changes the data keys.
    async fn tamper_keys(&self, statements: &[&'static str]) {
        self.change(true, statements).await;
    }
}

/// A lock that is held until it is released.
pub(super) enum Block {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Block {
    pub(super) async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => {
                sqlx::query("ROLLBACK").execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Self::Postgres(connection) => connection.close().await.unwrap(),
        }
    }
}

/// A fresh data directory.
pub(super) struct Sqlite {
    folder: TempDir,
}

impl Sqlite {
    pub(super) fn fresh() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    async fn raw(&self, keys: bool) -> SqliteConnection {
        let path = self.data_dir().join(if keys { "keys.db" } else { "chaperone.db" });
        SqliteConnectOptions::new().filename(path).foreign_keys(false).connect().await.unwrap()
    }
}

#[async_trait]
impl Place for Sqlite {
    fn another(&self) -> Self {
        Self::fresh()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn database(&self) -> Option<DatabaseUrl> {
        None
    }

    async fn change(&self, keys: bool, statements: &[&'static str]) -> Vec<u64> {
        let mut connection = self.raw(keys).await;
        let mut changed = Vec::new();
        for statement in statements {
            changed.push(sqlx::query(*statement).execute(&mut connection).await.unwrap().rows_affected());
        }
        connection.close().await.unwrap();
        changed
    }

    async fn lose_keys(&self) {
        std::fs::remove_file(self.data_dir().join("keys.db")).unwrap();
    }

    async fn block(&self, keys: bool) -> Block {
        let mut connection = self.raw(keys).await;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
        Block::Sqlite(connection)
    }
}

/// A fresh database of a server.
pub(super) struct Postgres {
    pub(super) server: Arc<Server>,
    folder: TempDir,
    pub(super) name: String,
}

impl Postgres {
    /// `None` where the machine has no PostgreSQL.
    pub(super) fn fresh() -> Option<Self> {
        Server::shared().map(Self::on)
    }

    /// On a server that the test may stop.
    pub(super) fn on_own_server() -> Option<Self> {
        Server::start_own().map(Arc::new).map(Self::on)
    }

    fn on(server: Arc<Server>) -> Self {
        let name = server.create_database();
        Self { server, folder: tempfile::tempdir().unwrap(), name }
    }

    /// How to open it at another address.
    pub(super) fn options_at(&self, url: String) -> OpenOptions {
        OpenOptions { database: Some(url.into()), ..self.options(Access::Write) }
    }

    async fn raw(&self, keys: bool) -> PgConnection {
        let options: PgConnectOptions = self.server.url(&self.name).parse().unwrap();
        let schema = if keys { "chaperone_keys" } else { "chaperone" };
        let options = options.options([("search_path", schema), ("session_replication_role", "replica")]);
        options.connect().await.unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.server.drop_database(&self.name);
    }
}

#[async_trait]
impl Place for Postgres {
    fn another(&self) -> Self {
        Self::fresh().expect("the server of this place makes another")
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn database(&self) -> Option<DatabaseUrl> {
        Some(self.server.url(&self.name).into())
    }

    async fn change(&self, keys: bool, statements: &[&'static str]) -> Vec<u64> {
        let mut connection = self.raw(keys).await;
        let mut changed = Vec::new();
        for statement in statements {
            let statement = AssertSqlSafe(statement.replace("x'", "'\\x"));
            changed.push(sqlx::query(statement).execute(&mut connection).await.unwrap().rows_affected());
        }
        connection.close().await.unwrap();
        changed
    }

    async fn lose_keys(&self) {
        self.change(true, &["DROP SCHEMA chaperone_keys CASCADE"]).await;
    }

    async fn block(&self, keys: bool) -> Block {
        let mut connection = self.raw(keys).await;
        let table = if keys { "LOCK TABLE data_keys" } else { "LOCK TABLE log_heads IN EXCLUSIVE MODE" };
        sqlx::query("BEGIN").execute(&mut connection).await.unwrap();
        sqlx::query(table).execute(&mut connection).await.unwrap();
        Block::Postgres(connection)
    }
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

/// Marks a folder as one in which a process of a test may work, and says on which database.
pub(super) fn prepare(folder: &Path, database: Option<&DatabaseUrl>) {
    let url = database.map_or("", DatabaseUrl::expose);
    std::fs::write(folder.join(MARK), url).unwrap();
}

/// The working directory of a process that another test has started.
pub(super) fn prepared() -> &'static Path {
    assert!(Path::new(MARK).exists(), "another test runs this one, in a folder of its own");
    Path::new(".")
}

/// What to open in a folder that a test and its process share.
pub(super) fn here(folder: &Path) -> OpenOptions {
    let key = KeySource::File(folder.join("deployment.key"));
    let url = std::fs::read_to_string(folder.join(MARK)).unwrap();
    let database = (!url.is_empty()).then(|| url.into());
    OpenOptions { data_dir: folder.join("data"), database, key, access: Access::Write }
}
