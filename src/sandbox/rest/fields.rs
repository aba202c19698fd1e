//! Reading fields of a body, with the refusals that Discord gives, and the powers that routes ask of the bot.

use serde_json::{Map, Value, json};

use super::answer::ApiError;
use super::guilds::guild_of_bot;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::Guild;
use crate::sandbox::world::{Snowflake, World};

/// A text that must be there and within `most` characters.
pub(super) fn required_text(body: &Value, field: &str, most: usize) -> Result<String, ApiError> {
    let text = body[field].as_str().unwrap_or_default();
    if text.is_empty() {
        return Err(wrong(field, "BASE_TYPE_REQUIRED", "This field is required"));
    }
    if text.chars().count() > most {
        let message = format!("Must be between 1 and {most} in length.");
        return Err(wrong(field, "BASE_TYPE_BAD_LENGTH", &message));
    }
    Ok(text.to_owned())
}

/// As [`required_text`], where it is given at all.
pub(super) fn optional_text(body: &Value, field: &str, most: usize) -> Result<Option<String>, ApiError> {
    if body.get(field).is_none_or(Value::is_null) {
        Ok(None)
    } else {
        required_text(body, field, most).map(Some)
    }
}

/// A refusal of one field.
pub(super) fn wrong(field: &str, code: &str, message: &str) -> ApiError {
    let mut errors = Map::new();
    errors.insert(field.to_owned(), json!({"_errors": [{"code": code, "message": message}]}));
    ApiError::invalid_form(Value::Object(errors))
}

/// The fields of a body that are among `names`.
pub(super) fn only(body: &Value, names: &[&str]) -> Value {
    let fields = body.as_object().into_iter().flatten();
    let kept = fields.filter(|(name, _)| names.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// A moment that the bot wrote, in milliseconds.
pub(super) fn moment(value: &Value) -> Option<u64> {
    let at = value.as_str()?.replace(' ', "+").parse::<jiff::Timestamp>().ok()?;
    u64::try_from(at.as_millisecond()).ok()
}

/// A permission mask, as text or as a number.
pub(super) fn mask(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The guild of this id, if the bot is in it and may do all of `wanted` there.
pub(super) fn guild_for_bot<'a>(world: &'a World, id: &str, wanted: u64) -> Result<&'a Guild, ApiError> {
    let guild = guild_of_bot(world, id)?;
    if world.bot_base(guild.id) & wanted == wanted { Ok(guild) } else { Err(ApiError::missing_permissions()) }
}

/// The bot may do this to somebody whose highest role is below its own, and to nobody else.
pub(super) fn must_outrank(world: &World, guild: Snowflake, user: Snowflake) -> Result<(), ApiError> {
    let bot = world.application.bot;
    let above = world.rank(guild, bot) > world.rank(guild, user);
    if user == bot || above { Ok(()) } else { Err(ApiError::missing_permissions()) }
}

/// The bot may touch roles below its highest, and no other's permissions than its own.
pub(super) fn must_command(world: &World, guild: &Guild, role: Snowflake) -> Result<(), ApiError> {
    let role = guild.roles.iter().find(|one| one.id == role).ok_or_else(|| ApiError::unknown("Role"))?;
    let bot = world.application.bot;
    let below = role.position < world.rank(guild.id, bot);
    if below { Ok(()) } else { Err(ApiError::missing_permissions()) }
}

/// The bot gives away only what it may do itself.
pub(super) fn must_hold(world: &World, guild: Snowflake, permissions: u64) -> Result<(), ApiError> {
    let own = world.bot_base(guild);
    let holds = own & bits::ADMINISTRATOR != 0 || permissions & !own == 0;
    if holds { Ok(()) } else { Err(ApiError::missing_permissions()) }
}
