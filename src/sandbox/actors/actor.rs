//! A person in a story: what they write, change and receive. What they ask of the bot is in `using`.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::domain::{AccountId, MessageId, SpaceId};
use crate::sandbox::server::Town;
use crate::sandbox::world::automod::Hit;
use crate::sandbox::world::interactions::{list, text};
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::Reference;
use crate::sandbox::world::{Draft, Message, Said, Snowflake, World};

/// The most characters that any client sends.
const LONGEST: usize = 4_000;

/// A person, usually in one guild. Clones are the same person.
///
/// What Discord would not let them do stops the story with a panic that says why; the bot need not be there.
#[derive(Clone)]
pub struct Actor {
    pub(super) town: Arc<Town>,
    pub(super) user: Snowflake,
    pub(super) guild: Option<Snowflake>,
    /// Where they use commands, when it is not the usual channel.
    pub(super) place: Option<Snowflake>,
}

impl Actor {
    pub(crate) fn new(town: Arc<Town>, user: Snowflake, guild: Option<Snowflake>) -> Self {
        Self { town, user, guild, place: None }
    }

    /// The town they live in.
    pub(crate) fn town(&self) -> &Arc<Town> {
        &self.town
    }

    /// Their account, as the world knows it.
    pub(crate) fn user(&self) -> Snowflake {
        self.user
    }

    /// Their account.
    pub fn id(&self) -> AccountId {
        AccountId::new(self.user.0)
    }

    /// Their name.
    pub fn name(&self) -> String {
        self.town.read(|world| world.name_of(self.user))
    }

    /// Text that mentions them.
    pub fn mention(&self) -> String {
        format!("<@{}>", self.user)
    }

    /// Writes in a channel or thread of their guild.
    pub fn says(&self, channel: &str, text: &str) -> Said {
        self.posts(channel, &json!({"content": text}))
    }

    /// Writes a message that may have more than text: `content`, `embeds`, `attachments`, `components` and
    /// whatever else Discord's message object has (`poll`, `sticker_items`, `message_snapshots`), as JSON.
    pub fn posts(&self, channel: &str, body: &Value) -> Said {
        let channel = self.channel(channel);
        self.write(channel, body, None)
    }

    /// Replies to a message.
    pub fn replies(&self, to: impl Into<Said>, text: &str) -> Said {
        let (channel, message) = to.into().key();
        let guild = self.town.read(|world| world.channels.get(&channel).and_then(|channel| channel.guild));
        self.write(channel, &json!({"content": text}), Some(Reference { message, channel, guild }))
    }

    /// Writes to the bot in a DM.
    pub fn tells_bot(&self, text: &str) -> Said {
        let dm = self.town.change(|world| world.dm_with_bot(self.user));
        self.write(dm, &json!({"content": text}), None)
    }

    /// Edits a message of their own.
    pub fn edits(&self, said: impl Into<Said>, text: &str) {
        let key = said.into().key();
        self.must_be_able(key, "edit", |_, message| message.author == self.user);
        let hits = self.town.read(|world| world.broken_rules(self.user, key.0, text));
        if hits.iter().any(Hit::blocks) {
            self.town.refuse(&format!("AutoMod keeps {} from this edit", self.name()));
        }
        self.town.change(|world| world.edit(key, true, |message| text.clone_into(&mut message.content)));
    }

    /// Deletes a message: their own, or another's where they may.
    pub fn deletes(&self, said: impl Into<Said>) {
        let key = said.into().key();
        self.must_be_able(key, "delete", |world, message| {
            let channel = world.channels.get(&key.0);
            message.author == self.user
                || channel.is_some_and(|channel| world.may(self.user, channel, bits::MANAGE_MESSAGES))
        });
        self.town.change(|world| {
            let author = world.messages.get(&key).map(|message| message.author);
            let guild = world.channels.get(&key.0).and_then(|channel| channel.guild);
            world.by(self.user, None, |world| {
                if let (Some(guild), Some(author)) = (guild, author) {
                    world.note_deletion(guild, key.0, author);
                }
                world.delete(key);
            });
        });
    }

    /// Deletes several messages of a channel at once, as moderating bots do.
    pub fn deletes_all(&self, said: &[Said]) {
        let Some(first) = said.first() else { return };
        let ids: Vec<_> = said.iter().map(|said| said.key().1).collect();
        self.town.change(|world| {
            world.by(self.user, None, |world| world.delete_bulk(first.key().0, &ids));
        });
    }

    /// Opens a public thread under a channel. It is written to by its name.
    pub fn opens_thread(&self, channel: &str, name: &str) -> SpaceId {
        self.open_thread(channel, name, bits::CREATE_PUBLIC_THREADS, &[])
    }

    /// Opens a private thread under a channel, with these others in it.
    pub fn opens_private_thread(&self, channel: &str, name: &str, with: &[&Self]) -> SpaceId {
        self.open_thread(channel, name, bits::CREATE_PRIVATE_THREADS, with)
    }

    /// Adds somebody to a thread that they themselves see.
    pub fn adds(&self, thread: &str, other: &Self) {
        if !self.sees(thread) {
            self.town.refuse(&format!("{} does not see the thread {thread}", self.name()));
        }
        let thread = self.channel(thread);
        self.town.change(|world| world.join_thread(thread, &[other.user]));
    }

    /// Adds the bot to a thread they are in.
    pub fn adds_bot(&self, thread: &str) {
        let thread = self.channel(thread);
        self.town.change(|world| world.join_thread(thread, &[world.application.bot]));
    }

