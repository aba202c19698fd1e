//! What a scan says: to people in sentences, to scripts in JSON. Never a member's words.

use std::error::Error;
use std::io::{self, Write};

use indicatif::ProgressBar;
use serde_json::json;

use super::read::Reading;
use crate::app::{ScanSummary, ScannedIncident};
use crate::domain::{Clause, Lang, Severity, Standing};
use crate::export::{ExportFile, Position};

/// Collects what is to be said and says it.
pub(super) struct Report<'a> {
    json: bool,
    bar: ProgressBar,
    out: &'a mut (dyn Write + Send),
    err: &'a mut (dyn Write + Send),
    files: u64,
    skipped: u64,
    problems: Vec<Problem>,
    /// The first time that something could not be said.
    unsaid: Option<io::Error>,
}

struct Problem {
    file: String,
    at: Option<Position>,
    what: String,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        json: bool,
        bar: ProgressBar,
        out: &'a mut (dyn Write + Send),
        err: &'a mut (dyn Write + Send),
    ) -> Self {
        Self { json, bar, out, err, files: 0, skipped: 0, problems: Vec::new(), unsaid: None }
    }

    pub(super) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// Whether everything could be read.
    pub(super) fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// An Incident was opened or extended.
    pub(super) fn incident(&mut self, found: &ScannedIncident) {
        if !self.json {
            return;
        }
        let incident = &found.incident;
        let line = json!({
            "type": "incident",
            "code": incident.code,
            "rules": incident.rules,
            "clause": incident.clause,
            "severity": incident.severity,
            "group": incident.group,
            "space": incident.space,
            "author": incident.author,
            "message": incident.message,
            "at": found.sent_at.to_string(),
            "extended": found.extended,
        });
        let written = self.bar.suspend(|| writeln!(self.out, "{line}"));
        self.note(written);
    }

    /// A file is done with.
    pub(super) fn file(&mut self, file: &ExportFile, reading: Reading) {
        self.files += 1;
        self.skipped += reading.skipped;
        let name = file.path.display().to_string();
        let told = reading.problems.iter().filter(|problem| problem.goes_on()).count() as u64;
        if let Some(error) = reading.unopened {
            let what = format!("the file cannot be opened: {error}");
            self.problem(Problem { file: name.clone(), at: None, what });
        }
        for error in reading.problems {
            let why = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            self.problem(Problem { file: name.clone(), at: Some(error.at()), what: format!("{error}{why}") });
        }
        if reading.skipped > told {
            let what = format!("{} more messages are left out", reading.skipped - told);
            self.problem(Problem { file: name, at: None, what });
        }
    }

    /// The end.
    pub(super) fn finish(&mut self, summary: &ScanSummary, unmet: &[&str], stopped: bool) -> io::Result<()> {
        self.bar.finish_and_clear();
        let written = if self.json {
            self.json_summary(summary, unmet, stopped)
        } else {
            self.sentences(summary, stopped)
        };
        self.note(written);
        self.hints(summary, unmet);
        let flushed = self.out.flush();
        self.note(flushed);
        self.unsaid.take().map_or(Ok(()), Err)
    }

    fn problem(&mut self, problem: Problem) {
        let written = self.bar.suspend(|| writeln!(self.err, "{}: {}", problem.file, problem.what));
        self.note(written);
        self.problems.push(problem);
    }

    fn json_summary(&mut self, summary: &ScanSummary, unmet: &[&str], stopped: bool) -> io::Result<()> {
        let problem = |problem: &Problem| {
            let at = problem.at;
            json!({
                "file": problem.file,
                "line": at.map(|at| at.line),
                "column": at.map(|at| at.column),
                "offset": at.map(|at| at.offset),
                "problem": problem.what,
            })
        };
        let line = json!({
            "type": "summary",
            "messages": summary.messages,
            "incidents": summary.incidents,
            "skipped": self.skipped,
            "already": summary.already,
            "extended": summary.extended,
            "files": self.files,
            "by_clause": counts(&summary.by_clause, Clause::as_str),
            "by_severity": counts(&summary.by_severity, Severity::as_str),
            "by_standing": counts(&summary.by_standing, Standing::as_str),
            "roles_not_met": unmet,
            "problems": self.problems.iter().map(problem).collect::<Vec<_>>(),
            "stopped": stopped,
        });
        writeln!(self.out, "{line}")
    }

    fn sentences(&mut self, summary: &ScanSummary, stopped: bool) -> io::Result<()> {
        let out = &mut self.out;
        let (messages, files) = (counted(summary.messages, "message"), counted(self.files, "file"));
        writeln!(out, "Scanned {messages} from {files}: {} opened.", counted(summary.incidents, "incident"))?;
        if summary.incidents > 0 {
            writeln!(out, "By clause:")?;
            for (clause, count) in &summary.by_clause {
                writeln!(out, "  {count:>7}  {clause} {}", clause.subject(Lang::En))?;
            }
            writeln!(out, "By severity:")?;
            for (severity, count) in summary.by_severity.iter().rev() {
                writeln!(out, "  {count:>7}  {}: {}", severity.name(Lang::En), severity.advice(Lang::En))?;
            }
            writeln!(out, "The administrators read them with `/incident list`. Nobody was alerted.")?;
        }
        let more = [
            (summary.extended, "with a later revision that was added to an incident known before."),
            (summary.already, "of incidents known before; nothing was made twice."),
            (self.skipped, "left out, since they could not be read."),
        ];
        for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
            writeln!(out, "{} {what}", counted(count, "message"))?;
        }
        if stopped {
            writeln!(
                out,
                "Stopped before the end. Scan the same exports again to finish: nothing is made twice."
            )?;
        }
        Ok(())
    }

    /// What would make the next scan see more.
    fn hints(&mut self, summary: &ScanSummary, unmet: &[&str]) {
        let mut hints: Vec<String> = unmet
            .iter()
            .map(|name| format!("No role called {name} was met; check how Discord spells it."))
            .collect();
        if summary.messages > 0 && !summary.by_standing.contains_key(&Standing::Staff) {
            hints.push(
                "Nobody was recognised as staff, and rules about staff and students need that: name the roles with \
                 --staff-role and --student-role. (Exports from before version 2.40.1 do not say who has which role.)"
                    .to_owned(),
            );
        }
        for hint in hints {
            let written = writeln!(self.err, "{hint}");
            self.note(written);
        }
    }

    fn note(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.unsaid.get_or_insert(error);
        }
    }
}

fn counts<K: Copy>(
    counts: &std::collections::BTreeMap<K, u64>,
    word: impl Fn(K) -> &'static str,
) -> serde_json::Map<String, serde_json::Value> {
    counts.iter().map(|(key, count)| (word(*key).to_owned(), json!(count))).collect()
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
