//! A guild in a story: who joins, and what its administrators change.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::plan::private_to;
use super::{Actor, GuildBuilder};
use crate::domain::{GroupId, RoleId, SpaceId};
use crate::sandbox::server::Town;
use crate::sandbox::world::state::{Channel, Overwrite, kind};
use crate::sandbox::world::{Snowflake, World};

/// A guild. Clones are the same guild.
#[derive(Clone)]
pub struct Guild {
    pub(super) town: Arc<Town>,
    pub(super) id: Snowflake,
}

impl Guild {
    pub(crate) fn new(town: Arc<Town>, id: Snowflake) -> Self {
        Self { town, id }
    }

    /// The town it is in.
    pub(crate) fn town(&self) -> &Arc<Town> {
        &self.town
    }

    /// Its id.
    pub fn id(&self) -> GroupId {
        GroupId::new(self.id.0)
    }

    /// The id of a role. Stops the story when there is none of this name.
    pub fn role_id(&self, name: &str) -> RoleId {
        RoleId::new(self.role(name).0)
    }

    /// The id of a channel or thread. Stops the story when there is none of this name.
    pub fn channel_id(&self, name: &str) -> SpaceId {
        SpaceId::new(self.channel(name).0)
    }

    /// Somebody who is about to join; an account of this name may exist already.
    pub fn member(&self, name: &str) -> MemberBuilder {
        MemberBuilder { guild: self.clone(), name: name.to_owned(), nick: None, roles: Vec::new() }
    }

    /// Somebody who is in it. Stops the story when there is nobody of this name.
    pub fn actor(&self, name: &str) -> Actor {
        let found = self.town.read(|world| {
            let user = world.user_named(name)?;
            world.guilds.get(&self.id)?.members.contains_key(&user).then_some(user)
        });
        match found {
            Some(user) => Actor::new(Arc::clone(&self.town), user, Some(self.id)),
            None => self.town.refuse(&format!("nobody named {name} is in this guild")),
        }
    }

    /// Its owner.
    pub fn owner(&self) -> Actor {
        let owner = self.town.read(|world| world.guilds.get(&self.id).map(|guild| guild.owner));
        Actor::new(Arc::clone(&self.town), owner.unwrap_or_default(), Some(self.id))
    }

    /// Gives somebody a role.
    pub fn grants(&self, actor: &Actor, role: &str) {
        let role = self.role(role);
        self.change_member(actor, |member| {
            member.roles.retain(|one| *one != role);
            member.roles.push(role);
        });
    }

    /// Takes a role from somebody.
    pub fn revokes(&self, actor: &Actor, role: &str) {
        let role = self.role(role);
        self.change_member(actor, |member| member.roles.retain(|one| *one != role));
    }

    /// Gives somebody a nickname.
    pub fn nicknames(&self, actor: &Actor, nick: &str) {
        self.change_member(actor, |member| member.nick = Some(nick.to_owned()));
    }

    /// Times somebody out for a while; zero ends it.
    pub fn times_out(&self, actor: &Actor, how_long: Duration) {
        let now = self.town.read(|world| world.clock.now_ms());
        let millis = u64::try_from(how_long.as_millis()).unwrap_or(u64::MAX);
        let until = (!how_long.is_zero()).then(|| now.saturating_add(millis));
        self.change_member(actor, |member| member.timed_out_until_ms = until);
    }

    /// Removes somebody.
    pub fn removes(&self, actor: &Actor) {
        self.town.change(|world| world.kick(self.id, actor.user));
    }

    /// Renames it.
    pub fn renames(&self, name: &str) {
        self.town.change(|world| world.change_guild(self.id, |guild| name.clone_into(&mut guild.name)));
    }

    /// Makes somebody its owner.
    pub fn passes_to(&self, actor: &Actor) {
        self.town.change(|world| world.change_guild(self.id, |guild| guild.owner = actor.user));
    }

    /// Adds a role on top.
    pub fn adds_role(&self, name: &str, permissions: u64) -> RoleId {
        RoleId::new(self.town.change(|world| world.add_role(self.id, name, permissions, None)).0)
    }

    /// Changes what a role may do. `@everyone` is a role, too.
    pub fn permits(&self, role: &str, permissions: u64) {
        let role = self.role(role);
        self.town.change(|world| world.change_role(self.id, role, |role| role.permissions = permissions));
    }

    /// Renames a role.
    pub fn renames_role(&self, from: &str, to: &str) {
        let role = self.role(from);
        self.town.change(|world| world.change_role(self.id, role, |role| to.clone_into(&mut role.name)));
    }

    /// Removes a role.
    pub fn removes_role(&self, name: &str) {
        let role = self.role(name);
        self.town.change(|world| world.remove_role(self.id, role));
    }

    /// Adds a text channel that everybody sees.
    pub fn adds_channel(&self, name: &str) -> SpaceId {
        self.add(kind::TEXT, name, |_, _| Vec::new())
    }

    /// Adds a text channel that only these roles and the bot see.
    pub fn adds_private_channel(&self, name: &str, roles: &[&str]) -> SpaceId {
        self.add(kind::TEXT, name, |world, guild| private_to(world, guild, roles, bot_role(world, guild)))
    }

    /// Adds a text channel that only these roles see, not the bot.
    pub fn adds_hidden_channel(&self, name: &str, roles: &[&str]) -> SpaceId {
        self.add(kind::TEXT, name, |world, guild| private_to(world, guild, roles, None))
    }

