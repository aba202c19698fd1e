//! What a guild is fitted with: webhooks, integrations, emoji, stickers, scheduled events, rules and invites.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Actor, Guild};
use crate::domain::{MessageId, SpaceId};
use crate::sandbox::clock::iso;
use crate::sandbox::server::Town;
use crate::sandbox::world::belongings::Shelf;
use crate::sandbox::world::{Said, Snowflake};

impl Guild {
    /// Adds a webhook to a channel.
    pub fn adds_webhook(&self, channel: &str, name: &str) -> Webhook {
        let channel = self.channel(channel);
        let id = self.town.change(|world| {
            let owner = world.guilds.get(&self.id).map(|guild| guild.owner).unwrap_or_default();
            world.add_webhook(self.id, channel, name, owner)
        });
        Webhook { town: Arc::clone(&self.town), guild: self.id, id }
    }

    /// Adds an integration, such as `twitch`.
    pub fn adds_integration(&self, kind: &str, name: &str) {
        let owner = self.owner();
        let user = self.town.read(|world| world.user_json(owner.user));
        let fields = json!({
            "name": name, "type": kind, "enabled": true, "account": {"id": name, "name": name}, "user": user,
        });
        self.make(Shelf::Integrations, fields);
    }

    /// Adds an emoji of the guild's own; returns the text that writes it.
    pub fn adds_emoji(&self, name: &str) -> String {
        let fields = json!({
            "name": name, "roles": [], "require_colons": true, "managed": false, "animated": false,
            "available": true,
        });
        format!("<:{name}:{}>", self.make(Shelf::Emojis, fields))
    }

    /// Adds a sticker; returns what a message that carries it has among its `sticker_items`.
    pub fn adds_sticker(&self, name: &str) -> Value {
        let fields = json!({
            "name": name, "description": null, "tags": name, "type": 2, "format_type": 1, "available": true,
            "guild_id": self.id,
        });
        json!({"id": self.make(Shelf::Stickers, fields), "name": name, "format_type": 1})
    }

    /// Removes the emoji or sticker of this name.
    pub fn removes_expression(&self, name: &str) {
        self.unmake(&[Shelf::Emojis, Shelf::Stickers], name);
    }

    /// Plans an event at a place outside of Discord, for an hour from now on.
    pub fn schedules_event(&self, name: &str, place: &str) {
        let (now, owner) = self.town.read(|world| {
            let owner = world.guilds.get(&self.id).map(|guild| guild.owner);
            (world.clock.now_ms(), owner)
        });
        self.make(Shelf::Events, json!({
            "guild_id": self.id, "channel_id": null, "creator_id": owner, "name": name, "description": null,
            "scheduled_start_time": iso(now + 60_000), "scheduled_end_time": iso(now + 3_660_000),
            "privacy_level": 2, "status": 1, "entity_type": 3, "entity_id": null,
            "entity_metadata": {"location": place}, "image": null, "recurrence_rule": null, "guild_scheduled_event_exceptions": [],
        }));
    }

    /// Renames an event.
    pub fn renames_event(&self, from: &str, to: &str) {
        let id = self.named(&[Shelf::Events], from).1;
        self.town.change(|world| world.change_thing(self.id, Shelf::Events, id, json!({"name": to})));
    }

    /// Calls an event off.
    pub fn cancels_event(&self, name: &str) {
        self.unmake(&[Shelf::Events], name);
    }

    /// Adds an `AutoMod` rule that is in force and acts on messages with these words: `actions` as Discord has
    /// them, such as `{"type": 1}` to block.
    pub fn forbids_words(&self, name: &str, words: &[&str], actions: &Value) {
        self.adds_rule(
            name,
            1,
            &json!({
                "keyword_filter": words, "regex_patterns": [], "allow_list": [],
            }),
            actions,
        );
    }

