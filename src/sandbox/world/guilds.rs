//! Guilds, roles and members: made, changed and removed.

use serde_json::json;

use super::json::guild_json;
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
        let member =
            Member { user: owner, nick: None, roles: Vec::new(), joined_ms, timed_out_until_ms: None };
        self.guilds.insert(
            id,
            Guild {
                id,
                name: name.to_owned(),
                owner,
                locale: "en-US".to_owned(),
                roles: vec![role],
                members: [(owner, member)].into(),
            },
        );
        id
    }

    /// Adds the bot to a guild, with a role of its own, and shows it the guild.
    pub(crate) fn add_bot(&mut self, guild: Snowflake, role: Snowflake) {
        let bot = self.application.bot;
        let now = self.clock.now_ms();
        let Some(place) = self.guilds.get_mut(&guild) else { return };
        place.members.insert(
            bot,
            Member { user: bot, nick: None, roles: vec![role], joined_ms: now, timed_out_until_ms: None },
        );
        if let Some(place) = self.guilds.get(&guild) {
            let data = self.guild_create_json(place, LARGE);
            self.dispatch("GUILD_CREATE", intents::GUILDS, Some(guild), &data);
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
            world.guilds.get_mut(&id).map(change);
            if let Some(guild) = world.guilds.get(&id) {
                let data = guild_json(guild);
                world.dispatch("GUILD_UPDATE", intents::GUILDS, Some(id), &data);
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
        id
    }

    /// Changes a role.
    pub(crate) fn change_role(&mut self, guild: Snowflake, id: Snowflake, change: impl FnOnce(&mut Role)) {
        self.watching_sight(guild, |world| {
            let place = world.guilds.get_mut(&guild);
            let Some(role) = place.and_then(|guild| guild.roles.iter_mut().find(|role| role.id == id)) else {
                return;
            };
            change(role);
            let role = role.clone();
            world.dispatch_role("GUILD_ROLE_UPDATE", guild, &role);
        });
    }

    /// Removes a role from the guild and from everybody.
    pub(crate) fn remove_role(&mut self, guild: Snowflake, id: Snowflake) {
        self.watching_sight(guild, |world| {
            let Some(place) = world.guilds.get_mut(&guild) else { return };
            place.roles.retain(|role| role.id != id);
            for member in place.members.values_mut() {
                member.roles.retain(|role| *role != id);
            }
            let data = json!({"guild_id": guild, "role_id": id});
            world.dispatch("GUILD_ROLE_DELETE", intents::GUILDS, Some(guild), &data);
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
        let Some(place) = self.guilds.get_mut(&guild) else { return };
        let member = Member { user, nick, roles, joined_ms, timed_out_until_ms: None };
        place.members.insert(user, member.clone());
        self.tell_of_member("GUILD_MEMBER_ADD", guild, &member);
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
            change(member);
            let member = member.clone();
            world.tell_of_member("GUILD_MEMBER_UPDATE", guild, &member);
        });
    }

    /// Takes somebody out of a guild and its threads.
    pub(crate) fn remove_member(&mut self, guild: Snowflake, user: Snowflake) {
        if self.guilds.get_mut(&guild).is_none_or(|guild| guild.members.remove(&user).is_none()) {
            return;
        }
        for channel in self.channels.values_mut().filter(|channel| channel.guild == Some(guild)) {
            if let Some(thread) = &mut channel.thread {
                thread.members.remove(&user);
            }
        }
        let data = json!({"guild_id": guild, "user": self.user_json(user)});
        self.dispatch("GUILD_MEMBER_REMOVE", intents::GUILD_MEMBERS, Some(guild), &data);
    }

    fn tell_of_member(&mut self, event: &str, guild: Snowflake, member: &Member) {
        let mut data = self.member_json(member);
        data["guild_id"] = json!(guild);
        let own = member.user == self.application.bot && event == "GUILD_MEMBER_UPDATE";
        let intent = if own { intents::NONE } else { intents::GUILD_MEMBERS };
        self.dispatch(event, intent, Some(guild), &data);
    }
}
