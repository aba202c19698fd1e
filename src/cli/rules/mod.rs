//! `chaperone rules`: check, list and try the rules. Nothing here touches cases, Discord or a database.

mod check;
mod explain;
mod list;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::domain::{ParseWordError, Standing};

/// Exit code: something was found, or rules are bad.
const FOUND: u8 = 1;
/// Exit code: the command cannot be carried out as it was given.
const USAGE: u8 = 2;

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Compile rule files and try every example of theirs.
    ///
    /// Exits with 0 when all is well, 1 when something has to be put right, 2 when a path cannot be read.
    Check {
        /// Directories laid out like `patterns/`, checked together with the built-in word classes; without any, the
        /// built-in rules and those of the configured directory.
        #[arg(value_name = "DIR")]
        paths: Vec<PathBuf>,
    },
    /// List the rules.
    List {
        /// Print one JSON object with the ruleset's hash and its rules.
        #[arg(long)]
        json: bool,
    },
    /// Show which rules fit a text, on which words, and what silenced others.
    ///
    /// Exits with 0 when nothing fits, 1 when something does.
    Explain {
        /// The text, as a member would write it. Give several to read them as lines of one author within a minute.
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
        /// What the author is: staff, student, parent, council, unverified or app.
        #[arg(long = "as", value_name = "STANDING", default_value = "student", value_parser = standing)]
        author: Standing,
        /// Whom the text addresses.
        #[arg(long, value_name = "STANDING", default_value = "student", value_parser = standing)]
        to: Standing,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

fn standing(word: &str) -> Result<Standing, ParseWordError> {
    word.parse()
}

/// Carries a command out and writes its answer to `out`.
pub fn run(
    command: &RulesCommand,
    rules_dir: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        RulesCommand::Check { paths } => check::run(paths, rules_dir, out),
        RulesCommand::List { json } => list::run(*json, rules_dir, out),
        RulesCommand::Explain { text, author, to, json } => {
            explain::run(text, *author, *to, *json, rules_dir, out)
        }
    }
}