    /// Leaves a thread.
    pub fn leaves_thread(&self, thread: &str) {
        let thread = self.channel(thread);
        self.town.change(|world| world.leave_thread(thread, self.user));
    }

    /// Leaves the guild.
    pub fn leaves(&self) {
        self.town
            .change(|world| self.guild.into_iter().for_each(|guild| world.remove_member(guild, self.user)));
    }

    /// Refuses DMs of people and bots who are not friends, or lets them in again.
    pub fn refuses_dms(&self, refuses: bool) {
        self.set(|user| user.refuses_dms = refuses);
    }

    /// Sets the language of their client, such as `fr`.
    pub fn locale(&self, locale: &str) {
        self.set(|user| locale.clone_into(&mut user.locale));
    }

    /// The DMs that the bot wrote to them, oldest first; answers to commands are not among them.
    pub fn inbox(&self) -> Vec<Message> {
        self.town.read(|world| world.inbox_of(self.user))
    }

    /// Waits until the bot has written them `count` DMs, and returns all.
    ///
    /// # Panics
    /// As [`Sandbox::wait_until`](crate::sandbox::Sandbox::wait_until).
    pub async fn inbox_until(&self, count: usize) -> Vec<Message> {
        let what = format!("{count} DMs to {}, who has {}", self.name(), self.inbox().len());
        self.town
            .wait(&what, |world| Some(world.inbox_of(self.user)).filter(|inbox| inbox.len() >= count))
            .await
    }

    /// Whether they see a channel or thread of their guild, by the box's own reckoning.
    pub fn sees(&self, channel: &str) -> bool {
        self.permissions_in(channel) & bits::VIEW_CHANNEL != 0
    }

    /// What they may do in a channel or thread, by the box's own reckoning.
    pub fn permissions_in(&self, channel: &str) -> u64 {
        let channel = self.channel(channel);
        self.town.read(|world| {
            world.channels.get(&channel).map_or(0, |channel| world.permissions(self.user, channel))
        })
    }

    pub(super) fn channel(&self, name: &str) -> Snowflake {
        let found = self.town.read(|world| world.channel_named(self.guild?, name).map(|channel| channel.id));
        found.unwrap_or_else(|| self.town.refuse(&format!("{} has no channel named {name}", self.name())))
    }

    fn write(&self, channel: Snowflake, body: &Value, reference: Option<Reference>) -> Said {
        self.try_to_write(channel, body, reference).unwrap_or_else(|rule| {
            self.town.refuse(&format!("the AutoMod rule {rule} blocks what {} writes", self.name()))
        })
    }

    /// Writes a message, unless `AutoMod` blocks it: then the error is the name of the rule.
    pub(super) fn try_to_write(
        &self,
        channel: Snowflake,
        body: &Value,
        reference: Option<Reference>,
    ) -> Result<Said, String> {
        let may = self.town.read(|world| {
            world.channels.get(&channel).is_some_and(|channel| world.may_write(self.user, channel))
        });
        if text(body).chars().count() > LONGEST {
            self.town.refuse(&format!("{} may not write more than {LONGEST} characters", self.name()));
        }
        if !may {
            let place = self.town.read(|world| world.place(channel).1);
            self.town.refuse(&format!("{} may not write in #{place}", self.name()));
        }
        let written = self.town.change(|world| {
            let content = text(body);
            let hits = world.broken_rules(self.user, channel, &content);
            if let Some(blocking) = hits.iter().find(|hit| hit.blocks()) {
                let name = blocking.rule_name().to_owned();
                world.execute_rules(&hits, self.user, channel, None, &content);
                return Err(name);
            }
            let id = world.post(Draft {
                channel,
                author: self.user,
                kind: if reference.is_some() { 19 } else { 0 },
                content: text(body),
                reference,
                attachments: list(body, "attachments"),
                embeds: list(body, "embeds"),
                components: list(body, "components"),
                more: more(body),
                ..Draft::default()
            });
            world.execute_rules(&hits, self.user, channel, Some(id), &content);
            Ok(id)
        });
        written.map(|id| Said { space: SpaceId::new(channel.0), id: MessageId::new(id.0) })
    }

    fn open_thread(&self, parent: &str, name: &str, wanted: u64, with: &[&Self]) -> SpaceId {
        let parent_id = self.channel(parent);
        let may = self.permissions_in(parent) & wanted == wanted;
        if !may {
            self.town.refuse(&format!("{} may not open this thread in {parent}", self.name()));
        }
        let with: Vec<_> = with.iter().map(|other| other.user).collect();
        let private = wanted == bits::CREATE_PRIVATE_THREADS;
        SpaceId::new(self.town.change(|world| world.add_thread(parent_id, name, private, self.user, &with)).0)
    }

    fn must_be_able(
        &self,
        key: (Snowflake, Snowflake),
        verb: &str,
        may: impl FnOnce(&World, &crate::sandbox::world::state::Message) -> bool,
    ) {
        let may = self.town.read(|world| world.messages.get(&key).is_some_and(|message| may(world, message)));
        if !may {
            self.town
                .refuse(&format!("{} cannot {verb} this message: it is gone or not theirs", self.name()));
        }
    }

    fn set(&self, change: impl FnOnce(&mut crate::sandbox::world::state::User)) {
        self.town.change(|world| world.users.get_mut(&self.user).map(change));
    }
}

/// The fields of a message body that the box carries without understanding them.
fn more(body: &Value) -> Map<String, Value> {
    let known = ["content", "embeds", "attachments", "components"];
    let fields = body.as_object().into_iter().flatten();
    fields
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Actor").field(&self.user.0).finish()
    }
}
