//! Scanning exports: reading them whole, damaged and endless; and `chaperone scan` from the files to the log.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its helpers too")]

// Exports made for a test, and readers that behave badly.
mod exports;

// What is read from an export, and what is said where it cannot be read.
mod reading;
// `chaperone scan`: what it records, says and ends with.
mod command;
