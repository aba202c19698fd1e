//! Writing to the chains of the log.
//!
//! Whoever writes takes the head of the chain first, so that on every engine two writers stand in line. The MAC of an
//! entry covers the MAC before it: changing, dropping, adding or moving a line breaks the chain from there on.

use super::connection::values;
use super::writer::Tx;
use super::{NewLogEntry, Result, StorageError};
use crate::domain::{Actor, IncidentId, LogAction, LogChain, MessageText, Timestamp};
use crate::vault::{Detail, Fields};

/// The end of a chain, held while its transaction runs.
pub(super) struct Head {
    chain: LogChain,
    seq: i64,
    mac: Vec<u8>,
}

/// What a line says.
pub(super) struct Line<'a> {
    pub(super) at: Timestamp,
    pub(super) actor: Actor,
    pub(super) action: LogAction,
    pub(super) incident: Option<IncidentId>,
    pub(super) detail: Option<&'a MessageText>,
}

/// The columns of a line that its MAC covers, besides the MAC before it.
pub(super) struct Covered<'a> {
    pub(super) chain: i64,
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) actor: Option<i64>,
    pub(super) action: &'a str,
    pub(super) incident: Option<i64>,
    pub(super) key_id: &'a str,
    pub(super) detail_hash: Option<&'a [u8]>,
}

impl Covered<'_> {
    /// As bytes for the MAC; `before` is the MAC of the line before, empty for the first.
    pub(super) fn fields(&self, before: &[u8]) -> Fields {
        Fields::new("log entry")
            .int(self.chain)
            .int(self.seq)
            .int(self.at)
            .maybe_int(self.actor)
            .text(self.action)
            .maybe_int(self.incident)
            .text(self.key_id)
            .maybe_bytes(self.detail_hash)
            .bytes(before)
    }
}

impl Head {
    /// Takes the head of a chain; the chain begins with the first who takes it.
    pub(super) async fn take(tx: &mut Tx, chain: LogChain) -> Result<Self> {
        let take = "UPDATE log_heads SET seq = seq WHERE chain = $1 RETURNING chain, seq, mac";
        if let Some(row) = tx.main.row(take, values![chain.to_db()]).await? {
            let row = row.of("log_heads");
            return Ok(Self { chain, seq: row.int(1)?, mac: row.bytes(2)?.to_vec() });
        }
        let begin = "INSERT INTO log_heads (chain, seq, mac) VALUES ($1, 0, $2)";
        tx.main.execute(begin, values![chain.to_db(), Vec::new()]).await?;
        Ok(Self { chain, seq: 0, mac: Vec::new() })
    }

    /// Appends a line.
    pub(super) async fn append(&mut self, tx: &mut Tx, line: Line<'_>) -> Result<()> {
        let (chain, seq) = (self.chain.to_db(), self.seq + 1);
        let detail = match line.detail {
            Some(words) => {
                let sealed = tx.vault.seal_detail(&detail_binding(chain, seq), words.expose());
                Some(sealed.map_err(StorageError::Key)?)
            }
            None => None,
        };
        let (hash, sealed) = match detail {
            Some(Detail { hash, sealed }) => (Some(hash.to_vec()), Some(sealed)),
            None => (None, None),
        };
        let covered = Covered {
            chain,
            seq,
            at: line.at.as_millis(),
            actor: actor_to_db(line.actor),
            action: line.action.as_str(),
            incident: line.incident.map(IncidentId::to_db),
            key_id: tx.vault.fingerprint(),
            detail_hash: hash.as_deref(),
        };
        let mac = tx.vault.chain_mac(&covered.fields(&self.mac));
        let sql = "INSERT INTO log_entries \
            (chain, seq, at, actor, action, incident, key_id, detail_hash, detail, mac) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let values = values![
            chain,
            seq,
            covered.at,
            covered.actor,
            covered.action,
            covered.incident,
            covered.key_id,
            hash.clone(),
            sealed,
            mac.as_slice(),
        ];
        tx.main.execute(sql, values).await?;
        let head = "UPDATE log_heads SET seq = $2, mac = $3 WHERE chain = $1";
        tx.main.execute(head, values![chain, seq, mac.as_slice()]).await?;
        self.seq = seq;
        self.mac = mac.to_vec();
        Ok(())
    }
}

/// Writes one entry by itself.
pub(super) async fn write(tx: &mut Tx, entry: NewLogEntry) -> Result<()> {
    let mut head = Head::take(tx, entry.chain).await?;
    let NewLogEntry { at, actor, action, incident, ref detail, .. } = entry;
    head.append(tx, Line { at, actor, action, incident, detail: detail.as_ref() }).await
}

/// What the words of a line are bound to.
pub(super) fn detail_binding(chain: i64, seq: i64) -> Fields {
    Fields::new("log detail").int(chain).int(seq)
}

fn actor_to_db(actor: Actor) -> Option<i64> {
    match actor {
        Actor::Chaperone => None,
        Actor::Account(account) => Some(account.to_db()),
    }
}
