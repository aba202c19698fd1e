//! The kind `identifier`: numbers and addresses with a named validator. A validator is one line in [`VALIDATORS`].

mod numbers;
mod places;

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::{Build, Hit, Kind, Matcher, Trigger};
use crate::detection::context::Lexicon;
use crate::detection::fields::{suggestion, texts_of};
use crate::detection::phrase::TokenHit;
use crate::detection::reading::Reading;

pub(super) const KIND: Kind = Kind { key: "identifier", build };

/// Finds identifiers of one sort in a folded text.
type Find = fn(&str) -> Vec<Range<usize>>;

/// A sort of identifier.
#[derive(Debug)]
struct Validator {
    name: &'static str,
    find: Find,
    trigger: fn() -> Trigger,
}

const VALIDATORS: &[Validator] = &[
    Validator { name: "sin", find: numbers::social_insurance, trigger: digit },
    Validator { name: "student-number", find: numbers::student, trigger: digit },
    Validator { name: "health-number", find: numbers::health, trigger: digit },
    Validator { name: "phone", find: numbers::phone, trigger: digit },
    Validator { name: "spoken-phone", find: numbers::spoken_phone, trigger: spoken_digit },
    Validator { name: "birth-date", find: numbers::birth_date, trigger: digit },
    Validator { name: "postal-code", find: places::postal_code, trigger: digit },
    Validator { name: "street-address", find: places::street_address, trigger: digit },
    Validator { name: "email", find: places::email, trigger: at_sign },
    Validator { name: "personal-email", find: places::personal_email, trigger: at_sign },
];

fn digit() -> Trigger {
    Trigger::Digit
}

fn at_sign() -> Trigger {
    Trigger::Literals(vec!["@".to_owned()])
}

/// Every Alberta area code has one of these digits.
fn spoken_digit() -> Trigger {
    Trigger::Literals(["three", "five", "eight"].map(str::to_owned).to_vec())
}

#[derive(Debug)]
struct Identifier(&'static Validator);

fn build(value: &Spanned<DeValue<'_>>, build: &mut Build<'_, '_>) -> Vec<Box<dyn Matcher>> {
    let mut matchers: Vec<Box<dyn Matcher>> = Vec::new();
    for spot in texts_of(build.sheet, KIND.key, value) {
        if let Some(validator) = VALIDATORS.iter().find(|validator| validator.name == spot.text) {
            matchers.push(Box::new(Identifier(validator)));
        } else {
            let names: Vec<_> = VALIDATORS.iter().map(|validator| validator.name).collect();
            let what = format!("there is no identifier `{}`", spot.text);
            build.sheet.error(spot.at, what, suggestion(&spot.text, &names));
        }
    }
    matchers
}

impl Matcher for Identifier {
    fn trigger(&self) -> Trigger {
        (self.0.trigger)()
    }

    fn find(&self, reading: &Reading<'_>, _: &Lexicon) -> Vec<Hit> {
        let found = (self.0.find)(reading.folded()).into_iter();
        found
            .map(|folded| {
                let tokens = TokenHit { tokens: reading.tokens_in(&folded), negated: false };
                Hit { tokens, folded: Some(folded), heeds_context: false }
            })
            .collect()
    }
}

/// Whether a stretch stands alone: no letter or digit on either side of it.
fn stands_alone(text: &str, at: &Range<usize>) -> bool {
    !text[..at.start].ends_with(char::is_alphanumeric) && !text[at.end..].starts_with(char::is_alphanumeric)
}
