//! Looking at the world from outside: snapshots of messages and requests, and what is readable in them.

use std::fmt::{self, Write as _};

use serde_json::Value;

use super::state::{self, flag, kind};
use super::{Snowflake, World};
use crate::domain::{MessageId, SpaceId};

/// A message that was written: enough to edit it, delete it, reply to it, or use a command on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Said {
    /// The channel, thread or DM.
    pub space: SpaceId,
    /// The message.
    pub id: MessageId,
}

impl Said {
    pub(crate) fn key(self) -> (Snowflake, Snowflake) {
        (Snowflake(self.space.get()), Snowflake(self.id.get()))
    }
}

/// A message as it was when it was looked at.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// The channel, thread or DM.
    pub space: SpaceId,
    /// Who wrote it.
    pub author: String,
    /// Its text.
    pub content: String,
    /// Its embeds, as given.
    pub embeds: Vec<Value>,
    /// Its buttons and menus, as given.
    pub components: Vec<Value>,
    /// Its attachments, as given.
    pub attachments: Vec<Value>,
    /// Whether it was edited.
    pub edited: bool,
    /// Whether only one person sees it.
    pub ephemeral: bool,
    /// The sender's nonce.
    pub nonce: Option<String>,
    /// The message that it replies to.
    pub replies_to: Option<MessageId>,
}

impl Message {
    /// Everything readable in it: text, embeds, and buttons in brackets, one a line.
    pub fn text(&self) -> String {
        readable_parts(&self.content, &self.embeds, &self.components)
    }

    /// The `custom_id` of the button with this label.
    pub fn button(&self, label: &str) -> Option<String> {
        button_ids(&self.components).into_iter().find(|(name, _)| name == label).map(|(_, id)| id)
    }
}

impl From<&Message> for Said {
    fn from(message: &Message) -> Self {
        Self { space: message.space, id: message.id }
    }
}

/// A REST request that the box received.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SeenRequest {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path below `/api/v10`, with the query.
    pub path: String,
    /// The body, or null.
    pub body: Value,
    /// The status that was answered; 0 while there is no answer.
    pub status: u16,
    /// Whether the box knows the route. An unknown one deserves a look: either is wrong.
    pub known: bool,
}

impl World {
    /// The messages of the channel or thread of this name, oldest first; in the first guild that has one.
    pub fn channel_messages(&self, name: &str) -> Vec<Message> {
        let channel = self.guilds.keys().find_map(|guild| self.channel_named(*guild, name));
        channel.map(|channel| self.snapshots(channel.id)).unwrap_or_default()
    }

    /// The DMs that the bot wrote to the person of this name, oldest first.
    pub fn inbox(&self, name: &str) -> Vec<Message> {
        self.user_named(name).map(|user| self.inbox_of(user)).unwrap_or_default()
    }

    /// Every REST request that was received, in order.
    pub fn requests(&self) -> &[SeenRequest] {
        &self.requests
    }

    /// Requests for routes that the box does not know.
    pub fn unknown_requests(&self) -> Vec<&SeenRequest> {
        self.requests.iter().filter(|request| !request.known).collect()
    }

    /// The names of the events that the newest gateway session was sent or has waiting, in order.
    pub fn dispatched(&self) -> Vec<&str> {
        self.sessions
            .last()
            .map(|session| session.log.iter().map(|sent| sent.name.as_str()).collect())
            .unwrap_or_default()
    }

    /// How many gateway sessions there ever were.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Whether a gateway session is connected and was sent everything that happened so far.
    pub fn all_sent(&self) -> bool {
        self.sessions
            .iter()
            .any(|session| session.connection.is_some() && session.delivered == session.log.len())
    }

    /// The names of the registered commands, global and of guilds.
    pub fn commands(&self) -> Vec<&str> {
        self.application.commands.iter().filter_map(|command| command["name"].as_str()).collect()
    }

    pub(crate) fn inbox_of(&self, user: Snowflake) -> Vec<Message> {
        let bot = self.application.bot;
        self.channels
            .values()
            .filter(|channel| channel.kind == kind::DM && channel.recipients.contains(&user))
            .flat_map(|channel| self.messages_in(channel.id))
            .filter(|message| message.author == bot && message.interaction.is_none())
            .map(|message| self.snapshot(message))
            .collect()
    }

    pub(crate) fn snapshots(&self, channel: Snowflake) -> Vec<Message> {
        self.messages_in(channel).map(|message| self.snapshot(message)).collect()
    }

