//! All rules compiled: immutable, named by a hash of their content.

use sha2::{Digest, Sha256};
use toml::de::DeTable;

use super::context::Lexicon;
use super::fields::{Fields, Sheet};
use super::matcher::{Matcher, Trigger};
use super::phrase::{self, Classes};
use super::prefilter::Prefilter;
use super::rule::{Rule, Status};
use super::rule_error::{RuleError, RuleErrors};
use super::rule_file;
use super::vocabulary::Vocabulary;
use crate::domain::{Job, RuleId, RulesetHash};

/// One file that a Ruleset is made of: a rule, `…/<job>/<rule-id>.toml`, or a word class, `…/words/<class>.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSource {
    /// The path, as errors show it, such as `patterns/contact/asks-for-dm.toml`.
    pub path: String,
    /// The text of the file.
    pub text: String,
}

/// All rules, compiled.
#[derive(Debug)]
pub struct Ruleset {
    rules: Vec<Rule>,
    /// The matchers of all rules, each with the place of its rule.
    pub(super) matchers: Vec<(usize, Box<dyn Matcher>)>,
    pub(super) prefilter: Prefilter,
    pub(super) vocabulary: Vocabulary,
    pub(super) lexicon: Lexicon,
    hash: RulesetHash,
}

/// What a path says about its file.
enum Kind {
    Class(String),
    Rule(Job, RuleId),
}

impl Ruleset {
    /// Compiles rule files and word classes. Reports everything that is wrong with all of them at once.
    pub fn compile(sources: &[RuleSource]) -> Result<Self, RuleErrors> {
        let mut sources: Vec<_> = sources.iter().collect();
        sources.sort_by(|one, other| one.path.cmp(&other.path));
        let mut errors = Vec::new();
        let classes = classes(&sources, &mut errors);
        let mut vocabulary = Vocabulary::default();
        let lexicon = Lexicon::compile(&classes, &mut vocabulary)
            .map_err(|error| RuleErrors(vec![RuleError::of_file("patterns", error.what, error.remedy)]))?;
        let mut rules: Vec<Rule> = Vec::new();
        let mut matchers = Vec::new();
        for source in &sources {
            let Some((rule, its_matchers)) = rule(source, &classes, &mut vocabulary, &mut errors) else {
                continue;
            };
            if let Some(other) = rules.iter().find(|other| other.id == rule.id) {
                let what = format!("the id `{}` is also that of {}", rule.id, other.file);
                errors.push(RuleError::of_file(&source.path, what, "give the file another name"));
                continue;
            }
            let scans = rule.status != Status::Deprecated;
            matchers.extend(its_matchers.into_iter().filter(|_| scans).map(|matcher| (rules.len(), matcher)));
            rules.push(rule);
        }
        let triggers: Vec<Trigger> = matchers.iter().map(|(_, matcher)| matcher.trigger()).collect();
        let prefilter = Prefilter::new(&triggers, &vocabulary);
        match prefilter {
            Ok(prefilter) if errors.is_empty() => {
                Ok(Self { rules, matchers, prefilter, vocabulary, lexicon, hash: hash(&sources) })
            }
            Ok(_) => Err(RuleErrors(errors)),
            Err(error) => {
                let what = format!("the literals of all rules together are too many: {error}");
                errors.push(RuleError::of_file("patterns", what, "use fewer `needs`"));
                Err(RuleErrors(errors))
            }
        }
    }

    /// Names the Ruleset by its content.
    pub fn hash(&self) -> RulesetHash {
        self.hash
    }

    /// All rules in the order of their files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// One rule.
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }
}

