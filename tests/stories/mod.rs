//! Stories: people in a school's server, and Chaperone on its production path against the sandbox Discord.
//!
//! Nothing here sleeps: verbs and expectations wait on events.

mod access;
mod alerts;
mod detection;
mod group;
mod outage;
mod review;
mod school;
mod server;

use school::School;
