//! The store of data keys, which is apart from everything else so that its backups can expire sooner.

use std::sync::Arc;

use super::connection::{Connection, WriteConnection, values};
use super::writer::Tx;
use super::{Result, StorageError};
use crate::vault::{self, DataKey, Fields, OpenError, Vault};

/// The name of a data key: chance, so that it says nothing about its incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DataKeyId(pub(super) String);

/// Data keys that are already kept and that no incident uses yet.
///
/// A key is committed before the transaction of the incident that needs it, so that a crash leaves at most keys
/// without incidents and never an incident without its key.
#[derive(Default)]
pub(super) struct Reserve {
    keys: Vec<(DataKeyId, DataKey)>,
    /// Why the reserve could not be filled. Remembered for the batch, so that not everybody waits for a lock in turn.
    failure: Option<Arc<StorageError>>,
}

impl Reserve {
    /// Makes sure that there are as many as a batch can need, with one commit for all of them. What goes wrong is
    /// told to those who do need one.
    pub(super) async fn fill(&mut self, keys: &mut dyn WriteConnection, vault: &Vault, most: usize) {
        let missing = most.saturating_sub(self.keys.len());
        self.failure = None;
        match keep_fresh(keys, vault, missing).await {
            Ok(fresh) => self.keys.extend(fresh),
            Err(why) => self.failure = Some(Arc::new(why)),
        }
    }

    /// A key for a new incident.
    pub(super) fn take(&mut self) -> Result<(DataKeyId, DataKey)> {
        self.keys.pop().ok_or_else(|| match &self.failure {
            Some(why) => StorageError::shared(why),
            None => StorageError::Closed,
        })
    }
}

/// Why a data key cannot be had, in words that say what would help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoDataKey {
    /// There is no such row.
    #[error(
        "the data key is not in its store (keys.db or the schema chaperone_keys); restore that from a backup, unless \
         the key was erased on purpose"
    )]
    Missing,
    /// Another deployment key wrapped it.
    #[error("the data key was wrapped with another deployment key")]
    OtherKey,
    /// It does not unwrap.
    #[error(
        "the data key in its store (keys.db or the schema chaperone_keys) is damaged; restore that from a backup"
    )]
    Damaged(#[source] OpenError),
}

/// Looks a data key up. The outer error is the engine's; the inner one says why there is none.
pub(super) async fn find(
    keys: &mut dyn Connection,
    vault: &Vault,
    id: &DataKeyId,
) -> Result<Result<DataKey, NoDataKey>> {
    let sql = "SELECT id, key_id, wrapped FROM data_keys WHERE id = $1";
    let Some(row) = keys.row(sql, values![id.0.as_str()]).await? else {
        return Ok(Err(NoDataKey::Missing));
    };
    let row = row.of("data_keys");
    if row.text(1)? != vault.fingerprint() {
        return Ok(Err(NoDataKey::OtherKey));
    }
    Ok(vault.unwrap(&binding(id), row.bytes(2)?).map_err(NoDataKey::Damaged))
}

/// Looks up the data key of an incident that is going to need it, inside a transaction.
pub(super) async fn find_or_corrupt(tx: &mut Tx, id: &DataKeyId) -> Result<DataKey> {
    let what = match find(&mut *tx.keys, &tx.vault, id).await? {
        Ok(key) => return Ok(key),
        Err(NoDataKey::Missing) => "the data key is not there",
        Err(NoDataKey::OtherKey) => "the data key was wrapped with another deployment key",
        Err(NoDataKey::Damaged(_)) => "the data key does not unwrap",
    };
    Err(StorageError::Corrupt { table: "data_keys", row: id.0.clone(), what })
}

/// Makes keys and keeps them in one transaction.
async fn keep_fresh(
    keys: &mut dyn WriteConnection,
    vault: &Vault,
    count: usize,
) -> Result<Vec<(DataKeyId, DataKey)>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    keys.begin().await?;
    let kept = insert_fresh(keys, vault, count).await;
    let ended = match &kept {
        Ok(_) => keys.commit().await,
        Err(_) => Ok(()),
    };
    if kept.is_err() || ended.is_err() {
        keys.roll_back().await;
    }
    ended.and(kept)
}

async fn insert_fresh(
    keys: &mut dyn Connection,
    vault: &Vault,
    count: usize,
) -> Result<Vec<(DataKeyId, DataKey)>> {
    let mut fresh = Vec::with_capacity(count);
    for _ in 0..count {
        let key = DataKey::random().map_err(StorageError::Key)?;
        let id = DataKeyId(vault::random_name().map_err(StorageError::Key)?);
        let wrapped = vault.wrap(&binding(&id), &key).map_err(StorageError::Key)?;
        let sql = "INSERT INTO data_keys (id, key_id, wrapped) VALUES ($1, $2, $3)";
        keys.execute(sql, values![id.0.as_str(), vault.fingerprint(), wrapped]).await?;
        fresh.push((id, key));
    }
    Ok(fresh)
}

fn binding(id: &DataKeyId) -> Fields {
    Fields::new("data key").text(&id.0)
}
