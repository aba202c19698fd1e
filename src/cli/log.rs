//! `chaperone log`: whether the incident log is as it was written.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;

use crate::storage::{self, LogVerdict, OpenOptions};

/// What can be asked of the log.
#[derive(Debug, clap::Subcommand)]
pub enum LogCommand {
    /// Reads the whole log and all evidence again, and says what was changed, lost or cannot be read.
    ///
    /// Ends with 0 when everything fits, 1 when something does not, 2 when it cannot be read at all.
    Verify {
        /// Print one JSON object instead of sentences.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command on the database that `options` name; its answer goes to `out`, also that the log cannot be read.
///
/// An error means that the answer itself could not be written.
pub async fn run(
    command: LogCommand,
    options: &OpenOptions,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let LogCommand::Verify { json } = command;
    match verify(options).await {
        Ok(verdict) => {
            let written = if json { write_json(out, &verdict) } else { write_sentences(out, &verdict) };
            written.context("the answer cannot be written")?;
            Ok(if verdict.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
        Err(why) => {
            write_failure(out, &why, json).context("the answer cannot be written")?;
            Ok(ExitCode::from(2))
        }
    }
}

async fn verify(options: &OpenOptions) -> storage::Result<LogVerdict> {
    let storage = storage::open(options).await?;
    let verdict = storage.verify_log(&|_| {}).await;
    storage.close_down().await;
    verdict
}

fn write_sentences(out: &mut dyn Write, verdict: &LogVerdict) -> std::io::Result<()> {
    for problem in &verdict.problems {
        writeln!(out, "{problem}")?;
    }
    let read = format!(
        "Read {} in {} and {}",
        counted(verdict.entries, "log entry", "log entries"),
        counted(verdict.chains, "chain", "chains"),
        counted(verdict.evidence, "piece of evidence", "pieces of evidence"),
    );
    let count = verdict.problems.len() as u64;
    if count == 0 {
        let limit = "What was cut off the end cannot be noticed by this alone: compare the number of entries with an earlier answer that you kept elsewhere.";
        writeln!(out, "{read}: everything fits. {limit}")
    } else {
        let count = counted(count, "thing does not fit", "things do not fit");
        writeln!(out, "{read}: {count}. Keep the files as they are and compare them with a backup.")
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn write_json(out: &mut dyn Write, verdict: &LogVerdict) -> std::io::Result<()> {
    let LogVerdict { chains, entries, evidence, problems } = verdict;
    let fits = problems.is_empty();
    let answer = serde_json::json!({
        "fits": fits, "chains": chains, "entries": entries, "evidence": evidence, "problems": problems
    });
    writeln!(out, "{answer}")
}

fn write_failure(out: &mut dyn Write, why: &storage::StorageError, json: bool) -> std::io::Result<()> {
    let mut sentence = why.to_string();
    let mut source = std::error::Error::source(why);
    while let Some(deeper) = source {
        sentence = format!("{sentence}: {deeper}");
        source = deeper.source();
    }
    if json {
        writeln!(out, "{}", serde_json::json!({ "error": sentence }))
    } else {
        writeln!(out, "The log cannot be read: {sentence}.")
    }
}
