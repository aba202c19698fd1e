//! Whether cases are what the log says of them, and whether their Evidence and notes open.

use super::connection::{Columns, Connection, values};
use super::keys::{self, DataKeyId};
use super::sealed::{self, Piece};
use super::verify::{PAGE, is_last};
use super::{LogVerdict, Result};
use crate::domain::{AccountId, EvidenceKind, IncidentId, LogAction, LogChain, MessageId, Timestamp};
use crate::vault::{DataKey, Vault};

/// Compares every case with the last line of the log that opened or closed it.
pub(super) async fn verify_states(main: &mut dyn Connection, verdict: &mut LogVerdict) -> Result<()> {
    let gone = "SELECT seq, chain FROM log_entries l WHERE action = 'incident-opened' \
        AND NOT EXISTS (SELECT 1 FROM incidents WHERE id = l.incident) ORDER BY chain, seq";
    for row in main.rows(gone, &[]).await? {
        let row = row.of("log_entries");
        let (seq, chain) = (row.int(0)?, LogChain::from_db(row.int(1)?));
        let problem =
            format!("The log of the {chain}: the case that entry {seq} opened is not there any more.");
        verdict.problems.push(problem);
    }
    let mut last = i64::MIN;
    loop {
        let sql = "SELECT i.id, i.code, i.state, i.closed_by, i.closed_at, l.action, l.actor, l.at \
            FROM incidents i LEFT JOIN log_entries l ON l.chain = i.group_id AND l.seq = \
            (SELECT MAX(seq) FROM log_entries WHERE incident = i.id AND chain = i.group_id \
            AND action IN ('incident-opened', 'incident-reopened', 'incident-closed')) \
            WHERE i.id > $1 ORDER BY i.id LIMIT $2";
        let rows = main.rows(sql, values![last, i64::from(PAGE)]).await?;
        for row in &rows {
            let row = row.of("incidents");
            last = row.int(0)?;
            if let Some(problem) = state_problem(row)? {
                verdict.problems.push(format!("Case {}: {problem}", row.text(1)?));
            }
        }
        if is_last(&rows) {
            return Ok(());
        }
    }
}

fn state_problem(row: Columns<'_>) -> Result<Option<&'static str>> {
    let Some(action) = row.maybe_text(5)? else {
        return Ok(Some("the log does not say that it was opened."));
    };
    let closed = row.text(2)? == "closed";
    let logged = action == LogAction::IncidentClosed.as_str();
    Ok(match (closed, logged) {
        (true, false) => Some("it is closed, but the log does not say so."),
        (false, true) => Some("it is open, but the log says that it was closed."),
        (true, true) if (row.maybe_int(3)?, row.maybe_int(4)?) != (row.maybe_int(6)?, row.maybe_int(7)?) => {
            Some("the log says that somebody else closed it, or at another time.")
        }
        _ => None,
    })
}

/// Opens all evidence.
pub(super) async fn verify_evidence(
    main: &mut dyn Connection,
    lookup: &mut Lookup<'_>,
    verdict: &mut LogVerdict,
) -> Result<()> {
    let mut last = (i64::MIN, i64::MIN);
    loop {
        let sql = "SELECT e.incident, e.number, e.kind, e.message, e.revised_at, e.held_until, e.sealed, i.code, i.data_key \
            FROM evidence e LEFT JOIN incidents i ON i.id = e.incident \
            WHERE (e.incident, e.number) > ($1, $2) ORDER BY e.incident, e.number LIMIT $3";
        let rows = main.rows(sql, values![last.0, last.1, i64::from(PAGE)]).await?;
        for row in &rows {
            let row = row.of("evidence");
            last = (row.int(0)?, row.int(1)?);
            if let Some(why) = evidence_problem(row, lookup).await? {
                let case = row.maybe_text(7)?.unwrap_or("without a case");
                verdict.problems.push(format!("Case {case}: piece {} of its evidence: {why}.", last.1));
            }
        }
        verdict.evidence += rows.len() as u64;
        if is_last(&rows) {
            return Ok(());
        }
    }
}

async fn evidence_problem(row: Columns<'_>, lookup: &mut Lookup<'_>) -> Result<Option<String>> {
    let key = match lookup.key(row.maybe_text(8)?).await? {
        Ok(key) => key,
        Err(why) => return Ok(Some(why)),
    };
    let word = row.text(2)?;
    let Some(kind) = EvidenceKind::ALL.into_iter().find(|kind| kind.as_str() == word) else {
        return Ok(Some("its kind is none that this program knows".to_owned()));
    };
    let piece = Piece {
        incident: IncidentId::from_db(row.int(0)?),
        kind,
        message: MessageId::from_db(row.int(3)?),
        revised_at: Timestamp::from_millis(row.int(4)?),
    };
    Ok(piece.open(&key, row.bytes(6)?, Timestamp::from_millis(row.int(5)?)).err())
}

/// Opens all notes.
pub(super) async fn verify_notes(
    main: &mut dyn Connection,
    lookup: &mut Lookup<'_>,
    verdict: &mut LogVerdict,
) -> Result<()> {
    let mut last = (i64::MIN, i64::MIN);
    loop {
        let sql = "SELECT n.incident, n.number, n.written_by, n.written_at, n.sealed, i.code, i.data_key \
            FROM notes n LEFT JOIN incidents i ON i.id = n.incident \
            WHERE (n.incident, n.number) > ($1, $2) ORDER BY n.incident, n.number LIMIT $3";
        let rows = main.rows(sql, values![last.0, last.1, i64::from(PAGE)]).await?;
        for row in &rows {
            let row = row.of("notes");
            last = (row.int(0)?, row.int(1)?);
            let (by, at) = (AccountId::from_db(row.int(2)?), Timestamp::from_millis(row.int(3)?));
            let binding = sealed::note_binding(IncidentId::from_db(last.0), last.1, by, at);
            let sealed = row.bytes(4)?;
            let key = lookup.key(row.maybe_text(6)?).await?;
            if let Err(why) = key.and_then(|key| sealed::open_note(&key, &binding, sealed)) {
                let case = row.maybe_text(5)?.unwrap_or("without a case");
                verdict.problems.push(format!("Case {case}: note {}: {why}.", last.1));
            }
        }
        if is_last(&rows) {
            return Ok(());
        }
    }
}

/// Looks data keys up, the same one after the other only once.
pub(super) struct Lookup<'a> {
    keys: &'a mut dyn Connection,
    vault: &'a Vault,
    last: Option<(DataKeyId, Result<DataKey, String>)>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(keys: &'a mut dyn Connection, vault: &'a Vault) -> Self {
        Self { keys, vault, last: None }
    }

    async fn key(&mut self, id: Option<&str>) -> Result<Result<DataKey, String>> {
        let Some(id) = id else { return Ok(Err("it belongs to no incident".to_owned())) };
        if let Some((known, key)) = &self.last
            && known.0 == id
        {
            return Ok(key.clone());
        }
        let id = DataKeyId(id.to_owned());
        let key = keys::find(self.keys, self.vault, &id).await?.map_err(|why| why.to_string());
        self.last = Some((id, key.clone()));
        Ok(key)
    }
}
