//! Discord in a box behaves as Discord does: seen by a raw HTTP and web socket client, by the transport and the
//! models that the bot uses, and by the people in it.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the right answer to what cannot be")]

mod audit;
mod automod;
mod client;
mod control;
mod fittings;
mod gateway;
mod interactions;
mod members;
mod models;
mod page;
mod people;
mod permissions;
mod pressure;
mod rest;
mod rooms;
mod threads;
mod voice;
mod world_only;
mod writing;
