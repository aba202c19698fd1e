//! Keys, sealing and the chain's MACs: the only room with cryptography.
//!
//! What is sealed and where it is kept is decided in `storage`; nothing here knows a database.
//!
//! From the one [`DeploymentKey`] a [`Vault`] derives a subkey for each purpose with HKDF-SHA256. Evidence and notes
//! are sealed with a [`DataKey`] of their Incident's own (XChaCha20-Poly1305), which is kept wrapped, in a store of
//! its own, so that losing it erases them. Whatever is sealed or authenticated is first put into [`Fields`], which no two
//! different lists of values share.

mod data_key;
mod error;
mod fields;
mod key;
mod keyring;
mod random;

pub use data_key::DataKey;
pub use error::{KeyError, OpenError};
pub use fields::Fields;
pub use key::{DeploymentKey, KeySource};
pub use keyring::{Detail, Vault};
pub use random::random_name;

/// Length of every key, MAC and hash of this room, in bytes.
pub const LENGTH: usize = 32;
