//! Reads the grammar of phrases and compiles them for the automaton.

use std::collections::BTreeMap;

use super::automaton::{Program, Shape, Step};
use crate::detection::reading::Reading;
use crate::detection::vocabulary::{Vocabulary, WordId};

/// Words of a gap without a number.
const DEFAULT_GAP: usize = 3;
/// Words of the longest gap.
const LONGEST_GAP: usize = 12;
/// Classes may not name classes that name classes without end.
const DEEPEST: usize = 4;
/// Instructions of the longest phrase.
const LONGEST_PROGRAM: usize = 20_000;
/// Words too common to wake a phrase up, where it has any other.
const COMMON: &[&str] = &[
    "a", "about", "all", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can",
    "did", "do", "dont", "for", "from", "get", "go", "got", "had", "has", "have", "he", "her", "him", "his",
    "i", "if", "im", "in", "is", "it", "its", "just", "like", "me", "my", "no", "not", "of", "on", "or",
    "our", "out", "r", "'s", "she", "so", "that", "the", "their", "them", "they", "this", "to", "too", "u",
    "up", "ur", "us", "was", "we", "were", "what", "when", "who", "will", "with", "you", "your", "youre",
];

/// The word classes by name, each entry a phrase of its own.
pub(in crate::detection) type Classes = BTreeMap<String, Vec<String>>;

/// What is wrong with a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::detection) struct PhraseError {
    pub(in crate::detection) what: String,
    pub(in crate::detection) remedy: String,
}

fn wrong(what: impl Into<String>, remedy: impl Into<String>) -> PhraseError {
    PhraseError { what: what.into(), remedy: remedy.into() }
}

/// A phrase as a tree.
#[derive(Debug, Clone)]
enum Node {
    Words(Vec<WordId>),
    Shape(Shape),
    Gap(usize),
    Start,
    End,
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Option(Box<Node>),
}

/// Compiles one phrase; its words join the Vocabulary. A phrase without a word that is always there has no anchors.
pub(in crate::detection) fn compile(
    phrase: &str,
    classes: &Classes,
    vocabulary: &mut Vocabulary,
) -> Result<Program, PhraseError> {
    let node = Parser { rest: phrase, classes, vocabulary, depth: 0 }.phrase()?;
    let mut anchors = anchors(&node, vocabulary).map(|(_, words)| words).unwrap_or_default();
    anchors.sort_unstable();
    anchors.dedup();
    let mut steps = Vec::new();
    emit(&node, &mut steps);
    steps.push(Step::Fits);
    if steps.len() > LONGEST_PROGRAM {
        return Err(wrong("the phrase is too large", "split it into several phrases"));
    }
    Ok(Program::new(steps, anchors))
}

