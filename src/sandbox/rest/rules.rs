//! `AutoMod` rules read, made, changed and removed by the bot.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError, Call, Outcome, ok};
use super::fields::{guild_for_bot, only, optional_text, required_text, wrong};
use crate::sandbox::world::belongings::Shelf;
use crate::sandbox::world::interactions::list;
use crate::sandbox::world::json::merge;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::Guild;
use crate::sandbox::world::{Snowflake, World};

/// What a body may set.
const SETTABLE: &[&str] =
    &["actions", "enabled", "event_type", "exempt_channels", "exempt_roles", "name", "trigger_metadata"];
/// How many rules a guild may have of a trigger type: keywords, spam, presets, mentions, profiles.
const MOST: &[(u64, usize)] = &[(1, 6), (3, 1), (4, 1), (5, 1), (6, 1)];

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    let ["guilds", guild, "auto-moderation", "rules", rest @ ..] = call.path.as_slice() else { return None };
    let guild = match guild_for_bot(world, guild, bits::MANAGE_GUILD) {
        Ok(guild) => guild,
        Err(refusal) => return Some(Err(refusal)),
    };
    let id = guild.id;
    Some(match (call.method, rest) {
        ("GET", []) => ok(json!(guild.belongings.all(Shelf::Rules))),
        ("POST", []) => create(world, call, id),
        ("GET", [rule]) => find(guild, rule).and_then(|(_, rule)| ok(rule.clone())),
        ("PATCH", [rule]) => change(world, call, id, rule),
        ("DELETE", [rule]) => find(guild, rule).map(|(rule, _)| rule).map(|rule| {
            world.remove_thing(id, Shelf::Rules, rule);
            Answer::Empty
        }),
        _ => return None,
    })
}

fn find<'a>(guild: &'a Guild, id: &str) -> Result<(Snowflake, &'a Value), ApiError> {
    let id = id.parse().unwrap_or_default();
    let rule = guild.belongings.one(Shelf::Rules, id);
    rule.map(|rule| (id, rule)).ok_or_else(|| ApiError::unknown("Auto Moderation Rule"))
}

fn create(world: &mut World, call: &Call<'_>, guild: Snowflake) -> Outcome {
    let body = &call.body;
    required_text(body, "name", 100)?;
    let kind = body["trigger_type"].as_u64().unwrap_or(0);
    let most = MOST.iter().find(|(one, _)| *one == kind).map(|(_, most)| *most);
    let most = most.ok_or_else(|| wrong("trigger_type", "BASE_TYPE_CHOICES", "Not a type of trigger."))?;
    let there = world.guilds.get(&guild).map(|guild| guild.belongings.all(Shelf::Rules)).unwrap_or_default();
    if there.iter().filter(|rule| rule["trigger_type"] == kind).count() >= most {
        let message = format!("Maximum number of rules of this type reached ({most})");
        return Err(wrong("trigger_type", "AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED", &message));
    }
    check(world, guild, body, kind)?;
    if list(body, "actions").is_empty() {
        return Err(wrong("actions", "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let mut rule = json!({
        "guild_id": guild, "creator_id": world.application.bot, "event_type": 1, "trigger_type": kind,
        "trigger_metadata": {}, "actions": [], "enabled": false, "exempt_roles": [], "exempt_channels": [],
    });
    merge(&mut rule, only(body, SETTABLE));
    complete(&mut rule);
    let id = world.make_thing(guild, Shelf::Rules, rule);
    shown(world, guild, id)
}

fn change(world: &mut World, call: &Call<'_>, guild: Snowflake, rule: &str) -> Outcome {
    let place = world.guilds.get(&guild).ok_or_else(|| ApiError::unknown("Guild"))?;
    let (id, rule) = find(place, rule)?;
    let kind = rule["trigger_type"].as_u64().unwrap_or(0);
    optional_text(&call.body, "name", 100)?;
    check(world, guild, &call.body, kind)?;
    let mut changed = only(&call.body, SETTABLE);
    if changed["trigger_metadata"].is_object() || changed["actions"].is_array() {
        let kept = rule["trigger_metadata"].clone();
        if !changed["trigger_metadata"].is_object() {
            changed["trigger_metadata"] = kept;
        }
        changed["trigger_type"] = json!(kind);
        complete(&mut changed);
    }
    world.change_thing(guild, Shelf::Rules, id, changed);
    shown(world, guild, id)
}

/// Fills in the metadata that the trigger's type and its actions always have.
fn complete(rule: &mut Value) {
    for action in rule["actions"].as_array_mut().into_iter().flatten() {
        if action["metadata"].is_null() {
            action["metadata"] = json!({});
        }
    }
    let mut metadata = match rule["trigger_type"].as_u64() {
        Some(1 | 6) => json!({"keyword_filter": [], "regex_patterns": [], "allow_list": []}),
        Some(4) => json!({"presets": [], "allow_list": []}),
        Some(5) => json!({"mention_total_limit": 50, "mention_raid_protection_enabled": false}),
        _ => json!({}),
    };
    merge(&mut metadata, rule["trigger_metadata"].take());
    rule["trigger_metadata"] = metadata;
}

/// Discord's limits on what rules say, and what their actions ask of the bot.
fn check(world: &World, guild: Snowflake, body: &Value, kind: u64) -> Result<(), ApiError> {
    let metadata = &body["trigger_metadata"];
    for (field, most, longest) in
        [("keyword_filter", 1_000, 60), ("regex_patterns", 10, 260), ("allow_list", 100, 60)]
    {
        let words = list(metadata, field);
        let too_long = |word: &Value| word.as_str().is_none_or(|word| word.chars().count() > longest);
        if words.len() > most || words.iter().any(too_long) {
            let message = format!("Must be at most {most}, each of at most {longest} characters.");
            return Err(wrong("trigger_metadata", "BASE_TYPE_BAD_LENGTH", &message));
        }
    }
    for action in list(body, "actions") {
        match action["type"].as_u64() {
            Some(1 | 4) => {}
            Some(2) => {
                let room = Snowflake::from_json(&action["metadata"]["channel_id"]);
                if room.and_then(|id| world.channels.get(&id)).is_none_or(|room| room.guild != Some(guild)) {
                    return Err(wrong("actions", "AUTO_MODERATION_INVALID_CHANNEL", "Unknown channel"));
                }
            }
            Some(3) if !matches!(kind, 1 | 5) => {
                let message = "This action cannot be used with this type of trigger.";
                return Err(wrong("actions", "AUTO_MODERATION_INVALID_ACTION_TYPE", message));
            }
            Some(3) if world.bot_base(guild) & bits::MODERATE_MEMBERS == 0 => {
                return Err(ApiError::missing_permissions());
            }
            Some(3) if action["metadata"]["duration_seconds"].as_u64().is_some_and(|s| s <= 2_419_200) => {}
            _ => return Err(wrong("actions", "BASE_TYPE_CHOICES", "Not an action.")),
        }
    }
    Ok(())
}

fn shown(world: &World, guild: Snowflake, id: Snowflake) -> Outcome {
    ok(json!(world.guilds.get(&guild).and_then(|guild| guild.belongings.one(Shelf::Rules, id))))
}
