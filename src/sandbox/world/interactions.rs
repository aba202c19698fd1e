//! Interactions: opened by people, carried to the bot, and answered by it once.

use serde_json::{Value, json};

use super::messages::Draft;
use super::sessions::intents;
use super::state::{Message, flag, kind};
use super::{
    Snowflake, World, WorldEvent,
    json::{installed_by, merge},
    look,
};

/// Interaction types.
pub(crate) mod ask {
    pub(crate) const COMMAND: u8 = 2;
    pub(crate) const COMPONENT: u8 = 3;
    pub(crate) const AUTOCOMPLETE: u8 = 4;
    pub(crate) const MODAL: u8 = 5;
}

/// What the bot answered first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Response {
    /// A message at once (4).
    Message,
    /// A message later (5).
    DeferredMessage,
    /// A change of the pressed message later, or none (6).
    DeferredUpdate,
    /// A change of the pressed message (7).
    Update,
    /// Choices for what is being typed (8).
    Choices(Vec<Value>),
    /// A form (9).
    Modal(Value),
}

/// Something that a person asked of the bot.
#[derive(Debug)]
pub(crate) struct Interaction {
    pub(crate) id: Snowflake,
    pub(crate) token: String,
    pub(crate) kind: u8,
    pub(crate) user: Snowflake,
    pub(crate) guild: Option<Snowflake>,
    pub(crate) channel: Snowflake,
    /// What the person typed or pressed.
    pub(crate) what: String,
    /// The message with the button, or the one under the modal.
    pub(crate) source: Option<(Snowflake, Snowflake)>,
    pub(crate) response: Option<Response>,
    /// The message that `@original` means.
    pub(crate) original: Option<(Snowflake, Snowflake)>,
    pub(crate) followups: Vec<(Snowflake, Snowflake)>,
    /// Whether the person has an answer to read, rather than "thinking…".
    pub(crate) settled: bool,
}

impl Interaction {
    /// How far it got, for people.
    pub(crate) fn state_in_words(&self) -> &'static str {
        match (&self.response, self.settled) {
            (None, _) => "not answered",
            (Some(_), false) => "deferred, not yet answered",
            (Some(_), true) => "answered",
        }
    }
}

/// What a person is about to ask.
pub(crate) struct Opening {
    pub(crate) kind: u8,
    pub(crate) user: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) data: Value,
    pub(crate) what: String,
    pub(crate) source: Option<(Snowflake, Snowflake)>,
}

impl World {
    /// Sends an interaction to the bot.
    pub(crate) fn open_interaction(&mut self, opening: Opening) -> Snowflake {
        let id = self.next_id();
        let guild = self.channels.get(&opening.channel).and_then(|channel| channel.guild);
        let interaction = Interaction {
            id,
            token: format!("aW50ZXJhY3Rpb246-{id}"),
            kind: opening.kind,
            user: opening.user,
            guild,
            channel: opening.channel,
            what: opening.what,
            source: opening.source,
            response: None,
            original: None,
            followups: Vec::new(),
            settled: false,
        };
        let data = self.interaction_json(&interaction, &opening.data);
        if opening.kind != ask::AUTOCOMPLETE {
            let (who, what) = (self.name_of(interaction.user), interaction.what.clone());
            self.happenings.push(WorldEvent::Asked { who, what });
        }
        self.interactions.insert(id, interaction);
        self.dispatch("INTERACTION_CREATE", intents::NONE, guild, &data);
        id
    }

    fn interaction_json(&self, interaction: &Interaction, data: &Value) -> Value {
        let bot = self.application.bot;
        let channel = self.channels.get(&interaction.channel);
        let permissions = |user| channel.map_or(0, |channel| self.permissions(user, channel)).to_string();
        let mut json = json!({
            "id": interaction.id, "application_id": self.application.id, "type": interaction.kind,
            "token": interaction.token, "version": 1, "data": data, "channel_id": interaction.channel,
            "app_permissions": permissions(bot), "locale": self.users.get(&interaction.user).map(|user| &user.locale),
            "entitlements": [], "entitlement_sku_ids": [], "attachment_size_limit": 10_485_760,
            "authorizing_integration_owners": installed_by(interaction.guild),
            "context": u8::from(interaction.guild.is_none()),
        });
        if let Some(channel) = channel {
            json["channel"] = self.channel_json(channel);
            json["channel"]["permissions"] = json!(permissions(interaction.user));
        }
        match interaction.guild.and_then(|id| self.guilds.get(&id)) {
            Some(guild) => {
                merge(
                    &mut json,
                    json!({
                        "guild_id": guild.id, "guild_locale": guild.locale,
                        "guild": {"id": guild.id, "locale": guild.locale, "features": ["COMMUNITY"]},
                    }),
                );
                if let (Some(member), Some(channel)) = (guild.members.get(&interaction.user), channel) {
                    json["member"] = self.member_in_json(member, channel);
                }
            }
            None => json["user"] = self.user_json(interaction.user),
        }
        if let Some(message) = interaction.source.and_then(|key| self.messages.get(&key)) {
            json["message"] = self.message_json(message);
        }
        json
    }

