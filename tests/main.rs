//! The one test binary.

// The dependency law, the file headers and the sizes of the rooms.
mod architecture;
// Discord in a box: that it behaves as Discord does, seen by raw clients and by the models the bot uses.
mod sandbox;
