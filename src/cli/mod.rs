//! The command line: each command is one file.

pub mod rules;
