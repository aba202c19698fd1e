//! `SQLite`: opens the files, runs statements, and tells its errors apart.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::error::DatabaseError;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row as _, Sqlite, SqliteConnection, SqlitePool, TypeInfo, ValueRef};

use super::connection::{Connection, Readers, Row, Value};
use super::data_dir::DataDir;
use super::{Access, Result, StorageError};

/// How long to wait for a lock that another program holds.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many can read at once.
const READERS: u32 = 4;

/// Opens a database for the writer, making the file where there is none.
pub(super) async fn writer(path: &Path) -> Result<SqliteConnection> {
    let options = options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("secure_delete", "ON");
    options.connect().await.map_err(|why| opening_error(path, why))
}

/// Opens one connection that can only read.
pub(super) async fn reader(path: &Path) -> Result<SqliteConnection> {
    options(path).read_only(true).connect().await.map_err(|why| opening_error(path, why))
}

/// Connections for reading both files.
#[derive(Debug)]
pub(super) struct SqliteReaders {
    main: SqlitePool,
    keys: SqlitePool,
}

impl SqliteReaders {
    /// Opens nothing yet: connections are made when they are first needed.
    pub(super) fn new(data_dir: &DataDir, access: Access) -> Self {
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

macro_rules! connection {
    ($type:ty, $this:ident => $inner:expr, $that:ident => $close:expr) => {
        #[async_trait]
        impl Connection for $type {
            async fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64> {
                let $this = self;
                let done = bound(sql, values).execute($inner).await.map_err(error)?;
                Ok(done.rows_affected())
            }

            async fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>> {
                let $this = self;
                let rows = bound(sql, values).fetch_all($inner).await.map_err(error)?;
                rows.iter().map(row).collect()
            }

            async fn close(self: Box<Self>) {
                let $that = *self;
                $close;
            }
        }
    };
}

connection!(SqliteConnection, this => this, this => {
    // Nothing is waiting to be written any more, so there is nothing to do about an error.
    let _ = sqlx::Connection::close(this).await;
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

fn bound<'q>(sql: &'static str, values: &'q [Value]) -> sqlx::query::Query<'q, Sqlite, SqliteArguments> {
    values.iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.as_deref()),
        Value::Bytes(bytes) => query.bind(bytes.as_deref()),
    })
}

fn row(row: &SqliteRow) -> Result<Row> {
    let value = |column| {
        let raw = row.try_get_raw(column)?;
        if raw.is_null() {
            return Ok(Value::Int(None));
        }
        match raw.type_info().name() {
            "TEXT" => row.try_get_unchecked(column).map(|text| Value::Text(Some(text))),
            "BLOB" => row.try_get_unchecked(column).map(|bytes| Value::Bytes(Some(bytes))),
            _ => row.try_get_unchecked(column).map(|number| Value::Int(Some(number))),
        }
    };
    (0..row.len()).map(value).collect::<sqlx::Result<Vec<_>>>().map(Row).map_err(error)
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
pub(super) fn error(error: sqlx::Error) -> StorageError {
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
