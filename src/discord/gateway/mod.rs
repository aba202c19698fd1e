//! The gateway: frames in shard order, behind a trait so that tests can play a script instead.
//!
//! What is in a frame is read in `convert` and `world`, not here.

mod fatal;
mod members;
mod twilight;

use async_trait::async_trait;
use secrecy::SecretString;
use twilight_gateway::Intents;

use crate::discord::address::GatewayUrl;
use crate::discord::frame::RawFrame;
use crate::discord::rest::SessionStartLimit;
use crate::domain::GroupId;

pub use fatal::FatalClose;
pub use twilight::TwilightConnection;

/// What comes from a gateway connection, in the order in which Discord sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// A frame, dispatch or not.
    Frame(RawFrame),
    /// The connection is lost; it is being rebuilt. Sent once for each outage.
    Disconnected,
    /// Discord refuses this bot; nothing comes after it.
    Fatal(FatalClose),
}

/// A connection to the gateway that keeps itself alive.
#[async_trait]
pub trait Connection: Send {
    /// The next signal; none after [`Signal::Fatal`] or [`Connection::close`], however often it is asked.
    ///
    /// May be dropped before it is ready without losing a frame.
    async fn next(&mut self) -> Option<Signal>;

    /// Asks for all members of a Group; they come as frames. Asked again by itself when an outage cut the answer off.
    fn request_members(&self, group: GroupId);

    /// Says goodbye and ends the session.
    async fn close(&mut self);
}

/// How to reach the gateway.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Where the gateway is.
    pub url: GatewayUrl,
    /// The bot's token, without `Bot ` before it.
    pub token: SecretString,
    /// What Discord is asked to send.
    pub intents: Intents,
    /// This connection's number, from zero, and how many there are.
    pub shard: (u32, u32),
    /// How many sessions may be started, as [`crate::discord::rest::Rest::gateway_bot`] tells; none takes Discord's usual
    /// limits. With a concurrency of 0 there is no wait between two of them.
    pub session_start_limit: Option<SessionStartLimit>,
    /// Where the jitter of the waits between tries starts.
    pub jitter_seed: u64,
}

/// What Chaperone needs to be told; never presences.
pub fn intents() -> Intents {
    Intents::GUILDS
        | Intents::GUILD_MEMBERS
        | Intents::GUILD_MODERATION
        | Intents::GUILD_EMOJIS_AND_STICKERS
        | Intents::GUILD_INTEGRATIONS
        | Intents::GUILD_WEBHOOKS
        | Intents::GUILD_VOICE_STATES
        | Intents::GUILD_MESSAGES
        | Intents::DIRECT_MESSAGES
        | Intents::MESSAGE_CONTENT
        | Intents::GUILD_SCHEDULED_EVENTS
        | Intents::AUTO_MODERATION_CONFIGURATION
        | Intents::AUTO_MODERATION_EXECUTION
        | Intents::GUILD_MESSAGE_POLLS
}
