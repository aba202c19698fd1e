//! Reads a file on a thread of its own, a few batches ahead of the scan.

use std::fs::File;
use std::io;
use std::sync::Arc;

use futures_util::Stream;
use futures_util::stream::unfold;
use indicatif::ProgressBar;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::app::ExportedMessage;
use crate::export::{ExportError, ExportFile, ExportReader, Forward, RoleNames};

/// Messages handed over at once, and how many such batches wait at most.
const BATCH: usize = 256;
const WAITING: usize = 4;
/// How many problems of one file are kept to be told; the rest is counted.
const MOST_PROBLEMS: usize = 20;

/// How reading a file ended.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Messages that could not be read.
    pub(super) skipped: u64,
    /// What was wrong, the first few.
    pub(super) problems: Vec<ExportError>,
    /// Why the file could not be opened.
    pub(super) unopened: Option<io::Error>,
}

/// Starts reading: a stream of batches, and how it ended. Dropping the stream ends the reading.
pub(super) fn start(
    file: &ExportFile,
    role_names: Arc<RoleNames>,
    bar: ProgressBar,
) -> (impl Stream<Item = Vec<ExportedMessage>> + Unpin + use<>, JoinHandle<Reading>) {
    let (batches, waiting) = mpsc::channel(WAITING);
    let path = file.path.clone();
    let reading = tokio::task::spawn_blocking(move || match File::open(path) {
        Ok(file) => read(ExportReader::new(bar.wrap_read(file), role_names), &batches),
        Err(error) => Reading { unopened: Some(error), ..Reading::default() },
    });
    let stream = unfold(waiting, |mut waiting| async move { Some((waiting.recv().await?, waiting)) });
    (Box::pin(stream), reading)
}

fn read<R: io::Read>(messages: ExportReader<R>, batches: &mpsc::Sender<Vec<ExportedMessage>>) -> Reading {
    let mut reading = Reading::default();
    let mut batch = Vec::with_capacity(BATCH);
    for message in Forward::new(messages) {
        match message {
            Ok(message) => batch.push(message),
            Err(error) => {
                reading.skipped += u64::from(error.goes_on());
                // Where reading ends is told whatever came before.
                if reading.problems.len() < MOST_PROBLEMS || !error.goes_on() {
                    reading.problems.push(error);
                }
            }
        }
        if batch.len() == BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            if batches.blocking_send(full).is_err() {
                return reading;
            }
        }
    }
    // Nobody listens any more where the scan was stopped.
    drop(batches.blocking_send(batch));
    reading
}
