//! Opening a data directory: lock, key, schema, in an order in which a crash at any point leaves something that the
//! next start can open.

use std::path::PathBuf;
use std::sync::Arc;

use super::connection::{Connection, Engine, values};
use super::data_dir::DataDir;
use super::keys::Reserve;
use super::postgres::PostgresEngine;
use super::sqlite::SqliteEngine;
use super::store::Store;
use super::writer::{Tx, Writer};
use super::{Result, Storage, StorageError, migrate};
use crate::config::DatabaseUrl;
use crate::vault::{DeploymentKey, KeyError, KeySource, Vault};

/// What to open and how.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The directory with the embedded databases; made where it is missing.
    pub data_dir: PathBuf,
    /// The PostgreSQL database to use in place of the embedded ones.
    pub database: Option<DatabaseUrl>,
    /// Where the deployment key comes from.
    pub key: KeySource,
    /// What it is opened for.
    pub access: Access,
}

/// What a data directory is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To write: takes the lock, makes what is missing, migrates.
    Write,
    /// To read, also beside a Chaperone that is running: takes no lock, makes and migrates nothing.
    Read,
}

/// Opens the database: the embedded one of the data directory, or PostgreSQL where that is named.
pub async fn open(options: &OpenOptions) -> Result<Arc<dyn Storage>> {
    let data_dir = DataDir::new(&options.data_dir);
    let engine: Box<dyn Engine> = match &options.database {
        None => Box::new(SqliteEngine(data_dir)),
        Some(url) => {
            let engine = PostgresEngine::new(url)?;
            if options.access == Access::Write
                && matches!(&options.key, KeySource::File(path) if path.starts_with(&options.data_dir))
            {
                // The key stays on this machine, whatever else does not.
                data_dir.make()?;
            }
            Box::new(engine)
        }
    };
    Ok(Arc::new(match options.access {
        Access::Write => open_to_write(&*engine, &options.key).await?,
        Access::Read => open_to_read(&*engine, &options.key).await?,
    }))
}

pub(super) async fn open_to_write(engine: &dyn Engine, source: &KeySource) -> Result<Store> {
    let migrations = engine.dialect().migrations;
    let mut main = engine.main_writer().await?;
    let schema = migrate::check(&mut *main, engine.dialect(), Access::Write, &engine.place()).await?;
    let stored = if schema == 0 { None } else { fingerprint(&mut *main).await? };
    let key = if stored.is_some() { existing_key(source)? } else { first_key(source)? };
    let vault = Arc::new(matching(&key, stored.as_deref())?);
    let mut keys = engine.keys_writer().await?;
    keys.migrate(migrations.keys()).await?;
    main.migrate(migrations.main()).await?;
    if stored.is_none() {
        let sql = "INSERT INTO meta (name, value) VALUES ('key-fingerprint', $1)";
        main.execute(sql, values![vault.fingerprint()]).await?;
    }
    let writer = Writer::start(Tx { main, keys, vault: Arc::clone(&vault), reserve: Reserve::default() });
    Ok(Store::new(Some(writer), engine.readers(Access::Write), vault))
}

async fn open_to_read(engine: &dyn Engine, source: &KeySource) -> Result<Store> {
    let mut main = engine.first_reader().await?;
    migrate::check(&mut *main, engine.dialect(), Access::Read, &engine.place()).await?;
    let stored = fingerprint(&mut *main).await?;
    let vault = matching(&existing_key(source)?, stored.as_deref())?;
    main.close().await;
    Ok(Store::new(None, engine.readers(Access::Read), Arc::new(vault)))
}

/// The fingerprint of the key that a database is sealed with; none where the first start did not get that far.
async fn fingerprint(main: &mut dyn Connection) -> Result<Option<String>> {
    let sql = "SELECT name, value FROM meta WHERE name = 'key-fingerprint'";
    let row = main.row(sql, &[]).await?;
    row.map(|row| row.of("meta").text(1).map(ToOwned::to_owned)).transpose()
}

/// The key of a database that has one: never made anew, since a new key cannot open old records.
fn existing_key(source: &KeySource) -> Result<DeploymentKey> {
    match source {
        KeySource::Given(key) => Ok(key.clone()),
        KeySource::File(path) => DeploymentKey::from_file(path).map_err(|error| match error {
            KeyError::Missing { path } => StorageError::KeyMissing { path },
            other => StorageError::Key(other),
        }),
    }
}

/// The key of an empty database: made where there is no file yet.
fn first_key(source: &KeySource) -> Result<DeploymentKey> {
    match source {
        KeySource::Given(key) => Ok(key.clone()),
        KeySource::File(path) => match DeploymentKey::from_file(path) {
            Err(KeyError::Missing { .. }) => DeploymentKey::create_file(path),
            read => read,
        }
        .map_err(StorageError::Key),
    }
}

fn matching(key: &DeploymentKey, stored: Option<&str>) -> Result<Vault> {
    let vault = Vault::new(key);
    match stored {
        Some(wanted) if wanted != vault.fingerprint() => Err(StorageError::KeyMismatch {
            found: vault.fingerprint().to_owned(),
            wanted: wanted.to_owned(),
        }),
        _ => Ok(vault),
    }
}
