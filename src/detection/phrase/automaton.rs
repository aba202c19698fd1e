//! Runs a compiled phrase over the tokens of a Reading: all starts at once, so the time grows with the tokens only.

use std::ops::Range;

use crate::detection::context::Lexicon;
use crate::detection::reading::{Break, Reading, TokenKind};
use crate::detection::vocabulary::WordId;

/// One instruction.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// One of these words, sorted.
    Words(Box<[WordId]>),
    /// One of these words, sorted, each with where to go on.
    Switch(Box<[(WordId, usize)]>),
    /// A token of a shape.
    Shape(Shape),
    /// Any one token of the same sentence.
    Skip,
    /// Go on here and there.
    Fork(usize),
    /// Go on there.
    Leap(usize),
    /// Only at the start of a sentence.
    SentenceStart,
    /// Only at the end of a sentence.
    SentenceEnd,
    /// Go on nowhere.
    Stop,
    /// The phrase fits.
    Fits,
}

/// Shapes of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Name,
    Surname,
    Number,
    Word,
}

/// A compiled phrase.
#[derive(Debug)]
pub(in crate::detection) struct Program {
    steps: Vec<Step>,
    anchors: Vec<WordId>,
    openings: Openings,
}

/// What a phrase can begin with; starting it anywhere else would be for nothing.
#[derive(Debug, Default)]
struct Openings {
    words: Vec<WordId>,
    name: bool,
    anything: bool,
}

/// A stretch of tokens that a phrase fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::detection) struct TokenHit {
    /// The tokens.
    pub(in crate::detection) tokens: Range<usize>,
    /// Whether it fits only across a negating word that the phrase does not name.
    pub(in crate::detection) negated: bool,
}

/// One way of reading that is under way.
#[derive(Debug, Clone, Copy)]
struct Thread {
    step: usize,
    start: usize,
    negated: bool,
}

impl Program {
    pub(super) fn new(steps: Vec<Step>, anchors: Vec<WordId>) -> Self {
        let openings = Openings::of(&steps);
        Self { steps, anchors, openings }
    }

    /// Words of which one is in every text that fits; none where no word is always there.
    pub(in crate::detection) fn anchors(&self) -> &[WordId] {
        &self.anchors
    }

    /// Where the phrase fits: in order, not overlapping, each as short as it can be; negated fits only where no
    /// other one is.
    pub(in crate::detection) fn find(&self, reading: &Reading<'_>, lexicon: &Lexicon) -> Vec<TokenHit> {
        let mut run = Run {
            program: self,
            reading,
            lexicon,
            waiting: vec![Vec::new(); reading.tokens().len() + 1],
            seen: vec![usize::MAX; self.steps.len() * 2],
            ready: Vec::new(),
            fits: Vec::new(),
        };
        for at in 0..=reading.tokens().len() {
            run.advance(at);
        }
        select(run.fits)
    }
}

impl Openings {
    fn of(steps: &[Step]) -> Self {
        let mut openings = Self::default();
        let mut seen = vec![false; steps.len()];
        let mut stack = vec![0];
        while let Some(at) = stack.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            match &steps[at] {
                Step::Words(words) => openings.words.extend_from_slice(words),
                Step::Switch(targets) => openings.words.extend(targets.iter().map(|(word, _)| *word)),
                Step::Shape(Shape::Name) => openings.name = true,
                Step::Shape(_) | Step::Skip => openings.anything = true,
                Step::Fork(there) => stack.extend([*there, at + 1]),
                Step::Leap(there) => stack.push(*there),
                Step::SentenceStart | Step::SentenceEnd => stack.push(at + 1),
                Step::Stop | Step::Fits => {}
            }
        }
        openings.words.sort_unstable();
        openings.words.dedup();
        openings
    }

    /// Whether the phrase can begin at a token.
    fn allow(&self, reading: &Reading<'_>, lexicon: &Lexicon, at: usize) -> bool {
        let Some(token) = reading.tokens().get(at) else { return false };
        let opens = |word: WordId| self.words.binary_search(&word).is_ok();
        self.anything
            || token.known.is_some_and(opens)
            || reading.edges_from(at).iter().any(|edge| opens(edge.word))
            || self.name && lexicon.name_at(reading, at).is_some()
    }
}

/// Shortest fits first come, first kept; what overlaps a kept one goes.
fn select(mut fits: Vec<TokenHit>) -> Vec<TokenHit> {
    fits.sort_by_key(|hit| (hit.negated, hit.tokens.end, hit.tokens.len()));
    let mut kept: Vec<TokenHit> = Vec::new();
    for hit in fits {
        let overlaps =
            |other: &TokenHit| other.tokens.start < hit.tokens.end && hit.tokens.start < other.tokens.end;
        if !kept.iter().rev().take(8).any(overlaps) {
            kept.push(hit);
        }
    }
    kept.sort_by_key(|hit| hit.tokens.start);
    kept
}

