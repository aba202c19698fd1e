//! What storage promises, on every engine there is; what it notices when somebody tampers; what it says when it
//! cannot go on; and that no word of a member is readable on the disk.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its helpers too")]

// A place to open storage in, and the values the tests put into it.
mod place;
mod values;

// The trait's promises, once for all engines.
mod contract;
// Alerts: queued once, sent again, settled once.
mod outbox;
// What `log verify` notices.
mod tampering;
// Migrations over rows of every earlier schema.
mod migrations;
// What opening and writing say when something is wrong.
mod failures;
// What a server that is not there, refuses, or cuts the connection leads to.
mod server;
// Nothing readable on the disk.
mod canary;
// What `chaperone log verify` says about all that.
mod log_command;
// What is left after a kill.
mod crash;
// Whatever happens, in whatever order.
mod model;
