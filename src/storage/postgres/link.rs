//! The writer's connections, which come back when they were cut.
//!
//! [`Link`] is a session that is begun anew when there is none; what was under way in the old one was rolled back by
//! the server. [`MainLink`] besides holds the lock that keeps a second Chaperone out, and leaves a mark of its own in
//! every transaction. By the mark it finds out whether a commit was done whose answer never came, and whether somebody
//! else has written while the lock was lost.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::PgConnection;
use sqlx::migrate::Migrator;

use super::super::connection::{Connection, Row, Value, WriteConnection, values};
use super::super::migrate::migrate_error;
use super::super::{Place, Result, StorageError, dialect, rows};
use super::address::{Schema, Server};
use super::connect;
use super::error::error;
use crate::vault;

/// How long the server may take for one statement before the connection counts as lost.
const ANSWER: Duration = Duration::from_mins(1);
/// How often, and how long after the time before, a server is asked what became of a commit.
const ASKING: (u32, Duration) = (20, Duration::from_millis(500));
/// The advisory lock of the one Chaperone that writes: "chaperon" in ASCII.
const LOCK: i64 = 0x6368_6170_6572_6f6e;

/// A session of the server's, named so that it can be ended from another one.
struct Session {
    process: i64,
    started: String,
}

/// A connection to one schema, which is made again when it was cut, but never in the middle of a transaction.
pub(super) struct Link {
    server: Server,
    schema: Schema,
    connection: Option<PgConnection>,
    in_transaction: bool,
    /// Whether somebody's lock has stopped the transaction under way.
    locked: bool,
    session: Option<Session>,
}

impl Link {
    /// Connects.
    pub(super) async fn open(server: Server, schema: Schema) -> Result<Self> {
        let mut link =
            Self { server, schema, connection: None, in_transaction: false, locked: false, session: None };
        link.connected().await?;
        Ok(link)
    }

    async fn connected(&mut self) -> Result<&mut PgConnection> {
        // Whoever holds the lock would let the rest of the batch wait for it in turn.
        if self.locked {
            return Err(StorageError::Locked);
        }
        if self.connection.is_none() {
            if self.in_transaction {
                return Err(StorageError::Disconnected);
            }
            let mut fresh = connect(&self.server.to_write(self.schema)).await?;
            if self.schema == Schema::Main {
                self.session = Some(take_lock(&mut fresh, self.session.as_ref()).await?);
            }
            // What is acknowledged is on the disk, also where the server's default is to be fast about it.
            let durable = "SELECT set_config('synchronous_commit', 'on', false) \
                WHERE current_setting('synchronous_commit') = 'off'";
            Connection::rows(&mut fresh, durable, &[]).await?;
            self.connection = Some(fresh);
        }
        self.connection.as_mut().ok_or(StorageError::Disconnected)
    }

    /// Runs a statement without values in one message, which the server need not prepare.
    async fn say(&mut self, sql: &'static str) -> Result<()> {
        let connection = self.connected().await?;
        let done = in_time(sqlx::raw_sql(sql).execute(connection)).await;
        self.seen(done).map(drop)
    }

    async fn read(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>> {
        let connection = self.connected().await?;
        let read = in_time(rows::bound(sql, values).fetch_all(connection)).await;
        rows::read(&self.seen(read)?).map_err(error)
    }

    /// Drops a connection that is of no use any more.
    fn seen<T>(&mut self, done: Result<T>) -> Result<T> {
        self.locked = self.in_transaction && matches!(done, Err(StorageError::Locked));
        if matches!(done, Err(StorageError::Disconnected)) {
            self.connection = None;
        }
        done
    }
}

/// Takes the lock, ending the session that this process had it in before: the server may not have noticed yet that
/// nobody is at its other end.
async fn take_lock(fresh: &mut PgConnection, before: Option<&Session>) -> Result<Session> {
    if let Some(Session { process, started }) = before {
        // In two steps: the order in which one statement looks at its conditions is not ours to say.
        let there = "SELECT pid::bigint FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2";
        if Connection::row(fresh, there, values![*process, started.as_str()]).await?.is_some() {
            let end = "SELECT pg_terminate_backend($1::int)";
            Connection::execute(fresh, end, values![*process]).await?;
        }
    }
    match Connection::execute(fresh, "SELECT pg_advisory_lock($1)", values![LOCK]).await {
        Err(StorageError::Locked) => return Err(StorageError::InUse { place: Place::Server }),
        taken => taken?,
    };
    let own = "SELECT pid::bigint, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    let row = Connection::row(fresh, own, &[]).await?.ok_or(StorageError::Disconnected)?;
    let row = row.of("pg_stat_activity");
    Ok(Session { process: row.int(0)?, started: row.text(1)?.to_owned() })
}

/// An answer that does not come counts as a cut.
async fn in_time<T>(running: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match tokio::time::timeout(ANSWER, running).await {
        Ok(done) => done.map_err(error),
        Err(_) => Err(StorageError::Disconnected),
    }
}

#[async_trait]
impl Connection for Link {
    async fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64> {
        let connection = self.connected().await?;
        let done = in_time(rows::bound(sql, values).execute(connection)).await;
        Ok(self.seen(done)?.rows_affected())
    }

