//! Channels and threads: made, changed and removed, and what the bot is told when it gains or loses sight of
//! them.

use std::collections::BTreeSet;

use serde_json::json;

use super::audit::{Entry, action};
use super::interactions::{list, text};
use super::json::{merge, thread_member_json};
use super::sessions::intents;
use super::state::{Channel, Thread, flag, kind};
use super::{Draft, Snowflake, World};

impl World {
    /// Adds a channel or category to a guild.
    pub(crate) fn add_channel(&mut self, mut channel: Channel) {
        let (id, guild) = (channel.id, channel.guild);
        channel.position =
            self.channels.values().filter(|one| one.guild == guild && one.thread.is_none()).count() as u64;
        self.channels.insert(id, channel);
        if let Some(channel) = self.channels.get(&id) {
            let data = self.channel_for_bot_json(channel);
            let full = self.channel_json(channel);
            self.dispatch("CHANNEL_CREATE", intents::GUILDS, guild, &data);
            let entry = Entry::of(action::CHANNEL_CREATE, Some(id)).with_new(&full);
            if let Some(guild) = guild {
                self.note(guild, entry);
            }
        }
    }

    /// Changes a channel: its name, topic, overwrites or category.
    pub(crate) fn change_channel(&mut self, id: Snowflake, change: impl FnOnce(&mut Channel)) {
        let Some(guild) = self.channels.get(&id).and_then(|channel| channel.guild) else { return };
        self.watching_sight(guild, |world| {
            let seen_before = world.channels.get(&id).is_some_and(|channel| world.bot_sees(channel));
            let before = world.channels.get(&id).cloned();
            world.channels.get_mut(&id).map(change);
            let seen_now = world.channels.get(&id).is_some_and(|channel| world.bot_sees(channel));
            if seen_before
                && seen_now
                && let Some(channel) = world.channels.get(&id)
            {
                let data = world.channel_json(channel);
                world.dispatch("CHANNEL_UPDATE", intents::GUILDS, Some(guild), &data);
            }
            if let (Some(before), Some(after)) = (before, world.channels.get(&id).cloned()) {
                world.note_channel(guild, &before, &after);
            }
        });
    }

    /// Removes a channel or thread with everything in it.
    pub(crate) fn remove_channel(&mut self, id: Snowflake) {
        let Some(channel) = self.channels.get(&id).cloned() else { return };
        let seen = self.bot_sees(&channel);
        let threads: Vec<_> = self
            .channels
            .values()
            .filter(|one| one.parent == Some(id) && one.thread.is_some())
            .map(|one| one.id)
            .collect();
        let data = if channel.thread.is_some() {
            json!({"id": id, "guild_id": channel.guild, "parent_id": channel.parent, "type": channel.kind})
        } else {
            self.channel_for_bot_json(&channel)
        };
        for gone in threads.into_iter().chain([id]) {
            self.channels.remove(&gone);
            self.messages.retain(|(channel, _), _| *channel != gone);
        }
        let about = self.channel_json(&channel);
        let noted = if channel.thread.is_some() { action::THREAD_DELETE } else { action::CHANNEL_DELETE };
        let entry = Entry::of(noted, Some(id)).with_old(&about);
        if let Some(guild) = channel.guild {
            self.note(guild, entry);
        }
        self.empty_voice(id);
        match channel.thread {
            Some(_) if seen => self.dispatch("THREAD_DELETE", intents::GUILDS, channel.guild, &data),
            Some(_) => {}
            None => self.dispatch("CHANNEL_DELETE", intents::GUILDS, channel.guild, &data),
        }
    }

    /// Opens a thread under a channel; its opener and `members` are in it.
    pub(crate) fn add_thread(
        &mut self,
        parent: Snowflake,
        name: &str,
        private: bool,
        owner: Snowflake,
        members: &[Snowflake],
    ) -> Snowflake {
        self.add_thread_as(None, parent, name, private, owner, members)
    }

    fn add_thread_as(
        &mut self,
        id: Option<Snowflake>,
        parent: Snowflake,
        name: &str,
        private: bool,
        owner: Snowflake,
        members: &[Snowflake],
    ) -> Snowflake {
        let id = id.unwrap_or_else(|| self.next_id());
        let now = self.clock.now_ms();
        let guild = self.channels.get(&parent).and_then(|parent| parent.guild);
        let of_announcements =
            self.channels.get(&parent).is_some_and(|parent| parent.kind == kind::ANNOUNCEMENT);
        let kind = match (private, of_announcements) {
            (true, _) => kind::PRIVATE_THREAD,
            (false, true) => kind::ANNOUNCEMENT_THREAD,
            (false, false) => kind::PUBLIC_THREAD,
        };
        let mut channel = Channel::new(id, kind, guild, name);
        channel.parent = Some(parent);
        channel.thread = Some(Thread {
            owner,
            members: members.iter().chain([&owner]).map(|user| (*user, now)).collect(),
            archived: false,
            locked: false,
            archive_changed_ms: now,
            message_count: 0,
            auto_archive_minutes: 1440,
            invitable: true,
        });
        self.insert_thread(channel, owner);
        id
    }

