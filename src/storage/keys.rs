//! The store of data keys, which is apart from everything else so that its backups can expire sooner.

use super::connection::{Connection, Value, values};
use super::writer::Tx;
use super::{Result, StorageError};
use crate::vault::{DataKey, Fields, OpenError, Vault};

/// The name of a data key: chance, so that it says nothing about its incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DataKeyId(pub(super) String);

/// Data keys that are already kept and that no incident uses yet.
///
/// A key is committed before the transaction of the incident that needs it, so that a crash leaves at most keys
/// without incidents and never an incident without its key.
#[derive(Default)]
pub(super) struct Reserve(Vec<(DataKeyId, DataKey)>);

impl Reserve {
    /// Makes sure that there are as many as a batch can need, with one commit for all of them.
    pub(super) async fn fill(&mut self, keys: &mut dyn Connection, vault: &Vault, most: usize) -> Result<()> {
        let missing = most.saturating_sub(self.0.len());
        if missing == 0 {
            return Ok(());
        }
        let fresh = (0..missing).map(|_| fresh(vault)).collect::<Result<Vec<_>>>()?;
        keys.execute("BEGIN", &[]).await?;
        let kept = keep(keys, &fresh).await;
        let ended = keys.execute(if kept.is_ok() { "COMMIT" } else { "ROLLBACK" }, &[]).await;
        if kept.is_ok() && ended.is_err() {
            // The engine may have ended the transaction by itself, in which case there is nothing to roll back.
            let _ = keys.execute("ROLLBACK", &[]).await;
        }
        kept.and(ended)?;
        self.0.extend(fresh.into_iter().map(|fresh| (fresh.id, fresh.key)));
        Ok(())
    }

    /// A key for a new incident.
    pub(super) async fn take(
        &mut self,
        keys: &mut dyn Connection,
        vault: &Vault,
    ) -> Result<(DataKeyId, DataKey)> {
        if self.0.is_empty() {
            self.fill(keys, vault, 1).await?;
        }
        Ok(self.0.pop().expect("the reserve was just filled"))
    }
}

/// Why a data key cannot be had, in words that say what would help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoDataKey {
    /// There is no such row.
    #[error(
        "the data key is not in keys.db; restore keys.db from a backup, unless the key was erased on purpose"
    )]
    Missing,
    /// Another deployment key wrapped it.
    #[error("the data key was wrapped with another deployment key")]
    OtherKey,
    /// It does not unwrap.
    #[error("the data key in keys.db is damaged; restore keys.db from a backup")]
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

struct Fresh {
    id: DataKeyId,
    key: DataKey,
    row: [Value; 3],
}

fn fresh(vault: &Vault) -> Result<Fresh> {
    let key = DataKey::random().map_err(StorageError::Key)?;
    let id = DataKeyId(crate::vault::random_name().map_err(StorageError::Key)?);
    let wrapped = vault.wrap(&binding(&id), &key).map_err(StorageError::Key)?;
    let row = [id.0.as_str().into(), vault.fingerprint().into(), wrapped.into()];
    Ok(Fresh { id, key, row })
}

async fn keep(keys: &mut dyn Connection, fresh: &[Fresh]) -> Result<()> {
    for fresh in fresh {
        let sql = "INSERT INTO data_keys (id, key_id, wrapped) VALUES ($1, $2, $3)";
        keys.execute(sql, &fresh.row).await?;
    }
    Ok(())
}

fn binding(id: &DataKeyId) -> Fields {
    Fields::new("data key").text(&id.0)
}
