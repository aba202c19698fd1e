//! Webhooks and invites: how they come to be, and what webhooks write.

use serde_json::{Map, Value, json};

use super::belongings::Shelf;
use super::interactions::{list, text};
use super::{Draft, Snowflake, World};
use crate::sandbox::clock::iso;

/// The flags that whoever writes a message may set: no previews, no notification, Components V2.
const SETTABLE_FLAGS: u64 = 1 << 2 | 1 << 12 | 1 << 15;

impl World {
    /// Adds a webhook to a channel.
    pub(crate) fn add_webhook(
        &mut self,
        guild: Snowflake,
        channel: Snowflake,
        name: &str,
        by: Snowflake,
    ) -> Snowflake {
        let id = self.next_id();
        let fields = json!({
            "id": id, "type": 1, "guild_id": guild, "channel_id": channel, "user": self.user_json(by),
            "name": name, "avatar": null, "application_id": null,
            "token": format!("hook-{:016x}-0123456789abcdefghijklmnopqrstuvwxyz", id.0),
        });
        self.make_thing(guild, Shelf::Webhooks, fields)
    }

    /// The webhook of this id, with its guild.
    pub(crate) fn webhook(&self, id: Snowflake) -> Option<(Snowflake, &Value)> {
        self.guilds.values().find_map(|guild| Some((guild.id, guild.belongings.one(Shelf::Webhooks, id)?)))
    }

    /// Writes what a webhook was given, in its channel or a thread of it; `None` when there is none.
    pub(crate) fn execute_webhook(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        thread: Option<Snowflake>,
        body: &Value,
    ) -> Option<(Snowflake, Snowflake)> {
        let hook = self.guilds.get(&guild)?.belongings.one(Shelf::Webhooks, id)?;
        let channel = thread.or_else(|| Snowflake::from_json(&hook["channel_id"]))?;
        let name = body["username"].as_str().or(hook["name"].as_str()).unwrap_or_default();
        let author = json!({
            "id": id, "username": name, "avatar": body["avatar_url"].as_str().map(|_| Value::Null),
            "discriminator": "0000", "public_flags": 0, "flags": 0, "bot": true, "global_name": null, "primary_guild": null,
        });
        let mut more: Map<String, Value> =
            [("author".to_owned(), author), ("webhook_id".to_owned(), json!(id))].into_iter().collect();
        if body["poll"].is_object() {
            more.insert("poll".to_owned(), body["poll"].clone());
        }
        let message = self.post(Draft {
            channel,
            author: id,
            content: text(body),
            flags: body["flags"].as_u64().unwrap_or(0) & SETTABLE_FLAGS,
            attachments: list(body, "attachments"),
            embeds: list(body, "embeds"),
            components: list(body, "components"),
            more,
            ..Draft::default()
        });
        Some((channel, message))
    }

    /// Makes an invite to a channel and returns its code.
    pub(crate) fn add_invite(
        &mut self,
        channel: Snowflake,
        by: Snowflake,
        max_age: u64,
        max_uses: u64,
        temporary: bool,
    ) -> String {
        let id = self.next_id();
        let now = self.clock.now_ms();
        let code = format!("{:x}", id.0);
        let Some(place) = self.channels.get(&channel) else { return code };
        let Some(guild) = place.guild.and_then(|id| self.guilds.get(&id)) else { return code };
        let guild_id = guild.id;
        let fields = json!({
            "type": 0, "code": code, "guild_id": guild_id, "inviter": self.user_json(by), "max_age": max_age, "max_uses": max_uses,
            "temporary": temporary, "uses": 0, "created_at": iso(now),
            "expires_at": (max_age > 0).then(|| iso(now + max_age * 1_000)),
            "channel": {"id": channel, "name": place.name, "type": place.kind},
            "guild": {
                "id": guild_id, "name": guild.name, "splash": null, "banner": null, "description": null,
                "icon": null, "features": ["COMMUNITY"], "verification_level": 1, "vanity_url_code": null,
                "nsfw_level": 0, "nsfw": false, "premium_subscription_count": 0,
            },
        });
        self.make_thing(guild_id, Shelf::Invites, fields);
        code
    }
}
