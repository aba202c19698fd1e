//! Puts lines on the terminal for people, or into JSON for scripts.
//!
//! Colours are decoration only: what they say is also said in words, and they are gone where output is piped.

use std::io::{self, Write};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};

use super::line::{AlertLine, IncidentLine, Line, Lodgings, Words};
use super::tally::{Incidents, Tally};
use super::wrap::{WIDTH, columns, wrap};
use crate::domain::{Clause, Lang, Severity, Span};

const PLACE: Style = AnsiColor::Cyan.on_default();
const WHO: Style = Style::new().bold();
const FLAGGED: Style = AnsiColor::Red.on_default().bold();
const ALERT: Style = AnsiColor::Yellow.on_default();
const QUIET: Style = Style::new().dimmed();
const ASIDE: Style = Style::new().italic();
/// How far consequences of a line are indented.
const INDENT: usize = 4;

/// Shows lines, and counts them.
pub(super) struct Show<'a> {
    out: &'a mut dyn Write,
    json: bool,
    tally: Tally,
    /// Whether the last line for people was a blank one.
    parted: bool,
}

impl<'a> Show<'a> {
    /// Shows to `out`.
    pub(super) fn new(out: &'a mut dyn Write, json: bool) -> Self {
        Self { out, json, tally: Tally::default(), parted: true }
    }

    /// Shows one line, at once, and answers whether there was anything to show.
    pub(super) fn line(&mut self, line: &Line) -> io::Result<bool> {
        self.tally.count(line);
        let shown = if self.json {
            // Lines for people only have no JSON.
            match serde_json::to_string(line) {
                Ok(json) => writeln!(self.out, "{json}").map(|()| true)?,
                Err(_for_people_only) => false,
            }
        } else {
            self.for_people(line)?;
            true
        };
        self.out.flush()?;
        Ok(shown)
    }

    /// Shows the counts so far, and where the database stays, if it does.
    pub(super) fn summary(&mut self, data_dir: Option<PathBuf>) -> io::Result<bool> {
        let tally = self.tally.clone();
        self.line(&Line::Summary { tally, data_dir })
    }

    fn for_people(&mut self, line: &Line) -> io::Result<()> {
        match line {
            Line::Title { title, about, people } => self.title(title, about, people),
            Line::Day(name) => self.heading(name),
            Line::Aside(text) => {
                self.part()?;
                self.block(&Block { indent: 2, style: ASIDE, ..Block::default() }, text)?;
                self.part()
            }
            Line::Did { who, what } => {
                self.block(&Block { style: ASIDE, ..Block::default() }, &format!("{who} {what}"))
            }
            // A fallback post is shown where its notice is.
            Line::Said(words) if words.who == CHAPERONE => Ok(()),
            Line::Said(words) => self.words(words, ""),
            Line::Edited(words) => self.words(words, " (edits)"),
            Line::Deleted(words) => self.words(words, " (deletes)"),
            Line::Asked { who, what } => {
                self.part()?;
                self.block(&Block { hang: 2, style: WHO, ..Block::default() }, &format!("{who}: {what}"))
            }
            Line::Answered { text, .. } => {
                self.quote(text)?;
                self.part()
            }
            Line::Incident(incident) => self.incident(incident, "flagged"),
            Line::IncidentExtended(incident) => self.incident(incident, "flagged again"),
            Line::Alert(alert) => self.alert(alert),
            Line::Stopped => {
                self.part()?;
                self.block(&Block::default(), "Stopped before the end.")
            }
            Line::Summary { tally, .. } => self.tally(tally),
            Line::LookFurther(lodgings) => self.look_further(lodgings),
        }
    }