    /// Puts a thread into the world, tells of it and writes it into the audit log of its guild.
    pub(crate) fn insert_thread(&mut self, channel: Channel, owner: Snowflake) {
        let (id, guild) = (channel.id, channel.guild);
        let entry = Entry::of(action::THREAD_CREATE, Some(id)).with_new(&self.channel_json(&channel));
        self.channels.insert(id, channel);
        self.tell_of_new_thread(id);
        let reason = self.hand.as_ref().and_then(|hand| hand.reason.clone());
        if let Some(guild) = guild {
            self.by(owner, reason, |world| world.note(guild, entry));
        }
    }

    /// Opens a thread from a message; it has the message's id, and the message says so.
    pub(crate) fn add_thread_on(
        &mut self,
        key: (Snowflake, Snowflake),
        name: &str,
        owner: Snowflake,
    ) -> Snowflake {
        let id = self.add_thread_as(Some(key.1), key.0, name, false, owner, &[]);
        let thread = self.channels.get(&id).map(|thread| self.channel_json(thread));
        self.edit(key, false, |message| {
            message.flags |= flag::HAS_THREAD;
            message.more.insert("thread".to_owned(), thread.into());
        });
        id
    }

    /// Writes the first message of a post, which has the post's id.
    pub(crate) fn begin_post(
        &mut self,
        thread: Snowflake,
        author: Snowflake,
        body: &serde_json::Value,
    ) -> Snowflake {
        self.post(Draft {
            id: Some(thread),
            channel: thread,
            author,
            content: text(body),
            embeds: list(body, "embeds"),
            attachments: list(body, "attachments"),
            components: list(body, "components"),
            ..Draft::default()
        })
    }

    /// Changes a thread's state: archived, locked.
    pub(crate) fn change_thread(&mut self, id: Snowflake, change: impl FnOnce(&mut Thread)) {
        self.change_thread_channel(id, |channel| {
            channel.thread.as_mut().map(change);
        });
    }

    /// Changes a thread's name, fields or state.
    pub(crate) fn change_thread_channel(&mut self, id: Snowflake, change: impl FnOnce(&mut Channel)) {
        let now = self.clock.now_ms();
        let Some(before) = self.channels.get(&id).cloned() else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        change(channel);
        let Some(thread) = &mut channel.thread else { return };
        let archived = before.thread.as_ref().is_some_and(|thread| thread.archived);
        if thread.archived != archived {
            thread.archive_changed_ms = now;
        }
        if let Some(channel) = self.channels.get(&id).filter(|channel| self.bot_sees(channel)) {
            let (guild, data) = (channel.guild, self.channel_json(channel));
            self.dispatch("THREAD_UPDATE", intents::GUILDS, guild, &data);
        }
        if let (Some(guild), Some(after)) = (before.guild, self.channels.get(&id)) {
            let (old, new) =
                (thread_fields(&self.channel_json(&before)), thread_fields(&self.channel_json(after)));
            let entry = Entry::of(action::THREAD_UPDATE, Some(id)).with_changes(&old, &new);
            self.note(guild, entry);
        }
    }

    /// Adds people to a thread.
    pub(crate) fn join_thread(&mut self, id: Snowflake, users: &[Snowflake]) {
        let now = self.clock.now_ms();
        let Some(before) = self.channels.get(&id).map(|channel| self.bot_sees(channel)) else { return };
        if let Some(thread) = self.channels.get_mut(&id).and_then(|channel| channel.thread.as_mut()) {
            thread.members.extend(users.iter().map(|user| (*user, now)));
        }
        if !before && self.channels.get(&id).is_some_and(|channel| self.bot_sees(channel)) {
            self.tell_of_new_thread(id);
        }
        self.tell_of_thread_members(id, users, &[]);
    }

    /// Takes somebody out of a thread.
    pub(crate) fn leave_thread(&mut self, id: Snowflake, user: Snowflake) {
        if let Some(thread) = self.channels.get_mut(&id).and_then(|channel| channel.thread.as_mut()) {
            thread.members.remove(&user);
        }
        self.tell_of_thread_members(id, &[], &[user]);
    }

    /// Does something that may change what the bot sees in a guild, then tells it which channels it gained or
    /// lost.
    pub(crate) fn watching_sight<R>(&mut self, guild: Snowflake, change: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.seen_channels(guild);
        let result = change(self);
        let now = self.seen_channels(guild);
        for id in now.symmetric_difference(&before) {
            let Some(channel) = self.channels.get(id) else { continue };
            let data = self.channel_for_bot_json(channel);
            self.dispatch("CHANNEL_UPDATE", intents::GUILDS, Some(guild), &data);
            if now.contains(id) {
                self.sync_threads(guild, *id);
            }
        }
        result
    }

