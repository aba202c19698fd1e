//! A text as the matchers see it: tokens in order, with every vocabulary word that a stretch of tokens can be read as.

use std::ops::Range;

use super::decode;
use super::fold::{Folded, fold};
use super::vocabulary::{Vocabulary, WordId};
use crate::domain::Span;

/// A text, folded and cut into tokens.
#[derive(Debug)]
pub(super) struct Reading<'t> {
    raw: &'t str,
    folded: Folded,
    words: String,
    tokens: Vec<Token>,
    edges: Vec<Edge>,
}

/// One word, number, emoji or mention.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Bytes of the folded text.
    pub(super) at: Range<usize>,
    /// Bytes of `Reading::words`.
    word: Range<usize>,
    /// The vocabulary word it is as written.
    pub(super) known: Option<WordId>,
    /// What kind of token it is.
    pub(super) kind: TokenKind,
    /// The strongest punctuation before it.
    pub(super) before: Break,
    /// Whether it is written with a capital first letter and small ones after it.
    pub(super) capital: bool,
    /// Whether it stands inside quotation marks or a quoted line.
    pub(super) quoted: bool,
}

/// Kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word,
    Number,
    Emoji,
    Mention,
    Link,
}

impl TokenKind {
    /// Whether a phrase may pass over it without naming it.
    pub(super) fn is_passed_over(self) -> bool {
        matches!(self, Self::Emoji | Self::Mention)
    }
}

/// Punctuation between two tokens, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    None,
    Clause,
    Line,
    Sentence,
}

/// A stretch of tokens that reads as a word of the Vocabulary, though it is not written as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) word: WordId,
}

impl<'t> Reading<'t> {
    /// Reads a text with the words of a Vocabulary.
    pub(super) fn of(raw: &'t str, vocabulary: &Vocabulary) -> Self {
        let folded = fold(raw);
        let mut cutter =
            Cutter { raw, folded: &folded, vocabulary, words: String::new(), tokens: Vec::new() };
        cutter.cut();
        let Cutter { words, mut tokens, .. } = cutter;
        let edges = decode::edges(folded.text(), &mut tokens, vocabulary);
        Self { raw, folded, words, tokens, edges }
    }

    /// The original text.
    pub(super) fn raw(&self) -> &'t str {
        self.raw
    }

    /// The folded text.
    pub(super) fn folded(&self) -> &str {
        self.folded.text()
    }

    /// The tokens in order.
    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The folded word of a token, without apostrophes.
    pub(super) fn word(&self, token: &Token) -> &str {
        &self.words[token.word.clone()]
    }

    /// The disguised words that start at a token.
    pub(super) fn edges_from(&self, token: usize) -> &[Edge] {
        let start = self.edges.partition_point(|edge| edge.from < token);
        let length = self.edges[start..].partition_point(|edge| edge.from == token);
        &self.edges[start..start + length]
    }

    /// Every vocabulary word that occurs, as written or disguised.
    pub(super) fn known_words(&self) -> impl Iterator<Item = WordId> {
        self.tokens.iter().filter_map(|token| token.known).chain(self.edges.iter().map(|edge| edge.word))
    }

    /// The original bytes of a stretch of the folded text.
    pub(super) fn span_of_folded(&self, folded: Range<usize>) -> Span {
        let original = self.folded.original(folded);
        Span { start: original.start, end: original.end }
    }

    /// The folded bytes that stand for a stretch of the original, where any do.
    pub(super) fn folded_of(&self, original: Range<usize>) -> Option<Range<usize>> {
        self.folded.of_original(original)
    }

    /// The tokens that a stretch of the folded text touches.
    pub(super) fn tokens_in(&self, folded: &Range<usize>) -> Range<usize> {
        let start = self.tokens.partition_point(|token| token.at.end <= folded.start);
        let end = self.tokens.partition_point(|token| token.at.start < folded.end);
        start..end.max(start)
    }

    /// How a stretch of the folded text is read: disguised words as the words they hide.
    pub(super) fn read_as(&self, folded: &Range<usize>, vocabulary: &Vocabulary) -> String {
        let tokens = self.tokens_in(folded);
        let text = self.folded.text();
        let mut read = String::new();
        let mut at = folded.start;
        let mut token = tokens.start;
        while token < tokens.end {
            let hidden =
                self.edges_from(token).iter().filter(|edge| edge.to <= tokens.end).max_by_key(|edge| edge.to);
            if let Some(edge) =
                hidden.filter(|edge| self.tokens[token].known.is_none() || edge.to > token + 1)
            {
                read.push_str(&text[at..self.tokens[token].at.start.max(at)]);
                read.push_str(vocabulary.word(edge.word));
                at = self.tokens[edge.to - 1].at.end;
                token = edge.to;
            } else {
                token += 1;
            }
        }
        read.push_str(&text[at.min(folded.end)..folded.end]);
        read
    }
}

