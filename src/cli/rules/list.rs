//! `chaperone rules list`: what the rules are.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::detection::Rule;
use crate::domain::Job;
use crate::patterns;

pub(super) fn run(json: bool, rules_dir: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let ruleset = patterns::load(rules_dir)?;
    if json {
        let rules: Vec<_> = ruleset.rules().iter().map(describe).collect();
        writeln!(out, "{}", json!({ "ruleset": ruleset.hash().to_string(), "rules": rules }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for job in Job::ALL {
        writeln!(out, "{job}")?;
        for rule in ruleset.rules().iter().filter(|rule| rule.job() == job) {
            writeln!(
                out,
                "  {:<34} {:<7} {:<3} {:<13} {}",
                rule.id().as_str(),
                rule.severity().as_str(),
                rule.clause().as_str(),
                rule.status().as_str(),
                rule.title()[0]
            )?;
        }
    }
    writeln!(out, "{} rules, ruleset {}", ruleset.rules().len(), ruleset.hash())?;
    Ok(ExitCode::SUCCESS)
}

fn describe(rule: &Rule) -> serde_json::Value {
    json!({
        "id": rule.id().as_str(),
        "job": rule.job().as_str(),
        "clause": rule.clause().as_str(),
        "severity": rule.severity().as_str(),
        "status": rule.status().as_str(),
        "title": rule.title(),
        "why": rule.why(),
        "description": rule.description(),
        "languages": rule.languages(),
        "references": rule.references(),
        "examples": rule.examples().len(),
        "file": rule.file(),
    })
}
