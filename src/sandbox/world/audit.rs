//! The audit log of a guild: who changed what and why they said so, and what Discord leaves out of it.
//!
//! Left out, as Discord does: what people delete of their own, and single messages that bots delete.

use serde_json::{Value, json};

use super::permissions::bits;
use super::sessions::intents;
use super::{Snowflake, World};

/// How long deletions of one person's messages by another count as one entry.
const ONE_ENTRY_MS: u64 = 300_000;
/// How long entries are kept: 45 days.
const KEPT_MS: u64 = 45 * 24 * 3_600_000;

/// Audit log actions that are not of a shelf.
pub(crate) mod action {
    pub(crate) const GUILD_UPDATE: u64 = 1;
    pub(crate) const CHANNEL_CREATE: u64 = 10;
    pub(crate) const CHANNEL_UPDATE: u64 = 11;
    pub(crate) const CHANNEL_DELETE: u64 = 12;
    pub(crate) const OVERWRITE_CREATE: u64 = 13;
    pub(crate) const OVERWRITE_UPDATE: u64 = 14;
    pub(crate) const OVERWRITE_DELETE: u64 = 15;
    pub(crate) const KICK: u64 = 20;
    pub(crate) const BAN_ADD: u64 = 22;
    pub(crate) const BAN_REMOVE: u64 = 23;
    pub(crate) const MEMBER_UPDATE: u64 = 24;
    pub(crate) const MEMBER_ROLES: u64 = 25;
    pub(crate) const MEMBER_MOVE: u64 = 26;
    pub(crate) const MEMBER_DISCONNECT: u64 = 27;
    pub(crate) const BOT_ADD: u64 = 28;
    pub(crate) const ROLE_CREATE: u64 = 30;
    pub(crate) const ROLE_UPDATE: u64 = 31;
    pub(crate) const ROLE_DELETE: u64 = 32;
    pub(crate) const MESSAGE_DELETE: u64 = 72;
    pub(crate) const BULK_DELETE: u64 = 73;
    pub(crate) const THREAD_CREATE: u64 = 110;
    pub(crate) const THREAD_UPDATE: u64 = 111;
    pub(crate) const THREAD_DELETE: u64 = 112;
    pub(crate) const RULE_BLOCKED: u64 = 143;
    pub(crate) const RULE_ALERTED: u64 = 144;
    pub(crate) const RULE_TIMED_OUT: u64 = 145;
}

/// Who does something, and the reason they give.
#[derive(Debug, Clone)]
pub(crate) struct Hand {
    pub(crate) user: Snowflake,
    pub(crate) reason: Option<String>,
}

/// One line of the log.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: Snowflake,
    pub(crate) action: u64,
    pub(crate) user: Snowflake,
    pub(crate) target: Option<Snowflake>,
    pub(crate) changes: Vec<Value>,
    pub(crate) options: Value,
    pub(crate) reason: Option<String>,
}

impl Entry {
    /// An entry of this action; who did it is known when it is noted.
    pub(crate) fn of(action: u64, target: Option<Snowflake>) -> Self {
        let user = Snowflake::default();
        Self { id: user, action, user, target, changes: Vec::new(), options: Value::Null, reason: None }
    }

    /// With the fields of something new.
    pub(crate) fn with_new(self, after: &Value) -> Self {
        self.with_changes(&Value::Null, after)
    }

    /// With the fields of something that is gone.
    pub(crate) fn with_old(self, before: &Value) -> Self {
        self.with_changes(before, &Value::Null)
    }

    /// With what differs between before and after.
    pub(crate) fn with_changes(mut self, before: &Value, after: &Value) -> Self {
        let fields = if after.is_object() { after } else { before };
        for name in fields.as_object().into_iter().flatten().map(|(name, _)| name) {
            let (old, new) = (&before[name.as_str()], &after[name.as_str()]);
            if old != new && RECORDED.contains(&name.as_str()) {
                self = self.with_change(name, old, new);
            }
        }
        self
    }

    /// With one change; null is left out.
    pub(crate) fn with_change(mut self, key: &str, old: &Value, new: &Value) -> Self {
        let mut change = json!({"key": key});
        for (name, value) in [("old_value", old), ("new_value", new)] {
            if !value.is_null() {
                change[name] = value.clone();
            }
        }
        self.changes.push(change);
        self
    }

    /// With options, whose values Discord writes as texts.
    pub(crate) fn with_options(mut self, options: Value) -> Self {
        self.options = options;
        self
    }

