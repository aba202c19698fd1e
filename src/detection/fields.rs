//! Reads TOML tables field by field and collects what is wrong with its place, instead of stopping at the first error.

use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::rule_error::RuleError;
use crate::domain::ParseWordError;

/// One file being read, with the errors found so far.
#[derive(Debug)]
pub(super) struct Sheet<'s> {
    pub(super) path: &'s str,
    pub(super) text: &'s str,
    pub(super) errors: Vec<RuleError>,
}

/// A text and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// One table of a file.
#[derive(Debug, Clone)]
pub(super) struct Fields<'t, 's> {
    table: &'t DeTable<'s>,
    at: Range<usize>,
    /// How the table is called in messages, such as `[when]`.
    name: &'static str,
}

impl Sheet<'_> {
    /// Notes an error at a place.
    pub(super) fn error(&mut self, at: Range<usize>, what: impl Into<String>, remedy: impl Into<String>) {
        self.errors.push(RuleError::at(self.path, self.text, at, what.into(), remedy.into()));
    }
}

impl<'t, 's> Fields<'t, 's> {
    /// The table of a whole file.
    pub(super) fn of_file(table: &'t Spanned<DeTable<'s>>) -> Self {
        Self { table: table.get_ref(), at: 0..0, name: "the file" }
    }

    /// A value that is a table.
    pub(super) fn of_value(value: &'t Spanned<DeValue<'s>>, name: &'static str) -> Option<Self> {
        value.get_ref().as_table().map(|table| Fields { table, at: value.span(), name })
    }

    /// Where the table starts.
    pub(super) fn at(&self) -> Range<usize> {
        self.at.clone()
    }

    /// Its keys and values in the order of their names.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'t str, Range<usize>, &'t Spanned<DeValue<'s>>)> {
        self.table.iter().map(|(key, value)| (&**key.get_ref(), key.span(), value))
    }

    /// Refuses keys that nobody reads.
    pub(super) fn refuse_unknown(&self, sheet: &mut Sheet<'_>, known: &[&str]) {
        for (key, at, _) in self.entries().filter(|(key, ..)| !known.contains(key)) {
            sheet.error(at, format!("`{key}` is not a key of {}", self.name), suggestion(key, known));
        }
    }

    fn get(&self, wanted: &str) -> Option<&'t Spanned<DeValue<'s>>> {
        self.entries().find(|(key, ..)| *key == wanted).map(|(.., value)| value)
    }

    /// A text that has to be there.
    pub(super) fn text(&self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<Spot> {
        if self.get(key).is_none() {
            sheet.error(
                self.at(),
                format!("`{key}` is missing in {}", self.name),
                format!("add `{key} = \"…\"`"),
            );
        }
        self.optional_text(sheet, key)
    }

    /// A text that may be there.
    pub(super) fn optional_text(&self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<Spot> {
        let value = self.get(key)?;
        text_of(sheet, key, value)
    }

    /// One of the words that `T` knows, where the key is there.
    pub(super) fn word<T: FromStr<Err = ParseWordError>>(
        &self,
        sheet: &mut Sheet<'_>,
        key: &'static str,
    ) -> Option<T> {
        let spot = self.optional_text(sheet, key)?;
        parse_word(sheet, key, &spot)
    }

    /// A list of texts; a missing key is an empty list.
    pub(super) fn texts(&self, sheet: &mut Sheet<'_>, key: &'static str) -> Vec<Spot> {
        self.get(key).map(|value| texts_of(sheet, key, value)).unwrap_or_default()
    }

    /// A list of words that `T` knows.
    pub(super) fn words<T: FromStr<Err = ParseWordError>>(
        &self,
        sheet: &mut Sheet<'_>,
        key: &'static str,
    ) -> Vec<T> {
        let spots = self.texts(sheet, key);
        spots.iter().filter_map(|spot| parse_word(sheet, key, spot)).collect()
    }

    /// A table below this one.
    pub(super) fn table(&self, sheet: &mut Sheet<'_>, key: &'static str, name: &'static str) -> Option<Self> {
        let value = self.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            sheet.error(value.span(), format!("`{key}` is not a table"), format!("write it as {name}"));
            return None;
        };
        Some(Fields { table, at: value.span(), name })
    }

    /// A list of tables below this one; a missing key is an empty list.
    pub(super) fn tables(&self, sheet: &mut Sheet<'_>, key: &'static str, name: &'static str) -> Vec<Self> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let mut tables = Vec::new();
        for entry in value.get_ref().as_array().into_iter().flat_map(|list| list.iter()) {
            if let Some(table) = entry.get_ref().as_table() {
                tables.push(Fields { table, at: entry.span(), name });
            }
        }
        if tables.is_empty() {
            sheet.error(
                value.span(),
                format!("`{key}` is not a list of tables"),
                format!("write each as {name}"),
            );
        }
        tables
    }
}

/// A list of texts; one text alone is a list of one.
pub(super) fn texts_of(sheet: &mut Sheet<'_>, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<Spot> {
    match value.get_ref().as_array() {
        Some(list) => list.iter().filter_map(|entry| text_of(sheet, key, entry)).collect(),
        None => text_of(sheet, key, value).into_iter().collect(),
    }
}

/// A `did you mean`, or the list of what there is.
pub(super) fn suggestion(word: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    match nearest {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None => format!("use one of: {}", known.join(", ")),
    }
}

fn text_of(sheet: &mut Sheet<'_>, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Spot> {
    match value.get_ref().as_str() {
        Some(text) if !text.trim().is_empty() => Some(Spot { text: text.to_owned(), at: value.span() }),
        Some(_) => {
            sheet.error(value.span(), format!("`{key}` is empty"), "say something or leave the key out");
            None
        }
        None => {
            let found = value.get_ref().type_str();
            sheet.error(
                value.span(),
                format!("`{key}` holds {found}, not text"),
                "put it in quotation marks",
            );
            None
        }
    }
}

fn parse_word<T: FromStr<Err = ParseWordError>>(sheet: &mut Sheet<'_>, key: &str, spot: &Spot) -> Option<T> {
    spot.text
        .parse()
        .map_err(|error: ParseWordError| {
            let what = format!("`{}` is not a value of `{key}`", spot.text);
            sheet.error(spot.at.clone(), what, format!("write {}", error.expected));
        })
        .ok()
}
