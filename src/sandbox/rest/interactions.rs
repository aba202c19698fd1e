//! Answering interactions: the callback, and the messages that follow by the interaction's token.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError, Call, Outcome, ok, own_application};
use super::validate;
use crate::sandbox::world::interactions::{Interaction, Response, apply_edit, ask, list};
use crate::sandbox::world::state::flag;
use crate::sandbox::world::{Snowflake, World};

/// How long the first answer may take, where the box is told to insist.
const DEADLINE_MS: u64 = 3_000;
/// How long an interaction's token is good for.
const TOKEN_MS: u64 = 15 * 60_000;

type MessageKey = (Snowflake, Snowflake);

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("POST", ["interactions", id, token, "callback"]) => callback(world, call, id, token),
        ("POST", ["webhooks", application, token]) => follow_up(world, call, application, token),
        ("GET", ["webhooks", application, token, "messages", id]) => {
            message(world, application, token, id).and_then(|(_, key)| shown(world, key))
        }
        ("PATCH", ["webhooks", application, token, "messages", id]) => {
            edit(world, call, application, token, id)
        }
        ("DELETE", ["webhooks", application, token, "messages", id]) => {
            message(world, application, token, id).map(|(_, key)| {
                world.delete(key);
                Answer::Empty
            })
        }
        _ => return None,
    })
}

fn callback(world: &mut World, call: &Call<'_>, id: &str, token: &str) -> Outcome {
    let found = id.parse().ok().and_then(|id: Snowflake| world.interactions.get(&id));
    let interaction =
        found.filter(|one| one.token == token).ok_or_else(|| ApiError::unknown("interaction"))?;
    if interaction.response.is_some() {
        return Err(ApiError::new(400, 40060, "Interaction has already been acknowledged."));
    }
    if world.faults.insist_on_deadline && age_ms(world, interaction) > DEADLINE_MS {
        return Err(ApiError::unknown("interaction"));
    }
    let (id, source) = (interaction.id, interaction.source);
    let kind = call.body["type"].as_u64().unwrap_or(0);
    fits(interaction, kind)?;
    let data = call.body["data"].clone();
    let flags = data["flags"].as_u64().unwrap_or(0);
    let original = match kind {
        4 => {
            validate::message(&data)?;
            let original = world.answer_with_message(id, &data, flags);
            world.note_response(id, Response::Message, original);
            original
        }
        5 => {
            let original =
                world.answer_with_message(id, &Value::Null, (flags & flag::EPHEMERAL) | flag::LOADING);
            world.note_response(id, Response::DeferredMessage, original);
            original
        }
        6 => {
            world.note_response(id, Response::DeferredUpdate, source);
            source
        }
        7 => {
            validate::edit(&data)?;
            if let Some(key) = source {
                world.edit(key, true, |message| apply_edit(message, &data));
            }
            world.note_response(id, Response::Update, source);
            source
        }
        8 => {
            validate::choices(&list(&data, "choices"))?;
            world.note_response(id, Response::Choices(list(&data, "choices")), None);
            None
        }
        _ => {
            validate::modal(&data)?;
            world.note_response(id, Response::Modal(data), None);
            None
        }
    };
    if matches!(call.query("with_response"), Some("true" | "1")) {
        ok(callback_json(world, id, kind, original))
    } else {
        Ok(Answer::Empty)
    }
}

/// Refuses answers that do not fit what was asked.
fn fits(interaction: &Interaction, kind: u64) -> Result<(), ApiError> {
    let from_message = interaction.source.is_some();
    let good = match kind {
        4 | 5 => interaction.kind != ask::AUTOCOMPLETE,
        6 | 7 => matches!(interaction.kind, ask::COMPONENT | ask::MODAL) && from_message,
        8 => interaction.kind == ask::AUTOCOMPLETE,
        9 => matches!(interaction.kind, ask::COMMAND | ask::COMPONENT),
        _ => false,
    };
    if good {
        return Ok(());
    }
    let problem =
        json!({"code": "BASE_TYPE_CHOICES", "message": "This answer does not fit the interaction."});
    Err(ApiError::invalid_form(json!({"type": {"_errors": [problem]}})))
}

