//! Folds a text to the plain letters it is read as, with a map back to the original bytes.
//! Words, spelling tricks and vocabulary live in `reading` and `decode`.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

/// A text after folding: lower case, one width, no ignorables, no accents, emoji letters as letters, look-alikes
/// resolved inside words that mix scripts.
#[derive(Debug)]
pub(super) struct Folded {
    text: String,
    map: Map,
}

/// Where each byte of the folded text comes from.
#[derive(Debug)]
enum Map {
    /// Byte for byte.
    Same,
    /// First and past-the-last byte of the original, one pair for each folded byte.
    Bytes(Vec<(usize, usize)>),
}

/// One folded letter and the original bytes it stands for.
#[derive(Debug, Clone, Copy)]
struct Letter {
    plain: char,
    from: usize,
    to: usize,
}

/// Folds `raw`. Never fails, and folding twice gives the same as folding once.
pub(super) fn fold(raw: &str) -> Folded {
    if raw.is_ascii() && !raw.bytes().any(|byte| byte == 0x7f || (byte < 0x20 && !byte.is_ascii_whitespace()))
    {
        return Folded { text: raw.to_ascii_lowercase(), map: Map::Same };
    }
    let mut letters = Vec::with_capacity(raw.len());
    for (from, original) in raw.char_indices() {
        let to = from + original.len_utf8();
        let before = letters.len();
        fold_letter(original, &mut |letter| letters.push(Letter { plain: letter, from, to }));
        if letters.len() == before
            && is_mark(original)
            && let Some(last) = letters.last_mut()
        {
            last.to = to;
        }
    }
    resolve_look_alikes(&mut letters);
    let mut text = String::with_capacity(raw.len());
    let mut map = Vec::with_capacity(raw.len());
    for Letter { plain, from, to } in letters {
        text.push(plain);
        map.resize(text.len(), (from, to));
    }
    Folded { text, map: Map::Bytes(map) }
}

impl Folded {
    /// The folded text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The original bytes that a stretch of folded bytes stands for.
    pub(super) fn original(&self, folded: Range<usize>) -> Range<usize> {
        match &self.map {
            Map::Same => folded,
            Map::Bytes(map) if folded.is_empty() => {
                let at =
                    map.get(folded.start).map_or_else(|| map.last().map_or(0, |last| last.1), |here| here.0);
                at..at
            }
            Map::Bytes(map) => map[folded.start].0..map[folded.end - 1].1,
        }
    }

    /// The folded bytes that stand for a stretch of the original; nothing where all of it was dropped.
    pub(super) fn of_original(&self, original: Range<usize>) -> Option<Range<usize>> {
        match &self.map {
            Map::Same => Some(original),
            Map::Bytes(map) => {
                let start = map.partition_point(|(_, to)| *to <= original.start);
                let end = map.partition_point(|(from, _)| *from < original.end);
                (start < end).then_some(start..end)
            }
        }
    }
}

/// What one character folds to by itself.
fn fold_letter(original: char, emit: &mut impl FnMut(char)) {
    if let Some(plain) = plain_letter(original) {
        emit(plain);
        return;
    }
    for part in std::iter::once(original).nfkd() {
        for lower in part.to_lowercase() {
            for letter in std::iter::once(lower).nfkd() {
                match letter {
                    _ if is_ignorable(letter)
                        || is_mark(letter)
                        || letter.is_control() && !letter.is_whitespace() => {}
                    'ß' => "ss".chars().for_each(&mut *emit),
                    'æ' => "ae".chars().for_each(&mut *emit),
                    'œ' => "oe".chars().for_each(&mut *emit),
                    _ => emit(plain_letter(letter).unwrap_or_else(|| plain_latin(letter))),
                }
            }
        }
    }
}

/// Letters that emoji spell, and the many apostrophes and quotation marks.
fn plain_letter(letter: char) -> Option<char> {
    let in_alphabet = |first: u32| char::from_u32(u32::from('a') + (u32::from(letter) - first));
    match letter {
        '\u{1F1E6}'..='\u{1F1FF}' => in_alphabet(0x1F1E6),
        '\u{1F150}'..='\u{1F169}' => in_alphabet(0x1F150),
        '\u{1F170}'..='\u{1F189}' => in_alphabet(0x1F170),
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02BC}' | '\u{00B4}' | '\u{2032}' => Some('\''),
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{201F}' | '\u{00AB}' | '\u{00BB}' => Some('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        _ => None,
    }
}