    /// As the log shows it.
    pub(crate) fn json(&self) -> Value {
        let mut json = json!({
            "id": self.id, "action_type": self.action, "user_id": self.user, "target_id": self.target,
        });
        if !self.changes.is_empty() {
            json["changes"] = json!(self.changes);
        }
        if !self.options.is_null() {
            json["options"] = self.options.clone();
        }
        if let Some(reason) = &self.reason {
            json["reason"] = json!(reason);
        }
        json
    }
}

/// The fields of objects whose changes the log records.
const RECORDED: &[&str] = &[
    "actions",
    "archived",
    "auto_archive_duration",
    "available_tags",
    "bitrate",
    "channel_id",
    "code",
    "communication_disabled_until",
    "deaf",
    "description",
    "enabled",
    "entity_type",
    "event_type",
    "exempt_channels",
    "exempt_roles",
    "flags",
    "invitable",
    "location",
    "locked",
    "max_age",
    "max_uses",
    "mute",
    "name",
    "nick",
    "nsfw",
    "owner_id",
    "permission_overwrites",
    "permissions",
    "position",
    "preferred_locale",
    "privacy_level",
    "rate_limit_per_user",
    "scheduled_start_time",
    "status",
    "temporary",
    "topic",
    "trigger_metadata",
    "trigger_type",
    "type",
    "user_limit",
    "uses",
];

impl World {
    /// Does something in somebody's name, so that the log says who it was and why.
    pub(crate) fn by<R>(
        &mut self,
        user: Snowflake,
        reason: Option<String>,
        deed: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let before = self.hand.replace(Hand { user, reason });
        let result = deed(self);
        self.hand = before;
        result
    }

    /// Writes an entry, and tells the bot if it may read the log. A guild that nothing changed in has none.
    pub(crate) fn note(&mut self, guild: Snowflake, mut entry: Entry) {
        let id = self.next_id();
        let Some(place) = self.guilds.get_mut(&guild) else { return };
        let owner = place.owner;
        let hand = self.hand.as_ref();
        entry.id = id;
        entry.user = hand.map_or(owner, |hand| hand.user);
        entry.reason = hand.and_then(|hand| hand.reason.clone());
        let mut data = entry.json();
        data["guild_id"] = json!(guild);
        place.belongings.log.push(entry);
        if self.bot_base(guild) & bits::VIEW_AUDIT_LOG != 0 {
            let intent = intents::GUILD_MODERATION;
            self.dispatch("GUILD_AUDIT_LOG_ENTRY_CREATE", intent, Some(guild), &data);
        }
    }

    /// Writes that somebody's message was deleted by another person. Several within minutes make one entry that
    /// counts, of which the gateway tells once.
    pub(crate) fn note_deletion(&mut self, guild: Snowflake, channel: Snowflake, author: Snowflake) {
        let now = self.clock.now_ms();
        let by = self.hand.as_ref().map(|hand| hand.user);
        if by == Some(author) || by.and_then(|by| self.users.get(&by)).is_some_and(|user| user.bot) {
            return;
        }
        let place = self.guilds.get_mut(&guild);
        let earlier = place.and_then(|guild| {
            guild.belongings.log.iter_mut().rev().find(|entry| {
                entry.action == action::MESSAGE_DELETE
                    && Some(entry.user) == by
                    && entry.target == Some(author)
                    && entry.options["channel_id"] == json!(channel)
                    && entry.id.made_at_ms() + ONE_ENTRY_MS > now
            })
        });
        if let Some(entry) = earlier {
            let count = entry.options["count"].as_str().and_then(|count| count.parse().ok()).unwrap_or(1);
            entry.options["count"] = json!((count + 1_u64).to_string());
        } else {
            let options = json!({"channel_id": channel, "count": "1"});
            self.note(guild, Entry::of(action::MESSAGE_DELETE, Some(author)).with_options(options));
        }
    }

    /// Begins the log of a guild anew, once its founder has furnished it.
    pub(crate) fn forget_log(&mut self, guild: Snowflake) {
        if let Some(place) = self.guilds.get_mut(&guild) {
            place.belongings.log.clear();
        }
    }

    /// The entries of a guild that are not too old, newest first.
    pub(crate) fn audit_log(&self, guild: Snowflake) -> impl Iterator<Item = &Entry> {
        let oldest = self.clock.now_ms().saturating_sub(KEPT_MS);
        let log = self.guilds.get(&guild).map(|guild| guild.belongings.log.as_slice()).unwrap_or_default();
        log.iter().rev().filter(move |entry| entry.id.made_at_ms() >= oldest)
    }
}
