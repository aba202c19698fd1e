//! Scanning: which rules fit a text, and which would but for the words around it.

use std::ops::Range;

use super::context::{Context, Surroundings};
use super::matcher::Hit;
use super::phrase::TokenHit;
use super::reading::Reading;
use super::rule::Rule;
use super::ruleset::Ruleset;
use crate::domain::{Circumstances, Finding, MessageText, RuleId, Severity, Span};

/// Earlier bytes that are read together with a text.
const LONGEST_EARLIER: usize = 2_000;

/// What one Rule made of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It fits.
    Fits(Finding),
    /// Its words are there, and something around them says that they are harmless.
    Silenced {
        /// The rule.
        rule: RuleId,
        /// Where its words are.
        spans: Vec<Span>,
        /// What silences it.
        because: Silence,
    },
}

/// Why a Rule whose words are there does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// The words around it.
    Context(Context),
    /// A phrase that the rule allows, with the rule's reason.
    Allowed(String),
}

/// Scans a text: pure, infallible, linear in the text. The heaviest Finding comes first.
pub fn scan(ruleset: &Ruleset, text: &MessageText, circumstances: &Circumstances) -> Vec<Finding> {
    let fits = |verdict| if let Verdict::Fits(finding) = verdict { Some(finding) } else { None };
    inspect(ruleset, text, circumstances).into_iter().filter_map(fits).collect()
}

/// Scans a text and also tells which rules were silenced. What fits comes first, the heaviest first.
pub fn inspect(ruleset: &Ruleset, text: &MessageText, circumstances: &Circumstances) -> Vec<Verdict> {
    let alone = fits(ruleset, text.expose(), circumstances);
    let joined = joined(ruleset, text, circumstances, &alone);
    let mut fits: Vec<_> = alone.into_iter().map(|fit| (fit, false)).collect();
    fits.extend(joined.into_iter().map(|fit| (fit, true)));
    let severity_of = |fit: &Fit| severity(&ruleset.rules()[fit.rule], circumstances);
    fits.sort_by_key(|(fit, _)| {
        (fit.silence.is_some(), std::cmp::Reverse(severity_of(fit)), fit.spans.first().copied(), fit.rule)
    });
    fits.into_iter()
        .map(|(fit, joined)| {
            let rule = &ruleset.rules()[fit.rule];
            fit.verdict(rule, severity(rule, circumstances), joined)
        })
        .collect()
}

/// How much a Rule weighs here: one level lower where its author is only perhaps one whom it is about.
fn severity(rule: &Rule, circumstances: &Circumstances) -> Severity {
    if rule.when.only_perhaps(circumstances) { rule.severity().lower() } else { rule.severity() }
}

/// One rule whose words are in a text.
#[derive(Debug, Clone)]
struct Fit {
    rule: usize,
    spans: Vec<Span>,
    read_as: Vec<String>,
    silence: Option<Silence>,
}

impl Fit {
    fn verdict(&self, rule: &Rule, severity: Severity, joined: bool) -> Verdict {
        if let Some(because) = &self.silence {
            return Verdict::Silenced {
                rule: rule.id().clone(),
                spans: self.spans.clone(),
                because: because.clone(),
            };
        }
        let read_as = self.read_as.iter().map(|words| MessageText::new(words.clone())).collect();
        Verdict::Fits(Finding {
            rule: rule.id().clone(),
            job: rule.job(),
            clause: rule.clause(),
            severity,
            spans: self.spans.clone(),
            joined,
            explanation: rule.explanation(read_as),
        })
    }
}

/// What fits one text by itself, one entry for each rule, in the order of the rules.
fn fits(ruleset: &Ruleset, text: &str, circumstances: &Circumstances) -> Vec<Fit> {
    let reading = Reading::of(text, &ruleset.vocabulary);
    let candidates = ruleset.prefilter.candidates(&reading);
    let surroundings = Surroundings::of(&reading, &ruleset.lexicon);
    let mut fits = Vec::new();
    let mut rest = candidates.as_slice();
    while let Some(first) = rest.first() {
        let place = ruleset.matchers[*first].0;
        let length = rest.partition_point(|matcher| ruleset.matchers[*matcher].0 == place);
        let (matchers, after) = rest.split_at(length);
        rest = after;
        let rule = &ruleset.rules()[place];
        if !rule.when.holds(circumstances) {
            continue;
        }
        let hits =
            matchers.iter().flat_map(|matcher| ruleset.matchers[*matcher].1.find(&reading, &ruleset.lexicon));
        fits.extend(fit(ruleset, &reading, &surroundings, place, hits.collect()));
    }
    fits
}

