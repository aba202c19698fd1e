//! The one test binary.

// The dependency law, the file headers and the sizes of the rooms.
mod architecture;
// The Discord room against scripted servers.
mod discord;
