//! Messages: written, edited and deleted, with the events that follow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::audit::{Entry, action};
use super::polls;
use super::sessions::intents;
use super::state::{Message, Reference, flag, kind};
use super::{Snowflake, World, WorldEvent, look};

/// A message to be written.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// Its id, where that is settled: the first message of a post has the post's.
    pub(crate) id: Option<Snowflake>,
    pub(crate) channel: Snowflake,
    pub(crate) author: Snowflake,
    pub(crate) kind: u8,
    pub(crate) content: String,
    pub(crate) flags: u64,
    pub(crate) reference: Option<Reference>,
    pub(crate) attachments: Vec<Value>,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) nonce: Option<Value>,
    pub(crate) more: Map<String, Value>,
    pub(crate) interaction: Option<Snowflake>,
    pub(crate) only_for: Option<Snowflake>,
}

impl World {
    /// Writes a message, whatever permissions say, and tells those who may see it.
    pub(crate) fn post(&mut self, draft: Draft) -> Snowflake {
        let id = draft.id.unwrap_or_else(|| self.next_id());
        let mut components = draft.components;
        let mut more = draft.more;
        if let Some(poll) = more.get_mut("poll") {
            polls::complete(poll, self.clock.now_ms());
        }
        number(&mut components, &mut 0);
        let message = Message {
            id,
            channel: draft.channel,
            author: draft.author,
            kind: draft.kind,
            content: draft.content,
            edited_ms: None,
            flags: draft.flags,
            reference: draft.reference,
            attachments: draft.attachments,
            embeds: draft.embeds,
            components,
            nonce: draft.nonce,
            more,
            votes: BTreeSet::new(),
            interaction: draft.interaction,
            only_for: draft.only_for,
        };
        self.revive_thread(draft.channel);
        self.join_by_writing(draft.channel, draft.author);
        if draft.only_for.is_none()
            && let Some(channel) = self.channels.get_mut(&draft.channel)
        {
            channel.last_message = Some(id);
            if let Some(thread) = &mut channel.thread {
                thread.message_count += 1;
            }
        }
        self.messages.insert((draft.channel, id), message);
        self.tell_of_message("MESSAGE_CREATE", (draft.channel, id));
        self.say_that_it_was_said((draft.channel, id));
        id
    }

    /// Changes a message; `edited` says whether it counts as an edit by its author.
    pub(crate) fn edit(
        &mut self,
        key: (Snowflake, Snowflake),
        edited: bool,
        change: impl FnOnce(&mut Message),
    ) {
        let now = self.clock.now_ms();
        let Some(message) = self.messages.get_mut(&key) else { return };
        change(message);
        number(&mut message.components, &mut 0);
        if edited {
            message.edited_ms = Some(now);
        }
        let text = message.content.clone();
        self.tell_of_message("MESSAGE_UPDATE", key);
        let of_interaction = self.messages.get(&key).is_some_and(|message| message.interaction.is_some());
        if edited
            && !of_interaction
            && let Some(message) = self.messages.get(&key)
        {
            let author = self.author_name(message);
            let (guild, channel) = self.place(key.0);
            self.happenings.push(WorldEvent::Edited { guild, channel, author, text });
        }
    }

    /// Deletes a message; nothing happens when there is none.
    pub(crate) fn delete(&mut self, key: (Snowflake, Snowflake)) {
        let Some(message) = self.messages.remove(&key) else { return };
        if message.only_for.is_some() {
            return;
        }
        let mut data = json!({"id": key.1, "channel_id": key.0});
        self.tell_in_channel("MESSAGE_DELETE", key.0, &mut data);
        let (guild, channel) = self.place(key.0);
        let author = self.author_name(&message);
        self.happenings.push(WorldEvent::Deleted { guild, channel, author, text: message.content });
    }

    /// Deletes several messages of a channel at once.
    pub(crate) fn delete_bulk(&mut self, channel: Snowflake, ids: &[Snowflake]) {
        let gone: Vec<_> = ids.iter().filter(|id| self.messages.remove(&(channel, **id)).is_some()).collect();
        let mut data = json!({"ids": gone, "channel_id": channel});
        self.tell_in_channel("MESSAGE_DELETE_BULK", channel, &mut data);
        if let Some(guild) = self.channels.get(&channel).and_then(|channel| channel.guild) {
            let options = json!({"count": gone.len().to_string()});
            self.note(guild, Entry::of(action::BULK_DELETE, Some(channel)).with_options(options));
        }
    }

    /// Deletes what somebody wrote in a guild lately, as a ban may ask for.
    pub(crate) fn forget_recent(&mut self, guild: Snowflake, author: Snowflake, within_ms: u64) {
        let since = self.clock.now_ms().saturating_sub(within_ms);
        let mut by_channel: BTreeMap<Snowflake, Vec<Snowflake>> = BTreeMap::new();
        for ((channel, id), message) in &self.messages {
            let here = self.channels.get(channel).is_some_and(|channel| channel.guild == Some(guild));
            if here && message.author == author && id.made_at_ms() > since {
                by_channel.entry(*channel).or_default().push(*id);
            }
        }
        for (channel, ids) in by_channel {
            for id in &ids {
                self.messages.remove(&(channel, *id));
            }
            let mut data = json!({"ids": ids, "channel_id": channel});
            self.tell_in_channel("MESSAGE_DELETE_BULK", channel, &mut data);
        }
    }

