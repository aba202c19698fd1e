//! People with power in a story: kicks, bans, timeouts and roles, in their own name and with a reason.

use std::time::Duration;

use serde_json::Value;

use super::{Actor, Guild};
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::{Snowflake, World};

impl Guild {
    /// Puts a role at a place, counted from 1 just above `@everyone`; the others move aside.
    pub fn places_role(&self, role: &str, position: u64) {
        let role = self.role(role);
        self.town.change(|world| world.place_role(self.id, role, position));
    }

    /// The names of the banned.
    pub fn banned(&self) -> Vec<String> {
        self.town.read(|world| {
            let bans = world.guilds.get(&self.id).map(|guild| &guild.belongings.bans);
            bans.into_iter().flatten().map(|(user, _)| world.name_of(*user)).collect()
        })
    }

    /// The audit log as Discord shows it, newest first.
    pub fn audit_log(&self) -> Vec<Value> {
        self.town
            .read(|world| world.audit_log(self.id).map(super::super::world::audit::Entry::json).collect())
    }

    /// What the guild has locked: `incidents_data`, null when nothing is.
    pub fn incidents(&self) -> Value {
        self.town.read(|world| {
            world.guilds.get(&self.id).map(|guild| guild.belongings.incidents.clone()).unwrap_or_default()
        })
    }
}

impl Actor {
    /// Throws somebody out, with a reason.
    pub fn kicks(&self, other: &Self, reason: &str) {
        self.against(other, bits::KICK_MEMBERS, reason, |world, guild| world.kick(guild, other.user));
    }

    /// Bans somebody, with a reason.
    pub fn bans(&self, other: &Self, reason: &str) {
        self.against(other, bits::BAN_MEMBERS, reason, |world, guild| world.ban(guild, other.user));
    }

    /// Lifts somebody's ban.
    pub fn unbans(&self, other: &Self) {
        self.against(other, bits::BAN_MEMBERS, "", |world, guild| {
            world.unban(guild, other.user);
        });
    }

    /// Times somebody out for a while, with a reason.
    pub fn times_out(&self, other: &Self, how_long: Duration, reason: &str) {
        let millis = u64::try_from(how_long.as_millis()).unwrap_or(u64::MAX);
        self.against(other, bits::MODERATE_MEMBERS, reason, |world, guild| {
            let until = world.clock.now_ms().saturating_add(millis);
            world.change_member(guild, other.user, |member| member.timed_out_until_ms = Some(until));
        });
    }

    /// Takes somebody out of their voice channel.
    pub fn disconnects(&self, other: &Self) {
        self.against(other, bits::MOVE_MEMBERS, "", |world, guild| {
            world.move_in_voice(guild, other.user, None);
        });
    }

    fn against(&self, other: &Self, wanted: u64, reason: &str, deed: impl FnOnce(&mut World, Snowflake)) {
        let Some(guild) = self.guild else { self.town.refuse("they are in no guild") };
        let may = self.town.read(|world| {
            world.base_of(guild, self.user) & wanted != 0
                && world.rank(guild, self.user) > world.rank(guild, other.user)
        });
        if !may {
            self.town.refuse(&format!("{} has no such power over {}", self.name(), other.name()));
        }
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        self.town.change(|world| world.by(self.user, reason, |world| deed(world, guild)));
    }
}
