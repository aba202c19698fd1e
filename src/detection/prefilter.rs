//! Which matchers are worth running on a text: one look-up for each word and one Aho-Corasick pass for all literals,
//! so that a text hardly costs more when there are more rules.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;

use super::matcher::Trigger;
use super::reading::Reading;
use super::vocabulary::Vocabulary;

/// Which matchers are worth running.
#[derive(Debug)]
pub(super) struct Prefilter {
    by_word: Vec<Vec<usize>>,
    literals: AhoCorasick,
    by_literal: Vec<Vec<usize>>,
    on_digits: Vec<usize>,
    always: Vec<usize>,
}

impl Prefilter {
    /// Sorts matchers by what wakes them up; each is named by its place in the list.
    pub(super) fn new(
        triggers: &[Trigger],
        vocabulary: &Vocabulary,
    ) -> Result<Self, aho_corasick::BuildError> {
        let mut by_word = vec![Vec::new(); vocabulary.len()];
        let mut by_literal: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let (mut on_digits, mut always) = (Vec::new(), Vec::new());
        for (matcher, trigger) in triggers.iter().enumerate() {
            match trigger {
                Trigger::Words(words) => words.iter().for_each(|word| by_word[*word as usize].push(matcher)),
                Trigger::Literals(literals) => {
                    for literal in literals {
                        by_literal.entry(literal).or_default().push(matcher);
                    }
                }
                Trigger::Digit => on_digits.push(matcher),
                Trigger::Always => always.push(matcher),
            }
        }
        let literals = AhoCorasick::new(by_literal.keys())?;
        Ok(Self { by_word, literals, by_literal: by_literal.into_values().collect(), on_digits, always })
    }

    /// The matchers that can fit a text, in order.
    pub(super) fn candidates(&self, reading: &Reading<'_>) -> Vec<usize> {
        let mut woken = self.always.clone();
        for word in reading.known_words() {
            woken.extend_from_slice(&self.by_word[word as usize]);
        }
        if !self.by_literal.is_empty() {
            for found in self.literals.find_overlapping_iter(reading.folded()) {
                woken.extend_from_slice(&self.by_literal[found.pattern().as_usize()]);
            }
        }
        if !self.on_digits.is_empty() && reading.folded().bytes().any(|byte| byte.is_ascii_digit()) {
            woken.extend_from_slice(&self.on_digits);
        }
        woken.sort_unstable();
        woken.dedup();
        woken
    }
}