    /// The messages of a channel that everybody in it sees, oldest first.
    pub(crate) fn messages_in(&self, channel: Snowflake) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages
            .range((channel, Snowflake(0))..=(channel, Snowflake(u64::MAX)))
            .map(|(_, message)| message)
            .filter(|message| message.only_for.is_none())
    }

    /// The DM channel of the bot and a person, made when there is none.
    pub(crate) fn dm_with_bot(&mut self, user: Snowflake) -> Snowflake {
        let bot = self.application.bot;
        let found = self
            .channels
            .values()
            .find(|channel| channel.kind == kind::DM && channel.recipients.contains(&user))
            .map(|channel| channel.id);
        found.unwrap_or_else(|| {
            let id = self.next_id();
            let mut channel = super::Channel::new(id, kind::DM, None, "");
            channel.recipients = vec![bot, user];
            self.channels.insert(id, channel);
            id
        })
    }

    fn tell_of_message(&mut self, event: &str, key: (Snowflake, Snowflake)) {
        let Some(message) = self.messages.get(&key).filter(|message| message.only_for.is_none()) else {
            return;
        };
        let mut data = self.message_event_json(message);
        if event != "MESSAGE_CREATE"
            && let Value::Object(fields) = &mut data
        {
            fields.remove("nonce");
        }
        self.tell_in_channel(event, key.0, &mut data);
    }

    /// Sends an event about a channel to the bot, if it may see the channel.
    fn tell_in_channel(&mut self, event: &str, channel: Snowflake, data: &mut Value) {
        let Some(channel) = self.channels.get(&channel).filter(|channel| self.bot_sees(channel)) else {
            return;
        };
        let guild = channel.guild;
        if let Some(guild) = guild {
            data["guild_id"] = json!(guild);
        }
        let intent = if guild.is_some() { intents::GUILD_MESSAGES } else { intents::DIRECT_MESSAGES };
        self.dispatch(event, intent, guild, data);
    }

    /// Writing in an archived thread opens it again.
    fn revive_thread(&mut self, channel: Snowflake) {
        let archived = self
            .channels
            .get(&channel)
            .and_then(|channel| channel.thread.as_ref())
            .is_some_and(|thread| thread.archived);
        if archived {
            self.change_thread(channel, |thread| thread.archived = false);
        }
    }

    /// Who writes in a thread is in it.
    fn join_by_writing(&mut self, channel: Snowflake, author: Snowflake) {
        let thread = self.channels.get(&channel).and_then(|channel| channel.thread.as_ref());
        if thread.is_some_and(|thread| !thread.members.contains_key(&author)) {
            self.join_thread(channel, &[author]);
        }
    }

    fn say_that_it_was_said(&mut self, key: (Snowflake, Snowflake)) {
        let Some(message) = self.messages.get(&key) else { return };
        if message.interaction.is_some() || message.flags & flag::LOADING != 0 {
            return;
        }
        let author = self.author_name(message);
        let text = look::readable(message);
        let dm = self.channels.get(&key.0).filter(|channel| channel.kind == kind::DM);
        let other = dm
            .and_then(|dm| dm.recipients.iter().find(|id| **id != message.author))
            .map(|id| self.name_of(*id));
        let (guild, channel) = self.place(key.0);
        self.happenings.push(match other {
            Some(to) => WorldEvent::DirectMessage { from: author, to, text },
            None => WorldEvent::Said { guild, channel, author, text },
        });
    }

    /// Who wrote a message, by name; a webhook by the name it gave itself.
    pub(crate) fn author_name(&self, message: &Message) -> String {
        let given = message.more.get("author").and_then(|author| author["username"].as_str());
        given.map_or_else(|| self.name_of(message.author), ToOwned::to_owned)
    }

    /// The names of a channel's guild and of the channel.
    pub(crate) fn place(&self, channel: Snowflake) -> (String, String) {
        let channel = self.channels.get(&channel);
        let guild = channel.and_then(|channel| channel.guild).and_then(|id| self.guilds.get(&id));
        (
            guild.map(|guild| guild.name.clone()).unwrap_or_default(),
            channel.map(|channel| channel.name.clone()).unwrap_or_default(),
        )
    }
}

/// Gives components the ids that the sender left out, in the order in which they stand.
fn number(components: &mut [Value], taken: &mut u64) {
    for component in components {
        *taken += 1;
        if component.is_object() && component.get("id").is_none() {
            component["id"] = json!(*taken);
        }
        for inner in ["components", "accessory", "component"] {
            match component.get_mut(inner) {
                Some(Value::Array(list)) => number(list, taken),
                Some(one @ Value::Object(_)) => number(std::slice::from_mut(one), taken),
                _ => {}
            }
        }
    }
}
