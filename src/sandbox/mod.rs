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
//! - One application. Text channels, categories, threads and DMs; no voice, forums, webhooks, emoji, invites or
//!   automatic moderation.
//! - Nothing is compressed: `compress` in IDENTIFY and in the address is ignored.
//! - No uploads: a body must be JSON. No signed file addresses.
//! - Limits are per route and generous (a thousand calls a second); there is no global limit, none for IDENTIFY, and
//!   none for frames of the bot. Heartbeats are answered but not demanded.
//! - Interactions may be answered late, unless [`Sandbox::insists_on_deadline`] says not.
//! - A session can be resumed however long its connection is gone, and all that it missed is kept.
//! - Role positions and hierarchy do not bind anybody, and people's edits of servers ask for no permission.
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
mod refusal;
mod rest;
pub mod scenario;
mod server;
mod shared;
mod world;

pub use actors::{Actor, Asked, Guild, GuildBuilder, MemberBuilder, Modal, ModalField, Reply, Shown};
pub use faults::RestFault;
pub use server::Sandbox;
pub use world::permissions::bits as permissions;
pub use world::{Message, Said, SeenRequest, World, WorldEvent};