/// Reads one phrase from left to right.
struct Parser<'a> {
    rest: &'a str,
    classes: &'a Classes,
    vocabulary: &'a mut Vocabulary,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn phrase(mut self) -> Result<Node, PhraseError> {
        let node = self.alternatives()?;
        match self.rest.chars().next() {
            None => Ok(node),
            Some(letter) => {
                Err(wrong(format!("`{letter}` closes nothing"), "remove it or add its opening half"))
            }
        }
    }

    /// Sequences parted by `|`.
    fn alternatives(&mut self) -> Result<Node, PhraseError> {
        let mut branches = vec![self.sequence()?];
        while self.takes("|") {
            branches.push(self.sequence()?);
        }
        Ok(either(branches))
    }

    fn sequence(&mut self) -> Result<Node, PhraseError> {
        let mut parts = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || self.rest.starts_with(['|', ')', ']', '}', '>']) {
                break;
            }
            parts.push(self.item()?);
        }
        match parts.len() {
            0 => Err(wrong(
                "nothing stands where words are expected",
                "write a word there or remove the empty place",
            )),
            1 => Ok(parts.remove(0)),
            _ => Ok(Node::Sequence(parts)),
        }
    }

    fn item(&mut self) -> Result<Node, PhraseError> {
        if self.takes("(") {
            let node = self.alternatives()?;
            return if self.takes(")") { Ok(node) } else { Err(unclosed("(", ")")) };
        }
        if self.takes("[") {
            let node = self.alternatives()?;
            return if self.takes("]") { Ok(Node::Option(Box::new(node))) } else { Err(unclosed("[", "]")) };
        }
        if self.takes("{") {
            let name = self.until('}', "{")?;
            return self.class(name);
        }
        if self.takes("<") {
            let name = self.until('>', "<")?;
            return match name {
                "name" => Ok(Node::Shape(Shape::Name)),
                "surname" => Ok(Node::Shape(Shape::Surname)),
                "number" => Ok(Node::Shape(Shape::Number)),
                "word" => Ok(Node::Shape(Shape::Word)),
                _ => Err(wrong(
                    format!("`<{name}>` is not a shape"),
                    "use <name>, <surname>, <number> or <word>",
                )),
            };
        }
        if self.takes("^") {
            return Ok(Node::Start);
        }
        if self.takes("$") {
            return Ok(Node::End);
        }
        if self.takes("..") {
            return self.gap();
        }
        self.plain_word()
    }

    fn takes(&mut self, mark: &str) -> bool {
        let rest = self.rest.trim_start();
        rest.strip_prefix(mark).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn until(&mut self, close: char, open: &str) -> Result<&'a str, PhraseError> {
        let (name, rest) = self.rest.split_once(close).ok_or_else(|| unclosed(open, &close.to_string()))?;
        self.rest = rest;
        Ok(name)
    }

    fn gap(&mut self) -> Result<Node, PhraseError> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let length = if number.is_empty() { Ok(DEFAULT_GAP) } else { number.parse() };
        match length {
            Ok(length @ 1..=LONGEST_GAP) => Ok(Node::Gap(length)),
            _ => Err(wrong(format!("`..{number}` is not a gap"), format!("use `..1` to `..{LONGEST_GAP}`"))),
        }
    }

    fn class(&mut self, name: &str) -> Result<Node, PhraseError> {
        let Some(entries) = self.classes.get(name) else {
            let names: Vec<_> = self.classes.keys().map(String::as_str).collect();
            let remedy = crate::detection::fields::suggestion(name, &names);
            return Err(wrong(format!("there is no word class `{name}`"), remedy));
        };
        if self.depth == DEEPEST {
            return Err(wrong(format!("the word class `{name}` names itself"), "take the circle apart"));
        }
        let mut branches = Vec::with_capacity(entries.len());
        for entry in entries {
            let (classes, depth) = (self.classes, self.depth + 1);
            branches.push(Parser { rest: entry, classes, vocabulary: self.vocabulary, depth }.phrase()?);
        }
        Ok(either(branches))
    }

    fn plain_word(&mut self) -> Result<Node, PhraseError> {
        let ends = |letter: char| letter.is_whitespace() || "()[]{}<>|^$".contains(letter);
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let reading = Reading::of(word, &Vocabulary::default());
        let words: Vec<_> = reading
            .tokens()
            .iter()
            .map(|token| Node::Words(vec![self.vocabulary.add(reading.word(token))]))
            .collect();
        match words.len() {
            0 => Err(wrong(format!("`{word}` is not a word"), "use letters or digits")),
            1 => Ok(words.into_iter().next().unwrap_or(Node::Start)),
            _ => Ok(Node::Sequence(words)),
        }
    }
}

fn unclosed(open: &str, close: &str) -> PhraseError {
    wrong(format!("`{open}` is not closed"), format!("add `{close}`"))
}

/// Alternatives, single words gathered into one set.
fn either(branches: Vec<Node>) -> Node {
    let mut words = Vec::new();
    let mut others = Vec::new();
    for branch in branches {
        match branch {
            Node::Words(ids) => words.extend(ids),
            other => others.push(other),
        }
    }
    if !words.is_empty() {
        words.sort_unstable();
        words.dedup();
        others.push(Node::Words(words));
    }
    if others.len() == 1 { others.remove(0) } else { Node::Either(others) }
}

