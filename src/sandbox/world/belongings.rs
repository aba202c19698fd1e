//! What belongs to a guild besides roles, members and channels: bans, voice states, the audit log, and things that
//! are kept as the JSON objects that Discord shows (emoji, webhooks, rules, invites and so on).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::audit::Entry;
use super::json::merge;
use super::permissions::{base, bits};
use super::sessions::intents;
use super::voice::Voice;
use super::{Snowflake, World};

/// Where a guild keeps things of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shelf {
    Emojis,
    Stickers,
    Events,
    Rules,
    Webhooks,
    Integrations,
    Stages,
    Invites,
}

impl Shelf {
    /// The first of the three audit log actions: made; changed and removed follow it.
    const fn first_action(self) -> u64 {
        match self {
            Self::Invites => 40,
            Self::Webhooks => 50,
            Self::Emojis => 60,
            Self::Integrations => 80,
            Self::Stages => 83,
            Self::Stickers => 90,
            Self::Events => 100,
            Self::Rules => 140,
        }
    }
}

/// What happened to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Made,
    Changed,
    Removed,
}

/// What belongs to a guild.
#[derive(Debug, Default)]
pub(crate) struct Belongings {
    shelves: BTreeMap<Shelf, BTreeMap<Snowflake, Value>>,
    /// The banned, with the reasons.
    pub(crate) bans: BTreeMap<Snowflake, Option<String>>,
    /// Who is in a voice or stage channel.
    pub(crate) voice: BTreeMap<Snowflake, Voice>,
    /// The audit log, oldest first.
    pub(crate) log: Vec<Entry>,
    /// `incidents_data`, null while nothing is locked.
    pub(crate) incidents: Value,
}

impl Belongings {
    /// Everything on a which, in the order in which it was made.
    pub(crate) fn all(&self, which: Shelf) -> Vec<&Value> {
        self.shelves.get(&which).into_iter().flat_map(BTreeMap::values).collect()
    }

    /// One thing.
    pub(crate) fn one(&self, which: Shelf, id: Snowflake) -> Option<&Value> {
        self.shelves.get(&which)?.get(&id)
    }

    /// The first thing of which `is_it` says yes, with its place.
    pub(crate) fn find(&self, which: Shelf, is_it: impl Fn(&Value) -> bool) -> Option<(Snowflake, &Value)> {
        self.shelves.get(&which)?.iter().find(|(_, thing)| is_it(thing)).map(|(id, thing)| (*id, thing))
    }
}

impl World {
    /// Puts a new thing on a which of a guild, and returns the place. `fields` may say the `id`.
    pub(crate) fn make_thing(&mut self, guild: Snowflake, which: Shelf, mut fields: Value) -> Snowflake {
        let id = Snowflake::from_json(&fields["id"]).unwrap_or_else(|| self.next_id());
        if which != Shelf::Invites {
            merge(&mut fields, json!({"id": id}));
        }
        if let Some(place) = self.guilds.get_mut(&guild) {
            place.belongings.shelves.entry(which).or_default().insert(id, fields.clone());
        }
        self.tell_of_thing(guild, which, Fate::Made, &fields);
        let action = which.first_action();
        self.note(guild, Entry::of(action, Some(id)).with_new(&fields));
        id
    }

    /// Changes fields of a thing; nothing happens when there is none.
    pub(crate) fn change_thing(&mut self, guild: Snowflake, which: Shelf, id: Snowflake, fields: Value) {
        let place = self.guilds.get_mut(&guild);
        let Some(thing) = place.and_then(|guild| guild.belongings.shelves.get_mut(&which)?.get_mut(&id))
        else {
            return;
        };
        let before = thing.clone();
        merge(thing, fields);
        let after = thing.clone();
        self.tell_of_thing(guild, which, Fate::Changed, &after);
        self.note(guild, Entry::of(which.first_action() + 1, Some(id)).with_changes(&before, &after));
    }

    /// Takes a thing off its which; nothing happens when there is none.
    pub(crate) fn remove_thing(&mut self, guild: Snowflake, which: Shelf, id: Snowflake) {
        let place = self.guilds.get_mut(&guild);
        let Some(thing) = place.and_then(|guild| guild.belongings.shelves.get_mut(&which)?.remove(&id))
        else {
            return;
        };
        self.tell_of_thing(guild, which, Fate::Removed, &thing);
        self.note(guild, Entry::of(which.first_action() + 2, Some(id)).with_old(&thing));
    }

