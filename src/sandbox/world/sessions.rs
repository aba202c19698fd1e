//! Gateway sessions: the numbered log of what each was sent, and which events it is sent at all.
//!
//! A session outlives its connections. A connection is only a position in the log, so resuming is moving it
//! back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Snowflake, World};
use crate::sandbox::world::json::role_json;

/// Gateway intents.
pub(crate) mod intents {
    pub(crate) const GUILDS: u64 = 1;
    pub(crate) const GUILD_MEMBERS: u64 = 1 << 1;
    pub(crate) const GUILD_MODERATION: u64 = 1 << 2;
    pub(crate) const GUILD_EXPRESSIONS: u64 = 1 << 3;
    pub(crate) const GUILD_INTEGRATIONS: u64 = 1 << 4;
    pub(crate) const GUILD_WEBHOOKS: u64 = 1 << 5;
    pub(crate) const GUILD_INVITES: u64 = 1 << 6;
    pub(crate) const GUILD_VOICE_STATES: u64 = 1 << 7;
    pub(crate) const GUILD_PRESENCES: u64 = 1 << 8;
    pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
    pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
    pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;
    pub(crate) const GUILD_SCHEDULED_EVENTS: u64 = 1 << 16;
    pub(crate) const AUTO_MODERATION_CONFIGURATION: u64 = 1 << 20;
    pub(crate) const AUTO_MODERATION_EXECUTION: u64 = 1 << 21;
    pub(crate) const GUILD_MESSAGE_POLLS: u64 = 1 << 24;
    /// Bits that Discord knows: 0 to 16, 20, 21, 24 and 25.
    pub(crate) const KNOWN: u64 = 0x1_FFFF | (0b11 << 20) | (0b11 << 24);
    /// Bits that the portal must switch on first.
    pub(crate) const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;
    /// For events that everybody is sent.
    pub(crate) const NONE: u64 = 0;
}

/// How long a session waits before it may ask for all members of a guild again.
const MEMBERS_PACE_MS: u64 = 30_000;

/// A frame of the log; its sequence number is its place, counted from 1.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) name: String,
    pub(crate) frame: String,
    data: String,
}

/// A session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) intents: u64,
    /// The shard's number, and how many there are.
    pub(crate) shard: (u64, u64),
    pub(crate) log: Vec<Sent>,
    /// Frames without a number that the connection has yet to send.
    pub(crate) control: Vec<String>,
    /// How many of the log the connection has sent.
    pub(crate) delivered: usize,
    /// The connection that serves it now.
    pub(crate) connection: Option<u64>,
    pub(crate) resumable: bool,
    /// When its last connection was lost.
    pub(crate) left_ms: Option<u64>,
    /// When it last asked for all members of a guild.
    asked_members_ms: BTreeMap<Snowflake, u64>,
}

impl Session {
    /// Adds a dispatch to the log.
    pub(crate) fn push(&mut self, name: &str, data: &Value) {
        self.push_raw(name, data.to_string());
    }

