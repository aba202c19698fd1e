//! What was watched: cursors of Spaces, and Gaps.

use super::connection::{Columns, Connection, values};
use super::log::{Head, Line};
use super::writer::Tx;
use super::{Cursor, NewAlert, Result, alerts, groups};
use crate::domain::{Actor, Gap, GapReason, GroupId, LogAction, LogChain, MessageId, SpaceId, Timestamp};

pub(super) async fn cursors(connection: &mut dyn Connection, group: GroupId) -> Result<Vec<Cursor>> {
    let sql = "SELECT space, group_id, message FROM cursors WHERE group_id = $1 ORDER BY space";
    let rows = connection.rows(sql, values![group.to_db()]).await?;
    let cursor = |row: Columns<'_>| {
        Ok(Cursor {
            space: SpaceId::from_db(row.int(0)?),
            group: GroupId::from_db(row.int(1)?),
            message: MessageId::from_db(row.int(2)?),
        })
    };
    rows.iter().map(|row| cursor(row.of("cursors"))).collect()
}

/// Moves cursors forward, never back.
pub(super) async fn save_cursors(tx: &mut Tx, cursors: &[Cursor]) -> Result<()> {
    for cursor in cursors {
        let sql = "INSERT INTO cursors (space, group_id, message) VALUES ($1, $2, $3) \
            ON CONFLICT (space) DO UPDATE SET message = excluded.message WHERE cursors.message < excluded.message";
        let values = values![cursor.space.to_db(), cursor.group.to_db(), cursor.message.to_db()];
        tx.main.execute(sql, values).await?;
    }
    Ok(())
}

pub(super) async fn record_gap(tx: &mut Tx, gap: Gap, at: Timestamp, tell: Vec<NewAlert>) -> Result<()> {
    let mut head = Head::take(tx, LogChain::Group(gap.group)).await?;
    groups::ensure(tx, &mut head, gap.group, at).await?;
    let sql = "INSERT INTO gaps (group_id, space, from_at, until_at, reason) VALUES ($1, $2, $3, $4, $5)";
    let values = values![
        gap.group.to_db(),
        gap.space.map(SpaceId::to_db),
        gap.from.as_millis(),
        gap.until.as_millis(),
        gap.reason.as_str(),
    ];
    tx.main.execute(sql, values).await?;
    let line =
        Line { at, actor: Actor::Chaperone, action: LogAction::GapRecorded, incident: None, detail: None };
    head.append(tx, line).await?;
    for alert in &tell {
        alerts::queue(tx, gap.group, alert, at).await?;
    }
    Ok(())
}

pub(super) async fn gaps(
    connection: &mut dyn Connection,
    group: GroupId,
    since: Timestamp,
) -> Result<Vec<Gap>> {
    let sql = "SELECT id, group_id, space, from_at, until_at, reason FROM gaps \
        WHERE group_id = $1 AND until_at > $2 ORDER BY until_at, id";
    let rows = connection.rows(sql, values![group.to_db(), since.as_millis()]).await?;
    let gap = |row: Columns<'_>| {
        Ok(Gap {
            group: GroupId::from_db(row.int(1)?),
            space: row.maybe_int(2)?.map(SpaceId::from_db),
            from: Timestamp::from_millis(row.int(3)?),
            until: Timestamp::from_millis(row.int(4)?),
            reason: row.word(5, |word| GapReason::ALL.into_iter().find(|reason| reason.as_str() == word))?,
        })
    };
    rows.iter().map(|row| gap(row.of("gaps"))).collect()
}
