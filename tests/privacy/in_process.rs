//! The bot in this process, watched by the production log lines and by a layer that nothing is kept from.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use chaperone::ops::{LogFormat, log_lines};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use super::paths::walk_all;
use super::search::Search;
use crate::stories::School;

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Kept {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// One thread, so that the layers hear everything that the bot does and nothing of other tests.
#[tokio::test(flavor = "current_thread")]
async fn the_libraries_tell_the_canary_and_the_production_log_lines_do_not() {
    let (text, json, everything) = (Kept::default(), Kept::default(), Kept::default());
    let layers = tracing_subscriber::registry()
        .with(log_lines(LevelFilter::TRACE, LogFormat::Text, text.clone()))
        .with(log_lines(LevelFilter::TRACE, LogFormat::Json, json.clone()))
        .with(fmt::layer().with_ansi(false).with_writer(everything.clone()));
    let _listening = tracing::subscriber::set_default(layers);
    let mut school = School::without_bot().await;
    school.starts().await;
    walk_all(&school).await;
    school.stops().await;
    tracing::info!(target: "chaperone::control", control = 7, "a line of Chaperone's own");

    let search = Search::for_all();
    for (what, lines) in [("text", text.text()), ("JSON", json.text())] {
        assert!(
            lines.contains("a line of Chaperone's own") && lines.contains("a notice was not sent"),
            "{lines}"
        );
        search.must_be_vain(what, &lines);
    }
    let found = search.in_bytes(everything.text().as_bytes()).join("; ");
    assert!(found.contains("text, plain"), "without the filter libraries tell the text, but here: {found}");
}
