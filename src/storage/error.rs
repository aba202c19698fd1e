//! What can go wrong in storage, each with what to do about it.

use std::path::PathBuf;
use std::sync::Arc;

/// What can go wrong in storage. No variant holds anything that a member wrote.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The data directory cannot be used.
    #[error(
        "the data directory {path} cannot be used; check that it is a directory and that this user may write to it"
    )]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another process has the data directory.
    #[error(
        "another Chaperone is running on the data directory {path}; stop it first, or give this one another --data-dir"
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// There is no database to read, or only one that has to be migrated first.
    #[error(
        "there is no database in the data directory {path} that this Chaperone can read; check --data-dir, and start \
         `chaperone run` on it once if an older Chaperone wrote it"
    )]
    NoDatabase {
        /// The directory.
        path: PathBuf,
    },
    /// Something was to be written, and the database was opened for reading.
    #[error("the database was opened for reading only")]
    ReadOnly,
    /// A newer Chaperone wrote this database.
    #[error(
        "the database was written by a newer Chaperone (schema {found}, this one knows {known}); \
         install that version or restore a backup made before the upgrade"
    )]
    Newer {
        /// The schema found.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// The key file is missing and the database is not empty.
    #[error(
        "the deployment key {path} is missing, and the database is sealed with it; put the key file back from your \
         backup of it. A new key cannot open old records"
    )]
    KeyMissing {
        /// Where the key was looked for.
        path: PathBuf,
    },
    /// The key is not the database's.
    #[error(
        "this deployment key is not the one the database was sealed with (its fingerprint is {found}, the database \
         wants {wanted}); give the right key file"
    )]
    KeyMismatch {
        /// The fingerprint of the key given.
        found: String,
        /// The fingerprint stored.
        wanted: String,
    },
    /// The key itself is not usable.
    #[error("the deployment key cannot be used")]
    Key(#[source] crate::vault::KeyError),
    /// Somebody holds a lock on the database.
    #[error(
        "the database is locked by another program; close whatever has it open (a database browser, a backup)"
    )]
    Locked,
    /// The disk is full, or this user's share of it.
    #[error(
        "the disk with the database is full, or as much of it as this user may have; nothing was lost, make room and \
         Chaperone goes on by itself"
    )]
    DiskFull,
    /// A row cannot be what it should be.
    #[error(
        "the database is damaged: {table}, row {row}, {what}; run `chaperone log verify`, and restore a backup"
    )]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row.
        row: String,
        /// What is wrong with it, without its content.
        what: &'static str,
    },
    /// The file is not a database, or is damaged as one.
    #[error("the database file is damaged or not a database; restore a backup")]
    NotADatabase,
    /// No free case code was among those offered.
    #[error("no free case code was found; try again")]
    NoFreeCode,
    /// Storage is closing down.
    #[error("the database is closing down")]
    Closed,
    /// Anything else the engine says.
    #[error("the database did not do what was asked")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StorageError {
    /// Whether waiting can help: then the work stays queued and is tried again; otherwise it will never succeed.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Locked | Self::DiskFull | Self::NoFreeCode)
    }

    /// The same error for each of those whom it concerns.
    pub(super) fn shared(why: &Arc<Self>) -> Self {
        match **why {
            Self::Locked => Self::Locked,
            Self::DiskFull => Self::DiskFull,
            Self::NotADatabase => Self::NotADatabase,
            Self::Closed => Self::Closed,
            _ => Self::Engine(Box::new(Arc::clone(why))),
        }
    }
}