/// The cheapest set of words of which one is in every text that fits, with its cost.
fn anchors(node: &Node, vocabulary: &Vocabulary) -> Option<(usize, Vec<WordId>)> {
    match node {
        Node::Words(ids) => {
            let cost = |id: &WordId| if COMMON.contains(&vocabulary.word(*id)) { 10_000 } else { 1 };
            Some((ids.iter().map(cost).sum(), ids.clone()))
        }
        Node::Sequence(parts) => {
            parts.iter().filter_map(|part| anchors(part, vocabulary)).min_by_key(|(cost, _)| *cost)
        }
        Node::Either(branches) => {
            let mut all = (0, Vec::new());
            for branch in branches {
                let (cost, ids) = anchors(branch, vocabulary)?;
                all.0 += cost;
                all.1.extend(ids);
            }
            Some(all)
        }
        Node::Shape(_) | Node::Gap(_) | Node::Start | Node::End | Node::Option(_) => None,
    }
}

fn emit(node: &Node, steps: &mut Vec<Step>) {
    match node {
        Node::Words(ids) => steps.push(Step::Words(ids.clone().into_boxed_slice())),
        Node::Shape(shape) => steps.push(Step::Shape(*shape)),
        Node::Start => steps.push(Step::SentenceStart),
        Node::End => steps.push(Step::SentenceEnd),
        Node::Gap(length) => {
            let end = steps.len() + 2 * length;
            for _ in 0..*length {
                steps.push(Step::Fork(end));
                steps.push(Step::Skip);
            }
        }
        Node::Sequence(parts) => parts.iter().for_each(|part| emit(part, steps)),
        Node::Option(inner) => {
            let fork = steps.len();
            steps.push(Step::Fork(0));
            emit(inner, steps);
            steps[fork] = Step::Fork(steps.len());
        }
        Node::Either(branches) => emit_either(branches, steps),
    }
}

/// Alternatives: those that begin with one certain word become one look-up, the others are tried in turn.
fn emit_either(branches: &[Node], steps: &mut Vec<Step>) {
    let mut by_word: BTreeMap<WordId, Vec<&[Node]>> = BTreeMap::new();
    let mut others = Vec::new();
    for branch in branches {
        match branch {
            Node::Words(words) => words.iter().for_each(|word| by_word.entry(*word).or_default().push(&[])),
            Node::Sequence(parts) => match parts.as_slice() {
                [Node::Words(words), rest @ ..] if words.len() == 1 => {
                    by_word.entry(words[0]).or_default().push(rest);
                }
                _ => others.push(branch),
            },
            _ => others.push(branch),
        }
    }
    let mut leaps = Vec::new();
    for branch in others {
        let fork = steps.len();
        steps.push(Step::Fork(0));
        emit(branch, steps);
        leaps.push(steps.len());
        steps.push(Step::Leap(0));
        steps[fork] = Step::Fork(steps.len());
    }
    let switch = steps.len();
    steps.push(Step::Switch(Box::default()));
    let mut targets = Vec::new();
    for (word, rests) in by_word {
        targets.push((word, steps.len()));
        if let [rest] = rests.as_slice()
            && rest.is_empty()
        {
            leaps.push(steps.len());
            steps.push(Step::Leap(0));
            continue;
        }
        for rest in rests {
            let fork = steps.len();
            steps.push(Step::Fork(0));
            for part in rest {
                emit(part, steps);
            }
            leaps.push(steps.len());
            steps.push(Step::Leap(0));
            steps[fork] = Step::Fork(steps.len());
        }
        steps.push(Step::Stop);
    }
    steps[switch] = Step::Switch(targets.into());
    let end = steps.len();
    for leap in leaps {
        steps[leap] = Step::Leap(end);
    }
}
