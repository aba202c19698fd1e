//! Groups and the versions of their settings.

use super::connection::{Columns, Connection, values};
use super::log::{Head, Line};
use super::writer::Tx;
use super::{Result, SettingsChange, alerts};
use crate::domain::{
    AccountId, Actor, Group, GroupId, GroupSettings, GroupState, LogAction, LogChain, RoleId, SpaceId,
    Timestamp,
};

/// Groups with the newest version of their settings.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT g.id, g.first_seen, g.state, s.version, s.staff_roles, s.student_roles, s.parent_roles, \
             s.administrator_1, s.administrator_2, s.fallback \
             FROM groups g LEFT JOIN group_settings s ON s.group_id = g.id AND s.version = \
             (SELECT MAX(version) FROM group_settings WHERE group_id = g.id) ",
            $tail
        )
    };
}

pub(super) async fn find(connection: &mut dyn Connection, group: GroupId) -> Result<Option<Group>> {
    let row = connection.row(select!("WHERE g.id = $1"), values![group.to_db()]).await?;
    row.map(|row| read(row.of("groups"))).transpose()
}

pub(super) async fn all(connection: &mut dyn Connection) -> Result<Vec<Group>> {
    let rows = connection.rows(select!("ORDER BY g.id"), &[]).await?;
    rows.iter().map(|row| read(row.of("groups"))).collect()
}

pub(super) async fn see(tx: &mut Tx, group: GroupId, at: Timestamp) -> Result<Group> {
    if let Some(known) = find(&mut *tx.main, group).await? {
        return Ok(known);
    }
    let mut head = Head::take(tx, LogChain::Group(group)).await?;
    ensure(tx, &mut head, group, at).await?;
    Ok(Group { id: group, first_seen: at, state: GroupState::Pending, settings: None })
}

/// Makes sure that a group's row is there; its first line in the log says when it was first seen.
pub(super) async fn ensure(tx: &mut Tx, head: &mut Head, group: GroupId, at: Timestamp) -> Result<()> {
    let sql = "INSERT INTO groups (id, first_seen, state) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    let state = GroupState::Pending.as_str();
    if tx.main.execute(sql, values![group.to_db(), at.as_millis(), state]).await? > 0 {
        let line =
            Line { at, actor: Actor::Chaperone, action: LogAction::GroupSeen, incident: None, detail: None };
        head.append(tx, line).await?;
    }
    Ok(())
}

pub(super) async fn change_settings(tx: &mut Tx, change: SettingsChange) -> Result<Option<Group>> {
    let mut head = Head::take(tx, LogChain::Group(change.group)).await?;
    ensure(tx, &mut head, change.group, change.at).await?;
    let before = find(&mut *tx.main, change.group).await?;
    let settings = &change.settings;
    if settings.version != before.map_or(0, |group| group.settings_version()) + 1 {
        return Ok(None);
    }
    let sql = "INSERT INTO group_settings (group_id, version, changed_at, changed_by, staff_roles, student_roles, \
        parent_roles, administrator_1, administrator_2, fallback) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let [first, second] = settings.administrators;
    let values = values![
        change.group.to_db(),
        settings.version,
        change.at.as_millis(),
        change.by.to_db(),
        write_roles(&settings.staff_roles),
        write_roles(&settings.student_roles),
        write_roles(&settings.parent_roles),
        first.to_db(),
        second.to_db(),
        settings.fallback.to_db(),
    ];
    tx.main.execute(sql, values).await?;
    let line = Line {
        at: change.at,
        actor: Actor::Account(change.by),
        action: LogAction::GroupSettingsChanged,
        incident: None,
        detail: None,
    };
    head.append(tx, line).await?;
    for alert in &change.alerts {
        alerts::queue(tx, change.group, alert, change.at).await?;
    }
    find(&mut *tx.main, change.group).await
}

fn read(row: Columns<'_>) -> Result<Group> {
    let settings = match row.maybe_int(3)? {
        None => None,
        Some(version) => Some(GroupSettings {
            version,
            staff_roles: row.word(4, read_roles)?,
            student_roles: row.word(5, read_roles)?,
            parent_roles: row.word(6, read_roles)?,
            administrators: [AccountId::from_db(row.int(7)?), AccountId::from_db(row.int(8)?)],
            fallback: SpaceId::from_db(row.int(9)?),
        }),
    };
    Ok(Group {
        id: GroupId::from_db(row.int(0)?),
        first_seen: Timestamp::from_millis(row.int(1)?),
        state: row.word(2, |word| GroupState::ALL.into_iter().find(|state| state.as_str() == word))?,
        settings,
    })
}

fn write_roles(roles: &[RoleId]) -> String {
    roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn read_roles(text: &str) -> Option<Vec<RoleId>> {
    text.split_ascii_whitespace().map(|role| role.parse().ok()).collect()
}
