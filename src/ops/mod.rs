//! Running Chaperone: what it says about its own work. Health and metrics join it here.

mod panics;
mod telemetry;

pub use panics::keep_panics_discreet;
pub use telemetry::{LogFormat, log_lines, start_telemetry};
