//! PostgreSQL: two schemas of one database, for deployments that outgrow one machine.
//!
//! `address` makes something to connect with out of the setting, `link` is the writer's connection, which comes back
//! when it was cut, and `error` tells the server's errors apart. Reading goes over a pool, which comes back by itself.

mod address;
mod error;
mod link;

use std::time::Duration;

use async_trait::async_trait;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection, PgPool, Postgres};

use self::address::{Schema, Server};
use self::error::{error, opening_error};
use self::link::{Link, MainLink};
use super::connection::{Connection, Engine, Readers, WriteConnection};
use super::dialect::{self, Dialect};
use super::rows::connection;
use super::{Access, Place, Result, StorageError};
use crate::config::DatabaseUrl;

/// How many can read at once, of each schema.
const READERS: u32 = 4;
/// How long whoever reads waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// A database on a server.
#[derive(Debug)]
pub(super) struct PostgresEngine {
    server: Server,
}

impl PostgresEngine {
    /// Reads the address; connects to nothing yet.
    pub(super) fn new(url: &DatabaseUrl) -> Result<Self> {
        Server::new(url).map(|server| Self { server })
    }
}

#[async_trait]
impl Engine for PostgresEngine {
    fn place(&self) -> Place {
        Place::Server
    }

    fn dialect(&self) -> Dialect {
        dialect::POSTGRES
    }

    async fn main_writer(&self) -> Result<Box<dyn WriteConnection>> {
        Ok(Box::new(MainLink::open(self.server.clone()).await?))
    }

    async fn keys_writer(&self) -> Result<Box<dyn WriteConnection>> {
        Ok(Box::new(Link::open(self.server.clone(), Schema::Keys).await?))
    }

    async fn first_reader(&self) -> Result<Box<dyn Connection>> {
        Ok(Box::new(connect(&self.server.to_read(Schema::Main)).await?))
    }

    fn readers(&self, _access: Access) -> Box<dyn Readers> {
        let pool = |schema| {
            PgPoolOptions::new()
                .max_connections(READERS)
                .acquire_timeout(PATIENCE)
                .connect_lazy_with(self.server.to_read(schema))
        };
        Box::new(PostgresReaders { main: pool(Schema::Main), keys: pool(Schema::Keys) })
    }
}

#[derive(Debug)]
struct PostgresReaders {
    main: PgPool,
    keys: PgPool,
}

#[async_trait]
impl Readers for PostgresReaders {
    async fn main(&self) -> Result<Box<dyn Connection>> {
        Ok(Box::new(self.main.acquire().await.map_err(opening_error)?))
    }

    async fn snapshot(&self) -> Result<Box<dyn Connection>> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(Box::new(self.main.begin_with(begin).await.map_err(opening_error)?))
    }

    async fn keys(&self) -> Result<Box<dyn Connection>> {
        let mut keys = self.keys.acquire().await.map_err(opening_error)?;
        let table = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'chaperone_keys' AND tablename = 'data_keys'";
        match keys.row(table, &[]).await? {
            Some(_) => Ok(Box::new(keys)),
            None => Err(StorageError::NotADatabase),
        }
    }

    async fn close(&self) {
        self.main.close().await;
        self.keys.close().await;
    }
}

connection!(PgConnection, this => this, this => {
    // It only reads, so there is nothing to do about an error.
    let _ = sqlx::Connection::close(this).await;
});
connection!(PoolConnection<Postgres>, this => &mut **this, this => drop(this));
connection!(sqlx::Transaction<'static, Postgres>, this => &mut **this, this => drop(this));

/// Connects, or says soon why not.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    match tokio::time::timeout(PATIENCE, options.connect()).await {
        Ok(connected) => connected.map_err(opening_error),
        Err(_) => Err(StorageError::Unreachable { why: std::io::ErrorKind::TimedOut }),
    }
}
