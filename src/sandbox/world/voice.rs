//! Voice and stage channels: who is in them, with camera, stream or neither, and guests who were let into one
//! only.

use serde_json::{Value, json};

use super::audit::{Entry, action};
use super::sessions::intents;
use super::state::{Guild, Member, kind};
use super::{Snowflake, World};
use crate::sandbox::clock::iso;

/// Somebody's place in a voice or stage channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of a client or a moderator")]
pub(crate) struct Voice {
    pub(crate) channel: Snowflake,
    pub(crate) self_mute: bool,
    pub(crate) self_deaf: bool,
    /// Their camera is on.
    pub(crate) self_video: bool,
    /// They share their screen.
    pub(crate) self_stream: bool,
    /// They are in the audience of a stage.
    pub(crate) suppress: bool,
    /// When they asked to speak on a stage.
    pub(crate) asked_to_speak_ms: Option<u64>,
}

impl World {
    /// Moves somebody into a voice or stage channel, from wherever they were.
    pub(crate) fn join_voice(&mut self, guild: Snowflake, user: Snowflake, channel: Snowflake) {
        let on_stage = self.channels.get(&channel).is_some_and(|channel| channel.kind == kind::STAGE);
        let Some(place) = self.guilds.get_mut(&guild) else { return };
        let before = place.belongings.voice.remove(&user).unwrap_or_default();
        let voice = Voice { channel, suppress: on_stage, asked_to_speak_ms: None, ..before };
        place.belongings.voice.insert(user, voice);
        self.tell_of_voice(guild, user);
    }

    /// Changes somebody's switches; nothing happens when they are in no voice channel.
    pub(crate) fn change_voice(
        &mut self,
        guild: Snowflake,
        user: Snowflake,
        change: impl FnOnce(&mut Voice),
    ) {
        let place = self.guilds.get_mut(&guild);
        let Some(voice) = place.and_then(|guild| guild.belongings.voice.get_mut(&user)) else { return };
        change(voice);
        self.tell_of_voice(guild, user);
    }

    /// Takes somebody out of voice; a guest leaves the guild with it. `false` when they were in no channel.
    pub(crate) fn leave_voice(&mut self, guild: Snowflake, user: Snowflake) -> bool {
        let Some(place) = self.guilds.get_mut(&guild) else { return false };
        if place.belongings.voice.remove(&user).is_none() {
            return false;
        }
        self.tell_of_voice(guild, user);
        let guest = self.guilds.get(&guild).and_then(|guild| guild.members.get(&user)?.guest_of);
        if guest.is_some() {
            self.remove_member(guild, user);
        }
        true
    }

    /// Lets a guest into one voice channel.
    pub(crate) fn add_guest(&mut self, guild: Snowflake, user: Snowflake, channel: Snowflake) {
        let now = self.clock.now_ms();
        let member = Member { guest_of: Some(channel), ..Member::new(user, Vec::new(), now) };
        self.let_in(guild, member);
        self.join_voice(guild, user, channel);
    }

    /// Somebody with power moves another (`Some`), or out of voice (`None`); `false` when they were in no channel.
    pub(crate) fn move_in_voice(&mut self, guild: Snowflake, user: Snowflake, to: Option<Snowflake>) -> bool {
        let was_there =
            self.guilds.get(&guild).is_some_and(|guild| guild.belongings.voice.contains_key(&user));
        match to {
            _ if !was_there => {}
            Some(channel) => {
                self.join_voice(guild, user, channel);
                let options = json!({"channel_id": channel, "count": "1"});
                self.note(guild, Entry::of(action::MEMBER_MOVE, None).with_options(options));
            }
            None => {
                self.leave_voice(guild, user);
                let options = json!({"count": "1"});
                self.note(guild, Entry::of(action::MEMBER_DISCONNECT, None).with_options(options));
            }
        }
        was_there
    }

    /// Somebody's voice state; with a null channel when they are in none.
    pub(crate) fn voice_state_json(&self, guild: &Guild, user: Snowflake) -> Value {
        let member = guild.members.get(&user);
        let present = guild.belongings.voice.get(&user);
        let voice = present.cloned().unwrap_or_default();
        json!({
            "guild_id": guild.id, "user_id": user, "channel_id": present.map(|voice| voice.channel),
            "session_id": format!("{:032x}", user.0), "deaf": member.is_some_and(|member| member.deafened),
            "mute": member.is_some_and(|member| member.muted), "self_deaf": voice.self_deaf,
            "self_mute": voice.self_mute, "self_stream": voice.self_stream, "self_video": voice.self_video,
            "suppress": voice.suppress, "request_to_speak_timestamp": voice.asked_to_speak_ms.map(iso),
            "member": member.map(|member| self.member_json(member)),
        })
    }

    /// The voice states of `GUILD_CREATE`, which say neither guild nor member.
    pub(crate) fn voice_states_json(&self, guild: &Guild) -> Vec<Value> {
        let states = guild.belongings.voice.keys().map(|user| {
            let mut state = self.voice_state_json(guild, *user);
            if let Value::Object(fields) = &mut state {
                fields.retain(|name, _| name != "guild_id" && name != "member");
            }
            state
        });
        states.collect()
    }

    /// Members in voice other than the bot, whom `GUILD_CREATE` always carries.
    pub(crate) fn others_in_voice<'a>(&'a self, guild: &'a Guild) -> impl Iterator<Item = &'a Member> {
        let bot = self.application.bot;
        guild
            .belongings
            .voice
            .keys()
            .filter(move |user| **user != bot)
            .filter_map(|user| guild.members.get(user))
    }

    pub(crate) fn tell_of_voice(&mut self, guild: Snowflake, user: Snowflake) {
        let Some(place) = self.guilds.get(&guild) else { return };
        let data = self.voice_state_json(place, user);
        self.dispatch("VOICE_STATE_UPDATE", intents::GUILD_VOICE_STATES, Some(guild), &data);
    }
}