/// A Latin letter outside ASCII by its look.
fn plain_latin(letter: char) -> char {
    if letter.is_ascii() || letter.script() != Script::Latin {
        letter
    } else {
        look_alike(letter).unwrap_or(letter)
    }
}

/// The ASCII letter or digit that a character looks like.
fn look_alike(letter: char) -> Option<char> {
    match decancer::cure_char!(letter) {
        decancer::Translation::Character(plain) if plain.is_ascii_alphanumeric() => {
            Some(plain.to_ascii_lowercase())
        }
        _ => None,
    }
}

/// Replaces look-alikes inside words that mix scripts; other words keep their script.
fn resolve_look_alikes(letters: &mut [Letter]) {
    let mut rest = letters;
    while !rest.is_empty() {
        let is_word = rest[0].plain.is_alphanumeric();
        let length = rest.iter().take_while(|letter| letter.plain.is_alphanumeric() == is_word).count();
        let (word, after) = rest.split_at_mut(length);
        if is_word && mixes_scripts(word) {
            for letter in word.iter_mut().filter(|letter| !letter.plain.is_ascii()) {
                letter.plain = look_alike(letter.plain).unwrap_or(letter.plain);
            }
        }
        rest = after;
    }
}

/// Whether a word draws on two of the alphabets that are mistaken for each other.
fn mixes_scripts(word: &[Letter]) -> bool {
    let mut first = None;
    for Letter { plain, .. } in word {
        let script = plain.script();
        let confusable = matches!(
            script,
            Script::Latin
                | Script::Greek
                | Script::Cyrillic
                | Script::Armenian
                | Script::Cherokee
                | Script::Coptic
        );
        if confusable && *first.get_or_insert(script) != script {
            return true;
        }
    }
    false
}

/// Marks that sit on Latin, Greek and Cyrillic letters; the vowel signs of other scripts carry meaning and stay.
fn is_mark(letter: char) -> bool {
    matches!(letter,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Characters that show nothing.
fn is_ignorable(letter: char) -> bool {
    matches!(letter,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn disguised_letters_are_read_as_plain_ones() {
        for (raw, read) in [
            ("STUPID", "stupid"),
            ("ｓｔｕｐｉｄ", "stupid"),
            ("𝗌𝗍𝗎𝗉𝗂𝖽", "stupid"),
            ("st\u{200B}up\u{00AD}id", "stupid"),
            ("s̶t̶ú̸p̈id", "stupid"),
            ("ѕtuріd", "stupid"),
            ("🇸🇹🇺🇵🇮🇩", "stupid"),
            ("🅂🅃🅄🄿🄸🄳 ⓢⓣⓤⓟⓘⓓ", "stupid stupid"),
            ("Élève, cœur", "eleve, coeur"),
            ("don’t “go”", "don't \"go\""),
        ] {
            assert_eq!(fold(raw).text(), read, "{raw}");
        }
    }

    #[test]
    fn words_in_other_scripts_keep_their_script() {
        for raw in ["привет как дела", "καλημέρα", "مرحبا", "ありがとう"] {
            let folded = fold(raw);
            assert!(
                !folded.text().chars().any(|letter| letter.is_ascii_alphabetic()),
                "{raw}: {}",
                folded.text()
            );
        }
    }

    proptest! {
        #[test]
        fn folding_is_total_idempotent_and_maps_to_character_boundaries(raw in "\\PC*|[a-zA-Zé\u{200B}\u{301}р🇸𝗌ｓ. ]{0,40}") {
            let folded = fold(&raw);
            let again = fold(folded.text());
            prop_assert_eq!(again.text(), folded.text());
            for (at, letter) in folded.text().char_indices() {
                let original = folded.original(at..at + letter.len_utf8());
                prop_assert!(raw.get(original.clone()).is_some_and(|part| !part.is_empty()), "{:?}", original);
            }
        }
    }
}
