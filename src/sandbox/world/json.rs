//! How the world's records look to a bot: Discord's JSON objects.

use serde_json::{Map, Value, json};

use super::belongings::Shelf;
use super::state::{Channel, Guild, Member, Message, Role, Thread, User, kind};
use super::{Snowflake, World};
use crate::sandbox::clock::iso;

/// The name, and the flag, of a channel that the bot may not see.
const HIDDEN_NAME: &str = "___hidden___";
const CHANNEL_OBFUSCATED: u64 = 1 << 17;
/// The flag of a member who was let into one voice channel only.
const IS_GUEST: u64 = 1 << 4;

impl World {
    /// A user.
    pub(crate) fn user_json(&self, id: Snowflake) -> Value {
        self.users.get(&id).map_or_else(|| json!({"id": id, "username": "deleted_user"}), user_json)
    }

    /// A member, with its user.
    pub(crate) fn member_json(&self, member: &Member) -> Value {
        let mut json = bare_member_json(member);
        json["user"] = self.user_json(member.user);
        json
    }

    /// A member with its user and what it may do, as interactions carry it.
    pub(crate) fn member_in_json(&self, member: &Member, channel: &Channel) -> Value {
        let mut json = self.member_json(member);
        json["permissions"] = json!(self.permissions(member.user, channel).to_string());
        json
    }

    /// A channel, category, thread or DM in full.
    pub(crate) fn channel_json(&self, channel: &Channel) -> Value {
        let mut json = json!({
            "id": channel.id, "type": channel.kind, "flags": 0, "last_message_id": channel.last_message,
        });
        if channel.kind == kind::DM {
            let others: Vec<_> = channel
                .recipients
                .iter()
                .filter(|id| **id != self.application.bot)
                .map(|id| self.user_json(*id))
                .collect();
            json["recipients"] = json!(others);
            return json;
        }
        merge(
            &mut json,
            json!({
                "guild_id": channel.guild, "name": channel.name, "parent_id": channel.parent,
                "rate_limit_per_user": 0, "last_pin_timestamp": null,
            }),
        );
        match &channel.thread {
            Some(thread) => merge(&mut json, self.thread_json(thread)),
            None => merge(
                &mut json,
                json!({
                    "position": channel.position, "topic": channel.topic, "nsfw": false,
                    "permission_overwrites": channel.overwrites.iter().map(|one| json!({
                        "id": one.id, "type": u8::from(one.of_member),
                        "allow": one.allow.to_string(), "deny": one.deny.to_string(),
                    })).collect::<Vec<_>>(),
                }),
            ),
        }
        merge(&mut json, Value::Object(channel.more.clone()));
        json
    }

    /// A channel as the gateway shows it to the bot: in full, or obfuscated where the bot may not see it.
    pub(crate) fn channel_for_bot_json(&self, channel: &Channel) -> Value {
        if self.faults.hidden_in_full || self.bot_sees(channel) {
            return self.channel_json(channel);
        }
        json!({
            "id": channel.id, "type": channel.kind, "guild_id": channel.guild, "name": HIDDEN_NAME,
            "flags": CHANNEL_OBFUSCATED, "position": channel.position, "parent_id": channel.parent, "topic": null,
            "nsfw": false, "rate_limit_per_user": 0, "last_message_id": null, "last_pin_timestamp": null,
            "permission_overwrites": [{
                "id": channel.guild, "type": 0, "allow": "0",
                "deny": super::permissions::bits::VIEW_CHANNEL.to_string(),
            }],
        })
    }

    fn thread_json(&self, thread: &Thread) -> Value {
        let mut json = json!({
            "owner_id": thread.owner, "message_count": thread.message_count,
            "total_message_sent": thread.message_count, "member_count": thread.members.len().min(50),
            "thread_metadata": {
                "archived": thread.archived, "locked": thread.locked, "auto_archive_duration": thread.auto_archive_minutes,
                "archive_timestamp": iso(thread.archive_changed_ms), "invitable": thread.invitable,
            },
        });
        if let Some(joined) = thread.members.get(&self.application.bot) {
            json["member"] = json!({"join_timestamp": iso(*joined), "flags": 0});
        }
        json
    }

    /// A message as REST gives it.
    pub(crate) fn message_json(&self, message: &Message) -> Value {
        let mut json = self.bare_message_json(message);
        if let Some(reference) = &message.reference {
            json["message_reference"] = json!({
                "type": 0, "message_id": reference.message, "channel_id": reference.channel,
                "guild_id": reference.guild,
            });
            let target = self.messages.get(&(reference.channel, reference.message));
            json["referenced_message"] = target.map_or(Value::Null, |target| self.bare_message_json(target));
        }
        json
    }

    /// A message as its sender is answered: with the nonce, which Discord forgets and never shows when it is
    /// read.
    pub(crate) fn sent_message_json(&self, message: &Message) -> Value {
        let mut json = self.message_json(message);
        if let Some(nonce) = &message.nonce {
            json["nonce"] = nonce.clone();
        }
        json
    }

