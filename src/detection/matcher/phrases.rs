//! The kind `phrase`: see `detection::phrase` for its grammar.

use toml::Spanned;
use toml::de::DeValue;

use super::{Build, Hit, Kind, Matcher, Trigger};
use crate::detection::context::Lexicon;
use crate::detection::fields::texts_of;
use crate::detection::phrase::{self, Program};
use crate::detection::reading::Reading;

pub(super) const KIND: Kind = Kind { key: "phrase", build };

#[derive(Debug)]
struct Phrase(Program);

fn build(value: &Spanned<DeValue<'_>>, build: &mut Build<'_, '_>) -> Vec<Box<dyn Matcher>> {
    let mut matchers: Vec<Box<dyn Matcher>> = Vec::new();
    for spot in texts_of(build.sheet, KIND.key, value) {
        match phrase::compile(&spot.text, build.classes, build.vocabulary) {
            Ok(program) if program.anchors().is_empty() => {
                let what = "the phrase has no word that is always there";
                build.sheet.error(spot.at, what, "add a word or a word class outside `[…]`");
            }
            Ok(program) => matchers.push(Box::new(Phrase(program))),
            Err(error) => build.phrase_error(spot.at, error),
        }
    }
    matchers
}

impl Matcher for Phrase {
    fn trigger(&self) -> Trigger {
        Trigger::Words(self.0.anchors().to_vec())
    }

    fn find(&self, reading: &Reading<'_>, lexicon: &Lexicon) -> Vec<Hit> {
        let hits = self.0.find(reading, lexicon).into_iter();
        hits.map(|tokens| Hit { tokens, folded: None, heeds_context: true }).collect()
    }
}