    fn push_raw(&mut self, name: &str, data: String) {
        let seq = self.log.len() + 1;
        let frame = format!(r#"{{"t":{},"s":{seq},"op":0,"d":{data}}}"#, json!(name));
        self.log.push(Sent { name: name.to_owned(), frame, data });
    }

    /// Adds the newest dispatch of this name again, of a message if one is given, under a new number; `false` when
    /// there was none.
    pub(crate) fn repeat(&mut self, name: &str, message: Option<Snowflake>) -> bool {
        let is_it = |data: &str| {
            message.is_none_or(|id| {
                serde_json::from_str::<Value>(data).is_ok_and(|data| data["id"] == json!(id))
            })
        };
        let found = self.log.iter().rfind(|sent| sent.name == name && is_it(&sent.data));
        let Some(data) = found.map(|sent| sent.data.clone()) else { return false };
        self.push_raw(name, data);
        true
    }

    fn wants(&self, intent: u64, guild: Option<Snowflake>) -> bool {
        let (number, count) = self.shard;
        let its_shard = guild.map_or(0, |guild| (guild.0 >> 22) % count);
        (intent == intents::NONE || self.intents & intent != 0) && number == its_shard
    }
}

/// A frame that is not a dispatch.
pub(crate) fn control_frame(op: u8, data: &Value) -> String {
    format!(r#"{{"t":null,"s":null,"op":{op},"d":{data}}}"#)
}

impl World {
    /// Sends an event to every session that asked for its kind; nothing of guilds that the bot is not in.
    /// Whether the bot may see the channel is the caller's affair.
    pub(crate) fn dispatch(&mut self, name: &str, intent: u64, guild: Option<Snowflake>, data: &Value) {
        let bot = self.application.bot;
        let away =
            |guild: Snowflake| self.guilds.get(&guild).is_none_or(|guild| !guild.members.contains_key(&bot));
        if guild.is_some_and(away) && name != "GUILD_DELETE" {
            return;
        }
        for session in self.sessions.iter_mut().filter(|session| session.wants(intent, guild)) {
            let hides = name.starts_with("MESSAGE_") && session.intents & intents::MESSAGE_CONTENT == 0;
            if hides && guild.is_some() {
                session.push(name, &without_content(data.clone(), bot));
            } else {
                session.push(name, data);
            }
        }
    }

    /// Sends an event of which sessions without the intent `MESSAGE_CONTENT` get only the bare form.
    pub(crate) fn dispatch_guarded(
        &mut self,
        name: &str,
        intent: u64,
        guild: Snowflake,
        full: &Value,
        bare: &Value,
    ) {
        for session in self.sessions.iter_mut().filter(|session| session.wants(intent, Some(guild))) {
            let reads = session.intents & intents::MESSAGE_CONTENT != 0;
            session.push(name, if reads { full } else { bare });
        }
    }

    /// Begins a session: READY, then the guilds of its shard. Returns its id.
    pub(crate) fn identify(
        &mut self,
        connection: u64,
        asked: u64,
        shard: (u64, u64),
        large_threshold: u64,
        url: &str,
    ) -> String {
        let id = format!("{:032x}", self.next_id().0);
        let mut session = Session {
            id: id.clone(),
            intents: asked,
            shard,
            log: Vec::new(),
            control: Vec::new(),
            delivered: 0,
            connection: Some(connection),
            resumable: true,
            left_ms: None,
            asked_members_ms: BTreeMap::new(),
        };
        let bot = self.application.bot;
        let here: Vec<_> = self
            .guilds
            .values()
            .filter(|guild| guild.members.contains_key(&bot) && (guild.id.0 >> 22) % shard.1 == shard.0)
            .collect();
        let unavailable: Vec<_> =
            here.iter().map(|guild| json!({"id": guild.id, "unavailable": true})).collect();
        session.push("READY", &json!({
            "v": 10, "user": self.user_json(bot), "user_settings": {}, "session_type": "normal", "session_id": id,
            "resume_gateway_url": url, "relationships": [], "private_channels": [], "presences": [],
            "guilds": unavailable, "guild_join_requests": [], "geo_ordered_rtc_regions": [], "auth": {},
            "application": {"id": self.application.id, "flags": self.application_json()["flags"]},
            "shard": [shard.0, shard.1],
        }));
        if asked & intents::GUILDS != 0 {
            for guild in here {
                session.push("GUILD_CREATE", &self.guild_create_json(guild, large_threshold));
            }
        }
        self.sessions.push(session);
        self.happenings.push(super::WorldEvent::Connected { resumed: false });
        id
    }

    /// Goes on with a session after `seq`. The error says whether the number was beyond what was ever sent.
    pub(crate) fn resume(&mut self, connection: u64, id: &str, seq: usize) -> Result<(), ResumeRefused> {
        let refuse = self.faults.no_resume;
        let (life, now) = (self.faults.session_life_ms, self.clock.now_ms());
        let expired =
            |session: &Session| life.zip(session.left_ms).is_some_and(|(life, left)| now > left + life);
        let session = self
            .sessions
            .iter_mut()
            .find(|session| session.id == id && session.resumable && !refuse && !expired(session))
            .ok_or(ResumeRefused::UnknownSession)?;
        if seq > session.log.len() {
            return Err(ResumeRefused::InvalidSequence);
        }
        session.connection = Some(connection);
        session.left_ms = None;
        session.delivered = seq;
        session.control.clear();
        session.push("RESUMED", &json!({"_trace": []}));
        self.happenings.push(super::WorldEvent::Connected { resumed: true });
        Ok(())
    }

    /// The session with this id.
    pub(crate) fn session(&mut self, id: &str) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.id == id)
    }

