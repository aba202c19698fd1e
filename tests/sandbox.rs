//! Discord in a box behaves as Discord does: seen by a raw HTTP and web socket client, by the transport and the
//! models that the bot uses, and by the people in it.

mod client;
mod gateway;
mod interactions;
mod models;
mod people;
mod permissions;
mod rest;
