//! What can go wrong in storage, each with what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Where records are kept, as errors name it: nothing of it is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The embedded database of a data directory.
    DataDir(PathBuf),
    /// The PostgreSQL database that the setting `database` names.
    Server,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataDir(path) => write!(f, "the data directory {}", path.display()),
            Self::Server => f.write_str("the PostgreSQL database of the setting `database`"),
        }
    }
}

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
    /// Another process writes there.
    #[error(
        "another Chaperone is running on {place}; stop it first, or give this one another --data-dir or `database`"
    )]
    InUse {
        /// Where.
        place: Place,
    },
    /// There is no database to read, or only one that has to be migrated first.
    #[error(
        "there is no database in {place} that this Chaperone can read; check --data-dir and the setting `database`, \
         and start `chaperone run` on it once if an older Chaperone wrote it"
    )]
    NoDatabase {
        /// Where.
        place: Place,
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
    /// The setting `database` is not an address of PostgreSQL.
    #[error("the setting `database` cannot be used: {problem}")]
    Address {
        /// What is wrong with it, without any part of it, and what would be right.
        problem: &'static str,
    },
    /// No server answers.
    #[error(
        "the PostgreSQL server cannot be reached ({why}); check that it is running, and the host and port in the \
         setting `database`"
    )]
    Unreachable {
        /// What kind of failure the system reported.
        why: io::ErrorKind,
    },
    /// The server answers that it has no time: it is starting, stopping, or has no room for another connection.
    #[error(
        "the PostgreSQL server takes no connection now: it is starting, stopping or full; Chaperone goes on by itself \
         when it does. If it stays, raise `max_connections` (a Chaperone takes up to ten)"
    )]
    Busy,
    /// The connection broke. Nothing of what was under way was written.
    #[error(
        "the connection to the PostgreSQL server was cut; Chaperone connects again by itself, nothing was lost"
    )]
    Disconnected,
    /// The connection broke at the moment of the commit, and the server does not come back to be asked.
    #[error(
        "the connection to the PostgreSQL server was cut while it wrote, so it is not known whether this was written; \
         look before doing it again"
    )]
    InDoubt,
    /// The server gave up this transaction in favour of others.
    #[error("the PostgreSQL server gave this up in favour of other work; it can be done again at once")]
    Overtaken,
    /// The server wants no or only safe encryption and the other side does not.
    #[error(
        "the connection to the PostgreSQL server cannot be encrypted as asked for; add `?sslrootcert=FILE` with the \
         certificate of its authority to the setting `database`, or `?sslmode=disable` if nobody else can be on the way"
    )]
    Encryption,
    /// Wrong user or password.
    #[error(
        "the PostgreSQL server does not accept this user and password; correct the setting `database` or \
         CHAPERONE_DATABASE_URL, or the server's pg_hba.conf"
    )]
    NotAccepted,
    /// The server has no database of that name.
    #[error(
        "the PostgreSQL server has no database of this name; make it with `createdb`, or correct the setting `database`"
    )]
    NoSuchDatabase,
    /// The user may not do what is needed.
    #[error(
        "the PostgreSQL user may not do what Chaperone needs; make it the owner of the database, or grant it CREATE \
         on the database and all rights on the schemas `chaperone` and `chaperone_keys`"
    )]
    NotPermitted,
    /// Anything else the engine says.
    #[error("the database did not do what was asked")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StorageError {
    /// Whether waiting can help: then the work stays queued and is tried again; otherwise it will never succeed.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Locked
                | Self::DiskFull
                | Self::NoFreeCode
                | Self::Unreachable { .. }
                | Self::Busy
                | Self::Disconnected
                | Self::InDoubt
                | Self::Overtaken
        )
    }

    /// Whether there is a server that may come: then a start can wait for it.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Busy | Self::Disconnected)
    }

    /// The same error for each of those whom it concerns.
    pub(super) fn shared(why: &Arc<Self>) -> Self {
        match &**why {
            Self::Locked => Self::Locked,
            Self::DiskFull => Self::DiskFull,
            Self::NotADatabase => Self::NotADatabase,
            Self::Closed => Self::Closed,
            Self::InUse { place } => Self::InUse { place: place.clone() },
            Self::Unreachable { why } => Self::Unreachable { why: *why },
            Self::Busy => Self::Busy,
            Self::Disconnected => Self::Disconnected,
            Self::InDoubt => Self::InDoubt,
            Self::Overtaken => Self::Overtaken,
            _ => Self::Engine(Box::new(Arc::clone(why))),
        }
    }
}
