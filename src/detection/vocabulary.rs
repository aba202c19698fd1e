//! Every word that some phrase names, numbered, with the look-ups that disguised spellings need.

use std::collections::HashMap;

/// The number of a word in the Vocabulary.
pub(super) type WordId = u32;

/// Every word that some phrase names.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    ids: HashMap<Box<str>, WordId>,
    words: Vec<Box<str>>,
    squeezed: HashMap<String, Vec<WordId>>,
    outlines: HashMap<(usize, char), Vec<WordId>>,
    longest: usize,
}

impl Vocabulary {
    /// The number of a folded word, given now if it is new.
    pub(super) fn add(&mut self, word: &str) -> WordId {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        let id = WordId::try_from(self.words.len()).unwrap_or(WordId::MAX);
        self.words.push(word.into());
        self.ids.insert(word.into(), id);
        self.squeezed.entry(squeeze(word)).or_default().push(id);
        let length = word.chars().count();
        if let Some(first) = word.chars().next() {
            self.outlines.entry((length, first)).or_default().push(id);
        }
        self.longest = self.longest.max(length);
        id
    }

    /// The number of a folded word.
    pub(super) fn id(&self, word: &str) -> Option<WordId> {
        self.ids.get(word).copied()
    }

    /// The word behind a number.
    pub(super) fn word(&self, id: WordId) -> &str {
        self.words.get(id as usize).map_or("", |word| word)
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// Letters of the longest word.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// The words that a word with stretched letters may be.
    pub(super) fn stretched(&self, word: &str) -> &[WordId] {
        self.squeezed.get(&squeeze(word)).map_or(&[], Vec::as_slice)
    }

    /// The words that fit an outline in which `None` stands for a masked letter; the first letter has to be there.
    pub(super) fn masked(&self, outline: &[Option<char>]) -> impl Iterator<Item = WordId> {
        let first = outline.first().copied().flatten();
        let candidates = first.and_then(|first| self.outlines.get(&(outline.len(), first)));
        candidates.into_iter().flatten().copied().filter(move |id| {
            self.word(*id).chars().zip(outline).all(|(letter, seen)| seen.is_none_or(|seen| seen == letter))
        })
    }
}

/// A word with every run of one letter reduced to a single one.
fn squeeze(word: &str) -> String {
    let mut squeezed = String::with_capacity(word.len());
    for letter in word.chars() {
        if !squeezed.ends_with(letter) {
            squeezed.push(letter);
        }
    }
    squeezed
}
