//! What detection says.

use super::{Clause, Job, Lang, MessageText, RuleId, Severity};

/// One Rule that fits one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The Rule.
    pub rule: RuleId,
    /// The job it belongs to.
    pub job: Job,
    /// The clause it stands on.
    pub clause: Clause,
    /// How much it weighs.
    pub severity: Severity,
    /// Where in the original text it fits; never empty, in order, not overlapping.
    pub spans: Vec<Span>,
    /// Whether it fits only together with the author's earlier lines.
    pub joined: bool,
    /// Why, in words a principal understands.
    pub explanation: Explanation,
}

/// A stretch of bytes of the original text, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The words of `text` that this span covers; empty where the span does not fit the text.
    pub fn of(self, text: &MessageText) -> &str {
        text.expose().get(self.start..self.end).unwrap_or_default()
    }
}

/// Why a Rule fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What it was flagged for, English and French.
    pub title: [String; 2],
    /// What an administrator should know about it, English and French.
    pub why: [String; 2],
    /// How the flagged words were read, after normalisation; a member's words, so wrapped.
    pub read_as: Vec<MessageText>,
}

impl Explanation {
    /// What it was flagged for.
    pub fn title(&self, lang: Lang) -> &str {
        lang.pick(&self.title[0], &self.title[1])
    }

    /// What an administrator should know about it.
    pub fn why(&self, lang: Lang) -> &str {
        lang.pick(&self.why[0], &self.why[1])
    }
}