/// The state of one search.
struct Run<'a> {
    program: &'a Program,
    reading: &'a Reading<'a>,
    lexicon: &'a Lexicon,
    waiting: Vec<Vec<Thread>>,
    seen: Vec<usize>,
    ready: Vec<Thread>,
    fits: Vec<TokenHit>,
}

impl Run<'_> {
    /// Moves every thread that waits before token `at` one token on.
    fn advance(&mut self, at: usize) {
        let mut arriving = std::mem::take(&mut self.waiting[at]);
        arriving.sort_by_key(|thread| std::cmp::Reverse(thread.start));
        if self.program.openings.allow(self.reading, self.lexicon, at) {
            self.settle(Thread { step: 0, start: at, negated: false }, at);
        }
        for thread in arriving {
            self.settle(thread, at);
        }
        let ready = std::mem::take(&mut self.ready);
        for thread in &ready {
            self.read_on(*thread, at);
        }
        self.ready = ready;
        self.ready.clear();
    }

    /// Follows a thread through the steps that read nothing.
    fn settle(&mut self, thread: Thread, at: usize) {
        let mut stack = vec![thread];
        while let Some(thread) = stack.pop() {
            let slot = thread.step * 2 + usize::from(thread.negated);
            if std::mem::replace(&mut self.seen[slot], at) == at {
                continue;
            }
            match &self.program.steps[thread.step] {
                Step::Fork(there) => {
                    stack.push(Thread { step: *there, ..thread });
                    stack.push(Thread { step: thread.step + 1, ..thread });
                }
                Step::Leap(there) => stack.push(Thread { step: *there, ..thread }),
                Step::SentenceStart if !self.is_sentence_start(at) => {}
                Step::SentenceEnd if !self.is_sentence_end(at) => {}
                Step::SentenceStart | Step::SentenceEnd => {
                    stack.push(Thread { step: thread.step + 1, ..thread });
                }
                Step::Fits if thread.start < at => {
                    self.fits.push(TokenHit { tokens: thread.start..at, negated: thread.negated });
                }
                Step::Fits | Step::Stop => {}
                Step::Words(_) | Step::Switch(_) | Step::Shape(_) | Step::Skip => self.ready.push(thread),
            }
        }
    }

    fn is_sentence_start(&self, at: usize) -> bool {
        self.reading.tokens().get(at).is_none_or(|token| token.before >= Break::Line)
    }

    fn is_sentence_end(&self, at: usize) -> bool {
        let mut rest = self.reading.tokens()[at..].iter();
        rest.find_map(|token| match token.kind {
            _ if token.before >= Break::Line => Some(true),
            kind if kind.is_passed_over() => None,
            _ => Some(false),
        })
        .unwrap_or(true)
    }

    /// Reads what stands at `at` with one thread.
    fn read_on(&mut self, thread: Thread, at: usize) {
        let Some(token) = self.reading.tokens().get(at) else { return };
        if thread.start < at && token.before == Break::Sentence {
            return;
        }
        if thread.start < at && token.kind.is_passed_over() {
            self.waiting[at + 1].push(thread);
        }
        if thread.start < at && self.lexicon.negates(self.reading, at) {
            self.waiting[at + 1].push(Thread { negated: true, ..thread });
        }
        let next = Thread { step: thread.step + 1, ..thread };
        match &self.program.steps[thread.step] {
            Step::Words(words) => {
                let fits = |word: &WordId| words.binary_search(word).is_ok();
                if token.known.as_ref().is_some_and(fits) {
                    self.waiting[at + 1].push(next);
                }
                for edge in self.reading.edges_from(at).iter().filter(|edge| fits(&edge.word)) {
                    self.waiting[edge.to].push(next);
                }
            }
            Step::Switch(targets) => {
                let target = |word: WordId| {
                    let place = targets.binary_search_by_key(&word, |(word, _)| *word).ok()?;
                    Some(Thread { step: targets[place].1, ..thread })
                };
                if let Some(next) = token.known.and_then(target) {
                    self.waiting[at + 1].push(next);
                }
                for edge in self.reading.edges_from(at) {
                    if let Some(next) = target(edge.word) {
                        self.waiting[edge.to].push(next);
                    }
                }
            }
            Step::Skip => {
                let negated = thread.negated || self.lexicon.negates(self.reading, at);
                self.waiting[at + 1].push(Thread { negated, ..next });
            }
            Step::Shape(Shape::Word) if token.kind == TokenKind::Word => self.waiting[at + 1].push(next),
            Step::Shape(Shape::Number) if token.kind == TokenKind::Number => self.waiting[at + 1].push(next),
            Step::Shape(Shape::Surname) => {
                if let Some(length) = self.lexicon.surname_at(self.reading, at) {
                    self.waiting[at + length].push(next);
                }
            }
            Step::Shape(Shape::Name) => {
                if let Some(length) = self.lexicon.name_at(self.reading, at) {
                    self.waiting[at + length].push(next);
                }
            }
            _ => {}
        }
    }
}
