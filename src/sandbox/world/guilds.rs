//! Guilds, roles and members: made, changed and removed.

use serde_json::{Value, json};

use super::audit::{Entry, action};
use super::belongings::Belongings;
use super::json::{guild_json, role_json};
use super::permissions::bits;
use super::sessions::intents;
use super::state::{Guild, Member, Role};
use super::{Snowflake, World};

/// From how many members on a guild counts as large when it comes into being while the bot is connected.
const LARGE: u64 = 50;

impl World {
    /// Founds a guild with its owner; the bot is not in it yet.
    pub(crate) fn add_guild(&mut self, name: &str, owner: Snowflake, everyone: u64) -> Snowflake {
        let id = self.next_id();
        let joined_ms = self.clock.now_ms();
        let role =
            Role { id, name: "@everyone".to_owned(), permissions: everyone, position: 0, of_bot: None };
        let member = Member::new(owner, Vec::new(), joined_ms);
        self.guilds.insert(
            id,
            Guild {
                id,
                name: name.to_owned(),
                owner,
                locale: "en-US".to_owned(),
                roles: vec![role],
                members: [(owner, member)].into(),
                belongings: Belongings::default(),
            },
        );
        id
    }

    /// Adds the bot to a guild, with a role of its own, and shows it the guild.
    pub(crate) fn add_bot(&mut self, guild: Snowflake, role: Snowflake) {
        let bot = self.application.bot;
        let now = self.clock.now_ms();
        let Some(place) = self.guilds.get_mut(&guild) else { return };
        place.members.insert(bot, Member::new(bot, vec![role], now));
        if let Some(place) = self.guilds.get(&guild) {
            let data = self.guild_create_json(place, LARGE);
            self.dispatch("GUILD_CREATE", intents::GUILDS, Some(guild), &data);
            self.note(guild, Entry::of(action::BOT_ADD, Some(bot)));
        }
    }

    /// Throws the bot out of a guild.
    pub(crate) fn remove_bot(&mut self, guild: Snowflake) {
        let bot = self.application.bot;
        if self.guilds.get_mut(&guild).is_some_and(|guild| guild.members.remove(&bot).is_some()) {
            self.dispatch("GUILD_DELETE", intents::GUILDS, Some(guild), &json!({"id": guild}));
        }
    }

    /// Changes a guild's name, owner or language.
    pub(crate) fn change_guild(&mut self, id: Snowflake, change: impl FnOnce(&mut Guild)) {
        self.watching_sight(id, |world| {
            let before = world.guilds.get(&id).map(guild_json).unwrap_or_default();
            world.guilds.get_mut(&id).map(change);
            if let Some(guild) = world.guilds.get(&id) {
                let data = guild_json(guild);
                world.dispatch("GUILD_UPDATE", intents::GUILDS, Some(id), &data);
                world.note(id, Entry::of(action::GUILD_UPDATE, Some(id)).with_changes(&before, &data));
            }
        });
    }

    /// Adds a role on top of the others.
    pub(crate) fn add_role(
        &mut self,
        guild: Snowflake,
        name: &str,
        permissions: u64,
        of_bot: Option<Snowflake>,
    ) -> Snowflake {
        let id = self.next_id();
        let Some(place) = self.guilds.get_mut(&guild) else { return id };
        let position = place.roles.len() as u64;
        let role = Role { id, name: name.to_owned(), permissions, position, of_bot };
        place.roles.push(role.clone());
        self.dispatch_role("GUILD_ROLE_CREATE", guild, &role);
        self.note(guild, Entry::of(action::ROLE_CREATE, Some(id)).with_new(&role_json(&role)));
        id
    }

    /// Changes a role.
    pub(crate) fn change_role(&mut self, guild: Snowflake, id: Snowflake, change: impl FnOnce(&mut Role)) {
        self.watching_sight(guild, |world| {
            let place = world.guilds.get_mut(&guild);
            let Some(role) = place.and_then(|guild| guild.roles.iter_mut().find(|role| role.id == id)) else {
                return;
            };
            let before = role_json(role);
            change(role);
            let role = role.clone();
            world.dispatch_role("GUILD_ROLE_UPDATE", guild, &role);
            let entry = Entry::of(action::ROLE_UPDATE, Some(id));
            world.note(guild, entry.with_changes(&before, &role_json(&role)));
        });
    }

    /// Removes a role from the guild and from everybody.
    pub(crate) fn remove_role(&mut self, guild: Snowflake, id: Snowflake) {
        self.watching_sight(guild, |world| {
            let Some(place) = world.guilds.get_mut(&guild) else { return };
            let gone = place.roles.iter().find(|role| role.id == id).map(role_json).unwrap_or_default();
            place.roles.retain(|role| role.id != id);
            for member in place.members.values_mut() {
                member.roles.retain(|role| *role != id);
            }
            let data = json!({"guild_id": guild, "role_id": id});
            world.dispatch("GUILD_ROLE_DELETE", intents::GUILDS, Some(guild), &data);
            world.note(guild, Entry::of(action::ROLE_DELETE, Some(id)).with_old(&gone));
        });
    }

