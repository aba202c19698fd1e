//! A place to open storage in, on each engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chaperone::config::DatabaseUrl;
use chaperone::storage::{self, Access, OpenOptions, Storage};
use chaperone::vault::KeySource;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

pub(super) use super::values::*;
use crate::postgres_server::Server;

const MARK: &str = "a-test-works-here";

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

    /// Runs the migrations of the main database up to this one.
    async fn migrate_to(&self, version: i64);

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

    async fn migrate_to(&self, version: i64) {
        std::fs::create_dir_all(self.data_dir()).unwrap();
        let path = self.data_dir().join("chaperone.db");
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        migrations("sqlite").await.run_direct(Some(version), &mut connection, false).await.unwrap();
        connection.close().await.unwrap();
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

    async fn migrate_to(&self, version: i64) {
        self.server.psql(&self.name, "CREATE SCHEMA IF NOT EXISTS chaperone");
        let mut connection = self.raw(false).await;
        migrations("postgres").await.run_direct(Some(version), &mut connection, false).await.unwrap();
        connection.close().await.unwrap();
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

async fn migrations(folder: &str) -> Migrator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
    Migrator::new(path).await.unwrap()
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
