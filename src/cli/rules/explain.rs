//! `chaperone rules explain`: what fits a text, on which words, and what silenced what else.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::FOUND;
use crate::detection::{Context, Silence, Verdict, inspect};
use crate::domain::{
    Circumstances, EarlierLine, Finding, Lang, MessageId, MessageText, Span, Standing, Timestamp,
};
use crate::patterns;

pub(super) fn run(
    lines: &[String],
    author: Standing,
    to: Standing,
    json: bool,
    rules_dir: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let ruleset = patterns::load(rules_dir)?;
    let Some((last, earlier)) = lines.split_last() else { return Ok(ExitCode::SUCCESS) };
    let text = MessageText::new(last.as_str());
    let mut circumstances = Circumstances::between(author, to);
    circumstances.earlier = earlier.iter().map(|line| earlier_line(line)).collect();
    let verdicts = inspect(&ruleset, &text, &circumstances);
    if json {
        let verdicts: Vec<_> = verdicts.iter().map(|verdict| as_json(verdict, &text)).collect();
        writeln!(out, "{}", json!({ "ruleset": ruleset.hash().to_string(), "verdicts": verdicts }))?;
    } else if verdicts.is_empty() {
        writeln!(out, "Nothing fits, as {author} to {to}.")?;
    } else {
        for verdict in &verdicts {
            write_verdict(verdict, &text, out)?;
        }
    }
    let fits = verdicts.iter().any(|verdict| matches!(verdict, Verdict::Fits(_)));
    Ok(if fits { ExitCode::from(FOUND) } else { ExitCode::SUCCESS })
}

fn earlier_line(line: &str) -> EarlierLine {
    EarlierLine {
        message: MessageId::default(),
        text: MessageText::new(line),
        sent_at: Timestamp::from_millis(0),
    }
}

fn write_verdict(verdict: &Verdict, text: &MessageText, out: &mut dyn Write) -> std::io::Result<()> {
    match verdict {
        Verdict::Fits(finding) => write_finding(finding, text, out),
        Verdict::Silenced { rule, spans, because } => {
            writeln!(out, "silenced  {rule}: {}", reason(because))?;
            writeln!(out, "          {}", marked(text, spans))
        }
    }
}

fn write_finding(finding: &Finding, text: &MessageText, out: &mut dyn Write) -> std::io::Result<()> {
    let Finding { rule, severity, clause, .. } = finding;
    writeln!(out, "fits      {rule} ({severity}, {clause}): {}", finding.explanation.title(Lang::En))?;
    writeln!(out, "          {}", marked(text, &finding.spans))?;
    let read_as: Vec<_> = finding.explanation.read_as.iter().map(MessageText::expose).collect();
    let as_written: Vec<_> = finding.spans.iter().map(|span| span.of(text).to_lowercase()).collect();
    if read_as != as_written {
        writeln!(out, "          read as: {}", read_as.join(" … "))?;
    }
    if finding.joined {
        writeln!(out, "          together with the author's earlier lines")?;
    }
    writeln!(out, "          {}", finding.explanation.why(Lang::En))
}

/// The text with the flagged words in brackets.
fn marked(text: &MessageText, spans: &[Span]) -> String {
    let mut marked = String::new();
    let mut at = 0;
    for span in spans {
        marked.push_str(Span { start: at, end: span.start }.of(text));
        marked.push('[');
        marked.push_str(span.of(text));
        marked.push(']');
        at = span.end;
    }
    marked.push_str(Span { start: at, end: text.len() }.of(text));
    marked.replace('\n', " / ")
}

fn reason(silence: &Silence) -> String {
    match silence {
        Silence::Context(Context::Negation) => "the words are negated".to_owned(),
        Silence::Context(Context::Quotation) => {
            "the words are somebody else's, quoted or reported".to_owned()
        }
        Silence::Context(Context::CounterSpeech) => "the text objects to the words".to_owned(),
        Silence::Allowed(reason) => format!("allowed by the rule: {reason}"),
    }
}

fn as_json(verdict: &Verdict, text: &MessageText) -> Value {
    let words = |spans: &[Span]| -> Vec<_> {
        spans
            .iter()
            .map(|span| json!({ "start": span.start, "end": span.end, "text": span.of(text) }))
            .collect()
    };
    match verdict {
        Verdict::Fits(finding) => json!({
            "fits": true,
            "rule": finding.rule.as_str(),
            "job": finding.job.as_str(),
            "clause": finding.clause.as_str(),
            "severity": finding.severity.as_str(),
            "spans": words(&finding.spans),
            "read_as": finding.explanation.read_as.iter().map(MessageText::expose).collect::<Vec<_>>(),
            "joined": finding.joined,
            "title": finding.explanation.title,
            "why": finding.explanation.why,
        }),
        Verdict::Silenced { rule, spans, because } => json!({
            "fits": false,
            "rule": rule.as_str(),
            "spans": words(spans),
            "silenced_by": reason(because),
        }),
    }
}
