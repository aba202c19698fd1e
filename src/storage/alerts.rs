//! The outbox: alerts that wait, and what became of those that were sent.

use super::connection::{Columns, Connection, values};
use super::log::{Head, Line};
use super::writer::Tx;
use super::{NewAlert, Result, Settled, Told};
use crate::domain::{
    AccountId, Actor, Alert, AlertId, AlertSubject, DeliveryState, GroupId, IncidentId, LogAction, LogChain,
    MessageId, SpaceId, Timestamp,
};

const INCIDENT: &str = "incident";
const SETTINGS_CHANGED: &str = "settings-changed";
const GAP: &str = "gap";
const UNREACHABLE: &str = "unreachable";

/// Queues an alert, to be sent at once; one with the same nonce is queued already.
pub(super) async fn queue(tx: &mut Tx, group: GroupId, alert: &NewAlert, at: Timestamp) -> Result<()> {
    let (subject, incident, recipient, space) = match alert.subject {
        AlertSubject::Incident { incident, to } => (INCIDENT, Some(incident.to_db()), Some(to.to_db()), None),
        AlertSubject::SettingsChanged { to } => (SETTINGS_CHANGED, None, Some(to.to_db()), None),
        AlertSubject::Gap { to } => (GAP, None, Some(to.to_db()), None),
        AlertSubject::Unreachable { space } => (UNREACHABLE, None, None, Some(space.to_db())),
    };
    let sql = "INSERT INTO alerts (group_id, subject, incident, recipient, space, nonce, state, attempts, not_before, since) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8) ON CONFLICT (nonce) DO NOTHING";
    let state = DeliveryState::Queued.as_str();
    let values = values![
        group.to_db(),
        subject,
        incident,
        recipient,
        space,
        alert.nonce.as_str(),
        state,
        at.as_millis()
    ];
    tx.main.execute(sql, values).await?;
    Ok(())
}

pub(super) async fn due(connection: &mut dyn Connection, now: Timestamp, most: u32) -> Result<Vec<Alert>> {
    let sql = "SELECT id, group_id, subject, incident, recipient, space, nonce, state, attempts, first_attempt_at \
        FROM alerts WHERE state = 'queued' AND not_before <= $1 ORDER BY not_before, id LIMIT $2";
    let rows = connection.rows(sql, values![now.as_millis(), i64::from(most)]).await?;
    rows.iter().map(|row| read(row.of("alerts"))).collect()
}

pub(super) async fn next_at(connection: &mut dyn Connection) -> Result<Option<Timestamp>> {
    let row = connection.row("SELECT MIN(not_before) FROM alerts WHERE state = 'queued'", &[]).await?;
    let at = row.map(|row| row.of("alerts").maybe_int(0)).transpose()?;
    Ok(at.flatten().map(Timestamp::from_millis))
}

/// Who was told about an incident, in the order in which it was decided.
pub(super) async fn told(connection: &mut dyn Connection, incident: IncidentId) -> Result<Vec<Told>> {
    let sql = "SELECT id, recipient, state, since FROM alerts \
        WHERE incident = $1 AND recipient IS NOT NULL ORDER BY id";
    let rows = connection.rows(sql, values![incident.to_db()]).await?;
    let told = |row: Columns<'_>| {
        Ok(Told {
            to: AccountId::from_db(row.int(1)?),
            state: row.word(2, state)?,
            at: Timestamp::from_millis(row.int(3)?),
        })
    };
    rows.iter().map(|row| told(row.of("alerts"))).collect()
}

pub(super) async fn attempt(tx: &mut Tx, alert: AlertId, at: Timestamp, not_before: Timestamp) -> Result<()> {
    let sql = "UPDATE alerts SET attempts = attempts + 1, first_attempt_at = COALESCE(first_attempt_at, $2), \
        not_before = $3 WHERE id = $1 AND state = 'queued'";
    tx.main.execute(sql, values![alert.to_db(), at.as_millis(), not_before.as_millis()]).await?;
    Ok(())
}

pub(super) async fn settle(
    tx: &mut Tx,
    alert: AlertId,
    settled: Settled,
    then: Option<NewAlert>,
) -> Result<()> {
    let action = match settled.state {
        DeliveryState::Queued => return Ok(()),
        DeliveryState::Delivered => LogAction::AlertDelivered,
        DeliveryState::Refused => LogAction::AlertRefused,
        DeliveryState::Failed => LogAction::AlertFailed,
    };
    let sql = "UPDATE alerts SET state = $2, since = $3, message = $4 WHERE id = $1 AND state = 'queued' \
        RETURNING id, group_id, incident";
    let message = settled.message.map(MessageId::to_db);
    let values = values![alert.to_db(), settled.state.as_str(), settled.at.as_millis(), message];
    let Some(row) = tx.main.row(sql, values).await? else { return Ok(()) };
    let row = row.of("alerts");
    let (group, incident) = (GroupId::from_db(row.int(1)?), row.maybe_int(2)?.map(IncidentId::from_db));
    let mut head = Head::take(tx, LogChain::Group(group)).await?;
    head.append(tx, Line { at: settled.at, actor: Actor::Chaperone, action, incident, detail: None }).await?;
    match then {
        Some(then) => queue(tx, group, &then, settled.at).await,
        None => Ok(()),
    }
}

fn read(row: Columns<'_>) -> Result<Alert> {
    let incident = || row.int(3).map(IncidentId::from_db);
    let to = || row.int(4).map(AccountId::from_db);
    let subject = match row.text(2)? {
        INCIDENT => AlertSubject::Incident { incident: incident()?, to: to()? },
        SETTINGS_CHANGED => AlertSubject::SettingsChanged { to: to()? },
        GAP => AlertSubject::Gap { to: to()? },
        UNREACHABLE => AlertSubject::Unreachable { space: SpaceId::from_db(row.int(5)?) },
        _ => return Err(row.corrupt("a subject is none that this program knows")),
    };
    Ok(Alert {
        id: AlertId::from_db(row.int(0)?),
        group: GroupId::from_db(row.int(1)?),
        subject,
        nonce: row.text(6)?.to_owned(),
        state: row.word(7, state)?,
        attempts: u32::try_from(row.int(8)?).unwrap_or(u32::MAX),
        first_attempt_at: row.maybe_int(9)?.map(Timestamp::from_millis),
    })
}

fn state(word: &str) -> Option<DeliveryState> {
    DeliveryState::ALL.into_iter().find(|state| state.as_str() == word)
}
