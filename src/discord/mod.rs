//! Discord: what comes in over the gateway, what goes out over REST, and the way between Discord's JSON and the words
//! of the house.
//!
//! The only room that knows Discord's formats. What is made of an Observation is decided elsewhere.

pub mod address;
mod backoff;
pub mod convert;
pub mod frame;
pub mod gateway;
pub mod interactions;
mod lenient;
pub mod rest;
pub mod world;

/// Makes ring the process's TLS provider. Called first thing in `main`; a second call changes nothing.
pub fn install_tls_provider() {
    // An error means that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