    async fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>> {
        match self.read(sql, values).await {
            // Outside a transaction nothing is written with an answer of rows, so that asking again is safe.
            Err(StorageError::Disconnected) if !self.in_transaction => self.read(sql, values).await,
            read => read,
        }
    }

    async fn close(self: Box<Self>) {
        if let Some(connection) = self.connection {
            // Nothing is waiting to be written any more, so there is nothing to do about an error.
            let _ = sqlx::Connection::close(connection).await;
        }
    }
}

#[async_trait]
impl WriteConnection for Link {
    async fn migrate(&mut self, migrations: Migrator) -> Result<()> {
        // The right to make a schema is only needed where it is not there.
        let there = "SELECT nspname::text FROM pg_namespace WHERE nspname = current_setting('search_path')";
        if self.row(there, &[]).await?.is_none() {
            self.execute(self.schema.create(), &[]).await?;
        }
        let connection = self.connected().await?;
        let done = migrations.run_direct(None, connection, false).await;
        done.map_err(|why| migrate_error(why, error))
    }

    async fn begin(&mut self) -> Result<()> {
        let begin = dialect::POSTGRES.begin_write;
        match self.say(begin).await {
            // It was cut while nothing was under way, so that beginning again is safe.
            Err(StorageError::Disconnected) => self.say(begin).await?,
            done => done?,
        }
        self.in_transaction = true;
        Ok(())
    }

    async fn commit(&mut self) -> Result<()> {
        let done = self.say("COMMIT").await;
        self.in_transaction = false;
        done
    }

    async fn roll_back(&mut self) {
        self.locked = false;
        // A server whose connection was cut rolls back by itself, and one that cannot even roll back is cut.
        if self.connection.is_some() && self.in_transaction && self.say("ROLLBACK").await.is_err() {
            self.connection = None;
        }
        self.in_transaction = false;
    }
}

/// The connection to everything but the data keys.
pub(super) struct MainLink {
    link: Link,
    name: String,
    count: u64,
    /// The mark of the transaction under way.
    open: String,
    /// The mark of the last one that was committed.
    last: Option<String>,
    /// The mark of one of which it was never learnt.
    doubtful: Option<String>,
}

impl MainLink {
    /// Connects and takes the lock.
    pub(super) async fn open(server: Server) -> Result<Self> {
        let link = Link::open(server, Schema::Main).await?;
        let name = vault::random_name().map_err(StorageError::Key)?;
        Ok(Self { link, name, count: 0, open: String::new(), last: None, doubtful: None })
    }

    /// Leaves the mark of a new transaction in place of the one before it.
    async fn mark(&mut self) -> Result<()> {
        self.count += 1;
        self.open = format!("{}-{}", self.name, self.count);
        let changed = match &self.last {
            None => {
                let first = "INSERT INTO meta (name, value) VALUES ('last-transaction', $1) \
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
                self.link.execute(first, values![self.open.as_str()]).await?
            }
            Some(last) => {
                let next = "UPDATE meta SET value = $1 WHERE name = 'last-transaction' AND value IN ($2, $3)";
                let before = self.doubtful.as_ref().unwrap_or(last);
                self.link.execute(next, values![self.open.as_str(), last.as_str(), before.as_str()]).await?
            }
        };
        if changed == 0 { Err(StorageError::InUse { place: Place::Server }) } else { Ok(()) }
    }

    /// Whether the transaction whose commit was not answered was committed.
    async fn ask(&mut self) -> Result<()> {
        let (times, pause) = ASKING;
        for _ in 0..times {
            let sql = "SELECT name, value FROM meta WHERE name = 'last-transaction'";
            match self.link.row(sql, &[]).await {
                Ok(row) => {
                    let found = row.as_ref().map(|row| row.of("meta").text(1)).transpose()?;
                    return if found == Some(&self.open) {
                        Ok(())
                    } else if self.last.is_none()
                        || found == self.last.as_deref()
                        || found == self.doubtful.as_deref()
                    {
                        Err(StorageError::Disconnected)
                    } else {
                        Err(StorageError::InUse { place: Place::Server })
                    };
                }
                Err(why) if why.is_absence() => tokio::time::sleep(pause).await,
                Err(_) => break,
            }
        }
        self.doubtful = Some(self.open.clone());
        Err(StorageError::InDoubt)
    }
}

#[async_trait]
impl Connection for MainLink {
    async fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64> {
        self.link.execute(sql, values).await
    }

    async fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>> {
        self.link.rows(sql, values).await
    }

    async fn close(self: Box<Self>) {
        Box::new(self.link).close().await;
    }
}

#[async_trait]
impl WriteConnection for MainLink {
    async fn migrate(&mut self, migrations: Migrator) -> Result<()> {
        self.link.migrate(migrations).await
    }

    async fn begin(&mut self) -> Result<()> {
        self.link.begin().await?;
        let marked = self.mark().await;
        if marked.is_err() {
            self.link.roll_back().await;
        }
        marked
    }

    async fn commit(&mut self) -> Result<()> {
        let done = match self.link.commit().await {
            Err(StorageError::Disconnected) => self.ask().await,
            done => done,
        };
        if done.is_ok() {
            self.last = Some(std::mem::take(&mut self.open));
            self.doubtful = None;
        }
        done
    }

    async fn roll_back(&mut self) {
        self.link.roll_back().await;
    }
}
