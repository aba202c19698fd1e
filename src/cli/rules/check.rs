//! `chaperone rules check`: compile and try every example.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{FOUND, USAGE};
use crate::detection::{Example, Rule, RuleSource, Ruleset, Verdict, inspect};
use crate::domain::Circumstances;
use crate::patterns;

pub(super) fn run(
    paths: &[PathBuf],
    rules_dir: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let sources = match sources(paths, rules_dir) {
        Ok(sources) => sources,
        Err(error) => {
            let reason =
                std::error::Error::source(&error).map(|source| format!(" ({source})")).unwrap_or_default();
            writeln!(out, "{error}{reason}")?;
            return Ok(ExitCode::from(USAGE));
        }
    };
    let ruleset = match Ruleset::compile(&sources) {
        Ok(ruleset) => ruleset,
        Err(errors) => {
            writeln!(out, "{errors}")?;
            return Ok(ExitCode::from(FOUND));
        }
    };
    let mut tried = 0_usize;
    let mut wrong = 0_usize;
    for rule in ruleset.rules() {
        for example in rule.examples() {
            tried += 1;
            if let Some(complaint) = complaint(&ruleset, rule, example) {
                wrong += 1;
                writeln!(out, "{}:{}: {complaint}", rule.file(), example.line)?;
            }
        }
    }
    if wrong > 0 {
        return Ok(ExitCode::from(FOUND));
    }
    writeln!(out, "{} rules and {tried} examples are good", ruleset.rules().len())?;
    Ok(ExitCode::SUCCESS)
}

/// The files to check. Given directories replace the built-in rules of the same place, and keep the built-in words.
fn sources(paths: &[PathBuf], rules_dir: Option<&Path>) -> Result<Vec<RuleSource>, patterns::PatternsError> {
    let mut sources = patterns::built_in();
    if paths.is_empty() {
        if let Some(directory) = rules_dir {
            sources.extend(patterns::local(directory)?);
        }
        return Ok(sources);
    }
    let mut given = Vec::new();
    for path in paths {
        given.extend(patterns::local(path)?);
    }
    let place =
        |source: &RuleSource| source.path.rsplit(['/', '\\']).take(2).map(str::to_owned).collect::<Vec<_>>();
    let taken: Vec<_> = given.iter().map(place).collect();
    sources.retain(|source| source.path.contains("/words/") && !taken.contains(&place(source)));
    sources.extend(given);
    Ok(sources)
}

/// What is wrong with an example, and what to do.
fn complaint(ruleset: &Ruleset, rule: &Rule, example: &Example) -> Option<String> {
    let verdicts = inspect(ruleset, &example.text, &Circumstances::between(example.author, example.to));
    let fits = verdicts
        .iter()
        .any(|verdict| matches!(verdict, Verdict::Fits(finding) if finding.rule == *rule.id()));
    match (example.matches, fits) {
        (true, false) => {
            let silenced = verdicts
                .iter()
                .any(|verdict| matches!(verdict, Verdict::Silenced { rule: id, .. } if id == rule.id()));
            let why = if silenced { " because the words around it silence the rule" } else { "" };
            Some(format!("the rule does not fit this example{why}; add a phrase, or correct the example"))
        }
        (false, true) => Some(
            "the rule fits this clean example; make a phrase narrower, or add an `[[allow]]` phrase"
                .to_owned(),
        ),
        _ => None,
    }
}
