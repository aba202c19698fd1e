//! Discord in a box behaves as Discord does: seen by a raw HTTP and web socket client, by the transport and the
//! models that the bot uses, and by the people in it.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the right answer to what cannot be")]

mod client;
mod control;
mod gateway;
mod interactions;
mod models;
mod page;
mod people;
mod permissions;
mod rest;
mod world_only;