    /// Lets somebody into a guild.
    pub(crate) fn add_member(
        &mut self,
        guild: Snowflake,
        user: Snowflake,
        nick: Option<String>,
        roles: Vec<Snowflake>,
    ) {
        let joined_ms = self.clock.now_ms();
        self.let_in(guild, Member { nick, ..Member::new(user, roles, joined_ms) });
    }

    /// Lets somebody into a guild as they are.
    pub(crate) fn let_in(&mut self, guild: Snowflake, member: Member) {
        let Some(place) = self.guilds.get_mut(&guild) else { return };
        let user = member.user;
        place.members.insert(user, member);
        if let Some(member) = self.guilds.get(&guild).and_then(|guild| guild.members.get(&user)).cloned() {
            self.tell_of_member("GUILD_MEMBER_ADD", guild, &member);
        }
    }

    /// Changes a member: nickname, roles, timeout.
    pub(crate) fn change_member(
        &mut self,
        guild: Snowflake,
        user: Snowflake,
        change: impl FnOnce(&mut Member),
    ) {
        self.watching_sight(guild, |world| {
            let place = world.guilds.get_mut(&guild);
            let Some(member) = place.and_then(|guild| guild.members.get_mut(&user)) else { return };
            let before = member.clone();
            change(member);
            let member = member.clone();
            world.tell_of_member("GUILD_MEMBER_UPDATE", guild, &member);
            if (before.muted, before.deafened) != (member.muted, member.deafened) {
                world.tell_of_voice(guild, user);
            }
            world.note_member(guild, &before, &member);
        });
    }

    /// Times somebody out as `AutoMod` does, whose own entry in the audit log says so.
    pub(crate) fn time_out_silently(&mut self, guild: Snowflake, user: Snowflake, until_ms: u64) {
        let place = self.guilds.get_mut(&guild);
        let Some(member) = place.and_then(|guild| guild.members.get_mut(&user)) else { return };
        member.timed_out_until_ms = Some(until_ms);
        let member = member.clone();
        self.tell_of_member("GUILD_MEMBER_UPDATE", guild, &member);
    }

    /// Takes somebody out of a guild and its threads.
    pub(crate) fn remove_member(&mut self, guild: Snowflake, user: Snowflake) {
        if self.guilds.get_mut(&guild).is_none_or(|guild| guild.members.remove(&user).is_none()) {
            return;
        }
        self.leave_voice(guild, user);
        for channel in self.channels.values_mut().filter(|channel| channel.guild == Some(guild)) {
            if let Some(thread) = &mut channel.thread {
                thread.members.remove(&user);
            }
        }
        let data = json!({"guild_id": guild, "user": self.user_json(user)});
        self.dispatch("GUILD_MEMBER_REMOVE", intents::GUILD_MEMBERS, Some(guild), &data);
    }

    /// Somebody with power throws another out.
    pub(crate) fn kick(&mut self, guild: Snowflake, user: Snowflake) {
        self.remove_member(guild, user);
        self.note(guild, Entry::of(action::KICK, Some(user)));
    }

    /// Bans somebody, who need not be a member.
    pub(crate) fn ban(&mut self, guild: Snowflake, user: Snowflake) {
        let reason = self.hand.as_ref().and_then(|hand| hand.reason.clone());
        let Some(place) = self.guilds.get_mut(&guild) else { return };
        if place.belongings.bans.insert(user, reason).is_some() {
            return;
        }
        self.tell_of_ban("GUILD_BAN_ADD", guild, user);
        self.remove_member(guild, user);
        self.note(guild, Entry::of(action::BAN_ADD, Some(user)));
    }

    /// Lifts a ban; `false` when there is none.
    pub(crate) fn unban(&mut self, guild: Snowflake, user: Snowflake) -> bool {
        let place = self.guilds.get_mut(&guild);
        if place.is_none_or(|guild| guild.belongings.bans.remove(&user).is_none()) {
            return false;
        }
        self.tell_of_ban("GUILD_BAN_REMOVE", guild, user);
        self.note(guild, Entry::of(action::BAN_REMOVE, Some(user)));
        true
    }

