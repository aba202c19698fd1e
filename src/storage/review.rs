//! What reviewers do with an Incident: open its case file, add notes, close it. Whether they may is not asked here.

use super::connection::{Columns, Row, values};
use super::keys::{self, DataKeyId};
use super::log::{Head, Line};
use super::sealed::{self, Piece};
use super::writer::Tx;
use super::{
    CaseFile, CloseOutcome, Closure, HistoryLine, NewLogEntry, NewNote, Note, Result, StorageError, alerts,
    incidents,
};
use crate::domain::{
    AccountId, Actor, EvidenceItem, EvidenceKind, Incident, IncidentId, IncidentState, LogAction, LogChain,
    MessageId, MessageText, Timestamp,
};
use crate::vault::DataKey;

pub(super) async fn open_case_file(
    tx: &mut Tx,
    id: IncidentId,
    entry: NewLogEntry,
) -> Result<Option<CaseFile>> {
    let Some((mut incident, key)) = incidents::find_with_key(&mut *tx.main, id).await? else {
        return Ok(None);
    };
    let mut head = Head::take(tx, LogChain::Group(incident.group)).await?;
    let NewLogEntry { at, actor, action, ref detail, .. } = entry;
    head.append(tx, Line { at, actor, action, incident: Some(id), detail: detail.as_ref() }).await?;
    if incident.state == IncidentState::Open {
        incident.state = IncidentState::UnderReview;
        incidents::update(&mut *tx.main, &incident).await?;
    }
    let key = keys::find(&mut *tx.keys, &tx.vault, &key).await?.map_err(|why| why.to_string());
    Ok(Some(CaseFile {
        evidence: evidence(tx, &incident, &key).await?,
        notes: notes(tx, id, &key).await?,
        told: alerts::told(&mut *tx.main, id).await?,
        history: history(tx, &incident).await?,
        incident,
    }))
}

pub(super) async fn note(tx: &mut Tx, note: NewNote) -> Result<bool> {
    let Some((incident, key)) = incidents::find_with_key(&mut *tx.main, note.incident).await? else {
        return Ok(false);
    };
    let mut head = Head::take(tx, LogChain::Group(incident.group)).await?;
    let line = Line {
        at: note.at,
        actor: Actor::Account(note.by),
        action: LogAction::IncidentNoted,
        incident: Some(incident.id),
        detail: None,
    };
    add_note(tx, &key, note).await?;
    head.append(tx, line).await?;
    Ok(true)
}

pub(super) async fn close(tx: &mut Tx, closure: Closure) -> Result<CloseOutcome> {
    let Some(seen) = incidents::find(&mut *tx.main, closure.incident).await? else {
        return Ok(CloseOutcome::Unknown);
    };
    let mut head = Head::take(tx, LogChain::Group(seen.group)).await?;
    // Read again: with the head in hand, nobody else can close it any more.
    let Some((mut incident, key)) = incidents::find_with_key(&mut *tx.main, closure.incident).await? else {
        return Ok(CloseOutcome::Unknown);
    };
    if !incident.state.is_open() {
        return Ok(CloseOutcome::AlreadyClosed(incident));
    }
    let closing = closure.closing;
    incident.state = IncidentState::Closed(closing);
    incidents::update(&mut *tx.main, &incident).await?;
    if let Some(text) = closure.note {
        add_note(tx, &key, NewNote { incident: incident.id, by: closing.by, at: closing.at, text }).await?;
    }
    let line = Line {
        at: closing.at,
        actor: Actor::Account(closing.by),
        action: LogAction::IncidentClosed,
        incident: Some(incident.id),
        detail: None,
    };
    head.append(tx, line).await?;
    Ok(CloseOutcome::Closed(incident))
}

