//! A person using the bot: commands, buttons, menus and forms, with the checks that a client makes before it
//! asks.

use std::sync::Arc;

use serde_json::{Value, json};

use super::command_line;
use super::named::Typist;
use super::{Actor, Asked, Modal, Reply, Shown};
use crate::sandbox::world::interactions::{Opening, ask, list};
use crate::sandbox::world::{Said, Snowflake};

impl Actor {
    /// Uses a slash command, as typed, and waits for the answer: `/incident show K7QX3` or `/incident show
    /// code:K7QX3`.
    ///
    /// Waits first until the bot is connected and has registered the command. Options go by name
    /// (`name:value`) or by place; the last text takes all that remains; double quotes keep words together;
    /// `@Name`, `@Role` and `#channel` name what they name.
    ///
    /// # Panics
    /// When the client would not send it, or when no answer comes.
    pub async fn runs(&self, typed: &str) -> Reply {
        self.asks(typed).await.answer().await
    }

    /// Uses a slash command and does not wait for the answer.
    pub async fn asks(&self, typed: &str) -> Asked {
        self.wait_for_command(typed).await;
        let typist = self.typist();
        let data = self.town.read(|world| command_line::parse(world, &typist, typed, false));
        self.open(ask::COMMAND, data, typed, None)
    }

    /// Uses a slash command with options given apart, so that they may hold any text.
    pub async fn runs_with(&self, command: &str, options: &[(&str, &str)]) -> Reply {
        self.wait_for_command(command).await;
        let typist = self.typist();
        let data = self.town.read(|world| command_line::given(world, &typist, command, options));
        self.open(ask::COMMAND, data, command, None).answer().await
    }

    /// Types a slash command up to some point of its last option, and returns what the bot offers.
    pub async fn completes(&self, typed: &str) -> Vec<String> {
        self.wait_for_command(typed).await;
        let typist = self.typist();
        let data = self.town.read(|world| command_line::parse(world, &typist, typed, true));
        let reply = self.open(ask::AUTOCOMPLETE, data, typed, None).answer().await;
        reply.choices.into_iter().map(|(name, _)| name).collect()
    }

    /// Uses a message command, from the menu of a message, and waits for the answer.
    pub async fn uses_on(&self, command: &str, said: impl Into<Said>) -> Reply {
        let key = said.into().key();
        self.wait_for_command(command).await;
        let typist = Typist { channel: key.0, ..self.typist() };
        let data = self.town.read(|world| command_line::on_message(world, &typist, command, key));
        self.open_in(key.0, ask::COMMAND, data, command, None).answer().await
    }

    /// Uses a user command, from the menu of a member, and waits for the answer.
    pub async fn uses_on_member(&self, command: &str, other: &Self) -> Reply {
        self.wait_for_command(command).await;
        let typist = self.typist();
        let data = self.town.read(|world| command_line::on_member(world, &typist, command, other.user));
        self.open(ask::COMMAND, data, command, None).answer().await
    }

    /// Presses the button with this label, of a reply or a message, and waits for the answer.
    pub async fn presses(&self, shown: &impl Shown, label: &str) -> Reply {
        self.press(shown, label).answer().await
    }

    /// Presses the button with this label and does not wait.
    pub fn press(&self, shown: &impl Shown, label: &str) -> Asked {
        let button = self.component(shown, |part| part["type"] == 2 && part["label"] == *label, label);
        let data = json!({"custom_id": button["custom_id"], "component_type": 2, "id": button["id"]});
        self.open_on(shown, data, label)
    }

    /// Presses what is not there: a changed client can send any `custom_id` it has read or guessed.
    pub async fn forges(&self, custom_id: &str) -> Reply {
        let data = json!({"custom_id": custom_id, "component_type": 2, "id": 1});
        self.open(ask::COMPONENT, Ok(data), custom_id, None).answer().await
    }