    /// Adds an `AutoMod` rule that is in force, of any trigger type.
    pub fn adds_rule(&self, name: &str, trigger_type: u64, metadata: &Value, actions: &Value) {
        let owner = self.town.read(|world| world.guilds.get(&self.id).map(|guild| guild.owner));
        self.make(Shelf::Rules, json!({
            "guild_id": self.id, "name": name, "creator_id": owner, "event_type": 1,
            "trigger_type": trigger_type, "trigger_metadata": metadata, "actions": actions, "enabled": true,
            "exempt_roles": [], "exempt_channels": [],
        }));
    }

    /// Removes an `AutoMod` rule.
    pub fn removes_rule(&self, name: &str) {
        self.unmake(&[Shelf::Rules], name);
    }

    /// Takes back an invite.
    pub fn revokes_invite(&self, code: &str) {
        let gone = self.town.change(|world| {
            let guild = world.guilds.get(&self.id)?;
            let (id, _) = guild.belongings.find(Shelf::Invites, |invite| invite["code"] == *code)?;
            world.remove_thing(self.id, Shelf::Invites, id);
            Some(())
        });
        gone.unwrap_or_else(|| self.town.refuse("this guild has no such invite"));
    }

    fn make(&self, which: Shelf, fields: Value) -> Snowflake {
        self.town.change(|world| world.make_thing(self.id, which, fields))
    }

    fn unmake(&self, shelves: &[Shelf], name: &str) {
        let (which, id) = self.named(shelves, name);
        self.town.change(|world| world.remove_thing(self.id, which, id));
    }

    fn named(&self, shelves: &[Shelf], name: &str) -> (Shelf, Snowflake) {
        let found = self.town.read(|world| {
            let guild = world.guilds.get(&self.id)?;
            shelves.iter().find_map(|which| {
                guild.belongings.find(*which, |thing| thing["name"] == *name).map(|(id, _)| (*which, id))
            })
        });
        found.unwrap_or_else(|| self.town.refuse(&format!("this guild has nothing named {name}")))
    }
}

impl Actor {
    /// Makes an invite to a channel that lasts a day; returns its code.
    pub fn invites_to(&self, channel: &str) -> String {
        let wanted = crate::sandbox::world::permissions::bits::CREATE_INSTANT_INVITE;
        if self.permissions_in(channel) & wanted == 0 {
            self.town.refuse(&format!("{} may not invite to {channel}", self.name()));
        }
        let channel = self.channel(channel);
        self.town.change(|world| {
            world.by(self.user, None, |world| world.add_invite(channel, self.user, 86_400, 0, false))
        })
    }
}

/// A webhook: something that writes under names of its own. Clones are the same webhook.
#[derive(Clone)]
pub struct Webhook {
    town: Arc<Town>,
    guild: Snowflake,
    id: Snowflake,
}

impl Webhook {
    /// Writes a message.
    pub fn says(&self, text: &str) -> Said {
        self.posts(&json!({"content": text}))
    }

    /// Writes a message that may have more than text: `username`, `embeds`, `components` (also Components V2, with
    /// their flag) and whatever else Discord takes.
    pub fn posts(&self, body: &Value) -> Said {
        let key = self.town.change(|world| world.execute_webhook(self.guild, self.id, None, body));
        let (channel, id) = key.unwrap_or_else(|| self.town.refuse("this webhook is gone"));
        Said { space: SpaceId::new(channel.0), id: MessageId::new(id.0) }
    }

    /// Its path below `/api/v10` with its token, which opens it to anybody.
    pub fn path(&self) -> String {
        self.town.read(|world| {
            let place = world.guilds.get(&self.guild);
            let hook = place.and_then(|guild| guild.belongings.one(Shelf::Webhooks, self.id));
            let token = hook.and_then(|hook| hook["token"].as_str()).unwrap_or_default();
            format!("/webhooks/{}/{token}", self.id)
        })
    }

    /// Deletes it.
    pub fn is_deleted(&self) {
        self.town.change(|world| world.remove_thing(self.guild, Shelf::Webhooks, self.id));
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Webhook").field(&self.id.0).finish()
    }
}
