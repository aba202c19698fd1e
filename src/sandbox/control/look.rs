//! Looking at the world over the control API, at once or until something is there: every `GET` but the page's.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Outcome, Problem};
use super::find;
use super::state::state_json;
use super::verb::Field;
use crate::sandbox::actors::{Asked, Modal, Reply};
use crate::sandbox::server::Town;
use crate::sandbox::world::{Message, Snowflake, World};

/// Every look: its path, what it shows, and the query that it takes.
pub(super) const LOOKS: &[(&str, &str, &[Field])] = &[
    ("/sandbox/", "This index.", &[]),
    (
        "/sandbox/state",
        "Everything but messages: servers, roles, channels and who sees them, people, sessions.",
        &[],
    ),
    (
        "/sandbox/channels/{channel}/messages",
        "A channel's or thread's messages, oldest first; by name (general) or id.",
        &[
            (
                "as?",
                "a person: only what they see, with what only they see; 404 where they do not see the channel",
            ),
            ("guild?", "the server, by name or id"),
            ("until?", "wait until there are so many"),
        ],
    ),
    (
        "/sandbox/people/{name}/inbox",
        "The direct messages that the bot wrote to somebody, oldest first.",
        &[("until?", "wait until there are so many")],
    ),
    ("/sandbox/people/{name}/commands", "The commands that somebody's client offers them.", &[]),
    ("/sandbox/interactions/{id}", "What the bot answered; waits for the answer.", &[]),
    (
        "/sandbox/requests",
        "The REST requests that the box received, in order.",
        &[("of?", "only those that begin so: POST /channels/"), ("until?", "wait until there are so many")],
    ),
    (
        "/sandbox/bot",
        "Whether a bot is connected, what it registered and what it was sent.",
        &[("until?", "wait: connected, all-sent, or command:NAME")],
    ),
    ("/sandbox/events", "What happens from now on, as server-sent events.", &[]),
];

/// The query of a call, of any.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    /// The server.
    pub(super) guild: Option<String>,
    /// How many seconds the caller is ready to wait.
    pub(super) patience: Option<u64>,
    #[serde(rename = "as")]
    viewer: Option<String>,
    of: Option<String>,
    until: Option<String>,
}

/// Looks; `None` where there is nothing to look at.
pub(super) async fn look(town: Arc<Town>, path: &[&str], ask: &Ask) -> Option<Outcome> {
    Some(match path {
        ["state"] => Ok(town.read(state_json)),
        ["channels", channel, "messages"] => messages(&town, channel, ask).await,
        ["people", name, "inbox"] => inbox(&town, name, ask).await,
        ["people", name, "commands"] => find::person(&town, name, ask.guild.as_deref())
            .map(|person| json!({"commands": person.commands_offered()})),
        ["interactions", id] => interaction(town, id).await,
        ["requests"] => requests(&town, ask).await,
        ["bot"] => bot(&town, ask).await,
        _ => return None,
    })
}

async fn messages(town: &Town, name: &str, ask: &Ask) -> Outcome {
    let (channel, viewer) = town.read(|world| {
        let channel = find::channel(world, name, ask.guild.as_deref())?;
        let viewer = ask.viewer.as_deref().map(|viewer| find::user_id(world, viewer)).transpose()?;
        if viewer.is_some_and(|viewer| !world.sees(viewer, channel)) {
            return Err(Problem::unknown("channel that they see", name, []));
        }
        Ok((channel.id, viewer))
    })?;
    let seen = |world: &World| -> Vec<Value> {
        let all = world.messages.range((channel, Snowflake(0))..=(channel, Snowflake(u64::MAX)));
        let sees = |only: Option<Snowflake>| only.is_none() || viewer.is_none() || only == viewer;
        all.filter(|(_, message)| sees(message.only_for))
            .map(|(_, message)| {
                let mut json = message_json(&world.snapshot(message));
                json["only_for"] = message.only_for.map(|user| world.name_of(user)).into();
                json
            })
            .collect()
    };
    until(town, ask, &format!("messages in {name}"), seen).await.map(|seen| json!({"messages": seen}))
}

