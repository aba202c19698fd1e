//! The one test binary.

// The dependency law, the file headers and the sizes of the rooms.
mod architecture;
// Rules against their examples, broken rule files, and what scanning promises on any text.
mod corpus;
