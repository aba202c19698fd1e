//! What exists in the world: plain records without behaviour.
//!
//! How they look to a bot is in `json`, who may do what in `permissions`, how they change in `changes`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Snowflake;

/// Channel types of Discord that the box knows.
pub(crate) mod kind {
    pub(crate) const TEXT: u8 = 0;
    pub(crate) const DM: u8 = 1;
    pub(crate) const CATEGORY: u8 = 4;
    pub(crate) const PUBLIC_THREAD: u8 = 11;
    pub(crate) const PRIVATE_THREAD: u8 = 12;
}

/// Message flags of Discord that the box knows.
pub(crate) mod flag {
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
    /// The interaction that it answers.
    pub(crate) interaction: Option<Snowflake>,
    /// For an ephemeral message: the only one who sees it.
    pub(crate) only_for: Option<Snowflake>,
}
