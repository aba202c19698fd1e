//! Reads one rule file into a Rule and its matchers.

use std::str::FromStr;

use toml::Spanned;
use toml::de::DeTable;

use super::context::Context;
use super::fields::{Fields, Sheet, Spot};
use super::matcher::{Build, KINDS, Matcher};
use super::phrase::{self, Classes, Program};
use super::rule::{Allowed, Example, Rule, Status, When};
use super::vocabulary::Vocabulary;
use crate::domain::{Clause, Job, MessageText, RuleId, Severity, Standing};

/// Matching and clean examples that a rule has to have, each.
const FEWEST_EXAMPLES: usize = 3;

const KEYS: &[&str] = &[
    "title",
    "why",
    "description",
    "clause",
    "severity",
    "status",
    "languages",
    "references",
    "despite",
    "fr",
    "when",
    "match",
    "allow",
    "examples",
];

/// Reads a rule file; `None` where it has errors, which the sheet then holds.
pub(super) fn read(
    sheet: &mut Sheet<'_>,
    id: RuleId,
    job: Job,
    table: &Spanned<DeTable<'_>>,
    classes: &Classes,
    vocabulary: &mut Vocabulary,
) -> Option<(Rule, Vec<Box<dyn Matcher>>)> {
    let file = Fields::of_file(table);
    file.refuse_unknown(sheet, KEYS);
    let title = file.text(sheet, "title");
    let why = file.text(sheet, "why");
    let description = file.text(sheet, "description");
    let clause: Option<Clause> = required_word(sheet, &file, "clause");
    let severity: Option<Severity> = required_word(sheet, &file, "severity");
    let status: Option<Status> = required_word(sheet, &file, "status");
    let despite: Vec<Context> = file.words(sheet, "despite");
    let languages = texts(file.texts(sheet, "languages"));
    let references = texts(file.texts(sheet, "references"));
    let (title_fr, why_fr) = french(sheet, &file);
    let when = when(sheet, &file);
    let examples = examples(sheet, &file, &when);
    let (matchers, with) = matchers(sheet, &file, classes, vocabulary);
    let allow = allow(sheet, &file, classes, vocabulary);
    let rule = Rule {
        id,
        job,
        file: sheet.path.to_owned(),
        clause: clause?,
        severity: severity?,
        status: status?,
        title: both(title?, title_fr),
        why: both(why?, why_fr),
        description: description?.text,
        languages,
        references,
        when,
        despite,
        with,
        allow,
        examples,
    };
    Some((rule, matchers))
}

fn required_word<T: FromStr<Err = crate::domain::ParseWordError>>(
    sheet: &mut Sheet<'_>,
    file: &Fields<'_, '_>,
    key: &'static str,
) -> Option<T> {
    file.text(sheet, key)?;
    file.word(sheet, key)
}

fn texts(spots: Vec<Spot>) -> Vec<String> {
    spots.into_iter().map(|spot| spot.text).collect()
}

/// The English text and the French one, English again where there is none.
fn both(english: Spot, french: Option<Spot>) -> [String; 2] {
    let french = french.map_or_else(|| english.text.clone(), |spot| spot.text);
    [english.text, french]
}

fn french(sheet: &mut Sheet<'_>, file: &Fields<'_, '_>) -> (Option<Spot>, Option<Spot>) {
    let Some(fr) = file.table(sheet, "fr", "[fr]") else { return (None, None) };
    fr.refuse_unknown(sheet, &["title", "why"]);
    (fr.text(sheet, "title"), fr.text(sheet, "why"))
}

fn when(sheet: &mut Sheet<'_>, file: &Fields<'_, '_>) -> When {
    let Some(when) = file.table(sheet, "when", "[when]") else { return When::default() };
    when.refuse_unknown(sheet, &["author", "to", "space"]);
    When {
        author: when.words(sheet, "author"),
        to: when.words(sheet, "to"),
        space: when.words(sheet, "space"),
    }
}

