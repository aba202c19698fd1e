//! Members' words made fit to be shown: nothing in them formats, links or mentions, and the flagged ones stand out.

use crate::domain::{MessageText, Span};

/// How many characters of a text are shown at most; flagged words stay in view.
const SHOWN: usize = 1500;
/// How many characters before the first flagged word are shown of a text that is too long.
const BEFORE: usize = 300;

/// The text with its flagged words in bold and underlined.
pub(super) fn marked(text: &MessageText, spans: &[Span]) -> String {
    let whole = text.expose();
    let mut out = String::new();
    let mut at = 0;
    for span in merged(whole, spans) {
        out.push_str(&escaped(whole.get(at..span.start).unwrap_or_default()));
        let flagged = whole.get(span.start..span.end).unwrap_or_default();
        out.push_str("__**");
        out.push_str(&escaped(flagged));
        out.push_str("**__");
        at = span.end;
    }
    out.push_str(&escaped(whole.get(at..).unwrap_or_default()));
    out
}

/// As [`marked`], for a text that may be too long to show: cut around the first flagged words.
pub(super) fn excerpt(text: &MessageText, spans: &[Span]) -> String {
    let whole = text.expose();
    if whole.chars().count() <= SHOWN {
        return marked(text, spans);
    }
    let first = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let start = floor_boundary(whole, back(whole, first, BEFORE));
    let end = whole[start..].char_indices().nth(SHOWN).map_or(whole.len(), |(at, _)| start + at);
    let inside: Vec<Span> = spans
        .iter()
        .filter(|span| span.start >= start && span.end <= end)
        .map(|span| Span { start: span.start - start, end: span.end - start })
        .collect();
    let cut = marked(&MessageText::from(&whole[start..end]), &inside);
    let (before, after) = (if start > 0 { "… " } else { "" }, if end < whole.len() { " …" } else { "" });
    format!("{before}{cut}{after}")
}

/// The text with everything that Discord would format taken literally.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '#' | '[' | ']' | '(' | ')' | '-' => {
                out.push('\\');
                out.push(letter);
            }
            // A zero-width space keeps mentions, emoji names and addresses from coming to life.
            '<' | '@' | ':' => {
                out.push(letter);
                out.push('\u{200B}');
            }
            _ => out.push(letter),
        }
    }
    out
}

/// The spans that fit the text, in order, those that touch joined into one.
fn merged(text: &str, spans: &[Span]) -> Vec<Span> {
    let mut fitting: Vec<Span> = spans
        .iter()
        .copied()
        .filter(|span| span.start < span.end && text.get(span.start..span.end).is_some())
        .collect();
    fitting.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(fitting.len());
    for span in fitting {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// The byte where so many characters before `at` begin.
fn back(text: &str, at: usize, characters: usize) -> usize {
    let at = floor_boundary(text, at);
    text[..at].char_indices().rev().nth(characters.saturating_sub(1)).map_or(0, |(start, _)| start)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    #[test]
    fn flagged_words_stand_out_and_nothing_else_formats() {
        let text = MessageText::from("you *are* a loser");
        assert_eq!(marked(&text, &[span(0, 3), span(12, 17)]), "__**you**__ \\*are\\* a __**loser**__");
        assert_eq!(marked(&text, &[span(0, 3), span(2, 9), span(90, 95)]), "__**you \\*are\\***__ a loser");
        assert_eq!(escaped("<@1> @here"), "<\u{200B}@\u{200B}1\\> @\u{200B}here");
    }

    #[test]
    fn a_long_text_is_cut_around_its_flagged_words() {
        let text = MessageText::new(format!("{}loser{}", "a ".repeat(2_000), " b".repeat(2_000)));
        let shown = excerpt(&text, &[span(4_000, 4_005)]);
        assert!(shown.starts_with("… ") && shown.ends_with(" …") && shown.contains("__**loser**__"));
        assert!(shown.chars().count() < 2 * SHOWN);
    }

    proptest! {
        #[test]
        fn any_text_with_any_spans_can_be_shown(text in "\\PC{0,80}", ends in prop::collection::vec((0usize..90, 0usize..90), 0..4)) {
            let spans: Vec<Span> = ends.iter().map(|(start, end)| span(*start, *end)).collect();
            let text = MessageText::new(text.repeat(60));
            let shown = excerpt(&text, &spans);
            prop_assert!(shown.chars().count() <= 4 * SHOWN);
        }
    }
}
