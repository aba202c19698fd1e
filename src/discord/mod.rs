//! Discord: what comes in over the gateway, what goes out over REST, and the way between Discord's JSON and the words
//! of the house.
//!
//! The only room that knows Discord's formats. What is made of an Observation is decided elsewhere.

pub mod address;
mod backoff;
mod bot;
mod commands;
pub mod convert;
pub mod frame;
pub mod gateway;
pub mod interactions;
mod lanes;
mod lenient;
mod messenger;
mod notices;
mod page;
mod progress;
mod read_back;
pub mod rest;
mod roster;
mod shared_world;
mod words;
pub mod world;

pub use bot::{BotError, BotOptions, RunningBot, start};
pub use progress::Progress;

/// Makes ring the process's TLS provider. Called first thing in `main`; a second call changes nothing.
pub fn install_tls_provider() {
    // An error means that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