    /// The place of somebody's highest role; the owner is above all.
    pub(crate) fn rank(&self, guild: Snowflake, user: Snowflake) -> u64 {
        let Some(place) = self.guilds.get(&guild) else { return 0 };
        if place.owner == user {
            return u64::MAX;
        }
        let own = place.members.get(&user).map(|member| member.roles.as_slice()).unwrap_or_default();
        let roles = place.roles.iter().filter(|role| own.contains(&role.id));
        roles.map(|role| role.position).max().unwrap_or(0)
    }

    /// Puts a role at a place, counted from 1 just above `@everyone`, and moves the others aside.
    pub(crate) fn place_role(&mut self, guild: Snowflake, id: Snowflake, position: u64) {
        let Some(place) = self.guilds.get(&guild) else { return };
        let mut order: Vec<_> = place.roles.iter().filter(|role| role.id != guild && role.id != id).collect();
        order.sort_by_key(|role| (role.position, role.id));
        let mut order: Vec<_> = order.into_iter().map(|role| role.id).collect();
        let at = usize::try_from(position.max(1) - 1).unwrap_or(usize::MAX).min(order.len());
        order.insert(at, id);
        for (id, position) in order.into_iter().zip(1..) {
            let moves = self.guilds.get(&guild).is_some_and(|guild| {
                guild.roles.iter().any(|role| role.id == id && role.position != position)
            });
            if moves {
                self.change_role(guild, id, |role| role.position = position);
            }
        }
    }

    /// Locks invites or DMs of a guild for a while, as `incidents_data` says.
    pub(crate) fn set_incidents(&mut self, guild: Snowflake, incidents: Value) {
        self.change_guild(guild, |guild| guild.belongings.incidents = incidents);
    }

    fn tell_of_ban(&mut self, event: &str, guild: Snowflake, user: Snowflake) {
        if self.bot_base(guild) & (bits::BAN_MEMBERS | bits::VIEW_AUDIT_LOG) != 0 {
            let data = json!({"guild_id": guild, "user": self.user_json(user)});
            self.dispatch(event, intents::GUILD_MODERATION, Some(guild), &data);
        }
    }

    /// Writes into the audit log what differs in a member: roles apart from the rest.
    fn note_member(&mut self, guild: Snowflake, before: &Member, after: &Member) {
        let named = |ids: Vec<&Snowflake>| -> Vec<Value> {
            let roles = self.guilds.get(&guild).map(|guild| guild.roles.as_slice()).unwrap_or_default();
            let found = ids.into_iter().filter_map(|id| roles.iter().find(|role| role.id == *id));
            found.map(|role| json!({"id": role.id, "name": role.name})).collect()
        };
        let added = named(after.roles.iter().filter(|role| !before.roles.contains(role)).collect());
        let removed = named(before.roles.iter().filter(|role| !after.roles.contains(role)).collect());
        let mut roles = Entry::of(action::MEMBER_ROLES, Some(after.user));
        for (key, list) in [("$add", added), ("$remove", removed)] {
            if !list.is_empty() {
                roles = roles.with_change(key, &Value::Null, &json!(list));
            }
        }
        if !roles.changes.is_empty() {
            self.note(guild, roles);
        }
        let (before, after_json) = (self.member_json(before), self.member_json(after));
        let entry = Entry::of(action::MEMBER_UPDATE, Some(after.user)).with_changes(&before, &after_json);
        let entry = Entry {
            changes: entry.changes.into_iter().filter(|one| one["key"] != "flags").collect(),
            ..entry
        };
        if !entry.changes.is_empty() {
            self.note(guild, entry);
        }
    }

    fn tell_of_member(&mut self, event: &str, guild: Snowflake, member: &Member) {
        let mut data = self.member_json(member);
        data["guild_id"] = json!(guild);
        let own = member.user == self.application.bot && event == "GUILD_MEMBER_UPDATE";
        let intent = if own { intents::NONE } else { intents::GUILD_MEMBERS };
        self.dispatch(event, intent, Some(guild), &data);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn roles_stand_one_above_the_other_however_they_are_moved(
            moves in proptest::collection::vec((0_usize..4, 0_u64..7), 1..12),
        ) {
            let mut world = World::new(String::new());
            let owner = world.user("Division IT");
            let guild = world.add_guild("Science Club", owner, 0);
            let roles: Vec<_> = (0..4).map(|number| world.add_role(guild, &number.to_string(), 0, None)).collect();
            for (role, position) in moves {
                world.place_role(guild, roles[role], position);
                let place = &world.guilds[&guild];
                let of = |id| place.roles.iter().find(|role| role.id == id).map_or(0, |role| role.position);
                let mut positions: Vec<_> = roles.iter().map(|id| of(*id)).collect();
                prop_assert_eq!(of(roles[role]), position.clamp(1, 4));
                positions.sort_unstable();
                prop_assert_eq!(positions, vec![1, 2, 3, 4]);
                prop_assert_eq!(of(guild), 0);
            }
        }
    }
}