/// Weighs the hits of one rule.
fn fit(
    ruleset: &Ruleset,
    reading: &Reading<'_>,
    surroundings: &Surroundings<'_>,
    place: usize,
    hits: Vec<Hit>,
) -> Option<Fit> {
    let rule = &ruleset.rules()[place];
    if hits.is_empty() {
        return None;
    }
    let mut with = Vec::new();
    if !rule.with.is_empty() {
        with = rule.with.iter().flat_map(|phrase| phrase.find(reading, &ruleset.lexicon)).collect();
        if with.is_empty() {
            return None;
        }
    }
    let allowed: Vec<_> =
        rule.allow.iter().map(|allowed| allowed.phrase.find(reading, &ruleset.lexicon)).collect();
    let silence_of = |hit: &Hit| silence(rule, &allowed, surroundings, hit);
    let weighed: Vec<_> = hits.into_iter().map(|hit| (silence_of(&hit), hit)).collect();
    let silent = weighed.iter().all(|(silence, _)| silence.is_some());
    let silence = if silent { weighed[0].0.clone() } else { None };
    let mut parts: Vec<Range<usize>> = weighed
        .iter()
        .filter(|(silence, _)| silent || silence.is_none())
        .map(|(_, hit)| hit.folded.clone().unwrap_or_else(|| folded(reading, &hit.tokens.tokens)))
        .chain(with.iter().map(|hit| folded(reading, &hit.tokens)))
        .collect();
    parts.retain(|part| !part.is_empty());
    let parts = merge(parts);
    let spans: Vec<_> = parts.iter().map(|part| reading.span_of_folded(part.clone())).collect();
    let read_as = parts.iter().map(|part| reading.read_as(part, &ruleset.vocabulary)).collect();
    (!spans.is_empty()).then_some(Fit { rule: place, spans, read_as, silence })
}

fn folded(reading: &Reading<'_>, tokens: &Range<usize>) -> Range<usize> {
    let covered = reading.tokens().get(tokens.clone()).unwrap_or_default();
    covered.first().zip(covered.last()).map_or(0..0, |(first, last)| first.at.start..last.at.end)
}

/// Stretches in order, those that overlap made one.
fn merge(mut parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    parts.sort_by_key(|part| (part.start, part.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for part in parts {
        match merged.last_mut() {
            Some(last) if part.start < last.end => last.end = last.end.max(part.end),
            _ => merged.push(part),
        }
    }
    merged
}

/// What silences a hit; `allowed` holds, for each phrase that the rule allows, where it fits, in order.
fn silence(
    rule: &Rule,
    allowed: &[Vec<TokenHit>],
    surroundings: &Surroundings<'_>,
    hit: &Hit,
) -> Option<Silence> {
    let tokens = &hit.tokens.tokens;
    let overlaps = |fits: &Vec<TokenHit>| {
        let first = fits.partition_point(|fit| fit.tokens.end <= tokens.start);
        fits.get(first).is_some_and(|fit| fit.tokens.start < tokens.end)
    };
    if let Some(place) = allowed.iter().position(overlaps) {
        return Some(Silence::Allowed(rule.allow[place].reason.clone()));
    }
    if !hit.heeds_context {
        return None;
    }
    surroundings.silencing(&hit.tokens, &rule.despite).map(Silence::Context)
}

/// What fits the author's last lines and this text read as one, and no line by itself.
fn joined(ruleset: &Ruleset, text: &MessageText, circumstances: &Circumstances, alone: &[Fit]) -> Vec<Fit> {
    let mut lines: Vec<&str> = Vec::new();
    let mut length = 0;
    for line in circumstances.earlier.iter().rev().map(|line| line.text.expose()) {
        length += line.len() + 1;
        if length > LONGEST_EARLIER {
            break;
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Vec::new();
    }
    lines.reverse();
    let mut whole = lines.join("\n");
    whole.push('\n');
    let start = whole.len();
    whole.push_str(text.expose());
    let together = fits(ruleset, &whole, circumstances);
    let told = |fit: &Fit, fits: &[Fit]| fits.iter().any(|other| other.rule == fit.rule);
    let mut kept: Vec<Fit> = together
        .into_iter()
        .filter(|fit| fit.silence.is_none() && !told(fit, alone))
        .filter(|fit| fit.spans.iter().any(|span| span.end > start) && fit.spans[0].start < start)
        .collect();
    if !kept.is_empty() {
        let earlier: Vec<Fit> = lines.iter().flat_map(|line| fits(ruleset, line, circumstances)).collect();
        kept.retain(|fit| !told(fit, &earlier));
    }
    for fit in &mut kept {
        cut_to_text(fit, start, text);
    }
    zeroize::Zeroize::zeroize(&mut whole);
    kept
}

/// Keeps what lies within the text that starts at `start`.
fn cut_to_text(fit: &mut Fit, start: usize, text: &MessageText) {
    let mut spans = Vec::new();
    let mut read_as = Vec::new();
    for (span, words) in fit.spans.iter().zip(&fit.read_as).filter(|(span, _)| span.end > start) {
        spans.push(Span { start: span.start.saturating_sub(start), end: (span.end - start).min(text.len()) });
        read_as.push(words.clone());
    }
    (fit.spans, fit.read_as) = (spans, read_as);
}
