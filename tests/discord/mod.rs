//! The Discord room against scripted servers on this machine.
#![expect(clippy::unwrap_used, reason = "a test stops where something unexpected happens")]

// The gateway connection: outages, resumes, refusals.
mod gateway;
// The REST executor: limits, retries, errors, silence about secrets.
mod rest;
