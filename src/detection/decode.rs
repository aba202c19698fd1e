//! Finds the vocabulary words that disguised spellings hide: digits for letters, masked, stretched, spaced, punctuated
//! and glued letters. Only words that some rule names are ever found, so ordinary oddities stay what they are.

use std::ops::Range;

use super::reading::{Edge, Token, TokenKind};
use super::vocabulary::{Vocabulary, WordId};

/// Shorter words are not looked for in disguise: too much ordinary text would read as one.
const SHORTEST: usize = 3;
/// Shorter words are not taken apart: "therapist" stays whole.
const SHORTEST_GLUED: usize = 10;
/// Longer words are not taken apart, so that the work stays linear.
const LONGEST_GLUED: usize = 60;
/// Longer chunks are links, codes or noise.
const LONGEST_CHUNK: usize = 40;

/// Every disguised word in the text, sorted by the token it starts at. Widens tokens that a disguise reaches beyond.
pub(super) fn edges(text: &str, tokens: &mut [Token], vocabulary: &Vocabulary) -> Vec<Edge> {
    let mut edges = Vec::new();
    stretched(text, tokens, vocabulary, &mut edges);
    chunks(text, tokens, vocabulary, &mut edges);
    spaced(text, tokens, vocabulary, &mut edges);
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// The lengths of the vocabulary words that a long unknown word is glued from.
pub(super) fn glued(word: &str, vocabulary: &Vocabulary) -> Option<Vec<usize>> {
    let fits = (SHORTEST_GLUED..=LONGEST_GLUED).contains(&word.len());
    if !fits || !word.bytes().all(|byte| byte.is_ascii_lowercase()) || vocabulary.id(word).is_some() {
        return None;
    }
    let mut last_part: Vec<Option<usize>> = vec![None; word.len() + 1];
    last_part[0] = Some(0);
    for end in SHORTEST..=word.len() {
        let shortest_first = (end.saturating_sub(vocabulary.longest())..=end - SHORTEST).rev();
        last_part[end] = shortest_first
            .filter(|start| last_part[*start].is_some())
            .find_map(|start| vocabulary.id(&word[start..end]).map(|_| end - start));
    }
    let mut parts = Vec::new();
    let mut end = word.len();
    while end > 0 {
        let length = last_part[end]?;
        parts.push(length);
        end -= length;
    }
    parts.reverse();
    Some(parts)
}

/// Words with a letter three times in a row.
fn stretched(text: &str, tokens: &[Token], vocabulary: &Vocabulary, edges: &mut Vec<Edge>) {
    for (from, token) in tokens.iter().enumerate() {
        let word = &text[token.at.clone()];
        if token.known.is_none() && token.kind == TokenKind::Word && is_stretched(word) {
            edges.extend(vocabulary.stretched(word).iter().map(|word| Edge {
                from,
                to: from + 1,
                word: *word,
            }));
        }
    }
}

fn is_stretched(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes
        .windows(3)
        .any(|three| three[0] == three[1] && three[1] == three[2] && three[0].is_ascii_alphabetic())
}

/// Chunks between blanks that hold more than letters.
fn chunks(text: &str, tokens: &mut [Token], vocabulary: &Vocabulary, edges: &mut Vec<Edge>) {
    let mut first = 0;
    for chunk in text.split_whitespace() {
        let outer = chunk.trim_matches(|letter: char| {
            !letter.is_alphanumeric() && !matches!(letter, '$' | '@' | '!') || letter == '\''
        });
        let outer = outer.trim_end_matches(['!', '@']);
        if outer.chars().all(|letter| letter.is_alphabetic() || letter == '\'') || outer.len() > LONGEST_CHUNK
        {
            continue;
        }
        let start = outer.as_ptr() as usize - text.as_ptr() as usize;
        let place = start..start + outer.len();
        first += tokens[first..].partition_point(|token| token.at.end <= place.start);
        let to = first + tokens[first..].partition_point(|token| token.at.start < place.end);
        let plain =
            tokens[first..to].iter().all(|token| matches!(token.kind, TokenKind::Word | TokenKind::Number));
        if first < to && plain {
            let found = readings(outer, vocabulary);
            if !found.is_empty() {
                widen(&mut tokens[first..to], &place);
            }
            edges.extend(found.into_iter().map(|word| Edge { from: first, to, word }));
        }
    }
}

fn widen(tokens: &mut [Token], place: &Range<usize>) {
    if let Some(first) = tokens.first_mut() {
        first.at.start = first.at.start.min(place.start);
    }
    if let Some(last) = tokens.last_mut() {
        last.at.end = last.at.end.max(place.end);
    }
}

/// The words that one chunk can be read as.
fn readings(chunk: &str, vocabulary: &Vocabulary) -> Vec<WordId> {
    let mut found = Vec::new();
    let mut keep = |word: &str| {
        if word.chars().count() >= SHORTEST {
            found.extend(vocabulary.id(word));
            if is_stretched(word) {
                found.extend(vocabulary.stretched(word));
            }
        }
    };
    keep(&chunk.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>());
    if chunk.chars().any(char::is_alphabetic) {
        for one in ['i', 'l'] {
            keep(&chunk.chars().filter_map(|letter| plain(letter, one)).collect::<String>());
        }
        let outline: Vec<_> = chunk.chars().map(|letter| (!is_mask(letter)).then_some(letter)).collect();
        let masked = outline.iter().filter(|letter| letter.is_none()).count();
        if masked > 0 && outline.len() > SHORTEST && outline.len() >= 2 * masked {
            found.extend(vocabulary.masked(&outline));
        }
    }
    found
}

/// The letter that a digit or sign stands for; `one` is what "1" stands for.
fn plain(letter: char, one: char) -> Option<char> {
    match letter {
        '0' => Some('o'),
        '1' | '|' => Some(one),
        '!' => Some('i'),
        '3' | '€' => Some('e'),
        '4' | '@' => Some('a'),
        '5' | '$' => Some('s'),
        '7' | '+' => Some('t'),
        '8' => Some('b'),
        '9' => Some('g'),
        _ => letter.is_alphanumeric().then_some(letter),
    }
}

fn is_mask(letter: char) -> bool {
    matches!(letter, '*' | '#' | '%' | '@' | '_' | '-' | '.' | '?' | '•' | '█')
}

/// Runs of single letters: "s t u p i d", "s.t.u.p.i.d".
fn spaced(text: &str, tokens: &[Token], vocabulary: &Vocabulary, edges: &mut Vec<Edge>) {
    let single = |token: &Token| {
        let mut letters = text[token.at.clone()].chars();
        let first = letters.next().and_then(|letter| plain(letter, 'i'));
        if letters.next().is_none() { first } else { None }
    };
    let mut start = 0;
    while start < tokens.len() {
        let run: Vec<char> = tokens[start..].iter().map_while(single).collect();
        if run.len() >= SHORTEST {
            for from in 0..run.len() {
                let mut word: String = run[from..run.len().min(from + SHORTEST - 1)].iter().collect();
                let longest = run.len().min(from + vocabulary.longest());
                for to in from + SHORTEST..=longest {
                    word.push(run[to - 1]);
                    let found = vocabulary.id(&word);
                    edges.extend(found.map(|word| Edge { from: start + from, to: start + to, word }));
                }
            }
        }
        start += run.len().max(1);
    }
}