fn matchers(
    sheet: &mut Sheet<'_>,
    file: &Fields<'_, '_>,
    classes: &Classes,
    vocabulary: &mut Vocabulary,
) -> (Vec<Box<dyn Matcher>>, Vec<Program>) {
    let Some(fields) = file.table(sheet, "match", "[match]") else {
        sheet.error(0..0, "`[match]` is missing", "add it with one of: phrase, regex, identifier");
        return (Vec::new(), Vec::new());
    };
    let mut keys: Vec<_> = KINDS.iter().map(|kind| kind.key).collect();
    keys.push("with");
    fields.refuse_unknown(sheet, &keys);
    let errors = sheet.errors.len();
    let mut matchers = Vec::new();
    for (key, _, value) in fields.entries() {
        if let Some(kind) = KINDS.iter().find(|kind| kind.key == key) {
            let mut build = Build { sheet: &mut *sheet, classes, vocabulary: &mut *vocabulary };
            matchers.extend((kind.build)(value, &mut build));
        }
    }
    let with = fields.texts(sheet, "with");
    let with = with.iter().filter_map(|spot| program(sheet, spot, classes, vocabulary)).collect();
    if matchers.is_empty() && sheet.errors.len() == errors {
        sheet.error(fields.at(), "`[match]` matches nothing", "add one of: phrase, regex, identifier");
    }
    (matchers, with)
}

fn program(
    sheet: &mut Sheet<'_>,
    spot: &Spot,
    classes: &Classes,
    vocabulary: &mut Vocabulary,
) -> Option<Program> {
    phrase::compile(&spot.text, classes, vocabulary)
        .map_err(|error| sheet.error(spot.at.clone(), error.what, error.remedy))
        .ok()
}

fn allow(
    sheet: &mut Sheet<'_>,
    file: &Fields<'_, '_>,
    classes: &Classes,
    vocabulary: &mut Vocabulary,
) -> Vec<Allowed> {
    let mut allowed = Vec::new();
    for entry in file.tables(sheet, "allow", "[[allow]]") {
        entry.refuse_unknown(sheet, &["phrase", "reason"]);
        let reason = entry.text(sheet, "reason");
        if let (Some(spot), Some(reason)) = (entry.text(sheet, "phrase"), reason)
            && let Some(phrase) = program(sheet, &spot, classes, vocabulary)
        {
            allowed.push(Allowed { phrase, reason: reason.text });
        }
    }
    allowed
}

fn examples(sheet: &mut Sheet<'_>, file: &Fields<'_, '_>, when: &When) -> Vec<Example> {
    let Some(fields) = file.table(sheet, "examples", "[[examples.match]] and [[examples.clean]]") else {
        let what = "`[[examples.match]]` and `[[examples.clean]]` are missing";
        sheet.error(0..0, what, format!("add at least {FEWEST_EXAMPLES} of each"));
        return Vec::new();
    };
    fields.refuse_unknown(sheet, &["match", "clean"]);
    let mut examples = Vec::new();
    for (key, name, matches) in
        [("match", "[[examples.match]]", true), ("clean", "[[examples.clean]]", false)]
    {
        let tables = fields.tables(sheet, key, name);
        if tables.len() < FEWEST_EXAMPLES {
            let what = format!("there are {} {name}, too few", tables.len());
            sheet.error(fields.at(), what, format!("add at least {FEWEST_EXAMPLES}"));
        }
        examples.extend(tables.iter().filter_map(|table| example(sheet, table, matches, when)));
    }
    examples
}

/// An example is written by and to the first standings that the rule asks for, unless it names others.
fn example(sheet: &mut Sheet<'_>, table: &Fields<'_, '_>, matches: bool, when: &When) -> Option<Example> {
    table.refuse_unknown(sheet, &["text", "as", "to", "lang"]);
    let first = |standings: &[Standing]| standings.first().copied().unwrap_or(Standing::Student);
    let author = table.word(sheet, "as").unwrap_or_else(|| first(&when.author));
    let to = table.word(sheet, "to").unwrap_or_else(|| first(&when.to));
    let lang = table.optional_text(sheet, "lang").map(|spot| spot.text);
    let text = table.text(sheet, "text")?;
    let line = sheet.text[..text.at.start].matches('\n').count() + 1;
    Some(Example { text: MessageText::new(text.text), matches, author, to, lang, line })
}