/// Cuts a folded text into tokens.
#[derive(Debug)]
struct Cutter<'a> {
    raw: &'a str,
    folded: &'a Folded,
    vocabulary: &'a Vocabulary,
    words: String,
    tokens: Vec<Token>,
}

impl Cutter<'_> {
    fn cut(&mut self) {
        let text = self.folded.text();
        let mut at = 0;
        let mut before = Break::Sentence;
        let mut quotes = Quotes::default();
        while let Some(letter) = text[at..].chars().next() {
            let end = at + letter.len_utf8();
            let made = self.tokens.len();
            at = if let Some((kind, end)) = markup_end(text, at) {
                self.push(at..end, kind);
                end
            } else if letter == '\'' && is_possessive(text, at) {
                self.push(at..at + 2, TokenKind::Word);
                at + 2
            } else if let Some(length) = elision(text, at) {
                self.push(at..at + length, TokenKind::Word);
                at + length
            } else if letter.is_alphanumeric() {
                self.word(at)
            } else if is_emoji(letter) {
                self.push(at..end, TokenKind::Emoji);
                end
            } else {
                let rest = &text[end..];
                before = before.max(break_of(letter, &text[..at], rest));
                quotes.see(letter, text, at, &mut self.tokens);
                end
            };
            for token in &mut self.tokens[made..] {
                token.before = before;
                token.quoted = quotes.in_quoted_line;
                before = Break::None;
            }
        }
    }

    /// Cuts the word that starts at `start`; returns where it ends.
    fn word(&mut self, start: usize) -> usize {
        let text = self.folded.text();
        let mut end = start;
        for (at, letter) in text[start..].char_indices().map(|(at, letter)| (start + at, letter)) {
            let inside = letter.is_alphanumeric()
                || letter == '\''
                    && !is_possessive(text, at)
                    && text[at + 1..].starts_with(char::is_alphanumeric);
            if !inside {
                break;
            }
            end = at + letter.len_utf8();
        }
        let number = text[start..end].bytes().all(|byte| byte.is_ascii_digit());
        if !number && let Some(parts) = decode::glued(&text[start..end], self.vocabulary) {
            let mut at = start;
            for length in parts {
                self.push(at..at + length, TokenKind::Word);
                at += length;
            }
        } else {
            self.push(start..end, if number { TokenKind::Number } else { TokenKind::Word });
        }
        end
    }

    fn push(&mut self, at: Range<usize>, kind: TokenKind) {
        let text = self.folded.text();
        let from = self.words.len();
        let is_possessive = text[at.clone()].starts_with('\'');
        self.words.extend(text[at.clone()].chars().filter(|letter| is_possessive || *letter != '\''));
        let word = from..self.words.len();
        let known = self.vocabulary.id(&self.words[word.clone()]);
        let original = &self.raw[self.folded.original(at.clone())];
        let mut letters = original.chars();
        let capital = letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_lowercase);
        self.tokens.push(Token { at, word, known, kind, before: Break::None, capital, quoted: false });
    }
}