    /// An interaction as the messages that answer it tell of it.
    pub(crate) fn interaction_metadata_json(&self, interaction: &Interaction) -> Value {
        let mut json = json!({
            "id": interaction.id, "type": interaction.kind, "user": self.user_json(interaction.user),
            "authorizing_integration_owners": installed_by(interaction.guild),
        });
        let pressed = interaction.source.map(|(_, message)| message);
        match (interaction.kind, pressed) {
            (ask::COMPONENT, pressed) => {
                // A forged press names a message that never was.
                json["interacted_message_id"] = json!(pressed.unwrap_or(interaction.id));
            }
            (ask::MODAL, pressed) => {
                let mut opened_by = json.clone();
                opened_by["type"] = json!(if pressed.is_some() { ask::COMPONENT } else { ask::COMMAND });
                if let Some(message) = pressed {
                    opened_by["interacted_message_id"] = json!(message);
                }
                json["triggering_interaction_metadata"] = opened_by;
            }
            _ => {}
        }
        json
    }

    /// The interaction with this token.
    pub(crate) fn interaction_by_token(&self, token: &str) -> Option<&Interaction> {
        self.interactions.values().find(|interaction| interaction.token == token)
    }

    /// Writes a message that answers an interaction. `flags` may hold EPHEMERAL and LOADING.
    pub(crate) fn answer_with_message(
        &mut self,
        id: Snowflake,
        body: &Value,
        flags: u64,
    ) -> Option<(Snowflake, Snowflake)> {
        let interaction = self.interactions.get(&id)?;
        let (channel, user) = (interaction.channel, interaction.user);
        let kind = if interaction.kind == ask::COMMAND { 20 } else { 19 };
        let message = self.post(Draft {
            channel,
            author: self.application.bot,
            kind,
            content: text(body),
            flags,
            embeds: list(body, "embeds"),
            components: list(body, "components"),
            attachments: list(body, "attachments"),
            interaction: Some(id),
            only_for: (flags & flag::EPHEMERAL != 0).then_some(user),
            ..Draft::default()
        });
        Some((channel, message))
    }

    /// Notes the first answer.
    pub(crate) fn note_response(
        &mut self,
        id: Snowflake,
        response: Response,
        original: Option<(Snowflake, Snowflake)>,
    ) {
        let waits = matches!(response, Response::DeferredMessage | Response::DeferredUpdate);
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.response = Some(response);
            interaction.original = original;
        }
        if !waits {
            self.settle(id, original);
        }
    }

    /// Notes that the person now has an answer to read.
    pub(crate) fn settle(&mut self, id: Snowflake, shown: Option<(Snowflake, Snowflake)>) {
        let message = shown.and_then(|key| self.messages.get(&key));
        let text = message.map(look::readable).unwrap_or_default();
        let ephemeral = message.is_some_and(|message| message.only_for.is_some());
        let Some(interaction) = self.interactions.get_mut(&id) else { return };
        interaction.settled = true;
        if interaction.kind != ask::AUTOCOMPLETE {
            let (user, what) = (interaction.user, interaction.what.clone());
            let who = self.name_of(user);
            self.happenings.push(WorldEvent::Answered { who, what, text, ephemeral });
        }
    }

    /// Where somebody uses commands when they name no place: the first text channel they see.
    pub(crate) fn usual_channel(&self, guild: Snowflake, user: Snowflake) -> Option<Snowflake> {
        self.channels
            .values()
            .find(|channel| {
                channel.guild == Some(guild) && channel.kind == kind::TEXT && self.sees(user, channel)
            })
            .map(|channel| channel.id)
    }
}

/// Applies the fields that an edit names to a message.
pub(crate) fn apply_edit(message: &mut Message, body: &Value) {
    if let Some(content) = body.get("content") {
        content.as_str().unwrap_or_default().clone_into(&mut message.content);
    }
    for (name, field) in [
        ("embeds", &mut message.embeds),
        ("components", &mut message.components),
        ("attachments", &mut message.attachments),
    ] {
        if body.get(name).is_some() {
            *field = list(body, name);
        }
    }
    message.flags &= !flag::LOADING;
}

/// The text of a message body.
pub(crate) fn text(body: &Value) -> String {
    body["content"].as_str().unwrap_or_default().to_owned()
}

/// A list of a message body; empty when it is absent or null.
pub(crate) fn list(body: &Value, name: &str) -> Vec<Value> {
    body[name].as_array().cloned().unwrap_or_default()
}
