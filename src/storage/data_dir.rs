//! The data directory: its files, and the lock that keeps a second Chaperone out.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::{Place, Result, StorageError};

/// The data directory and the names in it.
#[derive(Debug, Clone)]
pub(super) struct DataDir(PathBuf);

/// Held while this process writes; the system gives it back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl DataDir {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Incidents, the log and everything else.
    pub(super) fn main(&self) -> PathBuf {
        self.0.join("chaperone.db")
    }

    /// The data keys.
    pub(super) fn keys(&self) -> PathBuf {
        self.0.join("keys.db")
    }

    /// As errors name it.
    pub(super) fn place(&self) -> Place {
        Place::DataDir(self.0.clone())
    }

    /// Makes the directory where it is missing, for this user alone.
    pub(super) fn make(&self) -> Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0).map_err(|source| self.unusable(source))
    }

    /// Makes the directory and its files where they are missing, for this user alone, and takes the lock.
    pub(super) fn claim(&self) -> Result<Lock> {
        self.make()?;
        for path in [self.main(), self.keys()] {
            // The engine gives its other files the permissions of these.
            open_private(&path).map_err(|source| self.unusable(source))?;
        }
        let file = open_private(&self.0.join("chaperone.lock")).map_err(|source| self.unusable(source))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StorageError::InUse { place: self.place() }),
            Err(TryLockError::Error(source)) => Err(self.unusable(source)),
        }
    }

    fn unusable(&self, source: std::io::Error) -> StorageError {
        StorageError::DataDir { path: self.0.clone(), source }
    }
}

/// Opens a file to write, making it for this user alone where it is missing; what it holds stays.
fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
