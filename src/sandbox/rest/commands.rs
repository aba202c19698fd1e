//! Registering commands, for all guilds or for one.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError, Call, Outcome, ok, own_application};
use super::validate;
use crate::sandbox::world::json::merge;
use crate::sandbox::world::{Snowflake, World};

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    let (application, guild, rest) = match call.path.as_slice() {
        ["applications", application, "commands", rest @ ..] => (application, None, rest),
        ["applications", application, "guilds", guild, "commands", rest @ ..] => {
            (application, Some(*guild), rest)
        }
        _ => return None,
    };
    let scope = match scope(world, application, guild) {
        Ok(scope) => scope,
        Err(refusal) => return Some(Err(refusal)),
    };
    Some(match (call.method, rest) {
        ("GET", []) => ok(in_scope(world, scope).cloned().collect()),
        ("PUT", []) => replace_all(world, scope, &call.body),
        ("POST", []) => register(world, scope, &call.body),
        ("GET", [id]) => match in_scope(world, scope).find(|command| command["id"] == **id) {
            Some(command) => ok(command.clone()),
            None => Err(ApiError::unknown("application command")),
        },
        ("PATCH", [id]) => change(world, scope, id, &call.body),
        ("DELETE", [id]) => remove(world, scope, id),
        _ => return None,
    })
}

/// The guild that commands are registered for; `None` for all.
type Scope = Option<Snowflake>;

fn scope(world: &World, application: &str, guild: Option<&str>) -> Result<Scope, ApiError> {
    own_application(world, application)?;
    let Some(guild) = guild else { return Ok(None) };
    let known = guild.parse().ok().filter(|id: &Snowflake| {
        world.guilds.get(id).is_some_and(|guild| guild.members.contains_key(&world.application.bot))
    });
    known.map(Some).ok_or_else(ApiError::missing_access)
}

fn in_scope(world: &World, scope: Scope) -> impl Iterator<Item = &Value> {
    world.application.commands.iter().filter(move |command| is_in(command, scope))
}

fn is_in(command: &Value, scope: Scope) -> bool {
    command.get("guild_id").cloned() == scope.map(|guild| json!(guild))
}

fn replace_all(world: &mut World, scope: Scope, body: &Value) -> Outcome {
    let wanted = body.as_array().ok_or_else(|| ApiError::invalid_form(json!({})))?;
    validate::commands(wanted)?;
    let (old, others) = std::mem::take(&mut world.application.commands)
        .into_iter()
        .partition::<Vec<_>, _>(|one| is_in(one, scope));
    world.application.commands = others;
    for command in wanted {
        let before = old.iter().find(|one| same_command(one, command)).map(|one| one["id"].clone());
        let command = stored(world, scope, command, before);
        world.application.commands.push(command);
    }
    ok(in_scope(world, scope).cloned().collect())
}

fn register(world: &mut World, scope: Scope, body: &Value) -> Outcome {
    validate::command(body).map_err(ApiError::invalid_form)?;
    let place =
        world.application.commands.iter().position(|one| is_in(one, scope) && same_command(one, body));
    let before = place.map(|place| world.application.commands.remove(place)["id"].clone());
    let status = if before.is_some() { 200 } else { 201 };
    let command = stored(world, scope, body, before);
    world.application.commands.push(command.clone());
    Ok(Answer::Json(status, command))
}

fn change(world: &mut World, scope: Scope, id: &str, body: &Value) -> Outcome {
    let place = world.application.commands.iter().position(|one| is_in(one, scope) && one["id"] == *id);
    let place = place.ok_or_else(|| ApiError::unknown("application command"))?;
    let mut changed = world.application.commands[place].clone();
    merge(&mut changed, body.clone());
    validate::command(&changed).map_err(ApiError::invalid_form)?;
    world.application.commands[place] = changed.clone();
    ok(changed)
}

fn remove(world: &mut World, scope: Scope, id: &str) -> Outcome {
    let before = world.application.commands.len();
    world.application.commands.retain(|one| !(is_in(one, scope) && one["id"] == *id));
    if world.application.commands.len() < before {
        Ok(Answer::Empty)
    } else {
        Err(ApiError::unknown("application command"))
    }
}

/// A command is known by its name and type.
fn same_command(one: &Value, other: &Value) -> bool {
    one["name"] == other["name"] && one["type"].as_u64().unwrap_or(1) == other["type"].as_u64().unwrap_or(1)
}

/// A command with what Discord adds to it.
fn stored(world: &mut World, scope: Scope, body: &Value, id: Option<Value>) -> Value {
    let version = world.next_id();
    let mut command = json!({
        "type": 1, "description": "", "default_member_permissions": null, "dm_permission": true, "nsfw": false,
        "contexts": null, "integration_types": [0], "name_localizations": null, "description_localizations": null,
    });
    merge(&mut command, body.clone());
    if command["integration_types"].is_null() {
        command["integration_types"] = json!([0]);
    }
    if let Some(options) = command.get_mut("options") {
        validate::drop_empty(options);
    }
    merge(
        &mut command,
        json!({
            "id": id.unwrap_or_else(|| json!(version)), "application_id": world.application.id, "version": version,
        }),
    );
    if let Some(guild) = scope {
        command["guild_id"] = json!(guild);
    }
    command
}
