//! What can go wrong with keys and sealed bytes.

use std::path::PathBuf;

/// What can go wrong with a key. No variant holds any of it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is not a key.
    #[error("a deployment key is 64 hexadecimal digits; make one with `openssl rand -hex 32`")]
    NotAKey,
    /// The key file does not hold a key.
    #[error(
        "the key file {path} does not hold a deployment key (64 hexadecimal digits); put the right file back"
    )]
    NotAKeyFile {
        /// The file.
        path: PathBuf,
    },
    /// There is no key file.
    #[error("there is no key file {path}")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The key file cannot be read.
    #[error("the key file {path} cannot be read; check that this user may read it")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The key file cannot be written.
    #[error(
        "the key file {path} cannot be written; check that its directory exists and that this user may write to it"
    )]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// There is a key file already, and a key is never overwritten.
    #[error("there is a key file {path} already, and a key is never overwritten")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes, without which no key can be made")]
    NoChance,
}

/// Sealed bytes that do not open: they were changed or moved, or the key is not theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The bytes are not of a form that this program knows.
    #[error("the sealed bytes are of an unknown form; a newer Chaperone may have written them")]
    UnknownForm,
    /// The bytes do not open.
    #[error("the sealed bytes do not open: they were changed or moved, or the key is not theirs")]
    DoesNotOpen,
}
