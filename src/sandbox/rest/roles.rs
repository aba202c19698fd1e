//! Roles made, changed and removed by the bot, which commands only those below its own.

use serde_json::Value;

use super::answer::{Answer, ApiError, Call, Outcome, ok};
use super::fields::{guild_for_bot, mask, must_command, must_hold, optional_text};
use crate::sandbox::world::json::role_json;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::{Snowflake, World};

/// The most roles of a guild.
const MOST_ROLES: usize = 250;

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    let ["guilds", guild, "roles", rest @ ..] = call.path.as_slice() else { return None };
    Some(match (call.method, rest) {
        ("POST", []) => create(world, call, guild),
        ("PATCH", []) => arrange(world, call, guild),
        ("GET", [role]) => read(world, guild, role),
        ("PATCH", [role]) => change(world, call, guild, role),
        ("DELETE", [role]) => remove(world, guild, role),
        _ => return None,
    })
}

fn create(world: &mut World, call: &Call<'_>, guild: &str) -> Outcome {
    let place = guild_for_bot(world, guild, bits::MANAGE_ROLES)?;
    let (guild, everyone) = (place.id, place.roles.first().map_or(0, |role| role.permissions));
    if place.roles.len() >= MOST_ROLES {
        return Err(ApiError::new(400, 30005, "Maximum number of guild roles reached (250)"));
    }
    let name = optional_text(&call.body, "name", 100)?.unwrap_or_else(|| "new role".to_owned());
    let permissions = mask(&call.body["permissions"]).unwrap_or(everyone);
    must_hold(world, guild, permissions)?;
    let role = world.add_role(guild, &name, permissions, None);
    world.place_role(guild, role, 1);
    shown(world, guild, role)
}

fn arrange(world: &mut World, call: &Call<'_>, guild: &str) -> Outcome {
    let place = guild_for_bot(world, guild, bits::MANAGE_ROLES)?;
    let guild = place.id;
    let own = world.rank(guild, world.application.bot);
    let asked: Vec<(Snowflake, u64)> = call
        .body
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| Some((Snowflake::from_json(&one["id"])?, one["position"].as_u64()?)))
        .collect();
    for (role, position) in &asked {
        must_command(world, place, *role)?;
        if *position >= own {
            return Err(ApiError::missing_permissions());
        }
    }
    for (role, position) in asked {
        world.place_role(guild, role, position);
    }
    ok(world.guilds.get(&guild).map(|guild| guild.roles.iter().map(role_json).collect::<Value>()).into())
}

fn read(world: &World, guild: &str, role: &str) -> Outcome {
    let guild = guild_for_bot(world, guild, 0)?.id;
    shown(world, guild, role.parse().unwrap_or_default())
}

fn change(world: &mut World, call: &Call<'_>, guild: &str, role: &str) -> Outcome {
    let place = guild_for_bot(world, guild, bits::MANAGE_ROLES)?;
    let (guild, id): (Snowflake, Snowflake) = (place.id, role.parse().unwrap_or_default());
    must_command(world, place, id)?;
    let name = optional_text(&call.body, "name", 100)?;
    let permissions = mask(&call.body["permissions"]);
    let before = place.roles.iter().find(|role| role.id == id).map_or(0, |role| role.permissions);
    must_hold(world, guild, permissions.unwrap_or(0) & !before)?;
    world.change_role(guild, id, |role| {
        role.permissions = permissions.unwrap_or(role.permissions);
        if let Some(name) = name {
            role.name = name;
        }
    });
    shown(world, guild, id)
}

fn remove(world: &mut World, guild: &str, role: &str) -> Outcome {
    let place = guild_for_bot(world, guild, bits::MANAGE_ROLES)?;
    let (guild, id): (Snowflake, Snowflake) = (place.id, role.parse().unwrap_or_default());
    must_command(world, place, id)?;
    let managed = place.roles.iter().any(|role| role.id == id && role.of_bot.is_some());
    if managed || id == guild {
        return Err(ApiError::new(400, 50028, "Invalid role"));
    }
    world.remove_role(guild, id);
    Ok(Answer::Empty)
}

fn shown(world: &World, guild: Snowflake, id: Snowflake) -> Outcome {
    let role = world.guilds.get(&guild).and_then(|guild| guild.roles.iter().find(|role| role.id == id));
    role.map_or_else(|| Err(ApiError::unknown("Role")), |role| ok(role_json(role)))
}