async fn inbox(town: &Town, name: &str, ask: &Ask) -> Outcome {
    let user = town.read(|world| find::user_id(world, name))?;
    let inbox = |world: &World| world.inbox_of(user).iter().map(message_json).collect();
    until(town, ask, &format!("direct messages to {name}"), inbox)
        .await
        .map(|inbox| json!({"messages": inbox}))
}

async fn requests(town: &Town, ask: &Ask) -> Outcome {
    let of = ask.of.clone().unwrap_or_default();
    let seen = |world: &World| -> Vec<Value> {
        let all = world.requests().iter();
        all.filter(|seen| {
            format!("{} {}", seen.method, seen.path).starts_with(&of) || seen.path.starts_with(&of)
        })
        .map(|seen| {
            json!({
                "method": seen.method, "path": seen.path, "body": seen.body, "status": seen.status,
                "known": seen.known,
            })
        })
        .collect()
    };
    until(town, ask, &format!("requests of {of}"), seen).await.map(|seen| json!({"requests": seen}))
}

/// Waits until there are as many as the caller asks for.
async fn until(
    town: &Town,
    ask: &Ask,
    what: &str,
    seen: impl Fn(&World) -> Vec<Value>,
) -> Result<Vec<Value>, Problem> {
    let wanted = match &ask.until {
        None => 0,
        Some(count) => count.parse().map_err(|_| Problem::unreadable(&"`until` is a number here"))?,
    };
    Ok(town
        .wait(&format!("{wanted} {what}"), |world| Some(seen(world)).filter(|seen| seen.len() >= wanted))
        .await)
}

async fn bot(town: &Town, ask: &Ask) -> Outcome {
    let connected = |world: &World| world.sessions.iter().any(|session| session.connection.is_some());
    match ask.until.as_deref() {
        None => {}
        Some("connected") => town.wait("a connected bot", |world| connected(world).then_some(())).await,
        Some("all-sent") => {
            town.wait("a connected bot that was sent everything", |world| world.all_sent().then_some(()))
                .await;
        }
        Some(other) => {
            let Some(command) = other.strip_prefix("command:") else {
                return Err(Problem::unreadable(&"`until` is connected, all-sent or command:NAME here"));
            };
            let known = |world: &World| world.commands().contains(&command).then_some(());
            town.wait(&format!("the command {command} to be registered"), known).await;
        }
    }
    Ok(town.read(|world| {
        json!({
            "connected": connected(world), "all_sent": world.all_sent(), "sessions": world.sessions(),
            "commands": world.commands(), "sent": world.dispatched(),
        })
    }))
}

async fn interaction(town: Arc<Town>, id: &str) -> Outcome {
    let id = id.parse().unwrap_or_default();
    if !town.read(|world| world.interactions.contains_key(&id)) {
        return Err(Problem::unknown("interaction", &id.to_string(), []));
    }
    Ok(reply_json(&Asked { town, interaction: id }.answer().await))
}

/// A message, for the caller.
pub(super) fn message_json(message: &Message) -> Value {
    json!({
        "message": message.id.get().to_string(), "channel": message.space.get().to_string(),
        "author": message.author, "content": message.content, "text": message.text(),
        "embeds": message.embeds, "components": message.components, "attachments": message.attachments,
        "edited": message.edited, "ephemeral": message.ephemeral, "nonce": message.nonce,
        "replies_to": message.replies_to.map(|id| id.get().to_string()),
    })
}

/// What the bot answered, for the caller.
pub(super) fn reply_json(reply: &Reply) -> Value {
    json!({
        "interaction": reply.interaction, "text": reply.text(), "ephemeral": reply.ephemeral,
        "message": reply.message.as_ref().map(message_json),
        "form": reply.modal.as_ref().map(form_json),
        "choices": reply.choices.iter().map(|(name, value)| json!({"name": name, "value": value})).collect::<Vec<_>>(),
    })
}

fn form_json(form: &Modal) -> Value {
    let fields = form.fields.iter().map(|field| {
        json!({
            "label": field.label, "custom_id": field.custom_id, "value": field.value,
            "required": field.required, "min_length": field.min_length, "max_length": field.max_length,
        })
    });
    json!({"title": form.title, "custom_id": form.custom_id, "fields": fields.collect::<Vec<_>>()})
}
