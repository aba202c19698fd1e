//! People in voice and stage channels: coming and going, camera, screen and microphone.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Actor, Guild};
use crate::sandbox::world::belongings::Shelf;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::voice::Voice;
use crate::sandbox::world::{Snowflake, kinds};

impl Guild {
    /// Lets somebody who is no member into one voice channel, as a guest; they are gone once they leave it.
    pub fn lets_guest_into(&self, channel: &str, name: &str) -> Actor {
        let channel = self.channel(channel);
        let user = self.town.change(|world| {
            let user = world.user(name);
            world.add_guest(self.id, user, channel);
            user
        });
        Actor::new(Arc::clone(&self.town), user, Some(self.id))
    }

    /// The names of those who are in a voice or stage channel.
    pub fn in_voice(&self, channel: &str) -> Vec<String> {
        let channel = self.channel(channel);
        self.town.read(|world| {
            let states = world.guilds.get(&self.id).map(|guild| &guild.belongings.voice);
            let inside = states.into_iter().flatten().filter(|(_, voice)| voice.channel == channel);
            inside.map(|(user, _)| world.name_of(*user)).collect()
        })
    }

    /// Opens a stage with a topic.
    pub fn opens_stage(&self, channel: &str, topic: &str) {
        let channel = self.channel(channel);
        let stage = json!({
            "guild_id": self.id, "channel_id": channel, "topic": topic, "privacy_level": 2,
            "discoverable_disabled": true, "guild_scheduled_event_id": null,
        });
        self.town.change(|world| world.make_thing(self.id, Shelf::Stages, stage));
    }

    /// Closes a stage. Stops the story when it is not open.
    pub fn closes_stage(&self, channel: &str) {
        let channel = self.channel(channel);
        let closed = self.town.change(|world| {
            let guild = world.guilds.get(&self.id)?;
            let here = |stage: &Value| stage["channel_id"] == json!(channel);
            let (id, _) = guild.belongings.find(Shelf::Stages, here)?;
            world.remove_thing(self.id, Shelf::Stages, id);
            Some(())
        });
        closed.unwrap_or_else(|| self.town.refuse("this stage is not open"));
    }
}

impl Actor {
    /// Joins a voice or stage channel, from wherever they were.
    pub fn joins_voice(&self, channel: &str) {
        let id = self.channel(channel);
        let vocal =
            self.town.read(|world| world.channels.get(&id).is_some_and(|room| kinds::is_vocal(room.kind)));
        if !vocal || self.permissions_in(channel) & bits::CONNECT == 0 {
            self.town.refuse(&format!("{} cannot join {channel}", self.name()));
        }
        self.town
            .change(|world| self.guild.into_iter().for_each(|guild| world.join_voice(guild, self.user, id)));
    }

    /// Leaves the voice or stage channel they are in.
    pub fn leaves_voice(&self) {
        let guild = self.voiced();
        self.town.change(|world| world.leave_voice(guild, self.user));
    }

    /// Turns their camera on or off.
    pub fn turns_camera(&self, on: bool) {
        self.switch(|voice, _| voice.self_video = on);
    }

    /// Shares their screen, or stops.
    pub fn streams(&self, on: bool) {
        self.switch(|voice, _| voice.self_stream = on);
    }

    /// Mutes their microphone, or opens it.
    pub fn mutes_self(&self, on: bool) {
        self.switch(|voice, _| voice.self_mute = on);
    }

    /// Asks to speak on a stage.
    pub fn asks_to_speak(&self) {
        self.switch(|voice, now| voice.asked_to_speak_ms = Some(now));
    }

    /// Speaks on a stage, or goes back to the audience.
    pub fn speaks_on_stage(&self, speaks: bool) {
        self.switch(|voice, _| {
            voice.suppress = !speaks;
            voice.asked_to_speak_ms = None;
        });
    }

    fn switch(&self, change: impl FnOnce(&mut Voice, u64)) {
        let guild = self.voiced();
        self.town.change(|world| {
            let now = world.clock.now_ms();
            world.change_voice(guild, self.user, |voice| change(voice, now));
        });
    }

    /// Their guild, if they are in one of its voice channels.
    fn voiced(&self) -> Snowflake {
        let found = self.town.read(|world| {
            let guild = self.guild.and_then(|id| world.guilds.get(&id))?;
            guild.belongings.voice.contains_key(&self.user).then_some(guild.id)
        });
        found.unwrap_or_else(|| self.town.refuse(&format!("{} is in no voice channel", self.name())))
    }
}