    /// Answers a request for members (op 8) in chunks of a thousand.
    pub(crate) fn request_members(&mut self, session_id: &str, asked: &Value) {
        let Some(guild) = Snowflake::from_json(&asked["guild_id"])
            .and_then(|id| self.guilds.get(&id))
            .filter(|guild| guild.members.contains_key(&self.application.bot))
        else {
            return;
        };
        let ids: Option<Vec<Snowflake>> = match &asked["user_ids"] {
            Value::Null => None,
            Value::Array(many) => Some(many.iter().take(100).filter_map(Snowflake::from_json).collect()),
            one => Some(Snowflake::from_json(one).into_iter().collect()),
        };
        let query = asked["query"].as_str().unwrap_or_default().to_lowercase();
        let limit = match (asked["limit"].as_u64(), &ids) {
            (Some(limit), None) if limit > 0 => usize::try_from(limit).unwrap_or(usize::MAX),
            _ => usize::MAX,
        };
        let found: Vec<_> = guild
            .members
            .values()
            .filter(|member| match &ids {
                Some(ids) => ids.contains(&member.user),
                None => self.name_of(member.user).to_lowercase().starts_with(&query),
            })
            .take(limit)
            .map(|member| self.member_json(member))
            .collect();
        let ids_given = ids.clone();
        let guild_id = guild.id;
        let missing: Vec<_> =
            ids.into_iter().flatten().filter(|id| !guild.members.contains_key(id)).collect();
        let whole = ids_given.is_none() && query.is_empty() && limit == usize::MAX;
        if whole && !self.may_ask_all(session_id, guild_id, &asked["nonce"]) {
            return;
        }
        let presences = asked["presences"] == true
            && self
                .session(session_id)
                .is_some_and(|session| session.intents & intents::GUILD_PRESENCES != 0);
        let count = found.len().div_ceil(1000).max(1);
        let mut chunks = Vec::new();
        for index in 0..count {
            let part = &found[index * 1000..found.len().min((index + 1) * 1000)];
            let mut chunk =
                json!({"guild_id": guild_id, "members": part, "chunk_index": index, "chunk_count": count});
            if !missing.is_empty() {
                chunk["not_found"] = json!(missing);
            }
            if presences {
                // Nobody in the box is ever online.
                chunk["presences"] = json!([]);
            }
            if let Some(nonce) = asked["nonce"].as_str() {
                chunk["nonce"] = json!(nonce);
            }
            chunks.push(chunk);
        }
        if let Some(session) = self.session(session_id) {
            for chunk in &chunks {
                session.push("GUILD_MEMBERS_CHUNK", chunk);
            }
        }
    }

    /// Whether a session may ask for all members of a guild: with the intent, and not too often.
    fn may_ask_all(&mut self, session_id: &str, guild: Snowflake, nonce: &Value) -> bool {
        let (limits, now) = (self.faults.limit_member_requests, self.clock.now_ms());
        let Some(session) = self.session(session_id) else { return false };
        if session.intents & intents::GUILD_MEMBERS == 0 {
            return false;
        }
        let free_at = session.asked_members_ms.get(&guild).map_or(0, |asked| asked + MEMBERS_PACE_MS);
        if limits && now < free_at {
            let mut data = json!({"opcode": 8, "meta": {"guild_id": guild}});
            data["retry_after"] = json!(std::time::Duration::from_millis(free_at - now).as_secs_f64());
            if nonce.is_string() {
                data["meta"]["nonce"] = nonce.clone();
            }
            session.push("RATE_LIMITED", &data);
            return false;
        }
        session.asked_members_ms.insert(guild, now);
        true
    }

    /// Tells that a role was made or changed.
    pub(crate) fn dispatch_role(&mut self, name: &str, guild: Snowflake, role: &super::state::Role) {
        let data = json!({"guild_id": guild, "role": role_json(role)});
        self.dispatch(name, intents::GUILDS, Some(guild), &data);
    }
}

/// Why a session is not resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResumeRefused {
    /// It is unknown, ended, or a fault says so: op 9.
    UnknownSession,
    /// The number was never sent: close 4007.
    InvalidSequence,
}

/// A message without what the intent `MESSAGE_CONTENT` guards, unless it is the bot's own or mentions it.
pub(crate) fn without_content(mut message: Value, bot: Snowflake) -> Value {
    let bot = json!(bot);
    let mentioned =
        message["mentions"].as_array().is_some_and(|users| users.iter().any(|user| user["id"] == bot));
    if message["author"]["id"] == bot || mentioned || message.get("content").is_none() {
        return message;
    }
    message["content"] = json!("");
    for guarded in ["embeds", "attachments", "components"] {
        message[guarded] = json!([]);
    }
    if let Value::Object(fields) = &mut message {
        fields.remove("poll");
    }
    message
}
