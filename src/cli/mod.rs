//! The commands of the command line. What they do is done by the rooms below; here it is asked for and worded.

pub mod log;
//! The command line: each command is one file.

pub mod rules;
