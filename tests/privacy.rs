//! The canary: a text, a name, tokens and the key are driven through every path with logging at its most verbose, and
//! none of them is found in what the program says, in errors, or in the bytes of its files.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its helpers too")]

// What is looked for, in every disguise; and that the search finds it.
mod search;

// Every path that a member's words can take.
mod paths;

// The program at work, its standard error and its data directory.
mod program;
// The bot in this process, beside a layer that hears everything.
mod in_process;
// Errors, and all that they were caused by.
mod errors;
// Panics.
mod panics;
