//! Discord in a box: a world of guilds and people that speaks Discord's REST v10 and Gateway v10 over
//! loopback.
//!
//! The production bot connects to it as it would to Discord, and cannot tell. Three layers: `world` is the
//! state of the world and its rules; `rest` and `gateway` are Discord's two doors into it; `actors` are the
//! people and servers that stories are told with; `scenario` reads such stories from files; `control` lets programs in
//! any language tell them, and a page look on. The box computes permissions with its own code, so that it
//! can disagree with the bot. It keeps nothing on disk and listens on loopback only.
//!
//! # Where it differs from Discord
//!
//! - One application. No soundboard, onboarding, templates, reactions, pins, or followers of announcements; no
//!   uploads of emoji and stickers by the bot.
//! - Threads write no system messages into their parents, and archive only when somebody archives them. Opening a
//!   thread is not refused for too many tags or for a forum that requires one.
//! - `AutoMod` knows keywords with wildcards and allow-lists, and mention limits; regular expressions, word lists, spam
//!   and profiles are kept in rules and match nothing, raids are not detected, and members are never blocked from
//!   interacting. Who manages the server is exempt.
//! - Polls stay open until they are closed, and close without a message about their results.
//! - Invites and scheduled events do not come to their ends by themselves, and nobody subscribes to events. DM locks
//!   show in `incidents_data` and keep nobody from writing.
//! - Voice is states only: there is no voice server, and who is connected to a channel sees it only if its permissions
//!   say so.
//! - The audit log names the owner for what a guild changes in a story without saying who did it, and counts deletions
//!   of five minutes as one entry, where Discord does not say how long.
//! - Of the compressed transports `zlib-stream` and `compress` in IDENTIFY, not `zstd-stream`; JSON, not ETF.
//! - No uploads: a body must be JSON. No signed file addresses.
//! - Limits are per route and generous (a thousand calls a second). The limit over all routes, the pace of session
//!   starts, the demand for heartbeats, the life of a session and the limit of requests for members are switches
//!   that are off at first. There is none for frames of the bot.
//! - Only one request for all members in thirty seconds is limited; without the intent it is passed over in silence.
//! - Interactions may be answered late, unless [`Sandbox::insists_on_deadline`] says not.
//! - Role positions bind the bot, and people where they moderate; what guilds change in stories asks for no permission.
//! - All that a session missed is kept, and it can be resumed for ever unless [`Sandbox::forgets_sessions_after`]
//!   says not.
//! - No DMs between people and no user-installed applications in them.
//!
//! ```no_run
//! # async fn story() {
//! use chaperone::sandbox::{Sandbox, permissions};
//!
//! let town = Sandbox::start().await;
//! let school = town.guild("Science Club").role("Staff",
//! permissions::MANAGE_MESSAGES).channel("#general").build(); let student = school.member("Ava").join(); let
//! said = student.says("#general", "see you at the lab"); student.edits(said, "see you at the lab at noon");
//! // A bot that is given `town.base()` and `town.token()` sees both.
//! # }
//! ```

mod actors;
mod clock;
mod control;
mod faults;
mod gateway;
mod pressure;
mod recorder;
mod refusal;
mod rest;
pub mod scenario;
mod server;
mod shared;
mod wire;
mod world;

pub use actors::{
    Actor, Asked, Guild, GuildBuilder, MemberBuilder, Modal, ModalField, Reply, Shown, Webhook,
};
pub use faults::RestFault;
pub use server::Sandbox;
pub use world::permissions::bits as permissions;
pub use world::{Message, Said, SeenRequest, World, WorldEvent};