async fn add_note(tx: &mut Tx, key: &DataKeyId, note: NewNote) -> Result<()> {
    let key = keys::find_or_corrupt(tx, key).await?;
    let sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM notes WHERE incident = $1";
    let number = match tx.main.row(sql, values![note.incident.to_db()]).await? {
        Some(row) => row.of("notes").int(0)?,
        None => 1,
    };
    let binding = sealed::note_binding(note.incident, number, note.by, note.at);
    let sealed = key.seal(&binding, note.text.expose().as_bytes()).map_err(StorageError::Key)?;
    let sql =
        "INSERT INTO notes (incident, number, written_by, written_at, sealed) VALUES ($1, $2, $3, $4, $5)";
    let values = values![note.incident.to_db(), number, note.by.to_db(), note.at.as_millis(), sealed];
    tx.main.execute(sql, values).await?;
    Ok(())
}

/// The evidence of an incident. What cannot be read says why; the rest is there all the same.
async fn evidence(
    tx: &mut Tx,
    incident: &Incident,
    key: &Result<DataKey, String>,
) -> Result<Vec<EvidenceItem>> {
    let sql = "SELECT number, kind, message, revised_at, held_until, sealed FROM evidence \
        WHERE incident = $1 ORDER BY number";
    let rows = tx.main.rows(sql, values![incident.id.to_db()]).await?;
    let item = |row: Columns<'_>| {
        let piece = Piece {
            incident: incident.id,
            kind: row.word(1, |word| EvidenceKind::ALL.into_iter().find(|kind| kind.as_str() == word))?,
            message: MessageId::from_db(row.int(2)?),
            revised_at: Timestamp::from_millis(row.int(3)?),
        };
        let until = Timestamp::from_millis(row.int(4)?);
        let sealed = row.bytes(5)?;
        let opened = key.as_ref().map_err(Clone::clone).and_then(|key| piece.open(key, sealed, until));
        Ok(opened.unwrap_or_else(|why| piece.unavailable(why)))
    };
    let item_or_why = |row: &Row| {
        item(row.of("evidence")).unwrap_or_else(|damaged: StorageError| {
            let (id, message) = (incident.id, incident.message);
            let revised_at = incident.opened_at;
            let piece = Piece { incident: id, kind: EvidenceKind::Message, message, revised_at };
            piece.unavailable(damaged.to_string())
        })
    };
    Ok(rows.iter().map(item_or_why).collect())
}

async fn notes(tx: &mut Tx, incident: IncidentId, key: &Result<DataKey, String>) -> Result<Vec<Note>> {
    let sql = "SELECT number, written_by, written_at, sealed FROM notes WHERE incident = $1 ORDER BY number";
    let rows = tx.main.rows(sql, values![incident.to_db()]).await?;
    let note = |row: Columns<'_>| {
        let (by, at) = (AccountId::from_db(row.int(1)?), Timestamp::from_millis(row.int(2)?));
        let binding = sealed::note_binding(incident, row.int(0)?, by, at);
        let sealed = row.bytes(3)?;
        let text =
            key.as_ref().map_err(Clone::clone).and_then(|key| sealed::open_note(key, &binding, sealed));
        let text = text.unwrap_or_else(|why| MessageText::new(format!("[This note cannot be read: {why}.]")));
        Ok(Note { by, at, text })
    };
    rows.iter().map(|row| note(row.of("notes"))).collect()
}

/// What was done about an incident. A line whose action this program does not know is left out; `log verify` says
/// whether it was changed.
async fn history(tx: &mut Tx, incident: &Incident) -> Result<Vec<HistoryLine>> {
    let sql =
        "SELECT seq, at, actor, action FROM log_entries WHERE incident = $1 AND chain = $2 ORDER BY seq";
    let chain = LogChain::Group(incident.group).to_db();
    let rows = tx.main.rows(sql, values![incident.id.to_db(), chain]).await?;
    let mut history = Vec::with_capacity(rows.len());
    for row in &rows {
        let row = row.of("log_entries");
        let word = row.text(3)?;
        let Some(action) = LogAction::ALL.iter().find(|action| action.as_str() == word) else { continue };
        let actor = row.maybe_int(2)?.map_or(Actor::Chaperone, |id| Actor::Account(AccountId::from_db(id)));
        history.push(HistoryLine { at: Timestamp::from_millis(row.int(1)?), actor, action: *action });
    }
    Ok(history)
}
