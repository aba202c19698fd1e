//! Rooms of every kind in a story: announcement, voice and stage channels, forums and their posts.

use serde_json::{Value, json};

use super::{Actor, Guild, GuildBuilder};
use crate::domain::{MessageId, SpaceId};
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::kind;
use crate::sandbox::world::{Said, kinds};

impl GuildBuilder {
    /// An announcement channel that everybody sees.
    pub fn announcement_channel(self, name: &str) -> Self {
        self.plan(kind::ANNOUNCEMENT, name, None, true)
    }

    /// A voice channel that everybody may join.
    pub fn voice_channel(self, name: &str) -> Self {
        self.plan(kind::VOICE, name, None, true)
    }

    /// A stage that everybody may listen to.
    pub fn stage_channel(self, name: &str) -> Self {
        self.plan(kind::STAGE, name, None, true)
    }

    /// A forum that everybody sees.
    pub fn forum(self, name: &str) -> Self {
        self.plan(kind::FORUM, name, None, true)
    }

    /// A media channel that everybody sees.
    pub fn media_channel(self, name: &str) -> Self {
        self.plan(kind::MEDIA, name, None, true)
    }
}

impl Guild {
    /// Adds a category.
    pub fn adds_category(&self, name: &str) -> SpaceId {
        self.add(kind::CATEGORY, name, |_, _| Vec::new())
    }

    /// Adds an announcement channel that everybody sees.
    pub fn adds_announcement_channel(&self, name: &str) -> SpaceId {
        self.add(kind::ANNOUNCEMENT, name, |_, _| Vec::new())
    }

    /// Adds a voice channel that everybody may join.
    pub fn adds_voice_channel(&self, name: &str) -> SpaceId {
        self.add(kind::VOICE, name, |_, _| Vec::new())
    }

    /// Adds a stage that everybody may listen to.
    pub fn adds_stage_channel(&self, name: &str) -> SpaceId {
        self.add(kind::STAGE, name, |_, _| Vec::new())
    }

    /// Adds a forum that everybody sees.
    pub fn adds_forum(&self, name: &str) -> SpaceId {
        self.add(kind::FORUM, name, |_, _| Vec::new())
    }

    /// Adds a media channel that everybody sees.
    pub fn adds_media_channel(&self, name: &str) -> SpaceId {
        self.add(kind::MEDIA, name, |_, _| Vec::new())
    }

    /// Puts a channel into a category, or takes it out of all.
    pub fn moves_channel(&self, channel: &str, category: Option<&str>) {
        let parent = category.map(|name| self.channel(name));
        let channel = self.channel(channel);
        self.town.change(|world| world.change_channel(channel, |channel| channel.parent = parent));
    }

    /// Gives a forum the tags that its posts may carry.
    pub fn sets_tags(&self, forum: &str, tags: &[&str]) {
        let forum = self.channel(forum);
        self.town.change(|world| {
            let tags: Vec<Value> = tags
                .iter()
                .map(|name| {
                    let id = world.next_id();
                    json!({"id": id, "name": name, "moderated": false, "emoji_id": null, "emoji_name": null})
                })
                .collect();
            world.change_channel(forum, |channel| {
                channel.more.insert("available_tags".to_owned(), json!(tags));
            });
        });
    }

    /// Renames a thread or post.
    pub fn renames_thread(&self, from: &str, to: &str) {
        let thread = self.channel(from);
        self.town.change(|world| {
            world.change_thread_channel(thread, |channel| to.clone_into(&mut channel.name));
        });
    }
}

impl Actor {
    /// Opens a post in a forum or media channel, with its first message, whose id is the post's.
    pub fn opens_post(&self, forum: &str, title: &str, text: &str) -> Said {
        let parent = self.channel(forum);
        let holds = self.town.read(|world| {
            world.channels.get(&parent).is_some_and(|channel| kinds::holds_posts(channel.kind))
        });
        if !holds || self.permissions_in(forum) & bits::SEND_MESSAGES == 0 {
            self.town.refuse(&format!("{} may not open a post in {forum}", self.name()));
        }
        let id = self.town.change(|world| {
            let thread = world.add_thread(parent, title, false, self.user, &[]);
            world.begin_post(thread, self.user, &json!({"content": text}))
        });
        Said { space: SpaceId::new(id.0), id: MessageId::new(id.0) }
    }

    /// Opens a thread from a message; the thread has the message's id.
    pub fn opens_thread_on(&self, said: impl Into<Said>, name: &str) -> SpaceId {
        let key = said.into().key();
        let may = self.town.read(|world| {
            world.readable_by(self.user, key).is_some()
                && world.channels.get(&key.0).is_some_and(|channel| {
                    world.may(self.user, channel, bits::CREATE_PUBLIC_THREADS)
                        && !world.channels.contains_key(&key.1)
                })
        });
        if !may {
            self.town.refuse(&format!("{} may not open a thread on this message", self.name()));
        }
        SpaceId::new(self.town.change(|world| world.add_thread_on(key, name, self.user)).0)
    }
}
