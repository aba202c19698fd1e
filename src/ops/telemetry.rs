//! What Chaperone says about its own work, on standard error.
//!
//! Never what members write: texts are wrapped in types that do not print, and the libraries, whose habits are not
//! ours, are held to warnings whatever is asked for, and to silence where a warning would print an event.

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Libraries that print payloads in their warnings.
const SILENT: [&str; 3] = ["serenity", "twilight_gateway", "sqlx"];

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts writing log lines of Chaperone itself at `level` and above to standard error. A second call changes nothing.
pub fn start_telemetry(level: LevelFilter, format: LogFormat) {
    let started = tracing_subscriber::registry().with(log_lines(level, format, std::io::stderr)).try_init();
    // An error only means that it was started before.
    drop(started);
}

/// The layer that writes log lines of Chaperone itself at `level` and above.
pub fn log_lines<S, W>(level: LevelFilter, format: LogFormat, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let mut lines = fmt::layer().with_writer(writer);
    if !std::io::stderr().is_terminal() {
        // Colours are for eyes; in a file or a journal they are noise.
        lines = lines.with_ansi(false);
    }
    match format {
        LogFormat::Text => lines.with_filter(filter(level)).boxed(),
        LogFormat::Json => lines.json().with_filter(filter(level)).boxed(),
    }
}

/// Chaperone's own lines at `level`; the libraries' warnings; nothing of those that print payloads.
fn filter(level: LevelFilter) -> Targets {
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("chaperone", level)
        .with_targets(SILENT.map(|library| (library, LevelFilter::OFF)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn libraries_are_held_to_warnings_whatever_is_asked_for() {
        let filter = filter(LevelFilter::TRACE);
        assert!(filter.would_enable("chaperone::app", &Level::TRACE));
        assert!(filter.would_enable("reqwest", &Level::WARN));
        assert!(!filter.would_enable("reqwest", &Level::INFO));
        for silent in SILENT {
            assert!(!filter.would_enable(silent, &Level::ERROR), "{silent}");
        }
    }

    #[test]
    fn asking_for_less_gives_less_of_everything() {
        let filter = filter(LevelFilter::ERROR);
        assert!(!filter.would_enable("reqwest", &Level::WARN));
        assert!(!filter.would_enable("chaperone::app", &Level::WARN));
    }
}
