//! Planning a guild: roles, channels and the bot's place in it, all there at once when it is built.

use std::fmt;
use std::sync::Arc;

use super::Guild;
use crate::sandbox::server::Town;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::{Channel, Overwrite, kind};
use crate::sandbox::world::{Snowflake, World};

/// A guild that is being planned.
#[must_use = "a guild exists once it is built"]
pub struct GuildBuilder {
    town: Arc<Town>,
    name: String,
    owner: String,
    locale: String,
    everyone: u64,
    roles: Vec<(String, u64)>,
    channels: Vec<ChannelPlan>,
    bot: Option<u64>,
}

/// A channel to be made, and who of the roles sees it.
struct ChannelPlan {
    kind: u8,
    name: String,
    /// Roles that see it; `None` when everybody does.
    only: Option<Vec<String>>,
    bot_sees: bool,
}

impl GuildBuilder {
    pub(crate) fn new(town: Arc<Town>, name: &str) -> Self {
        Self {
            town,
            name: name.to_owned(),
            owner: "Division IT".to_owned(),
            locale: "en-US".to_owned(),
            everyone: bits::EVERYONE,
            roles: Vec::new(),
            channels: Vec::new(),
            bot: Some(bits::BOT),
        }
    }

    /// Who owns it. Without this, somebody named "Division IT".
    pub fn owner(mut self, name: &str) -> Self {
        name.clone_into(&mut self.owner);
        self
    }

    /// Its preferred language, such as `fr`.
    pub fn locale(mut self, locale: &str) -> Self {
        locale.clone_into(&mut self.locale);
        self
    }

    /// What everybody may do, as a mask. Without this, [`bits::EVERYONE`].
    pub fn everyone(mut self, permissions: u64) -> Self {
        self.everyone = permissions;
        self
    }

    /// A role above the earlier ones, with what it adds to everybody's permissions.
    pub fn role(mut self, name: &str, permissions: u64) -> Self {
        self.roles.push((name.to_owned(), permissions));
        self
    }

    /// A category; the channels after it are in it.
    pub fn category(self, name: &str) -> Self {
        self.plan(kind::CATEGORY, name, None, true)
    }

    /// A text channel that everybody sees.
    pub fn channel(self, name: &str) -> Self {
        self.plan(kind::TEXT, name, None, true)
    }

    /// A text channel that only these roles and the bot see.
    pub fn private_channel(self, name: &str, roles: &[&str]) -> Self {
        self.plan(kind::TEXT, name, Some(roles), true)
    }

    /// A text channel that only these roles see, not the bot.
    pub fn hidden_channel(self, name: &str, roles: &[&str]) -> Self {
        self.plan(kind::TEXT, name, Some(roles), false)
    }

    /// What the bot's role may do, as a mask. Without this, [`bits::BOT`].
    pub fn bot_permissions(mut self, permissions: u64) -> Self {
        self.bot = Some(permissions);
        self
    }

    /// The bot is not in it (yet; see [`Guild::invites_bot`]).
    pub fn without_bot(mut self) -> Self {
        self.bot = None;
        self
    }

    /// Founds it. A connected bot is told once, with everything in place.
    pub fn build(self) -> Guild {
        let id = self.town.change(|world| {
            let owner = world.user(&self.owner);
            let guild = world.add_guild(&self.name, owner, self.everyone);
            world.change_guild(guild, |guild| guild.locale.clone_from(&self.locale));
            for (name, permissions) in &self.roles {
                world.add_role(guild, name, *permissions, None);
            }
            let bot = world.application.bot;
            let name = world.application.name.clone();
            let bot_role = self.bot.map(|permissions| world.add_role(guild, &name, permissions, Some(bot)));
            let mut category = None;
            for plan in &self.channels {
                let overwrites = overwrites(world, guild, plan, bot_role);
                let id = add(world, guild, plan, overwrites, category);
                if plan.kind == kind::CATEGORY {
                    category = Some(id);
                }
            }
            if let Some(role) = bot_role {
                world.add_bot(guild, role);
            }
            world.forget_log(guild);
            guild
        });
        Guild::new(self.town, id)
    }

    pub(super) fn plan(mut self, kind: u8, name: &str, only: Option<&[&str]>, bot_sees: bool) -> Self {
        let only = only.map(|roles| roles.iter().map(|role| (*role).to_owned()).collect());
        self.channels.push(ChannelPlan { kind, name: name.to_owned(), only, bot_sees });
        self
    }
}

fn add(
    world: &mut World,
    guild: Snowflake,
    plan: &ChannelPlan,
    overwrites: Vec<Overwrite>,
    category: Option<Snowflake>,
) -> Snowflake {
    let id = world.next_id();
    let mut channel = Channel::new(id, plan.kind, Some(guild), &plan.name);
    channel.overwrites = overwrites;
    channel.parent = category.filter(|_| plan.kind != kind::CATEGORY);
    world.add_channel(channel);
    id
}

fn overwrites(world: &World, guild: Snowflake, plan: &ChannelPlan, bot: Option<Snowflake>) -> Vec<Overwrite> {
    let Some(only) = &plan.only else { return Vec::new() };
    let names: Vec<&str> = only.iter().map(String::as_str).collect();
    private_to(world, guild, &names, bot.filter(|_| plan.bot_sees))
}

/// Overwrites of a channel that only these roles see, and the bot's if given.
pub(super) fn private_to(
    world: &World,
    guild: Snowflake,
    roles: &[&str],
    bot: Option<Snowflake>,
) -> Vec<Overwrite> {
    let wanted = bits::VIEW_CHANNEL;
    let everyone = Overwrite { id: guild, of_member: false, allow: 0, deny: wanted };
    let known = world.guilds.get(&guild).map(|guild| guild.roles.as_slice()).unwrap_or_default();
    let named = known.iter().filter(|role| roles.contains(&role.name.as_str())).map(|role| role.id);
    let allowed = named.chain(bot).map(|id| Overwrite { id, of_member: false, allow: wanted, deny: 0 });
    [everyone].into_iter().chain(allowed).collect()
}

impl fmt::Debug for GuildBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuildBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}
