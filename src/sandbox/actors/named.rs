//! Whom and what names mean where they are typed, as Discord puts it among the resolved.

use serde_json::{Map, Value, json};

use crate::sandbox::world::json::{merge, partial_member_json, role_json};
use crate::sandbox::world::{Snowflake, World};

/// Option types.
pub(super) mod option {
    pub(in crate::sandbox::actors) const SUB_COMMAND: u64 = 1;
    pub(in crate::sandbox::actors) const SUB_COMMAND_GROUP: u64 = 2;
    pub(in crate::sandbox::actors) const STRING: u64 = 3;
    pub(in crate::sandbox::actors) const INTEGER: u64 = 4;
    pub(in crate::sandbox::actors) const BOOLEAN: u64 = 5;
    pub(in crate::sandbox::actors) const USER: u64 = 6;
    pub(in crate::sandbox::actors) const CHANNEL: u64 = 7;
    pub(in crate::sandbox::actors) const ROLE: u64 = 8;
    pub(in crate::sandbox::actors) const MENTIONABLE: u64 = 9;
    pub(in crate::sandbox::actors) const NUMBER: u64 = 10;
}

/// Who types, and where.
pub(super) struct Typist {
    pub(super) user: Snowflake,
    pub(super) guild: Option<Snowflake>,
    pub(super) channel: Snowflake,
}

/// The id of whoever or whatever is named, which is also put among the resolved.
pub(super) fn named(
    world: &World,
    typist: &Typist,
    kind: u64,
    text: &str,
    resolved: &mut Map<String, Value>,
) -> Option<Value> {
    match kind {
        option::USER => user_named(world, typist, text).map(|user| {
            resolve_user(world, typist, user, resolved);
            json!(user)
        }),
        option::ROLE => {
            let guild = world.guilds.get(&typist.guild?)?;
            let name = text.trim_start_matches('@');
            let role = guild
                .roles
                .iter()
                .find(|role| role.name.trim_start_matches('@') == name || role.id.to_string() == name)?;
            put(resolved, "roles", role.id, role_json(role));
            Some(json!(role.id))
        }
        option::CHANNEL => {
            let found = world.channel_named(typist.guild?, text);
            let by_id = || text.parse().ok().and_then(|id: Snowflake| world.channels.get(&id));
            let channel = found.or_else(by_id).filter(|channel| world.sees(typist.user, channel))?;
            let mut json = world.channel_json(channel);
            json["permissions"] = json!(world.permissions(typist.user, channel).to_string());
            put(resolved, "channels", channel.id, json);
            Some(json!(channel.id))
        }
        option::MENTIONABLE => named(world, typist, option::USER, text, resolved)
            .or_else(|| named(world, typist, option::ROLE, text, resolved)),
        _ => None,
    }
}

fn user_named(world: &World, typist: &Typist, text: &str) -> Option<Snowflake> {
    let name = text.trim_start_matches("<@").trim_end_matches('>').trim_start_matches('@');
    let guild = typist.guild.and_then(|id| world.guilds.get(&id));
    let by_nick =
        guild.and_then(|guild| guild.members.values().find(|member| member.nick.as_deref() == Some(name)));
    let by_id = || name.parse().ok().filter(|id: &Snowflake| world.users.contains_key(id));
    by_nick.map(|member| member.user).or_else(|| world.user_named(name)).or_else(by_id)
}

pub(super) fn resolve_user(
    world: &World,
    typist: &Typist,
    user: Snowflake,
    resolved: &mut Map<String, Value>,
) {
    put(resolved, "users", user, world.user_json(user));
    let member = typist.guild.and_then(|id| world.guilds.get(&id)).and_then(|guild| guild.members.get(&user));
    if let (Some(member), Some(channel)) = (member, world.channels.get(&typist.channel)) {
        let mut json = partial_member_json(member);
        merge(&mut json, json!({"permissions": world.permissions(user, channel).to_string()}));
        put(resolved, "members", user, json);
    }
}

fn put(resolved: &mut Map<String, Value>, kind: &str, id: Snowflake, json: Value) {
    let of_kind = resolved.entry(kind).or_insert_with(|| json!({}));
    of_kind[id.to_string()] = json;
}