    /// What the bot may do in a guild as a whole; nothing where it is not.
    pub(crate) fn bot_base(&self, guild: Snowflake) -> u64 {
        self.base_of(guild, self.application.bot)
    }

    /// What somebody may do in a guild as a whole; nothing where they are not.
    pub(crate) fn base_of(&self, guild: Snowflake, user: Snowflake) -> u64 {
        let place = self.guilds.get(&guild);
        place.and_then(|guild| Some(base(guild, guild.members.get(&user)?))).unwrap_or(0)
    }

    fn tell_of_thing(&mut self, guild: Snowflake, which: Shelf, fate: Fate, thing: &Value) {
        let word = match fate {
            Fate::Made => "CREATE",
            Fate::Changed => "UPDATE",
            Fate::Removed => "DELETE",
        };
        let all = |which| {
            let place = self.guilds.get(&guild);
            json!(place.map(|guild| guild.belongings.all(which)).unwrap_or_default())
        };
        let (name, intent, data) = match which {
            Shelf::Emojis => (
                "GUILD_EMOJIS_UPDATE".to_owned(),
                intents::GUILD_EXPRESSIONS,
                json!({"guild_id": guild, "emojis": all(which)}),
            ),
            Shelf::Stickers => (
                "GUILD_STICKERS_UPDATE".to_owned(),
                intents::GUILD_EXPRESSIONS,
                json!({"guild_id": guild, "stickers": all(which)}),
            ),
            Shelf::Webhooks => (
                "WEBHOOKS_UPDATE".to_owned(),
                intents::GUILD_WEBHOOKS,
                json!({"guild_id": guild, "channel_id": thing["channel_id"]}),
            ),
            Shelf::Events => {
                (format!("GUILD_SCHEDULED_EVENT_{word}"), intents::GUILD_SCHEDULED_EVENTS, thing.clone())
            }
            Shelf::Stages => (format!("STAGE_INSTANCE_{word}"), intents::GUILDS, thing.clone()),
            Shelf::Rules => {
                if self.bot_base(guild) & bits::MANAGE_GUILD == 0 {
                    return;
                }
                let name = format!("AUTO_MODERATION_RULE_{word}");
                (name, intents::AUTO_MODERATION_CONFIGURATION, thing.clone())
            }
            Shelf::Integrations => {
                self.tell_of_integration(guild, word, fate, thing);
                return;
            }
            Shelf::Invites => {
                self.tell_of_invite(guild, word, fate, thing);
                return;
            }
        };
        self.dispatch(&name, intent, Some(guild), &data);
    }

    fn tell_of_integration(&mut self, guild: Snowflake, word: &str, fate: Fate, thing: &Value) {
        let mut data = thing.clone();
        data["guild_id"] = json!(guild);
        if fate == Fate::Removed {
            data = json!({"id": thing["id"], "guild_id": guild});
        }
        let intent = intents::GUILD_INTEGRATIONS;
        self.dispatch("GUILD_INTEGRATIONS_UPDATE", intent, Some(guild), &json!({"guild_id": guild}));
        self.dispatch(&format!("INTEGRATION_{word}"), intent, Some(guild), &data);
    }

    /// Only who may manage the channel is told of its invites.
    fn tell_of_invite(&mut self, guild: Snowflake, word: &str, fate: Fate, invite: &Value) {
        let channel = Snowflake::from_json(&invite["channel"]["id"]).and_then(|id| self.channels.get(&id));
        let told =
            channel.is_some_and(|channel| self.may(self.application.bot, channel, bits::MANAGE_CHANNELS));
        if !told || fate == Fate::Changed {
            return;
        }
        let mut data = json!({
            "guild_id": guild, "channel_id": invite["channel"]["id"], "code": invite["code"],
        });
        if fate == Fate::Made {
            let fields =
                ["created_at", "inviter", "max_age", "max_uses", "temporary", "uses", "type", "expires_at"];
            for field in fields {
                data[field] = invite[field].clone();
            }
        }
        self.dispatch(&format!("INVITE_{word}"), intents::GUILD_INVITES, Some(guild), &data);
    }
}
