//! Stories of frames and what they mean.
