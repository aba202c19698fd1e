//! `SQLite`: opens the files and tells its errors apart.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::error::DatabaseError;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Sqlite, SqliteConnection, SqlitePool};

use super::connection::{Connection, Engine, Readers, WriteConnection};
use super::data_dir::{DataDir, Lock};
use super::dialect::{self, Dialect};
use super::migrate::migrate_error;
use super::rows::connection;
use super::{Access, Place, Result, StorageError};

/// How long to wait for a lock that another program holds.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many can read at once.
const READERS: u32 = 4;

/// The embedded database of a data directory.
#[derive(Debug)]
pub(super) struct SqliteEngine(pub(super) DataDir);

#[async_trait]
impl Engine for SqliteEngine {
    fn place(&self) -> Place {
        self.0.place()
    }

    fn dialect(&self) -> Dialect {
        dialect::SQLITE
    }

    async fn main_writer(&self) -> Result<Box<dyn WriteConnection>> {
        let lock = self.0.claim()?;
        Ok(Box::new(Writing { connection: writer(&self.0.main()).await?, _lock: Some(lock) }))
    }

    async fn keys_writer(&self) -> Result<Box<dyn WriteConnection>> {
        Ok(Box::new(Writing { connection: writer(&self.0.keys()).await?, _lock: None }))
    }

    async fn first_reader(&self) -> Result<Box<dyn Connection>> {
        if !self.0.main().is_file() {
            return Err(StorageError::NoDatabase { place: self.place() });
        }
        Ok(Box::new(reader(&self.0.main()).await?))
    }

    fn readers(&self, access: Access) -> Box<dyn Readers> {
        Box::new(SqliteReaders::new(&self.0, access))
    }
}

/// A connection of the writer. The lock goes with that to the main database.
struct Writing {
    connection: SqliteConnection,
    _lock: Option<Lock>,
}

#[async_trait]
impl WriteConnection for Writing {
    async fn migrate(&mut self, migrations: Migrator) -> Result<()> {
        let done = migrations.run_direct(None, &mut self.connection, false).await;
        done.map_err(|why| migrate_error(why, error))
    }

    async fn begin(&mut self) -> Result<()> {
        self.execute(dialect::SQLITE.begin_write, &[]).await.map(drop)
    }

    async fn commit(&mut self) -> Result<()> {
        self.execute("COMMIT", &[]).await.map(drop)
    }

    async fn roll_back(&mut self) {
        // An error means that the engine has ended the transaction already.
        let _ = self.execute("ROLLBACK", &[]).await;
    }
}

/// Opens a database to write, making the file where there is none.
async fn writer(path: &Path) -> Result<SqliteConnection> {
    let options = options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("secure_delete", "ON");
    options.connect().await.map_err(|why| opening_error(path, why))
}

/// Opens one connection that can only read.
async fn reader(path: &Path) -> Result<SqliteConnection> {
    options(path).read_only(true).connect().await.map_err(|why| opening_error(path, why))
}

/// Connections for reading both files.
#[derive(Debug)]
struct SqliteReaders {
    main: SqlitePool,
    keys: SqlitePool,
}

impl SqliteReaders {
    fn new(data_dir: &DataDir, access: Access) -> Self {
        let pool = |path: &Path| {
            let options = match access {
                Access::Write => options(path).pragma("query_only", "ON"),
                Access::Read => options(path).read_only(true),
            };
            SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(options)
        };
        Self { main: pool(&data_dir.main()), keys: pool(&data_dir.keys()) }
    }
}

#[async_trait]
impl Readers for SqliteReaders {
    async fn main(&self) -> Result<Box<dyn Connection>> {
        Ok(Box::new(self.main.acquire().await.map_err(error)?))
    }

    async fn snapshot(&self) -> Result<Box<dyn Connection>> {
        Ok(Box::new(self.main.begin().await.map_err(error)?))
    }

    async fn keys(&self) -> Result<Box<dyn Connection>> {
        Ok(Box::new(self.keys.acquire().await.map_err(error)?))
    }

    async fn close(&self) {
        self.main.close().await;
        self.keys.close().await;
    }
}

connection!(SqliteConnection, this => this, this => {
    // Nothing is waiting to be written any more, so there is nothing to do about an error.
    let _ = sqlx::Connection::close(this).await;
});
connection!(Writing, this => &mut this.connection, this => {
    // As above; the lock is given back after it.
    let _ = sqlx::Connection::close(this.connection).await;
});
connection!(PoolConnection<Sqlite>, this => &mut **this, this => drop(this));
connection!(sqlx::Transaction<'static, Sqlite>, this => &mut **this, this => drop(this));

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(PATIENCE)
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging()
}

/// When a file cannot be opened or may not be written, it is the directory that somebody has to look at.
fn opening_error(path: &Path, why: sqlx::Error) -> StorageError {
    const READ_ONLY: u32 = 8;
    const CANNOT_OPEN: u32 = 14;
    match code(&why) & 0xff {
        READ_ONLY | CANNOT_OPEN => StorageError::DataDir {
            path: path.parent().unwrap_or(path).to_owned(),
            source: std::io::Error::other(why),
        },
        _ => error(why),
    }
}

/// The engine's result code, 0 where it is not the engine that complains.
fn code(error: &sqlx::Error) -> u32 {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.and_then(|code| u32::from_str(&code).ok()).unwrap_or(0)
}

/// Tells the engine's errors apart by its result codes (sqlite.org, "Result and Error Codes").
fn error(error: sqlx::Error) -> StorageError {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const CORRUPT: u32 = 11;
    const FULL: u32 = 13;
    const NOT_A_DATABASE: u32 = 26;
    // A quota or a limit on file sizes is no full disk to the engine, and yet it is one to us.
    const WRITE_FAILED: u32 = 778;
    const NO_ROOM_FOR_SHARED_MEMORY: u32 = 4874;
    if matches!(error, sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed) {
        return StorageError::Closed;
    }
    let code = code(&error);
    match (code, code & 0xff) {
        (_, BUSY | LOCKED) => StorageError::Locked,
        (_, FULL) | (WRITE_FAILED | NO_ROOM_FOR_SHARED_MEMORY, _) => StorageError::DiskFull,
        (_, CORRUPT | NOT_A_DATABASE) => StorageError::NotADatabase,
        _ => StorageError::Engine(Box::new(error)),
    }
}
