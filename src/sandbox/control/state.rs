//! The world's state as JSON: everything but messages, with names beside ids.

use serde_json::{Value, json};

use crate::sandbox::world::World;
use crate::sandbox::world::state::{Channel, Guild};

/// Everything but messages.
pub(super) fn state_json(world: &World) -> Value {
    let application = &world.application;
    let people = world.users.values().map(
        |user| json!({"id": user.id, "name": user.name, "bot": user.bot, "refuses_dms": user.refuses_dms}),
    );
    let sessions = world.sessions.iter().map(|session| {
        json!({
            "connected": session.connection.is_some(), "intents": session.intents, "shard": [session.shard.0, session.shard.1],
            "sent": session.delivered, "waiting": session.log.len() - session.delivered,
        })
    });
    json!({
        "application": {
            "id": application.id, "name": application.name, "bot": application.bot,
            "privileged_intents": application.privileged, "commands": world.commands(),
        },
        "guilds": world.guilds.values().map(|guild| guild_json(world, guild)).collect::<Vec<_>>(),
        "people": people.collect::<Vec<_>>(),
        "sessions": sessions.collect::<Vec<_>>(),
    })
}

fn guild_json(world: &World, guild: &Guild) -> Value {
    let role_name = |id| guild.roles.iter().find(|role| role.id == id).map(|role| role.name.as_str());
    let members = guild.members.values().map(|member| {
        json!({
            "id": member.user, "name": world.name_of(member.user), "nick": member.nick,
            "roles": member.roles.iter().filter_map(|id| role_name(*id)).collect::<Vec<_>>(),
            "timed_out_until_ms": member.timed_out_until_ms,
        })
    });
    let roles = guild
        .roles
        .iter()
        .map(|role| json!({"id": role.id, "name": role.name, "permissions": role.permissions.to_string()}));
    let channels = world.channels.values().filter(|channel| channel.guild == Some(guild.id));
    json!({
        "id": guild.id, "name": guild.name, "owner": world.name_of(guild.owner),
        "roles": roles.collect::<Vec<_>>(),
        "members": members.collect::<Vec<_>>(),
        "channels": channels.map(|channel| channel_json(world, guild, channel)).collect::<Vec<_>>(),
    })
}

fn channel_json(world: &World, guild: &Guild, channel: &Channel) -> Value {
    let who = |may: &dyn Fn(&Channel, crate::sandbox::world::Snowflake) -> bool| -> Vec<String> {
        guild.members.keys().filter(|user| may(channel, **user)).map(|user| world.name_of(*user)).collect()
    };
    let overwrites = channel.overwrites.iter().map(|one| {
        json!({
            "id": one.id, "of": if one.of_member { "person" } else { "role" },
            "allow": one.allow.to_string(), "deny": one.deny.to_string(),
        })
    });
    json!({
        "id": channel.id, "name": channel.name, "type": channel.kind, "topic": channel.topic,
        "parent": channel.parent, "overwrites": overwrites.collect::<Vec<_>>(),
        "seen_by": who(&|channel, user| world.sees(user, channel)),
        "written_by": who(&|channel, user| world.may_write(user, channel)),
        "thread": channel.thread.as_ref().map(|thread| json!({
            "archived": thread.archived, "locked": thread.locked,
            "members": thread.members.keys().map(|user| world.name_of(*user)).collect::<Vec<_>>(),
        })),
    })
}
