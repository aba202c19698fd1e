//! Opening a data directory: lock, key, schema, in an order in which a crash at any point leaves something that the
//! next start can open.

use std::path::PathBuf;
use std::sync::Arc;

use sqlx::SqliteConnection;
use sqlx::migrate::{MigrateError, Migrator};

use super::connection::{Connection, values};
use super::data_dir::DataDir;
use super::keys::Reserve;
use super::sqlite::{self, SqliteReaders};
use super::store::Store;
use super::writer::{Tx, Writer};
use super::{Result, Storage, StorageError, dialect, migrate};
use crate::vault::{DeploymentKey, KeyError, KeySource, Vault};

/// What to open and how.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The directory with the databases; made where it is missing.
    pub data_dir: PathBuf,
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

/// Opens the embedded database of a data directory.
pub async fn open(options: &OpenOptions) -> Result<Arc<dyn Storage>> {
    let data_dir = DataDir::new(&options.data_dir);
    Ok(Arc::new(match options.access {
        Access::Write => open_to_write(&data_dir, &options.key).await?,
        Access::Read => open_to_read(&data_dir, &options.key).await?,
    }))
}

pub(super) async fn open_to_write(data_dir: &DataDir, source: &KeySource) -> Result<Store> {
    let lock = data_dir.claim()?;
    let mut main = sqlite::writer(&data_dir.main()).await?;
    let schema = migrate::check(&mut main, dialect::SQLITE, Access::Write, data_dir.path()).await?;
    let stored = if schema == 0 { None } else { fingerprint(&mut main).await? };
    let key = if stored.is_some() { existing_key(source)? } else { first_key(source)? };
    let vault = Arc::new(matching(&key, stored.as_deref())?);
    let mut keys = sqlite::writer(&data_dir.keys()).await?;
    run(&migrate::keys(), &mut keys).await?;
    run(&migrate::main(), &mut main).await?;
    if stored.is_none() {
        let sql = "INSERT INTO meta (name, value) VALUES ('key-fingerprint', $1)";
        main.execute(sql, values![vault.fingerprint()]).await?;
    }
    let tx = Tx {
        main: Box::new(main),
        keys: Box::new(keys),
        vault: Arc::clone(&vault),
        reserve: Reserve::default(),
    };
    let writer = Writer::start(tx, dialect::SQLITE, lock);
    Ok(Store::new(Some(writer), Box::new(SqliteReaders::new(data_dir, Access::Write)), vault))
}

async fn open_to_read(data_dir: &DataDir, source: &KeySource) -> Result<Store> {
    match std::fs::metadata(data_dir.main()) {
        Ok(found) if found.is_file() => {}
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            return Err(StorageError::DataDir { path: data_dir.path().to_owned(), source });
        }
        Ok(_) | Err(_) => return Err(StorageError::NoDatabase { path: data_dir.path().to_owned() }),
    }
    let mut main = sqlite::reader(&data_dir.main()).await?;
    migrate::check(&mut main, dialect::SQLITE, Access::Read, data_dir.path()).await?;
    let stored = fingerprint(&mut main).await?;
    let vault = matching(&existing_key(source)?, stored.as_deref())?;
    Connection::close(Box::new(main)).await;
    Ok(Store::new(None, Box::new(SqliteReaders::new(data_dir, Access::Read)), Arc::new(vault)))
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

async fn run(migrator: &Migrator, connection: &mut SqliteConnection) -> Result<()> {
    migrator.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => sqlite::error(error),
        other => StorageError::Engine(Box::new(other)),
    })
}
