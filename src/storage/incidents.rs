//! Incidents as rows, without their words.

use super::connection::{Columns, Connection, Row, values};
use super::keys::DataKeyId;
use super::{IncidentFilter, Result};
use crate::domain::{
    AccountId, Clause, Closing, Disposition, GroupId, Incident, IncidentCode, IncidentId, IncidentState,
    MessageId, RuleId, RulesetHash, SpaceId, Timestamp,
};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, group_id, code, space, message, author, accused, severity, clause, rules, ruleset, \
             settings_version, opened_at, message_deleted_at, state, disposition, closed_by, closed_at, data_key \
             FROM incidents ",
            $tail
        )
    };
}

pub(super) async fn find(connection: &mut dyn Connection, id: IncidentId) -> Result<Option<Incident>> {
    Ok(find_with_key(connection, id).await?.map(|(incident, _)| incident))
}

/// An incident and the name of the key that its words are sealed with.
pub(super) async fn find_with_key(
    connection: &mut dyn Connection,
    id: IncidentId,
) -> Result<Option<(Incident, DataKeyId)>> {
    let row = connection.row(select!("WHERE id = $1"), values![id.to_db()]).await?;
    row.map(|row| {
        let row = row.of("incidents");
        Ok((read(row)?, DataKeyId(row.text(18)?.to_owned())))
    })
    .transpose()
}

pub(super) async fn find_by_code(
    connection: &mut dyn Connection,
    group: GroupId,
    code: &IncidentCode,
) -> Result<Option<Incident>> {
    let sql = select!("WHERE group_id = $1 AND code = $2");
    let row = connection.row(sql, values![group.to_db(), code.as_str()]).await?;
    row.map(|row| read(row.of("incidents"))).transpose()
}

pub(super) async fn list(connection: &mut dyn Connection, filter: &IncidentFilter) -> Result<Vec<Incident>> {
    let sql = select!(
        "WHERE group_id = $1 AND ($2 = 0 OR state <> 'closed') AND ($3 IS NULL OR accused <> $3) \
         AND ($4 IS NULL OR id < $4) ORDER BY id DESC LIMIT $5"
    );
    let values = values![
        filter.group.to_db(),
        i64::from(filter.open_only),
        filter.without_accused.map(AccountId::to_db),
        filter.before.map(IncidentId::to_db),
        i64::from(filter.most),
    ];
    many(&connection.rows(sql, values).await?)
}

/// The open incidents of a group of which this account has no alert.
pub(super) async fn unalerted(
    connection: &mut dyn Connection,
    group: GroupId,
    to: AccountId,
) -> Result<Vec<Incident>> {
    let sql = select!(
        "WHERE group_id = $1 AND state <> 'closed' AND NOT EXISTS \
         (SELECT 1 FROM alerts WHERE alerts.incident = incidents.id AND alerts.recipient = $2) ORDER BY id"
    );
    many(&connection.rows(sql, values![group.to_db(), to.to_db()]).await?)
}

pub(super) async fn flagged_messages(
    connection: &mut dyn Connection,
    space: SpaceId,
    from: MessageId,
    to: MessageId,
) -> Result<Vec<MessageId>> {
    let sql = "SELECT message FROM incidents \
        WHERE space = $1 AND message BETWEEN $2 AND $3 AND message_deleted_at IS NULL ORDER BY message";
    let rows = connection.rows(sql, values![space.to_db(), from.to_db(), to.to_db()]).await?;
    rows.iter().map(|row| row.of("incidents").int(0).map(MessageId::from_db)).collect()
}

/// Keeps a new incident; answers its row. Whatever `id` it carries is not used.
pub(super) async fn insert(
    connection: &mut dyn Connection,
    incident: &Incident,
    data_key: &DataKeyId,
) -> Result<Option<IncidentId>> {
    let sql = "INSERT INTO incidents (group_id, code, space, message, author, accused, severity, clause, rules, \
        ruleset, settings_version, opened_at, state, data_key) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id";
    let values = values![
        incident.group.to_db(),
        incident.code.as_str(),
        incident.space.to_db(),
        incident.message.to_db(),
        incident.author.to_db(),
        incident.accused.to_db(),
        incident.severity.as_str(),
        incident.clause.as_str(),
        write_rules(&incident.rules),
        incident.ruleset.as_bytes().as_slice(),
        incident.settings_version,
        incident.opened_at.as_millis(),
        incident.state.as_str(),
        data_key.0.as_str(),
    ];
    let row = connection.row(sql, values).await?;
    row.map(|row| row.of("incidents").int(0).map(IncidentId::from_db)).transpose()
}

/// Keeps what can change about an incident.
pub(super) async fn update(connection: &mut dyn Connection, incident: &Incident) -> Result<()> {
    let sql = "UPDATE incidents SET severity = $2, clause = $3, rules = $4, message_deleted_at = $5, state = $6, \
        disposition = $7, closed_by = $8, closed_at = $9 WHERE id = $1";
    let closing = match &incident.state {
        IncidentState::Closed(closing) => Some(closing),
        IncidentState::Open | IncidentState::UnderReview => None,
    };
    let values = values![
        incident.id.to_db(),
        incident.severity.as_str(),
        incident.clause.as_str(),
        write_rules(&incident.rules),
        incident.message_deleted_at.map(Timestamp::as_millis),
        incident.state.as_str(),
        closing.map(|closing| closing.disposition.as_str()),
        closing.map(|closing| closing.by.to_db()),
        closing.map(|closing| closing.at.as_millis()),
    ];
    connection.execute(sql, values).await?;
    Ok(())
}

fn many(rows: &[Row]) -> Result<Vec<Incident>> {
    rows.iter().map(|row| read(row.of("incidents"))).collect()
}

fn read(row: Columns<'_>) -> Result<Incident> {
    let ruleset = row.bytes(10)?.try_into().map_err(|_| row.corrupt("the ruleset hash is not 32 bytes"))?;
    Ok(Incident {
        id: IncidentId::from_db(row.int(0)?),
        group: GroupId::from_db(row.int(1)?),
        code: row.word(2, |word| word.parse().ok())?,
        space: SpaceId::from_db(row.int(3)?),
        message: MessageId::from_db(row.int(4)?),
        author: AccountId::from_db(row.int(5)?),
        accused: AccountId::from_db(row.int(6)?),
        severity: row.word(7, |word| word.parse().ok())?,
        clause: row.word(8, |word| word.parse::<Clause>().ok())?,
        rules: row.word(9, |text| text.split_ascii_whitespace().map(|id| RuleId::new(id).ok()).collect())?,
        ruleset: RulesetHash::new(ruleset),
        settings_version: row.int(11)?,
        opened_at: Timestamp::from_millis(row.int(12)?),
        message_deleted_at: row.maybe_int(13)?.map(Timestamp::from_millis),
        state: read_state(row)?,
    })
}

fn read_state(row: Columns<'_>) -> Result<IncidentState> {
    match row.text(14)? {
        "open" => Ok(IncidentState::Open),
        "under-review" => Ok(IncidentState::UnderReview),
        "closed" => Ok(IncidentState::Closed(Closing {
            disposition: row.word(15, |word| word.parse::<Disposition>().ok())?,
            by: AccountId::from_db(row.int(16)?),
            at: Timestamp::from_millis(row.int(17)?),
        })),
        _ => Err(row.corrupt("a state is none that this program knows")),
    }
}

fn write_rules(rules: &[RuleId]) -> String {
    rules.iter().map(RuleId::as_str).collect::<Vec<_>>().join(" ")
}