    /// A message as the gateway gives it, with the guild and the author's membership.
    pub(crate) fn message_event_json(&self, message: &Message) -> Value {
        let mut json = self.sent_message_json(message);
        let guild = self.channels.get(&message.channel).and_then(|channel| channel.guild);
        if let Some(guild) = guild.and_then(|id| self.guilds.get(&id)) {
            json["guild_id"] = json!(guild.id);
            if let Some(member) = guild.members.get(&message.author) {
                json["member"] = bare_member_json(member);
            }
        }
        json["channel_type"] = json!(self.channels.get(&message.channel).map(|channel| channel.kind));
        json
    }

    fn bare_message_json(&self, message: &Message) -> Value {
        let mentions = self.mentions(message);
        let mut json = json!({
            "id": message.id, "channel_id": message.channel, "type": message.kind,
            "author": self.user_json(message.author), "content": message.content,
            "timestamp": iso(message.id.made_at_ms()), "edited_timestamp": message.edited_ms.map(iso),
            "tts": false, "mention_everyone": mentions.everyone,
            "mentions": mentions.users, "mention_roles": mentions.roles, "attachments": message.attachments,
            "embeds": message.embeds, "components": message.components, "pinned": false, "flags": message.flags,
        });
        for (name, value) in &message.more {
            json[name] = value.clone();
        }
        if let Some(id) = message.interaction
            && let Some(interaction) = self.interactions.get(&id)
        {
            json["application_id"] = json!(self.application.id);
            json["webhook_id"] = json!(self.application.id);
            json["interaction_metadata"] = self.interaction_metadata_json(interaction);
        }
        json
    }

    /// A guild as `GUILD_CREATE` gives it: with channels, the threads that the bot may see, and its own
    /// membership.
    pub(crate) fn guild_create_json(&self, guild: &Guild, large_threshold: u64) -> Value {
        let mut json = guild_json(guild);
        let bot = self.application.bot;
        let channels = || self.channels.values().filter(|channel| channel.guild == Some(guild.id));
        let plain = channels().filter(|channel| channel.thread.is_none());
        let threads = channels().filter(|channel| {
            channel.thread.as_ref().is_some_and(|thread| !thread.archived) && self.bot_sees(channel)
        });
        let member = guild.members.get(&bot);
        merge(
            &mut json,
            json!({
                "joined_at": iso(member.map_or(0, |member| member.joined_ms)), "unavailable": false,
                "large": guild.members.len() as u64 > large_threshold, "member_count": guild.members.len(),
                "channels": plain.map(|channel| self.channel_for_bot_json(channel)).collect::<Vec<_>>(),
                "threads": threads.map(|channel| self.channel_json(channel)).collect::<Vec<_>>(),
                "members": member.into_iter().chain(self.others_in_voice(guild)).map(|member| self.member_json(member))
                    .collect::<Vec<_>>(),
                "voice_states": self.voice_states_json(guild), "presences": [],
                "stage_instances": guild.belongings.all(Shelf::Stages),
                "guild_scheduled_events": guild.belongings.all(Shelf::Events),
                "soundboard_sounds": [],
            }),
        );
        json
    }

    /// The application.
    pub(crate) fn application_json(&self) -> Value {
        let application = &self.application;
        json!({
            "id": application.id, "name": application.name, "icon": null, "description": "", "type": null,
            "bot": self.user_json(application.bot), "bot_public": false, "bot_require_code_grant": false,
            "verify_key": "0".repeat(64), "flags": self.application_flags(),
            "flags_new": self.application_flags().to_string(), "redirect_uris": [], "team": null,
            "interactions_endpoint_url": null, "role_connections_verification_url": null, "rpc_origins": [],
            "owner": {"id": "1", "username": "division-it", "discriminator": "0", "global_name": "Division IT",
                      "avatar": null, "public_flags": 0, "flags": 0, "primary_guild": null},
            "approximate_guild_count": self.guilds.len(), "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0, "explicit_content_filter": 0, "eligible_oauth2_scopes": [],
            "integration_types_config": {"0": {}, "1": {}},
        })
    }

    /// Which of the privileged intents the portal has switched on, as the flags of an unverified application.
    fn application_flags(&self) -> u64 {
        let shown = [(1 << 8, 1 << 13), (1 << 1, 1 << 15), (1 << 15, 1 << 19)];
        shown
            .iter()
            .filter(|(intent, _)| self.application.privileged & intent != 0)
            .map(|(_, flag)| flag)
            .sum()
    }

