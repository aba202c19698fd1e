//! Reading everything again: whether the chains of the log are whole and the Evidence opens.
//!
//! Reads page by page from one moment of the database, so that it holds little in memory and can run beside a
//! Chaperone that writes. What does not fit becomes a sentence; only what keeps it from reading is an error.

use super::connection::{Columns, Connection, Readers, Row, values};
use super::log::{Covered, detail_binding};
use super::verify_cases::{Lookup, verify_evidence, verify_notes, verify_states};
use super::{LogVerdict, Result};
use crate::domain::LogChain;
use crate::vault::{Detail, Vault};

/// How many rows are read at once.
pub(super) const PAGE: u32 = 500;

pub(super) async fn verify(
    readers: &dyn Readers,
    vault: &Vault,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<LogVerdict> {
    let mut main = readers.snapshot().await?;
    let mut verdict = LogVerdict::default();
    let sql = "SELECT chain FROM log_heads UNION SELECT chain FROM log_entries UNION SELECT id FROM groups ORDER BY 1";
    for row in main.rows(sql, &[]).await? {
        let chain = row.of("log_heads").int(0)?;
        verify_chain(&mut *main, vault, chain, &mut verdict, progress).await?;
        verdict.chains += 1;
    }
    verify_states(&mut *main, &mut verdict).await?;
    match readers.keys().await {
        Ok(mut keys) => {
            let mut lookup = Lookup::new(&mut *keys, vault);
            verify_evidence(&mut *main, &mut lookup, &mut verdict).await?;
            verify_notes(&mut *main, &mut lookup, &mut verdict).await?;
        }
        Err(why) if why.is_passing() => return Err(why),
        Err(_) => verdict.problems.push(
            "The data keys (keys.db or the schema chaperone_keys) cannot be opened, so no evidence can be read; \
             restore them from a backup."
                .to_owned(),
        ),
    }
    Ok(verdict)
}

/// Follows one chain from its first entry to its head.
async fn verify_chain(
    main: &mut dyn Connection,
    vault: &Vault,
    chain: i64,
    verdict: &mut LogVerdict,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<()> {
    let name = LogChain::from_db(chain);
    let mut at = Link { seq: 0, mac: Vec::new() };
    let mut after = i64::MIN;
    loop {
        let sql = "SELECT seq, chain, at, actor, action, incident, key_id, detail_hash, detail, mac \
            FROM log_entries WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let rows = main.rows(sql, values![chain, after, i64::from(PAGE)]).await?;
        for row in &rows {
            let row = row.of("log_entries");
            after = row.int(0)?;
            if let Some(problem) = verify_entry(vault, row, &mut at)? {
                verdict.problems.push(format!("The log of the {name}: {problem}"));
            }
        }
        verdict.entries += rows.len() as u64;
        progress(verdict.entries);
        if is_last(&rows) {
            break;
        }
    }
    let head = main.row("SELECT chain, seq, mac FROM log_heads WHERE chain = $1", values![chain]).await?;
    let problem = match head {
        None if at.seq == 0 => Some("there is none, though the group is known.".to_owned()),
        None => Some("it has no head.".to_owned()),
        Some(row) => {
            let row = row.of("log_heads");
            let (seq, mac) = (row.int(1)?, row.bytes(2)?);
            if seq > at.seq {
                let (first, last) = (at.seq + 1, seq);
                Some(format!("it should end with entry {last}; {} missing at its end.", entries(first, last)))
            } else if seq < at.seq {
                Some(format!("it should end with entry {seq}, but goes on to entry {}.", at.seq))
            } else if mac != at.mac {
                Some(format!("its head does not belong to its last entry, {seq}."))
            } else {
                None
            }
        }
    };
    verdict.problems.extend(problem.map(|problem| format!("The log of the {name}: {problem}")));
    Ok(())
}

/// The last entry read.
struct Link {
    seq: i64,
    mac: Vec<u8>,
}

/// Whether an entry fits the one before it.
fn verify_entry(vault: &Vault, row: Columns<'_>, before: &mut Link) -> Result<Option<String>> {
    let covered = Covered {
        seq: row.int(0)?,
        chain: row.int(1)?,
        at: row.int(2)?,
        actor: row.maybe_int(3)?,
        action: row.text(4)?,
        incident: row.maybe_int(5)?,
        key_id: row.text(6)?,
        detail_hash: row.maybe_bytes(7)?,
    };
    let mac = row.bytes(9)?;
    let seq = covered.seq;
    if seq < 1 {
        return Ok(Some(format!("entry {seq} stands before the first.")));
    }
    let problem = if seq != before.seq + 1 {
        Some(format!("{} missing.", entries(before.seq + 1, seq - 1)))
    } else if covered.key_id != vault.fingerprint() {
        Some(format!("entry {seq} names another deployment key."))
    } else if !vault.fits_chain(&covered.fields(&before.mac), mac) {
        Some(format!("entry {seq} was changed, or it does not belong after the entry before it."))
    } else {
        verify_detail(vault, &covered, row.maybe_bytes(8)?)
    };
    *before = Link { seq, mac: mac.to_vec() };
    Ok(problem)
}

/// Whether the words of an entry, where they have not been erased, are those that its hash was made of.
fn verify_detail(vault: &Vault, covered: &Covered<'_>, sealed: Option<&[u8]>) -> Option<String> {
    let sealed = sealed?.to_vec();
    let seq = covered.seq;
    let Some(hash) = covered.detail_hash.and_then(|hash| hash.try_into().ok()) else {
        return Some(format!("entry {seq} has words that it was not written with."));
    };
    let opened = vault.open_detail(&detail_binding(covered.chain, seq), &Detail { sealed, hash });
    opened.err().map(|why| format!("the words of entry {seq} cannot be read: {why}."))
}

/// Whether no page comes after this one.
pub(super) fn is_last(rows: &[Row]) -> bool {
    u32::try_from(rows.len()).is_ok_and(|rows| rows < PAGE)
}

fn entries(first: i64, last: i64) -> String {
    if first == last { format!("entry {first} is") } else { format!("entries {first} to {last} are") }
}
