//! Breaking text into lines that fit a narrow terminal.

/// The most columns that are used.
pub(super) const WIDTH: usize = 78;

/// Breaks a text at blanks, so that lines have at most `first` columns, then `rest`. Line breaks in the text stay.
/// A word that is too long for a line stands alone on one.
pub(super) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let room = if lines.is_empty() { first } else { rest };
            if !line.is_empty() && columns(&line) + 1 + columns(word) > room {
                lines.push(std::mem::take(&mut line));
            } else if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// How many columns a text takes; wide letters are counted as one.
pub(super) fn columns(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_broken_at_blanks_and_keeps_its_own_lines() {
        assert_eq!(wrap("one two three\nfour", 5, 9), ["one", "two three", "four"]);
        assert_eq!(wrap("", 5, 5), [""]);
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_line_of_several_words_is_too_long(text in "[a-z\n ]{0,80}") {
            let lines = wrap(&text, 10, 12);
            let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&lines.join(" ")), words(&text));
            for line in &lines {
                prop_assert!(columns(line) <= 12 || line.split_whitespace().count() == 1, "{}", line);
            }
        }
    }
}