fn callback_json(world: &World, id: Snowflake, kind: u64, original: Option<MessageKey>) -> Value {
    let interaction = world.interactions.get(&id);
    let mut json = json!({
        "interaction": {
            "id": id, "type": interaction.map(|one| one.kind),
            "response_message_id": original.map(|(_, message)| message),
            "response_message_loading": kind == 5, "response_message_ephemeral":
                original.and_then(|key| world.messages.get(&key)).is_some_and(|message| message.only_for.is_some()),
        },
        "resource": {"type": kind},
    });
    if let Some(message) = original.and_then(|key| world.messages.get(&key)) {
        json["resource"]["message"] = world.message_json(message);
    }
    json
}

fn follow_up(world: &mut World, call: &Call<'_>, application: &str, token: &str) -> Outcome {
    let interaction = by_token(world, application, token)?;
    let Some(response) = &interaction.response else { return Err(ApiError::unknown("Webhook")) };
    let fills_original = *response == Response::DeferredMessage && !interaction.settled;
    let (id, original) = (interaction.id, interaction.original);
    validate::message(&call.body)?;
    if let (true, Some(key)) = (fills_original, original) {
        return finish(world, call, id, key);
    }
    let flags = call.body["flags"].as_u64().unwrap_or(0);
    let key = world.answer_with_message(id, &call.body, flags).ok_or_else(|| ApiError::unknown("Webhook"))?;
    if let Some(interaction) = world.interactions.get_mut(&id) {
        interaction.followups.push(key);
    }
    settle(world, id, key);
    shown(world, key)
}

fn edit(world: &mut World, call: &Call<'_>, application: &str, token: &str, message_id: &str) -> Outcome {
    validate::edit(&call.body)?;
    let (id, key) = message(world, application, token, message_id)?;
    finish(world, call, id, key)
}

/// Changes a message of an interaction; a deferred answer is thereby given.
fn finish(world: &mut World, call: &Call<'_>, id: Snowflake, key: MessageKey) -> Outcome {
    let was_loading = world.messages.get(&key).is_some_and(|message| message.flags & flag::LOADING != 0);
    world.edit(key, !was_loading, |message| apply_edit(message, &call.body));
    settle(world, id, key);
    shown(world, key)
}

fn settle(world: &mut World, id: Snowflake, key: MessageKey) {
    if world.interactions.get(&id).is_some_and(|interaction| !interaction.settled) {
        world.settle(id, Some(key));
    }
}

fn by_token<'a>(world: &'a World, application: &str, token: &str) -> Result<&'a Interaction, ApiError> {
    own_application(world, application).map_err(|_| ApiError::unknown("Webhook"))?;
    let interaction = world.interaction_by_token(token).ok_or_else(|| ApiError::unknown("Webhook"))?;
    if age_ms(world, interaction) > TOKEN_MS {
        return Err(ApiError::new(401, 50027, "Invalid Webhook Token"));
    }
    Ok(interaction)
}

fn age_ms(world: &World, interaction: &Interaction) -> u64 {
    world.clock.now_ms().saturating_sub(interaction.id.made_at_ms())
}

/// A message of an interaction: `@original` or one of its follow-ups.
fn message(
    world: &World,
    application: &str,
    token: &str,
    id: &str,
) -> Result<(Snowflake, MessageKey), ApiError> {
    let interaction = by_token(world, application, token)?;
    let mut own = interaction.original.iter().chain(&interaction.followups);
    let key = if id == "@original" {
        interaction.original
    } else {
        own.find(|(_, message)| message.to_string() == id).copied()
    };
    let key = key.filter(|key| world.messages.contains_key(key));
    key.map(|key| (interaction.id, key)).ok_or_else(|| ApiError::unknown("Message"))
}

fn shown(world: &World, key: MessageKey) -> Outcome {
    world
        .messages
        .get(&key)
        .map_or_else(|| Err(ApiError::unknown("Message")), |message| ok(world.message_json(message)))
}
