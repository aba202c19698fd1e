//! What exists in the world: plain records without behaviour.
//!
//! How they look to a bot is in `json`, who may do what in `permissions`, how they change in `changes`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Snowflake;
use super::belongings::Belongings;

/// Channel types of Discord that the box knows.
pub(crate) mod kind {
    pub(crate) const TEXT: u8 = 0;
    pub(crate) const DM: u8 = 1;
    pub(crate) const VOICE: u8 = 2;
    pub(crate) const CATEGORY: u8 = 4;
    pub(crate) const ANNOUNCEMENT: u8 = 5;
    pub(crate) const ANNOUNCEMENT_THREAD: u8 = 10;
    pub(crate) const PUBLIC_THREAD: u8 = 11;
    pub(crate) const PRIVATE_THREAD: u8 = 12;
    pub(crate) const STAGE: u8 = 13;
    pub(crate) const FORUM: u8 = 15;
    pub(crate) const MEDIA: u8 = 16;
}

/// Message flags of Discord that the box knows.
pub(crate) mod flag {
    pub(crate) const CROSSPOSTED: u64 = 1;
    pub(crate) const HAS_THREAD: u64 = 1 << 5;
    pub(crate) const EPHEMERAL: u64 = 1 << 6;
    pub(crate) const LOADING: u64 = 1 << 7;
}

/// The application, its bot user and its key.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) bot: Snowflake,
    pub(crate) token: String,
    /// The privileged intents that the portal has switched on.
    pub(crate) privileged: u64,
    /// Registered commands as Discord would show them, global ones (without `guild_id`) and those of guilds.
    pub(crate) commands: Vec<Value>,
}

/// An account.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) bot: bool,
    pub(crate) locale: String,
    pub(crate) refuses_dms: bool,
}

/// A guild.
#[derive(Debug)]
pub(crate) struct Guild {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) owner: Snowflake,
    pub(crate) locale: String,
    /// The first is `@everyone`, whose id is the guild's.
    pub(crate) roles: Vec<Role>,
    pub(crate) members: BTreeMap<Snowflake, Member>,
    /// What hangs on its walls: bans, voice states, emoji, rules, the audit log and so on.
    pub(crate) belongings: Belongings,
}

/// A role.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) permissions: u64,
    pub(crate) position: u64,
    /// The bot whose installation made the role.
    pub(crate) of_bot: Option<Snowflake>,
}

/// Somebody in a guild.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) user: Snowflake,
    pub(crate) nick: Option<String>,
    pub(crate) roles: Vec<Snowflake>,
    pub(crate) joined_ms: u64,
    pub(crate) timed_out_until_ms: Option<u64>,
    /// Silenced in voice channels by a moderator.
    pub(crate) muted: bool,
    /// Deafened in voice channels by a moderator.
    pub(crate) deafened: bool,
    /// For a guest: the only channel that they were let into.
    pub(crate) guest_of: Option<Snowflake>,
}

impl Member {
    /// Somebody who just came.
    pub(crate) fn new(user: Snowflake, roles: Vec<Snowflake>, joined_ms: u64) -> Self {
        Self {
            user,
            nick: None,
            roles,
            joined_ms,
            timed_out_until_ms: None,
            muted: false,
            deafened: false,
            guest_of: None,
        }
    }
}

/// What a channel changes in the permissions of a role or member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overwrite {
    pub(crate) id: Snowflake,
    pub(crate) of_member: bool,
    pub(crate) allow: u64,
    pub(crate) deny: u64,
}

/// A channel, category, thread or DM.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) id: Snowflake,
    pub(crate) kind: u8,
    pub(crate) guild: Option<Snowflake>,
    pub(crate) name: String,
    pub(crate) topic: Option<String>,
    pub(crate) parent: Option<Snowflake>,
    pub(crate) position: u64,
    pub(crate) overwrites: Vec<Overwrite>,
    /// Both sides of a DM.
    pub(crate) recipients: Vec<Snowflake>,
    pub(crate) thread: Option<Thread>,
    pub(crate) last_message: Option<Snowflake>,
    /// Fields of its kind, as Discord shows them: `bitrate`, `available_tags`, `rate_limit_per_user` and so on.
    pub(crate) more: Map<String, Value>,
}

impl Channel {
    /// A channel with nothing set but what every channel has.
    pub(crate) fn new(id: Snowflake, kind: u8, guild: Option<Snowflake>, name: &str) -> Self {
        Self {
            id,
            kind,
            guild,
            name: name.trim_start_matches('#').to_owned(),
            topic: None,
            parent: None,
            position: 0,
            overwrites: Vec::new(),
            recipients: Vec::new(),
            thread: None,
            last_message: None,
            more: super::kinds::usual_fields(kind),
        }
    }
}

/// What only threads have.
#[derive(Debug, Clone)]
pub(crate) struct Thread {
    pub(crate) owner: Snowflake,
    /// Members with the moment they joined.
    pub(crate) members: BTreeMap<Snowflake, u64>,
    pub(crate) archived: bool,
    pub(crate) locked: bool,
    pub(crate) archive_changed_ms: u64,
    pub(crate) message_count: u64,
    /// After how many minutes of silence it is archived.
    pub(crate) auto_archive_minutes: u64,
    /// Whether any member of a private thread may add others.
    pub(crate) invitable: bool,
}

/// Where a reply or forward points.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference {
    pub(crate) message: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) guild: Option<Snowflake>,
}

/// A message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) author: Snowflake,
    /// Discord's message type: 0 ordinary, 19 reply, 20 answer to a command.
    pub(crate) kind: u8,
    pub(crate) content: String,
    pub(crate) edited_ms: Option<u64>,
    pub(crate) flags: u64,
    pub(crate) reference: Option<Reference>,
    pub(crate) attachments: Vec<Value>,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) nonce: Option<Value>,
    /// Fields that the box carries without understanding them: `poll`, `sticker_items`, `message_snapshots`
    /// and so on.
    pub(crate) more: Map<String, Value>,
    /// Who voted for which answer of its poll.
    pub(crate) votes: BTreeSet<(u64, Snowflake)>,
    /// The interaction that it answers.
    pub(crate) interaction: Option<Snowflake>,
    /// For an ephemeral message: the only one who sees it.
    pub(crate) only_for: Option<Snowflake>,
}
