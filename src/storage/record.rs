//! Recording what was flagged: opening, extending and reopening Incidents.

use super::connection::values;
use super::keys::DataKeyId;
use super::log::{Head, Line};
use super::sealed::Piece;
use super::writer::Tx;
use super::{
    Cursor, NewAlert, Recorded, Recording, Result, Revision, StorageError, alerts, groups, incidents, keys,
    watch,
};
use crate::domain::{
    Actor, AlertSubject, EvidenceItem, EvidenceKind, EvidenceState, Incident, IncidentCode, IncidentId,
    IncidentState, LogAction, LogChain, MessageDeleted, MessageId, RuleId, Timestamp,
};
use crate::vault::DataKey;

pub(super) async fn record(tx: &mut Tx, recording: Recording) -> Result<Recorded> {
    let mut head = Head::take(tx, LogChain::Group(recording.group)).await?;
    groups::ensure(tx, &mut head, recording.group, recording.at).await?;
    let recorded = match handled(tx, recording.message).await? {
        None => open(tx, &mut head, &recording).await?,
        Some(handled) if recording.revised_at <= handled.revised_at => Recorded::Already(handled.incident),
        Some(handled) => match incidents::find_with_key(&mut *tx.main, handled.incident).await? {
            Some((incident, key)) => extend(tx, &mut head, &recording, incident, &key).await?,
            // The incident was purged, and this is a new finding.
            None => open(tx, &mut head, &recording).await?,
        },
    };
    if let Some(message) = recording.cursor {
        watch::save_cursors(tx, &[Cursor { group: recording.group, space: recording.space, message }])
            .await?;
    }
    Ok(recorded)
}

pub(super) async fn record_revision(tx: &mut Tx, revision: Revision) -> Result<Option<IncidentId>> {
    let message = revision.evidence.message;
    let Some(handled) = handled(tx, message).await? else { return Ok(None) };
    let Some((incident, key)) = incidents::find_with_key(&mut *tx.main, handled.incident).await? else {
        return Ok(None);
    };
    if revision.evidence.revised_at <= handled.revised_at {
        return Ok(Some(incident.id));
    }
    let mut head = Head::take(tx, LogChain::Group(incident.group)).await?;
    let key = keys::find_or_corrupt(tx, &key).await?;
    let revised_at = revision.evidence.revised_at;
    keep(tx, incident.id, &key, &[as_revision(revision.evidence)], revision.at).await?;
    note_handled(tx, message, incident.id, revised_at).await?;
    head.append(tx, line(LogAction::IncidentExtended, incident.id, revision.at)).await?;
    Ok(Some(incident.id))
}

pub(super) async fn record_deletion(tx: &mut Tx, deleted: MessageDeleted) -> Result<Option<IncidentId>> {
    let Some(handled) = handled(tx, deleted.message).await? else { return Ok(None) };
    let Some(mut incident) = incidents::find(&mut *tx.main, handled.incident).await? else { return Ok(None) };
    if incident.message_deleted_at.is_none() {
        let mut head = Head::take(tx, LogChain::Group(incident.group)).await?;
        incident.message_deleted_at = Some(deleted.at);
        incidents::update(&mut *tx.main, &incident).await?;
        head.append(tx, line(LogAction::MessageDeleted, incident.id, deleted.at)).await?;
    }
    Ok(Some(incident.id))
}

async fn open(tx: &mut Tx, head: &mut Head, recording: &Recording) -> Result<Recorded> {
    let mut incident = Incident {
        id: IncidentId::from_db(0),
        code: free_code(tx, recording).await?,
        group: recording.group,
        space: recording.space,
        message: recording.message,
        author: recording.author,
        accused: recording.accused,
        severity: recording.severity,
        clause: recording.clause,
        rules: recording.rules.clone(),
        ruleset: recording.ruleset,
        settings_version: recording.settings_version,
        opened_at: recording.at,
        message_deleted_at: None,
        state: IncidentState::Open,
    };
    let (key_id, key) = tx.reserve.take()?;
    let id = incidents::insert(&mut *tx.main, &incident, &key_id).await?;
    incident.id = id.ok_or(StorageError::Closed)?;
    keep(tx, incident.id, &key, &recording.evidence, recording.at).await?;
    note_handled(tx, recording.message, incident.id, recording.revised_at).await?;
    head.append(tx, line(LogAction::IncidentOpened, incident.id, recording.at)).await?;
    alert(tx, recording, incident.id).await?;
    Ok(Recorded::Opened(incident))
}