/// Which quotation is open.
#[derive(Debug, Default)]
struct Quotes {
    double_since: Option<usize>,
    single_since: Option<usize>,
    in_quoted_line: bool,
}

impl Quotes {
    /// Takes note of a character that is not part of a token; closing marks colour the tokens since the opening one.
    fn see(&mut self, letter: char, text: &str, at: usize, tokens: &mut [Token]) {
        let after_word = text[..at].ends_with(|before: char| !before.is_whitespace());
        let before_word = text[at + letter.len_utf8()..].starts_with(|after: char| !after.is_whitespace());
        let starts_line = at == 0 || text[..at].ends_with('\n');
        let open = match letter {
            '>' if starts_line => {
                self.in_quoted_line = true;
                return;
            }
            '\n' => {
                self.in_quoted_line = false;
                return;
            }
            '"' => &mut self.double_since,
            '\'' => &mut self.single_since,
            _ => return,
        };
        match *open {
            Some(since) if letter == '"' || after_word => {
                tokens[since..].iter_mut().for_each(|token| token.quoted = true);
                *open = None;
            }
            None if letter == '"' || before_word && !after_word => *open = Some(tokens.len()),
            _ => {}
        }
    }
}

/// Whether `'s` at this place ends a word: "Ann's", but not "l'sport".
fn is_possessive(text: &str, at: usize) -> bool {
    let rest = &text[at..];
    rest.starts_with("'s")
        && !rest[2..].starts_with(char::is_alphanumeric)
        && text[..at].ends_with(char::is_alphanumeric)
}

/// The length of an elided French word that starts at this place: "l'examen", "qu'elle".
fn elision(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let article = ["l'", "d'", "j'", "n'", "m'", "t'", "s'", "c'", "qu'"]
        .into_iter()
        .find(|word| rest.starts_with(word))?;
    let follows = rest[article.len()..].starts_with(['a', 'e', 'i', 'o', 'u', 'y', 'h']);
    (follows && !text[..at].ends_with(char::is_alphanumeric)).then_some(article.len())
}

/// Where Discord's markup (`<@1>`, `<#1>`, `<:name:1>`, `<t:1>`) or a link that starts here ends.
fn markup_end(text: &str, at: usize) -> Option<(TokenKind, usize)> {
    let rest = &text[at..];
    if ["<@", "<#", "<:", "<a:", "<t:"].iter().any(|opening| rest.starts_with(opening)) {
        let end = rest.bytes().take(80).position(|byte| byte == b'>')?;
        return Some((TokenKind::Mention, at + end + 1));
    }
    if rest.starts_with("https://") || rest.starts_with("http://") {
        let end = rest.find(|letter: char| letter.is_whitespace() || letter == '>').unwrap_or(rest.len());
        return Some((TokenKind::Link, at + end));
    }
    None
}

fn is_emoji(letter: char) -> bool {
    matches!(letter, '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{1F300}'..='\u{1FAFF}')
}

/// Whether a text ends with a title that is written with a full stop: "Mr. Hale".
fn ends_with_title(text: &str) -> bool {
    let last = text.rsplit(|letter: char| !letter.is_alphanumeric()).next();
    last.is_some_and(|last| ["mr", "mrs", "ms", "mme", "dr", "st", "no", "vs"].contains(&last))
}

/// How strongly a punctuation character parts the words around it.
fn break_of(letter: char, before: &str, after: &str) -> Break {
    let ends_word = after.is_empty() || after.starts_with(|next: char| !next.is_alphanumeric());
    match letter {
        '.' if ends_with_title(before) => Break::None,
        '.' if before.ends_with('.') || after.starts_with('.') => Break::Clause,
        '.' | '!' | '?' | ';' if ends_word => Break::Sentence,
        '\n' => Break::Line,
        ',' | ':' | '(' | ')' => Break::Clause,
        _ => Break::None,
    }
}