    /// Renames a channel.
    pub fn renames_channel(&self, from: &str, to: &str) {
        self.change_channel(from, |channel| to.trim_start_matches('#').clone_into(&mut channel.name));
    }

    /// Sets a channel's topic.
    pub fn sets_topic(&self, channel: &str, topic: &str) {
        self.change_channel(channel, |channel| channel.topic = Some(topic.to_owned()));
    }

    /// Sets what a role gains and loses in a channel, in place of what was set for it before.
    pub fn overwrites_role(&self, channel: &str, role: &str, allow: u64, deny: u64) {
        let id = self.role(role);
        self.overwrite(channel, Overwrite { id, of_member: false, allow, deny });
    }

    /// Sets what somebody gains and loses in a channel, in place of what was set for them before.
    pub fn overwrites_member(&self, channel: &str, actor: &Actor, allow: u64, deny: u64) {
        self.overwrite(channel, Overwrite { id: actor.user, of_member: true, allow, deny });
    }

    /// Removes a channel or thread with everything in it.
    pub fn removes_channel(&self, name: &str) {
        let channel = self.channel(name);
        self.town.change(|world| world.remove_channel(channel));
    }

    /// Archives a thread, or takes it out of the archive.
    pub fn archives(&self, thread: &str, archived: bool) {
        let thread = self.channel(thread);
        self.town.change(|world| world.change_thread(thread, |thread| thread.archived = archived));
    }

    /// Locks a thread, or unlocks it.
    pub fn locks(&self, thread: &str, locked: bool) {
        let thread = self.channel(thread);
        self.town.change(|world| world.change_thread(thread, |thread| thread.locked = locked));
    }

    /// Adds the bot with these permissions.
    pub fn invites_bot(&self, permissions: u64) {
        self.town.change(|world| {
            let (bot, name) = (world.application.bot, world.application.name.clone());
            let role = world.add_role(self.id, &name, permissions, Some(bot));
            world.add_bot(self.id, role);
        });
    }

    /// Throws the bot out.
    pub fn removes_bot(&self) {
        self.town.change(|world| world.remove_bot(self.id));
    }

    /// Plans another guild of the same town.
    pub fn another_guild(&self, name: &str) -> GuildBuilder {
        GuildBuilder::new(Arc::clone(&self.town), name)
    }

    pub(super) fn add(
        &self,
        kind: u8,
        name: &str,
        overwrites: impl FnOnce(&World, Snowflake) -> Vec<Overwrite>,
    ) -> SpaceId {
        SpaceId::new(self.town.change(|world| {
            let id = world.next_id();
            let mut channel = Channel::new(id, kind, Some(self.id), name);
            channel.overwrites = overwrites(world, self.id);
            world.add_channel(channel);
            id.0
        }))
    }

    fn overwrite(&self, channel: &str, overwrite: Overwrite) {
        self.change_channel(channel, |channel| {
            channel.overwrites.retain(|one| one.id != overwrite.id);
            channel.overwrites.push(overwrite);
        });
    }

    fn change_channel(&self, name: &str, change: impl FnOnce(&mut Channel)) {
        let channel = self.channel(name);
        self.town.change(|world| world.change_channel(channel, change));
    }

    fn change_member(&self, actor: &Actor, change: impl FnOnce(&mut crate::sandbox::world::state::Member)) {
        self.town.change(|world| world.change_member(self.id, actor.user, change));
    }

    pub(super) fn role(&self, name: &str) -> Snowflake {
        let found = self.town.read(|world| {
            world.guilds.get(&self.id)?.roles.iter().find(|role| role.name == name).map(|role| role.id)
        });
        found.unwrap_or_else(|| self.town.refuse(&format!("this guild has no role named {name}")))
    }

    pub(super) fn channel(&self, name: &str) -> Snowflake {
        let found = self.town.read(|world| world.channel_named(self.id, name).map(|channel| channel.id));
        found.unwrap_or_else(|| self.town.refuse(&format!("this guild has no channel named {name}")))
    }
}

fn bot_role(world: &World, guild: Snowflake) -> Option<Snowflake> {
    world.guilds.get(&guild)?.roles.iter().find(|role| role.of_bot.is_some()).map(|role| role.id)
}

/// Somebody who is about to join a guild.
#[must_use = "they are in once they join"]
pub struct MemberBuilder {
    guild: Guild,
    name: String,
    nick: Option<String>,
    roles: Vec<String>,
}

impl MemberBuilder {
    /// With this role, which must exist.
    pub fn role(mut self, name: &str) -> Self {
        self.roles.push(name.to_owned());
        self
    }

    /// With this nickname.
    pub fn nick(mut self, nick: &str) -> Self {
        self.nick = Some(nick.to_owned());
        self
    }

    /// Lets them in.
    pub fn join(self) -> Actor {
        let roles = self.roles.iter().map(|role| self.guild.role(role)).collect();
        let Guild { town, id } = self.guild;
        let user = town.change(|world| {
            let user = world.user(&self.name);
            world.add_member(id, user, self.nick, roles);
            user
        });
        Actor::new(town, user, Some(id))
    }
}

impl fmt::Debug for Guild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Guild").field(&self.id.0).finish()
    }
}

impl fmt::Debug for MemberBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemberBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}