    pub(crate) fn snapshot(&self, message: &state::Message) -> Message {
        Message {
            id: MessageId::new(message.id.0),
            space: SpaceId::new(message.channel.0),
            author: self.author_name(message),
            content: message.content.clone(),
            embeds: message.embeds.clone(),
            components: message.components.clone(),
            attachments: message.attachments.clone(),
            edited: message.edited_ms.is_some(),
            ephemeral: message.flags & flag::EPHEMERAL != 0,
            nonce: message
                .nonce
                .as_ref()
                .map(|nonce| nonce.as_str().map_or_else(|| nonce.to_string(), ToOwned::to_owned)),
            replies_to: message.reference.map(|to| MessageId::new(to.message.0)),
        }
    }

    /// What went on lately, for the account of an expectation that was not met.
    pub(crate) fn account(&self) -> String {
        let mut lines = vec![format!(
            "{} gateway sessions, {} connected; newest was sent: {}",
            self.sessions.len(),
            self.sessions.iter().filter(|session| session.connection.is_some()).count(),
            self.dispatched().iter().rev().take(15).rev().copied().collect::<Vec<_>>().join(", "),
        )];
        lines.push("last requests:".to_owned());
        lines.extend(
            self.requests
                .iter()
                .rev()
                .take(15)
                .rev()
                .map(|seen| format!("  {} {} -> {}", seen.method, seen.path, seen.status)),
        );
        lines.push("last interactions:".to_owned());
        lines.extend(self.interactions.values().rev().take(5).map(|interaction| {
            format!(
                "  {} by {}: {}",
                interaction.what,
                self.name_of(interaction.user),
                interaction.state_in_words()
            )
        }));
        lines.push("last messages:".to_owned());
        let mut messages: Vec<_> = self.messages.values().collect();
        messages.sort_by_key(|message| message.id);
        lines.extend(messages.iter().rev().take(8).rev().map(|message| {
            let (guild, channel) = self.place(message.channel);
            format!(
                "  {guild} #{channel} {}: {}",
                self.name_of(message.author),
                readable(message).replace('\n', " / ")
            )
        }));
        lines.join("\n")
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("guilds", &self.guilds.len()).finish_non_exhaustive()
    }
}

/// Everything readable in a message.
pub(crate) fn readable(message: &state::Message) -> String {
    readable_parts(&message.content, &message.embeds, &message.components)
}

/// The labels and `custom_id`s of buttons and the placeholders of menus, wherever they are nested.
pub(crate) fn button_ids(components: &[Value]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for component in components {
        if let Some(id) = component["custom_id"].as_str() {
            let label = component["label"].as_str().or(component["placeholder"].as_str()).unwrap_or_default();
            found.push((label.to_owned(), id.to_owned()));
        }
        for inner in ["components", "accessory", "component"] {
            match &component[inner] {
                Value::Array(list) => found.extend(button_ids(list)),
                Value::Object(_) => found.extend(button_ids(std::slice::from_ref(&component[inner]))),
                _ => {}
            }
        }
    }
    found
}

fn readable_parts(content: &str, embeds: &[Value], components: &[Value]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut add =
        |text: Option<&str>| lines.extend(text.filter(|text| !text.is_empty()).map(ToOwned::to_owned));
    add(Some(content));
    for embed in embeds {
        add(embed["author"]["name"].as_str());
        add(embed["title"].as_str());
        add(embed["description"].as_str());
        for field in embed["fields"].as_array().into_iter().flatten() {
            let (name, value) = (field["name"].as_str().unwrap_or(""), field["value"].as_str().unwrap_or(""));
            add(Some(&format!("{name}: {value}")));
        }
        add(embed["footer"]["text"].as_str());
    }
    let mut shown = String::new();
    components_text(components, &mut shown);
    add(Some(shown.trim()));
    lines.join("\n")
}

fn components_text(components: &[Value], into: &mut String) {
    for component in components {
        if let Some(text) = component["content"].as_str() {
            into.push_str(text);
            into.push('\n');
        }
        if let Some(label) = component["label"].as_str().or(component["placeholder"].as_str()) {
            let mark = if component["disabled"] == true { " (off)" } else { "" };
            let _ = write!(into, "[{label}]{mark} ");
        }
        for option in component["options"].as_array().into_iter().flatten() {
            let _ = write!(into, "<{}> ", option["label"].as_str().unwrap_or(""));
        }
        if let Some(inner) = component["components"].as_array() {
            components_text(inner, into);
            into.truncate(into.trim_end_matches(' ').len());
            into.push('\n');
        }
        if component["accessory"].is_object() {
            components_text(std::slice::from_ref(&component["accessory"]), into);
        }
    }
}