    /// Picks from the menu with this placeholder (or `custom_id`): labels or values of a list, names of
    /// people, roles, channels.
    pub async fn selects(&self, shown: &impl Shown, menu: &str, picks: &[&str]) -> Reply {
        let menus = |part: &Value| part["placeholder"] == *menu || part["custom_id"] == *menu;
        let part = self.component(shown, menus, menu);
        let typist = self.typist();
        let picked = self.town.read(|world| command_line::picked(world, &typist, &part, picks));
        let data = match picked {
            Ok(data) => data,
            Err(why) => self.town.refuse(&why),
        };
        self.open_on(shown, data, menu).answer().await
    }

    /// Fills in the form that a reply is, by labels or `custom_id`s, sends it, and waits for the answer.
    pub async fn fills(&self, reply: &Reply, values: &[(&str, &str)]) -> Reply {
        let Some(modal) = &reply.modal else { self.town.refuse("this reply is not a form") };
        let data = match filled(modal, values) {
            Ok(data) => data,
            Err(why) => self.town.refuse(&why),
        };
        let asked = self
            .town
            .read(|world| world.interactions.get(&reply.interaction).map(|one| (one.channel, one.source)));
        let (channel, source) = asked.unwrap_or_default();
        self.open_in(channel, ask::MODAL, Ok(data), &modal.title, source).answer().await
    }

    /// The same person using commands in this channel or thread.
    #[must_use]
    pub fn in_channel(&self, name: &str) -> Self {
        Self { place: Some(self.channel(name)), ..self.clone() }
    }

    /// The same person using commands in their DM with the bot.
    #[must_use]
    pub fn in_dm(&self) -> Self {
        let dm = self.town.change(|world| world.dm_with_bot(self.user));
        Self { place: Some(dm), guild: None, ..self.clone() }
    }

    /// The names of the commands that their client offers them here.
    pub fn commands_offered(&self) -> Vec<String> {
        let typist = self.typist();
        self.town.read(|world| command_line::offered(world, &typist))
    }

    /// What their client would object to before it sends this slash command; `None` where it would send it.
    pub(crate) fn objection_to(&self, typed: &str) -> Option<String> {
        self.town.read(|world| {
            let usual = || self.guild.and_then(|guild| world.usual_channel(guild, self.user));
            let Some(channel) = self.place.or_else(usual) else {
                return Some("they see no channel to use commands in".to_owned());
            };
            let typist = Typist { user: self.user, guild: self.guild, channel };
            command_line::parse(world, &typist, typed, false).err()
        })
    }

    fn typist(&self) -> Typist {
        let place = self.place.or_else(|| {
            self.guild.and_then(|guild| self.town.read(|world| world.usual_channel(guild, self.user)))
        });
        let Some(channel) = place else {
            self.town.refuse(&format!("{} sees no channel to use commands in", self.name()))
        };
        Typist { user: self.user, guild: self.guild, channel }
    }

    async fn wait_for_command(&self, typed: &str) {
        let known = |name: &str| {
            typed == name || typed.trim_start_matches('/').split_whitespace().next() == Some(name)
        };
        self.town
            .wait(&format!("the bot to be connected and to register {typed}"), |world| {
                let connected = world.sessions.iter().any(|session| session.connection.is_some());
                (connected && world.commands().into_iter().any(known)).then_some(())
            })
            .await;
    }

    /// A part of what is shown that can be pressed. Stops the story when there is none.
    fn component(&self, shown: &impl Shown, is_it: impl Fn(&Value) -> bool, name: &str) -> Value {
        let Some(part) = find(shown.components(), &is_it) else {
            self.town.refuse(&format!(
                "there is no \"{name}\" here, but {:?}",
                crate::sandbox::world::button_ids(shown.components())
            ));
        };
        if part["disabled"] == true || part["custom_id"].is_null() {
            self.town.refuse(&format!("\"{name}\" cannot be used"));
        }
        part.clone()
    }

