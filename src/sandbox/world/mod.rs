//! The state of the world: everything that exists in the box, what a bot may see of it, and how it changes.
//!
//! Nothing here knows HTTP or web sockets: `rest` and `gateway` read and change this state, `actors` tell
//! stories in it.

pub(crate) mod audit;
pub(crate) mod automod;
pub(crate) mod belongings;
mod channels;
mod forwards;
mod guilds;
mod happening;
pub(crate) mod interactions;
pub(crate) mod json;
pub(crate) mod kinds;
mod look;
mod messages;
pub(crate) mod permissions;
pub(crate) mod polls;
pub(crate) mod sessions;
mod snowflake;
pub(crate) mod starts;
pub(crate) mod state;
pub(crate) mod voice;
pub(crate) mod webhooks;

use std::collections::BTreeMap;

pub use happening::WorldEvent;
pub(crate) use look::button_ids;
pub use look::{Message, Said, SeenRequest};
pub(crate) use messages::Draft;
pub(crate) use snowflake::Snowflake;

use self::interactions::Interaction;
use self::sessions::Session;
use self::snowflake::Snowflakes;
use self::state::{Application, Channel, Guild, User};
use super::clock::Clock;
use super::faults::Faults;

/// Everything that exists. Expectations are given it to look at; see
/// [`Sandbox::wait_until`](super::Sandbox::wait_until).
pub struct World {
    pub(crate) clock: Clock,
    snowflakes: Snowflakes,
    pub(crate) application: Application,
    /// Where the gateway is: `ws://127.0.0.1:PORT`.
    pub(crate) gateway_url: String,
    pub(crate) users: BTreeMap<Snowflake, User>,
    pub(crate) guilds: BTreeMap<Snowflake, Guild>,
    pub(crate) channels: BTreeMap<Snowflake, Channel>,
    /// Messages by channel and id, so that a channel's are next to each other and in order.
    pub(crate) messages: BTreeMap<(Snowflake, Snowflake), state::Message>,
    pub(crate) interactions: BTreeMap<Snowflake, Interaction>,
    /// Gateway sessions in the order in which they began.
    pub(crate) sessions: Vec<Session>,
    pub(crate) requests: Vec<SeenRequest>,
    pub(crate) starts: starts::Starts,
    pub(crate) faults: Faults,
    /// The rate-limit windows of REST buckets: when each began, and how many calls it has seen.
    pub(crate) buckets: BTreeMap<String, (u64, u64)>,
    /// What happened since the lock was taken; `shared` tells it to those who watch.
    pub(crate) happenings: Vec<WorldEvent>,
    /// Who does what is being done, and why they say so; nobody means the guild's owner.
    pub(crate) hand: Option<audit::Hand>,
}

impl World {
    /// A world with one application and its bot, and nobody else.
    pub(crate) fn new(gateway_url: String) -> Self {
        let clock = Clock::default();
        let mut snowflakes = Snowflakes::default();
        let id = snowflakes.next(clock.now_ms());
        let name = "Chaperone".to_owned();
        let bot = User { id, name: name.clone(), bot: true, locale: "en-US".to_owned(), refuses_dms: false };
        Self {
            clock,
            snowflakes,
            gateway_url,
            application: Application {
                id,
                name,
                bot: id,
                token: token(id),
                privileged: sessions::intents::GUILD_MEMBERS | sessions::intents::MESSAGE_CONTENT,
                commands: Vec::new(),
            },
            users: BTreeMap::from([(id, bot)]),
            guilds: BTreeMap::new(),
            channels: BTreeMap::new(),
            messages: BTreeMap::new(),
            interactions: BTreeMap::new(),
            sessions: Vec::new(),
            requests: Vec::new(),
            starts: starts::Starts::default(),
            faults: Faults::default(),
            buckets: BTreeMap::new(),
            happenings: Vec::new(),
            hand: None,
        }
    }

    /// A new id, later than all before it.
    pub(crate) fn next_id(&mut self) -> Snowflake {
        self.snowflakes.next(self.clock.now_ms())
    }

    /// Gives the bot another token, which ends all its sessions.
    pub(crate) fn reset_token(&mut self) {
        let id = self.next_id();
        self.application.token = token(id);
        self.faults.drops += 1;
        self.faults.close_code = Some(4004);
        self.sessions.iter_mut().for_each(|session| session.resumable = false);
    }

    /// Whether the bot may see a channel.
    pub(crate) fn bot_sees(&self, channel: &Channel) -> bool {
        self.sees(self.application.bot, channel)
    }

    /// An account by its name.
    pub(crate) fn user_named(&self, name: &str) -> Option<Snowflake> {
        self.users.values().find(|user| user.name == name).map(|user| user.id)
    }

    /// An account's name.
    pub(crate) fn name_of(&self, user: Snowflake) -> String {
        self.users.get(&user).map(|user| user.name.clone()).unwrap_or_default()
    }

    /// The account of this name, made when there is none.
    pub(crate) fn user(&mut self, name: &str) -> Snowflake {
        self.user_named(name).unwrap_or_else(|| {
            let id = self.next_id();
            let locale = "en-US".to_owned();
            self.users.insert(id, User { id, name: name.to_owned(), bot: false, locale, refuses_dms: false });
            id
        })
    }

    /// The channel or thread of a guild with this name, with or without `#`, or with this id; the newest, should there
    /// be several.
    pub(crate) fn channel_named(&self, guild: Snowflake, name: &str) -> Option<&Channel> {
        let name = name.trim_start_matches('#');
        let is_it = |channel: &Channel| channel.name == name || channel.id.to_string() == name;
        self.channels.values().rfind(|channel| channel.guild == Some(guild) && is_it(channel))
    }
}

/// A key in the shape that Discord's have: the bot's id, a moment and a signature, here a fixed one.
fn token(id: Snowflake) -> String {
    use base64::Engine as _;
    let id = base64::engine::general_purpose::STANDARD_NO_PAD.encode(id.to_string());
    format!("{id}.GsAnDb.{}", "in-a-box-all-keys-are-alike-0123456789")
}
