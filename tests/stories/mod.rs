//! Stories: people in a school's server, and Chaperone on its production path against the sandbox Discord.
//!
//! Nothing here sleeps: verbs and expectations wait on events.

mod access;
mod alerts;
mod detection;
mod exports;
mod group;
mod killed;
mod outage;
pub(crate) mod program;
mod review;
pub(crate) mod school;
mod server;
mod start;

pub(crate) use school::School;