    /// Writes into the audit log what differs in a channel: each overwrite apart from the rest.
    fn note_channel(&mut self, guild: Snowflake, before: &Channel, after: &Channel) {
        let find = |channel: &Channel, id| channel.overwrites.iter().find(|one| one.id == id).copied();
        let ids: BTreeSet<_> = before.overwrites.iter().chain(&after.overwrites).map(|one| one.id).collect();
        for id in ids {
            let (old, new) = (find(before, id), find(after, id));
            let action = match (old, new) {
                _ if old == new => continue,
                (None, _) => action::OVERWRITE_CREATE,
                (_, None) => action::OVERWRITE_DELETE,
                _ => action::OVERWRITE_UPDATE,
            };
            let of_member = old.or(new).is_some_and(|one| one.of_member);
            let mut options = json!({"id": id, "type": if of_member { "1" } else { "0" }});
            if !of_member {
                let roles = self.guilds.get(&guild).map(|guild| guild.roles.as_slice()).unwrap_or_default();
                options["role_name"] = json!(roles.iter().find(|role| role.id == id).map(|role| &role.name));
            }
            let mut entry = Entry::of(action, Some(after.id)).with_options(options);
            for (key, of) in
                [("allow", (|one| one.allow) as fn(super::state::Overwrite) -> u64), ("deny", |one| one.deny)]
            {
                let text = |one: Option<super::state::Overwrite>| json!(one.map(|one| of(one).to_string()));
                if old.map(of) != new.map(of) {
                    entry = entry.with_change(key, &text(old), &text(new));
                }
            }
            self.note(guild, entry);
        }
        let (mut old, mut new) = (self.channel_json(before), self.channel_json(after));
        for json in [&mut old, &mut new] {
            json["permission_overwrites"] = serde_json::Value::Null;
        }
        let entry = Entry::of(action::CHANNEL_UPDATE, Some(after.id)).with_changes(&old, &new);
        if !entry.changes.is_empty() {
            self.note(guild, entry);
        }
    }

    /// Puts everybody out of a voice channel.
    fn empty_voice(&mut self, channel: Snowflake) {
        let inside: Vec<_> = self
            .guilds
            .values()
            .flat_map(|guild| {
                guild.belongings.voice.iter().map(|(user, voice)| (guild.id, *user, voice.channel))
            })
            .filter(|(.., place)| *place == channel)
            .collect();
        for (guild, user, _) in inside {
            self.leave_voice(guild, user);
        }
    }

    fn seen_channels(&self, guild: Snowflake) -> BTreeSet<Snowflake> {
        self.channels
            .values()
            .filter(|channel| {
                channel.guild == Some(guild) && channel.thread.is_none() && self.bot_sees(channel)
            })
            .map(|channel| channel.id)
            .collect()
    }

    fn sync_threads(&mut self, guild: Snowflake, parent: Snowflake) {
        let threads: Vec<_> = self
            .channels
            .values()
            .filter(|channel| channel.parent == Some(parent) && self.bot_sees(channel))
            .filter(|channel| channel.thread.as_ref().is_some_and(|thread| !thread.archived))
            .collect();
        let bot = self.application.bot;
        let members: Vec<_> = threads
            .iter()
            .filter(|channel| channel.thread.as_ref().is_some_and(|thread| thread.members.contains_key(&bot)))
            .map(|channel| thread_member_json(channel, bot))
            .collect();
        let threads: Vec<_> = threads.into_iter().map(|channel| self.channel_json(channel)).collect();
        let data =
            json!({"guild_id": guild, "channel_ids": [parent], "threads": threads, "members": members});
        self.dispatch("THREAD_LIST_SYNC", intents::GUILDS, Some(guild), &data);
    }

    fn tell_of_new_thread(&mut self, id: Snowflake) {
        if let Some(channel) = self.channels.get(&id).filter(|channel| self.bot_sees(channel)) {
            let guild = channel.guild;
            let mut data = self.channel_json(channel);
            data["newly_created"] = json!(true);
            self.dispatch("THREAD_CREATE", intents::GUILDS, guild, &data);
        }
    }

    fn tell_of_thread_members(&mut self, id: Snowflake, added: &[Snowflake], removed: &[Snowflake]) {
        let Some(channel) = self.channels.get(&id).filter(|channel| self.bot_sees(channel)) else { return };
        let (Some(guild), Some(thread)) = (channel.guild, &channel.thread) else { return };
        let of_bot = added.iter().chain(removed).any(|user| *user == self.application.bot);
        let added: Vec<_> = added
            .iter()
            .map(|user| {
                let mut json = thread_member_json(channel, *user);
                json["member"] = self
                    .guilds
                    .get(&guild)
                    .and_then(|guild| guild.members.get(user))
                    .map(|member| self.member_json(member))
                    .into();
                json["presence"] = serde_json::Value::Null;
                json
            })
            .collect();
        let data = json!({
            "id": id, "guild_id": guild, "member_count": thread.members.len().min(50),
            "added_members": added, "removed_member_ids": removed,
        });
        let intent = if of_bot { intents::GUILDS } else { intents::GUILD_MEMBERS };
        self.dispatch("THREAD_MEMBERS_UPDATE", intent, Some(guild), &data);
    }
}

/// A thread with its metadata among its own fields, as the audit log names them.
fn thread_fields(thread: &serde_json::Value) -> serde_json::Value {
    let mut fields = thread.clone();
    merge(&mut fields, thread["thread_metadata"].clone());
    fields
}