async fn extend(
    tx: &mut Tx,
    head: &mut Head,
    recording: &Recording,
    mut incident: Incident,
    key: &DataKeyId,
) -> Result<Recorded> {
    let key = keys::find_or_corrupt(tx, key).await?;
    let evidence: Vec<_> = recording.evidence.iter().cloned().map(as_revision).collect();
    keep(tx, incident.id, &key, &evidence, recording.at).await?;
    note_handled(tx, recording.message, incident.id, recording.revised_at).await?;
    let grew = recording.severity > incident.severity;
    let reopened = !incident.state.is_open();
    if grew {
        incident.severity = recording.severity;
        incident.clause = recording.clause;
        incident.rules = joined(&recording.rules, &incident.rules);
    } else {
        incident.rules = joined(&incident.rules, &recording.rules);
    }
    if reopened {
        incident.state = IncidentState::Open;
    }
    incidents::update(&mut *tx.main, &incident).await?;
    let action = if reopened { LogAction::IncidentReopened } else { LogAction::IncidentExtended };
    head.append(tx, line(action, incident.id, recording.at)).await?;
    if grew || reopened {
        alert(tx, recording, incident.id).await?;
    }
    Ok(if reopened { Recorded::Reopened(incident) } else { Recorded::Extended(incident) })
}

/// Keeps pieces of evidence; one that is there already stays as it is.
async fn keep(
    tx: &mut Tx,
    incident: IncidentId,
    key: &DataKey,
    evidence: &[EvidenceItem],
    at: Timestamp,
) -> Result<()> {
    for item in evidence {
        let piece = Piece { incident, kind: item.kind, message: item.message, revised_at: item.revised_at };
        let until = match item.state {
            EvidenceState::Held { until } => until,
            // Where there are no words to hold, nothing is held beyond now.
            EvidenceState::Unavailable { .. } => at,
        };
        let sql = "INSERT INTO evidence (incident, number, kind, message, revised_at, held_until, sealed) \
            VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM evidence WHERE incident = $1), $2, $3, $4, $5, $6) \
            ON CONFLICT (incident, kind, message, revised_at) DO NOTHING";
        let values = values![
            incident.to_db(),
            item.kind.as_str(),
            item.message.to_db(),
            item.revised_at.as_millis(),
            until.as_millis(),
            piece.seal(key, item)?,
        ];
        tx.main.execute(sql, values).await?;
    }
    Ok(())
}

async fn alert(tx: &mut Tx, recording: &Recording, incident: IncidentId) -> Result<()> {
    for alert in &recording.alerts {
        let subject = AlertSubject::Incident { incident, to: alert.to };
        let alert = NewAlert { subject, nonce: alert.nonce.clone() };
        alerts::queue(tx, recording.group, &alert, recording.at).await?;
    }
    Ok(())
}

async fn free_code(tx: &mut Tx, recording: &Recording) -> Result<IncidentCode> {
    for code in &recording.codes {
        if incidents::find_by_code(&mut *tx.main, recording.group, code).await?.is_none() {
            return Ok(code.clone());
        }
    }
    Err(StorageError::NoFreeCode)
}

struct Handled {
    incident: IncidentId,
    revised_at: Timestamp,
}

/// What a message led to, and up to which revision.
async fn handled(tx: &mut Tx, message: MessageId) -> Result<Option<Handled>> {
    let sql = "SELECT event, incident, revised_at FROM handled WHERE event = $1";
    let row = tx.main.row(sql, values![event(message)]).await?;
    row.map(|row| {
        let row = row.of("handled");
        let incident = IncidentId::from_db(row.int(1)?);
        Ok(Handled { incident, revised_at: Timestamp::from_millis(row.int(2)?) })
    })
    .transpose()
}

async fn note_handled(
    tx: &mut Tx,
    message: MessageId,
    incident: IncidentId,
    revised_at: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO handled (event, incident, revised_at) VALUES ($1, $2, $3) \
        ON CONFLICT (event) DO UPDATE SET incident = excluded.incident, revised_at = excluded.revised_at";
    tx.main.execute(sql, values![event(message), incident.to_db(), revised_at.as_millis()]).await?;
    Ok(())
}

/// The idempotency key of a message.
fn event(message: MessageId) -> String {
    format!("message {message}")
}

/// Once there is an incident, whatever its message says now is a revision.
fn as_revision(mut item: EvidenceItem) -> EvidenceItem {
    if item.kind == EvidenceKind::Message {
        item.kind = EvidenceKind::Revision;
    }
    item
}

fn joined(first: &[RuleId], then: &[RuleId]) -> Vec<RuleId> {
    let more = then.iter().filter(|rule| !first.contains(rule));
    first.iter().chain(more).cloned().collect()
}

fn line(action: LogAction, incident: IncidentId, at: Timestamp) -> Line<'static> {
    Line { at, actor: Actor::Chaperone, action, incident: Some(incident), detail: None }
}