    fn mentions(&self, message: &Message) -> Mentions {
        let mut users = Vec::new();
        let mut roles = Vec::new();
        for part in
            message.content.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|(mark, _)| mark)
        {
            if let Some(id) = part.strip_prefix("@&").and_then(|id| id.parse::<Snowflake>().ok()) {
                roles.push(id);
            } else if let Some(id) =
                part.strip_prefix('@').and_then(|id| id.trim_start_matches('!').parse::<Snowflake>().ok())
                && self.users.contains_key(&id)
            {
                users.push(id);
            }
        }
        let answered = message.reference.and_then(|to| self.messages.get(&(to.channel, to.message)));
        users.extend(answered.map(|message| message.author));
        users.sort_unstable();
        users.dedup();
        Mentions {
            everyone: message.content.contains("@everyone") || message.content.contains("@here"),
            users: users.into_iter().map(|id| self.user_json(id)).collect(),
            roles,
        }
    }
}

struct Mentions {
    everyone: bool,
    users: Vec<Value>,
    roles: Vec<Snowflake>,
}

/// A member of a thread.
pub(crate) fn thread_member_json(channel: &Channel, user: Snowflake) -> Value {
    let joined = channel.thread.as_ref().and_then(|thread| thread.members.get(&user)).copied();
    json!({"id": channel.id, "user_id": user, "join_timestamp": iso(joined.unwrap_or(0)), "flags": 0})
}

/// A guild as REST gives it.
pub(crate) fn guild_json(guild: &Guild) -> Value {
    let mut json = json!({
        "id": guild.id, "name": guild.name, "icon": null, "icon_hash": null, "splash": null,
        "discovery_splash": null, "owner_id": guild.owner, "region": "us-central", "afk_channel_id": null,
        "afk_timeout": 300, "widget_enabled": false, "widget_channel_id": null, "verification_level": 1,
        "default_message_notifications": 1, "explicit_content_filter": 2,
        "roles": guild.roles.iter().map(role_json).collect::<Vec<_>>(),
        "emojis": guild.belongings.all(Shelf::Emojis), "stickers": guild.belongings.all(Shelf::Stickers),
        "features": ["COMMUNITY"], "mfa_level": 0, "application_id": null, "system_channel_id": null,
        "system_channel_flags": 0, "rules_channel_id": null,
    });
    merge(
        &mut json,
        json!({
            "max_presences": null, "max_members": 500_000,
            "vanity_url_code": null, "description": null, "banner": null, "premium_tier": 0,
            "premium_subscription_count": 0, "preferred_locale": guild.locale, "public_updates_channel_id": null,
            "max_video_channel_users": 25, "max_stage_video_channel_users": 50, "nsfw_level": 0, "nsfw": false,
            "premium_progress_bar_enabled": false, "safety_alerts_channel_id": null,
            "incidents_data": guild.belongings.incidents,
            "home_header": null, "hub_type": null, "latest_onboarding_question_id": null,
        }),
    );
    json
}

/// On whose installation an interaction rests.
pub(crate) fn installed_by(guild: Option<Snowflake>) -> Value {
    guild.map_or_else(|| json!({"0": "0"}), |guild| json!({"0": guild}))
}

/// A role.
pub(crate) fn role_json(role: &Role) -> Value {
    let mut json = json!({
        "id": role.id, "name": role.name, "permissions": role.permissions.to_string(), "position": role.position,
        "color": 0, "colors": {"primary_color": 0, "secondary_color": null, "tertiary_color": null},
        "hoist": false, "managed": role.of_bot.is_some(), "mentionable": false, "icon": null,
        "unicode_emoji": null, "flags": 0,
    });
    if let Some(bot) = role.of_bot {
        json["tags"] = json!({"bot_id": bot});
    }
    json
}

/// Puts the fields of one object into another.
pub(crate) fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend::<Map<String, Value>>(from);
    }
}

fn user_json(user: &User) -> Value {
    let mut json = json!({
        "id": user.id, "username": user.name.to_lowercase().replace(' ', "."), "discriminator": "0",
        "global_name": user.name, "avatar": null, "public_flags": 0, "flags": 0, "banner": null,
        "accent_color": null, "avatar_decoration_data": null, "clan": null, "primary_guild": null,
    });
    if user.bot {
        json["bot"] = json!(true);
        json["global_name"] = Value::Null;
        json["username"] = json!(user.name);
    }
    json
}

/// A member as the resolved members of an interaction are: without `user`, `deaf` and `mute`.
pub(crate) fn partial_member_json(member: &Member) -> Value {
    let mut json = bare_member_json(member);
    if let Value::Object(fields) = &mut json {
        fields.retain(|name, _| name != "deaf" && name != "mute");
    }
    json
}

fn bare_member_json(member: &Member) -> Value {
    json!({
        "nick": member.nick, "avatar": null, "banner": null, "roles": member.roles,
        "joined_at": if member.guest_of.is_some() { Value::Null } else { json!(iso(member.joined_ms)) },
        "premium_since": null, "deaf": member.deafened, "mute": member.muted,
        "flags": if member.guest_of.is_some() { IS_GUEST } else { 0 },
        "pending": false, "communication_disabled_until": member.timed_out_until_ms.map(iso),
    })
}
