//! Stories of the world, told in frames.