/// SHA-256 over paths and texts, each with its length before it.
fn hash(sources: &[&RuleSource]) -> RulesetHash {
    let mut hasher = Sha256::new();
    for part in sources.iter().flat_map(|source| [&source.path, &source.text]) {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    RulesetHash::new(hasher.finalize().into())
}

fn kind(path: &str) -> Result<Kind, RuleError> {
    let mut parts = path.rsplit(['/', '\\']);
    let name = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    let error = |what: String, remedy: &str| RuleError::of_file(path, what, remedy);
    let Some(stem) = name.strip_suffix(".toml") else {
        return Err(error("the file is not TOML".to_owned(), "name it <rule-id>.toml"));
    };
    let id = RuleId::new(stem).map_err(|_| {
        error(format!("`{stem}` is not a name"), "use lower-case letters, digits and hyphens, a letter first")
    })?;
    if folder == "words" {
        return Ok(Kind::Class(id.as_str().to_owned()));
    }
    let job = folder.parse().map_err(|_| {
        error(
            format!("the folder `{folder}` is neither a job nor words"),
            "put the file into contact/, harassment/, personal/ or words/",
        )
    })?;
    Ok(Kind::Rule(job, id))
}

fn classes(sources: &[&RuleSource], errors: &mut Vec<RuleError>) -> Classes {
    let mut classes = Classes::new();
    let mut spots = Vec::new();
    for source in sources {
        match kind(&source.path) {
            Err(error) => errors.push(error),
            Ok(Kind::Rule(..)) => {}
            Ok(Kind::Class(name)) => {
                let mut sheet = Sheet { path: &source.path, text: &source.text, errors: Vec::new() };
                if let Some(table) = parse(&mut sheet) {
                    let file = Fields::of_file(&table);
                    file.refuse_unknown(&mut sheet, &["description", "words"]);
                    file.text(&mut sheet, "description");
                    let words = file.texts(&mut sheet, "words");
                    if words.is_empty() {
                        sheet.error(0..0, "`words` is missing or empty", "add `words = [\"…\"]`");
                    }
                    if classes.contains_key(&name) {
                        let what = format!("there is already a word class `{name}`");
                        sheet.error(0..0, what, "give the file another name");
                    }
                    classes.insert(name, words.iter().map(|spot| spot.text.clone()).collect());
                    spots.push((*source, words));
                }
                errors.append(&mut sheet.errors);
            }
        }
    }
    check_entries(&spots, &mut classes, errors);
    classes
}

/// Tries every entry by itself, so that a bad one is reported where it stands and not wherever its class is used.
fn check_entries(
    spots: &[(&RuleSource, Vec<super::fields::Spot>)],
    classes: &mut Classes,
    errors: &mut Vec<RuleError>,
) {
    let mut bad = Vec::new();
    for (source, words) in spots {
        let mut sheet = Sheet { path: &source.path, text: &source.text, errors: Vec::new() };
        for spot in words {
            if let Err(error) = phrase::compile(&spot.text, classes, &mut Vocabulary::default()) {
                sheet.error(spot.at.clone(), error.what, error.remedy);
                bad.push(spot.text.clone());
            }
        }
        errors.append(&mut sheet.errors);
    }
    for entries in classes.values_mut() {
        entries.retain(|entry| !bad.contains(entry));
    }
}

fn rule(
    source: &RuleSource,
    classes: &Classes,
    vocabulary: &mut Vocabulary,
    errors: &mut Vec<RuleError>,
) -> Option<(Rule, Vec<Box<dyn Matcher>>)> {
    let Ok(Kind::Rule(job, id)) = kind(&source.path) else { return None };
    let mut sheet = Sheet { path: &source.path, text: &source.text, errors: Vec::new() };
    let read =
        parse(&mut sheet).and_then(|table| rule_file::read(&mut sheet, id, job, &table, classes, vocabulary));
    errors.append(&mut sheet.errors);
    read
}

fn parse<'s>(sheet: &mut Sheet<'s>) -> Option<toml::Spanned<DeTable<'s>>> {
    DeTable::parse(sheet.text)
        .map_err(|error| {
            let at = error.span().unwrap_or(0..0);
            sheet.error(at, format!("the file is not TOML: {}", error.message()), "correct it");
        })
        .ok()
}
