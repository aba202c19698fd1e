//! The kind `regex`: an expression over the folded text, or over the raw one. Linear-time and limited in size.

use regex::{Regex, RegexBuilder};
use toml::Spanned;
use toml::de::DeValue;

use super::{Build, Hit, Kind, Matcher, Trigger};
use crate::detection::context::Lexicon;
use crate::detection::fields::{Fields, Spot, texts_of};
use crate::detection::phrase::TokenHit;
use crate::detection::reading::Reading;

pub(super) const KIND: Kind = Kind { key: "regex", build };

/// Bytes of a compiled expression.
const SIZE_LIMIT: usize = 256 * 1024;

#[derive(Debug)]
struct Expression {
    regex: Regex,
    on_raw: bool,
    needs: Vec<String>,
}

/// Either texts, or a table with `of`, `on` and `needs`.
fn build(value: &Spanned<DeValue<'_>>, build: &mut Build<'_, '_>) -> Vec<Box<dyn Matcher>> {
    let sheet = &mut *build.sheet;
    let (expressions, on_raw, needs) = match Fields::of_value(value, "[match.regex]") {
        None => (texts_of(sheet, KIND.key, value), false, Vec::new()),
        Some(fields) => {
            fields.refuse_unknown(sheet, &["of", "on", "needs"]);
            let on = fields.optional_text(sheet, "on");
            let on_raw = match on.as_ref().map(|on| on.text.as_str()) {
                None | Some("normalised") => false,
                Some("raw") => true,
                Some(other) => {
                    let what = format!("`{other}` is not a value of `on`");
                    sheet.error(on.map_or(0..0, |on| on.at), what, "write normalised or raw");
                    false
                }
            };
            let needs =
                fields.texts(sheet, "needs").into_iter().map(|need| need.text.to_lowercase()).collect();
            (fields.texts(sheet, "of"), on_raw, needs)
        }
    };
    let mut compile = |spot: Spot| {
        let regex =
            RegexBuilder::new(&spot.text).size_limit(SIZE_LIMIT).dfa_size_limit(4 * SIZE_LIMIT).build();
        regex
            .map_err(|error| {
                let reason = error.to_string();
                let reason = reason
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .trim_end_matches('.');
                let what = format!("the expression cannot be compiled: {reason}");
                sheet.error(spot.at, what, "see the syntax of the Rust crate `regex`");
            })
            .ok()
    };
    let compiled = expressions.into_iter().filter_map(&mut compile);
    compiled
        .map(|regex| Box::new(Expression { regex, on_raw, needs: Clone::clone(&needs) }) as Box<dyn Matcher>)
        .collect()
}

impl Matcher for Expression {
    fn trigger(&self) -> Trigger {
        if self.needs.is_empty() { Trigger::Always } else { Trigger::Literals(self.needs.clone()) }
    }

    fn find(&self, reading: &Reading<'_>, _: &Lexicon) -> Vec<Hit> {
        let text = if self.on_raw { reading.raw() } else { reading.folded() };
        self.regex
            .find_iter(text)
            .filter(|found| !found.is_empty())
            .filter_map(|found| {
                let folded = if self.on_raw { reading.folded_of(found.range())? } else { found.range() };
                let tokens = TokenHit { tokens: reading.tokens_in(&folded), negated: false };
                Some(Hit { tokens, folded: Some(folded), heeds_context: true })
            })
            .collect()
    }
}
