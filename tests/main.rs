//! The one test binary.

// The dependency law, the file headers and the sizes of the rooms.
mod architecture;

// Throw-away PostgreSQL servers, for the tests that want one.
mod postgres_server;
// What storage promises, notices, says when it cannot go on, and hides.
mod storage;
// Discord in a box: that it behaves as Discord does, seen by raw clients and by the models the bot uses.
mod sandbox;
// The Discord room against scripted servers.
mod discord;
// Rules against their examples, broken rule files, and what scanning promises on any text.
mod corpus;
// Exports of past messages: reading them, and scanning them into the log.
mod scan;
// People in a school's server, and Chaperone on its production path against the sandbox Discord.
mod stories;
// Documents that are made from the code.
mod documents;
// `chaperone sandbox`, the built binary: what it prints, as JSON and for people, and what it refuses.
mod sandbox_command;
// The canary: no word, name, token or key leaves through logs, errors or files.
mod privacy;
// The requests of a whole run against Discord's own description of them.
mod openapi;
// Bots of other libraries at the box.
mod foreign;