    /// Sets what comes apart from what was.
    fn part(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.parted, true) {
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn heading(&mut self, name: &str) -> io::Result<()> {
        self.part()?;
        writeln!(self.out, "{WHO}{name}{WHO:#}\n{}\n", "-".repeat(columns(name)))
    }

    fn title(&mut self, title: &str, about: &str, people: &[(String, String)]) -> io::Result<()> {
        self.heading(title)?;
        if !about.is_empty() {
            self.block(&Block::default(), about)?;
            self.part()?;
        }
        let widest = people.iter().map(|(name, _)| columns(name)).max().unwrap_or(0);
        for (name, about) in people {
            let padding = " ".repeat(widest - columns(name));
            writeln!(self.out, "  {WHO}{name}{WHO:#}{padding}  {about}")?;
        }
        writeln!(self.out)?;
        self.block(&Block::default(), "Words in [brackets] are what was flagged.")
    }

    fn words(&mut self, words: &Words, verb: &str) -> io::Result<()> {
        let Words { who, place, text, reply_to, flagged } = words;
        let reply = reply_to.as_ref().map(|other| format!(" (to {other})")).unwrap_or_default();
        let head = format!("{place}  {who}{verb}{reply}: ");
        let text = bracketed(text, flagged);
        let lines = wrap(&text, WIDTH.saturating_sub(columns(&head)), WIDTH - INDENT);
        let mut bright = false;
        self.parted = false;
        for (number, line) in lines.iter().enumerate() {
            if number == 0 {
                write!(self.out, "{PLACE}{place}{PLACE:#}  {WHO}{who}{WHO:#}{verb}{reply}: ")?;
            } else {
                write!(self.out, "{:INDENT$}", "")?;
            }
            self.marked(line, &mut bright)?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    /// A line in which what stands between the marks is bright; `bright` goes on to the next line.
    fn marked(&mut self, line: &str, bright: &mut bool) -> io::Result<()> {
        for part in line.split_inclusive([OPEN, CLOSE]) {
            let plain = part.trim_end_matches([OPEN, CLOSE]);
            if *bright {
                write!(self.out, "{FLAGGED}{plain}{FLAGGED:#}")?;
            } else {
                write!(self.out, "{plain}")?;
            }
            if part.ends_with(OPEN) {
                *bright = true;
                write!(self.out, "[")?;
            } else if part.ends_with(CLOSE) {
                *bright = false;
                write!(self.out, "]")?;
            }
        }
        Ok(())
    }

    fn incident(&mut self, incident: &IncidentLine, verb: &str) -> io::Result<()> {
        let IncidentLine { code, clause, weight, titles, .. } = incident;
        let text = format!("{verb} {clause} {weight}: {} (case {code})", titles.join("; "));
        self.block(&Block { indent: INDENT, hang: 2, style: FLAGGED, ..Block::default() }, &text)
    }

    fn alert(&mut self, alert: &AlertLine) -> io::Result<()> {
        let AlertLine { incident, to, state, posted, text } = alert;
        let about = match incident {
            Some(_) => "",
            None if *posted => "",
            None => " about the group's settings",
        };
        let line = match (*state, *posted) {
            ("delivered", true) => format!("-> posted in {to}: {}", text.as_deref().unwrap_or_default()),
            ("delivered", false) => format!("-> told {to}{about} (direct message)"),
            ("refused", _) => format!("-> {to} was not told{about}: their settings refuse the message"),
            (other, _) => format!("-> {to} was not told{about}: {other}"),
        };
        self.block(&Block { indent: INDENT, hang: 3, style: ALERT, ..Block::default() }, &line)?;
        match text.as_ref().filter(|_| !posted) {
            Some(text) => self.quote(text),
            None => Ok(()),
        }
    }

    fn tally(&mut self, tally: &Tally) -> io::Result<()> {
        let Tally { said, edited, deleted, incidents, alerts } = tally;
        self.heading("In numbers")?;
        writeln!(
            self.out,
            "{said} messages, {edited} edited, {deleted} deleted. Cases: {}\n",
            incidents.total
        )?;
        if incidents.total > 0 {
            self.table(incidents)?;
        }
        let alerts: Vec<_> = alerts.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let alerts = if alerts.is_empty() { "none".to_owned() } else { alerts.join(", ") };
        writeln!(self.out, "Notices, the fallback line included: {alerts}.\n")?;
        let caution = "A case is a reason to look, not a verdict: people decide. What no rule fits, and what Chaperone \
                       cannot see (private messages between people, voice, pictures), is not in these numbers.";
        self.block(&Block::default(), caution)
    }

    /// Cases by clause and severity.
    fn table(&mut self, incidents: &Incidents) -> io::Result<()> {
        writeln!(self.out, "  {:<50}{:>5}{:>8}{:>6}{:>8}", "", "Low", "Medium", "High", "Urgent")?;
        for clause in Clause::ALL.iter().filter(|clause| incidents.by_clause.contains_key(clause.as_str())) {
            let cell = |severity: Severity| {
                let key = (clause.to_string(), severity.to_string());
                incidents.cells.get(&key).map_or_else(|| "-".to_owned(), ToString::to_string)
            };
            let [low, medium, high, urgent] = Severity::ALL.map(cell);
            let subject = format!("{clause} {}", clause.subject(Lang::En));
            writeln!(self.out, "  {subject:<50}{low:>5}{medium:>8}{high:>6}{urgent:>8}")?;
        }
        writeln!(self.out)
    }

    fn look_further(&mut self, lodgings: &Lodgings) -> io::Result<()> {
        let Lodgings { data_dir, kept, stays, address } = lodgings;
        let dir = data_dir.display();
        let program = std::env::current_exe()
            .map_or_else(|_| "chaperone".to_owned(), |path| path.display().to_string());
        self.heading("How to look further")?;
        if *kept || *stays {
            writeln!(self.out, "The database, sealed:\n  {dir}")?;
            writeln!(self.out, "Is the log as it was written?\n  {program} log verify --data-dir {dir}")?;
        }
        writeln!(self.out, "Which rules are there, and why?\n  {program} rules list")?;
        writeln!(self.out, "A week of your own:\n  {program} sandbox --scenario FILE")?;
        writeln!(self.out, "A real server:\n  README.md says how")?;
        let end = match (*stays, *kept) {
            (true, kept) => {
                let fate = if kept { "stays" } else { "is removed then" };
                format!("The bot is still at work, on {address}. Stop it with Ctrl-C; the database {fate}.")
            }
            (false, false) => "The database was temporary and is removed. --keep keeps it.".to_owned(),
            (false, true) => return Ok(()),
        };
        writeln!(self.out)?;
        self.block(&Block::default(), &end)
    }

    /// What the bot wrote, set apart by a bar.
    fn quote(&mut self, text: &str) -> io::Result<()> {
        self.block(&Block { indent: INDENT, bar: "| ", style: QUIET, ..Block::default() }, text.trim_end())
    }

    fn block(&mut self, block: &Block, text: &str) -> io::Result<()> {
        let Block { indent, hang, bar, style } = *block;
        self.parted = false;
        let room = WIDTH - indent - columns(bar);
        for (number, line) in wrap(text, room, room - hang).iter().enumerate() {
            let before = indent + if number > 0 { hang } else { 0 };
            writeln!(self.out, "{:before$}{style}{bar}{line}{style:#}", "")?;
        }
        Ok(())
    }
}

/// How a text is set.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    /// Columns before every line.
    indent: usize,
    /// Columns more before every line but the first.
    hang: usize,
    /// What every line begins with.
    bar: &'static str,
    style: Style,
}

/// The name that the bot posts under in the box.
const CHAPERONE: &str = "Chaperone";
/// Marks around flagged words, of Unicode's private use, so that nobody's own brackets are taken for them.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// A text with marks around its flagged stretches.
fn bracketed(text: &str, flagged: &[Span]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for span in flagged {
        let start = span.start.max(at);
        let (Some(before), Some(words)) = (text.get(at..start), text.get(start..span.end)) else { continue };
        if words.is_empty() {
            continue;
        }
        out.push_str(before);
        out.push(OPEN);
        out.push_str(words);
        out.push(CLOSE);
        at = span.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
