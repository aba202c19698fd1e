//! Who and what names and ids in a call mean.

use std::sync::Arc;

use serde::Deserialize;

use super::answer::Problem;
use crate::sandbox::actors::{Actor, Guild};
use crate::sandbox::server::Town;
use crate::sandbox::world::state::Channel;
use crate::sandbox::world::{Message, Said, Snowflake, World};

/// A server by its name or id; without one, the first.
pub(super) fn guild_id(world: &World, named: Option<&str>) -> Result<Snowflake, Problem> {
    let name = named.unwrap_or("any");
    let is_it = |id: Snowflake, its: &str| named.is_none_or(|name| its == name || id.to_string() == name);
    world.guilds.values().find(|guild| is_it(guild.id, &guild.name)).map(|guild| guild.id).ok_or_else(|| {
        Problem::unknown("server", name, world.guilds.values().map(|guild| guild.name.as_str()))
    })
}

/// A server by its name or id.
pub(super) fn guild(town: &Arc<Town>, named: Option<&str>) -> Result<Guild, Problem> {
    let id = town.read(|world| guild_id(world, named))?;
    Ok(Guild::new(Arc::clone(town), id))
}

/// A person by name or id, in the server that is named, otherwise in the first that they are in.
pub(super) fn person(town: &Arc<Town>, name: &str, in_guild: Option<&str>) -> Result<Actor, Problem> {
    let (user, guild) = town.read(|world| {
        let user = user_id(world, name)?;
        let guild = match in_guild {
            Some(guild) => Some(guild_id(world, Some(guild))?),
            None => {
                world.guilds.values().find(|guild| guild.members.contains_key(&user)).map(|guild| guild.id)
            }
        };
        Ok::<_, Problem>((user, guild))
    })?;
    Ok(Actor::new(Arc::clone(town), user, guild))
}

/// An account by name or id.
pub(super) fn user_id(world: &World, name: &str) -> Result<Snowflake, Problem> {
    let by_id = || name.parse().ok().filter(|id| world.users.contains_key(id));
    world.user_named(name).or_else(by_id).ok_or_else(|| {
        let people = world.users.values().filter(|user| !user.bot);
        Problem::unknown("person", name, people.map(|user| user.name.as_str()))
    })
}

/// A channel or thread by id, or by name with or without `#` in the server that is named, otherwise in the first that
/// has one.
pub(super) fn channel<'a>(
    world: &'a World,
    name: &str,
    in_guild: Option<&str>,
) -> Result<&'a Channel, Problem> {
    let only = in_guild.map(|guild| guild_id(world, Some(guild))).transpose()?;
    let by_id = || name.parse().ok().and_then(|id| world.channels.get(&id));
    let mut guilds = world.guilds.keys().filter(|guild| only.is_none_or(|only| only == **guild));
    guilds.find_map(|guild| world.channel_named(*guild, name)).or_else(by_id).ok_or_else(|| {
        Problem::unknown("channel", name, world.channels.values().map(|channel| channel.name.as_str()))
    })
}

/// A message by its id.
pub(super) fn message(world: &World, id: Id) -> Result<Message, Problem> {
    let found = world.messages.iter().find(|((_, message), _)| message.0 == id.0);
    let (_, found) = found.ok_or_else(|| Problem::unknown("message", &id.0.to_string(), []))?;
    Ok(world.snapshot(found))
}

/// Where a message is.
pub(super) fn said(world: &World, id: Id) -> Result<Said, Problem> {
    message(world, id).map(|message| Said::from(&message))
}

/// An id in a body: a text, as Discord writes it, or a number.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub(super) struct Id(pub(super) u64);

impl TryFrom<serde_json::Value> for Id {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        Snowflake::from_json(&value).map(|id| Self(id.0)).ok_or("an id is a text of digits")
    }
}

/// The message that was written, for the answer.
pub(super) fn written(said: Said) -> serde_json::Value {
    serde_json::json!({"message": said.id.get().to_string(), "channel": said.space.get().to_string()})
}
