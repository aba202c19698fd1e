//! Chaperone supervises school-sanctioned Discord servers: it flags and records; people decide.
//!
//! # Code tour
//!
//! Start with [`domain`], the words of the house. `ARCHITECTURE.md` draws the rooms, the direction in which they may
//! name each other, and one message's way through them.

pub mod app;
pub mod cli;
pub mod config;
pub mod detection;
pub mod discord;
pub mod domain;
pub mod export;
pub mod ops;
pub mod patterns;
pub mod policy;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod storage;
pub mod vault;
