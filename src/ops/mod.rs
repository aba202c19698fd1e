//! Running Chaperone: what it says about its own work. Health and metrics join it here.

mod telemetry;

pub use telemetry::{LogFormat, start_telemetry};