    fn open_on(&self, shown: &impl Shown, data: Value, what: &str) -> Asked {
        let key = shown.said().map(Said::key).unwrap_or_default();
        if !self
            .town
            .read(|world| world.messages.get(&key).is_some_and(|one| one.author == world.application.bot))
        {
            self.town.refuse(&format!("the message with \"{what}\" is gone, or not the bot's"));
        }
        let visible = self.town.read(|world| {
            let message = world.messages.get(&key);
            message.is_some_and(|message| match message.only_for {
                Some(user) => user == self.user,
                None => world.channels.get(&key.0).is_some_and(|channel| world.sees(self.user, channel)),
            })
        });
        if !visible {
            self.town.refuse(&format!("{} does not see the message with \"{what}\"", self.name()));
        }
        self.open_in(key.0, ask::COMPONENT, Ok(data), what, Some(key))
    }

    fn open(
        &self,
        kind: u8,
        data: Result<Value, String>,
        what: &str,
        source: Option<(Snowflake, Snowflake)>,
    ) -> Asked {
        self.open_in(self.typist().channel, kind, data, what, source)
    }

    fn open_in(
        &self,
        channel: Snowflake,
        kind: u8,
        data: Result<Value, String>,
        what: &str,
        source: Option<(Snowflake, Snowflake)>,
    ) -> Asked {
        let data = match data {
            Ok(data) => data,
            Err(why) => self.town.refuse(&format!("{} cannot use {what}: {why}", self.name())),
        };
        let opening = Opening { kind, user: self.user, channel, data, what: what.to_owned(), source };
        let interaction = self.town.change(|world| world.open_interaction(opening));
        Asked { town: Arc::clone(&self.town), interaction }
    }
}

/// The first part, however deeply nested, of which `is_it` says yes.
fn find<'a>(parts: &'a [Value], is_it: &impl Fn(&Value) -> bool) -> Option<&'a Value> {
    parts.iter().find_map(|part| {
        if is_it(part) {
            return Some(part);
        }
        let inner = part["components"].as_array().map(Vec::as_slice).unwrap_or_default();
        let accessory = std::slice::from_ref(&part["accessory"]);
        find(inner, is_it)
            .or_else(|| if part["accessory"].is_object() { find(accessory, is_it) } else { None })
    })
}

/// The data of a submitted form; the error says what the client would complain about.
fn filled(modal: &Modal, values: &[(&str, &str)]) -> Result<Value, String> {
    let named = |name: &str| modal.fields.iter().any(|field| field.custom_id == name || field.label == name);
    if let Some((name, _)) = values.iter().find(|(name, _)| !named(name)) {
        return Err(format!("the form \"{}\" has no field \"{name}\"", modal.title));
    }
    let mut rows = Vec::new();
    for (number, field) in modal.fields.iter().enumerate() {
        let given = values.iter().find(|(name, _)| *name == field.custom_id || *name == field.label);
        let value = given.map_or(field.value.as_str(), |(_, value)| value);
        let length = value.chars().count() as u64;
        let fits = length <= field.max_length && (length >= field.min_length || length == 0);
        if !fits || (field.required && value.is_empty()) {
            return Err(format!("the field \"{}\" does not take {length} characters", field.label));
        }
        let id = 2 * number + 1;
        let inner = json!({"type": field.kind, "id": id + 1, "custom_id": field.custom_id, "value": value});
        rows.push(if field.labelled {
            json!({"type": 18, "id": id, "component": inner})
        } else {
            json!({"type": 1, "id": id, "components": [inner]})
        });
    }
    Ok(json!({"custom_id": modal.custom_id, "components": rows, "resolved": {}}))
}

/// The options of a select menu that these picks mean, as values.
pub(super) fn picked_from_list(menu: &Value, picks: &[&str]) -> Result<Vec<Value>, String> {
    let options = list(menu, "options");
    picks
        .iter()
        .map(|pick| {
            let found = options.iter().find(|option| option["label"] == **pick || option["value"] == **pick);
            found
                .map(|option| option["value"].clone())
                .ok_or_else(|| format!("the menu does not offer {pick}"))
        })
        .collect()
}
