//! What the bot answered, as the person who asked sees it.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::sandbox::server::Town;
use crate::sandbox::world::interactions::{Interaction, Response, list};
use crate::sandbox::world::{Message, Said, Snowflake, World};

/// Something with buttons: a [`Reply`] or a [`Message`].
pub trait Shown {
    /// Its buttons and menus.
    fn components(&self) -> &[Value];
    /// The message that carries them.
    fn said(&self) -> Option<Said>;
}

impl Shown for Message {
    fn components(&self) -> &[Value] {
        &self.components
    }

    fn said(&self) -> Option<Said> {
        Some(self.into())
    }
}

impl Shown for Reply {
    fn components(&self) -> &[Value] {
        self.message.as_ref().map(|message| message.components.as_slice()).unwrap_or_default()
    }

    fn said(&self) -> Option<Said> {
        self.message.as_ref().map(Said::from)
    }
}

/// What the bot answered to a command, a button or a form.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// The text; empty when there is none.
    pub content: String,
    /// The embeds.
    pub embeds: Vec<Value>,
    /// The buttons and menus.
    pub components: Vec<Value>,
    /// Whether only the person who asked sees it.
    pub ephemeral: bool,
    /// The form, when the answer is one.
    pub modal: Option<Modal>,
    /// What is offered while typing: name and value.
    pub choices: Vec<(String, Value)>,
    /// The message, when the answer is one.
    pub message: Option<Message>,
    pub(crate) interaction: Snowflake,
}

impl Reply {
    /// Everything readable in it, one part a line: text, embeds, buttons in brackets; of a form its title and
    /// labels.
    pub fn text(&self) -> String {
        let form = self.modal.as_ref().map(Modal::text);
        form.or_else(|| self.message.as_ref().map(Message::text)).unwrap_or_default()
    }

    /// The `custom_id` of the button with this label.
    pub fn button(&self, label: &str) -> Option<String> {
        self.message.as_ref().and_then(|message| message.button(label))
    }

    pub(crate) fn of(world: &World, interaction: &Interaction) -> Self {
        let shown = interaction.original.or_else(|| interaction.followups.first().copied());
        let message = shown.and_then(|key| world.messages.get(&key)).map(|message| world.snapshot(message));
        Self::from_parts(interaction, message)
    }

    pub(super) fn from_parts(interaction: &Interaction, message: Option<Message>) -> Self {
        let (modal, choices) = match &interaction.response {
            Some(Response::Modal(data)) => (Some(Modal::new(data)), Vec::new()),
            Some(Response::Choices(choices)) => (None, choices.iter().map(choice).collect()),
            _ => (None, Vec::new()),
        };
        Self {
            content: message.as_ref().map(|message| message.content.clone()).unwrap_or_default(),
            embeds: message.as_ref().map(|message| message.embeds.clone()).unwrap_or_default(),
            components: message.as_ref().map(|message| message.components.clone()).unwrap_or_default(),
            ephemeral: message.as_ref().is_some_and(|message| message.ephemeral),
            modal,
            choices,
            message,
            interaction: interaction.id,
        }
    }
}

fn choice(choice: &Value) -> (String, Value) {
    (choice["name"].as_str().unwrap_or_default().to_owned(), choice["value"].clone())
}

/// A form that the bot shows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Modal {
    /// Its title.
    pub title: String,
    /// The bot's name for it.
    pub custom_id: String,
    /// Its fields.
    pub fields: Vec<ModalField>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModalField {
    /// What the person reads.
    pub label: String,
    /// The bot's name for it.
    pub custom_id: String,
    /// What is in it already.
    pub value: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// The fewest characters it takes.
    pub min_length: u64,
    /// The most characters it takes.
    pub max_length: u64,
    /// Discord's component type: 4 is a text.
    pub kind: u64,
    /// Whether it is wrapped in a Label (type 18) rather than in an action row.
    pub(super) labelled: bool,
}

impl Modal {
    fn new(data: &Value) -> Self {
        Self {
            title: data["title"].as_str().unwrap_or_default().to_owned(),
            custom_id: data["custom_id"].as_str().unwrap_or_default().to_owned(),
            fields: list(data, "components").iter().map(ModalField::new).collect(),
        }
    }

    /// Its title and the labels of its fields, one a line.
    pub fn text(&self) -> String {
        let labels =
            self.fields.iter().map(|field| format!("{}: {}", field.label, field.value).trim().to_owned());
        [self.title.clone()].into_iter().chain(labels).collect::<Vec<_>>().join("\n")
    }
}

impl ModalField {
    fn new(row: &Value) -> Self {
        let labelled = row["component"].is_object();
        let field = if labelled { &row["component"] } else { &row["components"][0] };
        let label = row["label"].as_str().or(field["label"].as_str()).unwrap_or_default();
        Self {
            label: label.to_owned(),
            custom_id: field["custom_id"].as_str().unwrap_or_default().to_owned(),
            value: field["value"].as_str().unwrap_or_default().to_owned(),
            required: field["required"].as_bool().unwrap_or(true),
            min_length: field["min_length"].as_u64().unwrap_or(0),
            max_length: field["max_length"].as_u64().unwrap_or(4_000),
            kind: field["type"].as_u64().unwrap_or(4),
            labelled,
        }
    }
}

/// Something that was asked of the bot, answered or not.
#[derive(Clone)]
#[must_use = "the bot's answer is of interest"]
pub struct Asked {
    pub(crate) town: Arc<Town>,
    pub(crate) interaction: Snowflake,
}

impl Asked {
    /// Waits for the answer; for the final one, when the bot defers.
    ///
    /// # Panics
    /// As [`Sandbox::wait_until`](crate::sandbox::Sandbox::wait_until).
    pub async fn answer(&self) -> Reply {
        let what =
            self.town.read(|world| world.interactions.get(&self.interaction).map(|one| one.what.clone()));
        let what = format!("the answer to {}", what.unwrap_or_default());
        self.town
            .wait(&what, |world| {
                let interaction = world.interactions.get(&self.interaction)?;
                interaction.settled.then(|| Reply::of(world, interaction))
            })
            .await
    }

    /// Whether the bot has answered, or at least deferred.
    pub fn is_acknowledged(&self) -> bool {
        self.town.read(|world| {
            world
                .interactions
                .get(&self.interaction)
                .is_some_and(|interaction| interaction.response.is_some())
        })
    }

    /// Waits until the bot has answered, or at least deferred.
    pub async fn acknowledged(&self) {
        self.town
            .wait("an acknowledgement", |world| {
                world.interactions.get(&self.interaction)?.response.as_ref().map(|_| ())
            })
            .await;
    }

    /// Waits until there are `count` follow-ups, and returns them.
    ///
    /// # Panics
    /// As [`Sandbox::wait_until`](crate::sandbox::Sandbox::wait_until).
    pub async fn followups_until(&self, count: usize) -> Vec<Reply> {
        self.town
            .wait(&format!("{count} follow-ups"), |world| {
                let interaction = world.interactions.get(&self.interaction)?;
                let shown = interaction.followups.iter().filter_map(|key| world.messages.get(key));
                let replies: Vec<_> = shown
                    .map(|message| Reply::from_parts(interaction, Some(world.snapshot(message))))
                    .collect();
                (replies.len() >= count).then_some(replies)
            })
            .await
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Asked").field(&self.interaction.0).finish()
    }
}
