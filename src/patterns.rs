//! Where rule files come from: those embedded at build, and local ones from a directory. What they mean is `detection`'s.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rust_embed::Embed;

use crate::detection::{RuleErrors, RuleSource, Ruleset};

/// The folders that hold rules and word classes.
const FOLDERS: [&str; 4] = ["contact", "harassment", "personal", "words"];

/// The built-in rules and word classes.
#[derive(Embed)]
#[folder = "patterns/"]
struct BuiltIn;

/// Why there is no Ruleset.
#[derive(Debug, thiserror::Error)]
pub enum PatternsError {
    /// A local directory or file cannot be read.
    #[error("cannot read the rules in {}; check that the path is right and readable", path.display())]
    Unreadable {
        /// The directory or file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A local directory holds no folder that could hold rules.
    #[error("{} holds no rules; put them into {}", path.display(), FOLDERS.map(|folder| format!("{folder}/")).join(", "))]
    NoRules {
        /// The directory.
        path: PathBuf,
    },
    /// Rule files are wrong.
    #[error("{} in the rule files have to be put right; `chaperone rules check` lists them", problems(.0.0.len()))]
    Rules(#[source] RuleErrors),
}

fn problems(count: usize) -> String {
    if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") }
}

/// The built-in rules, merged with the local ones of `rules_dir`.
pub fn load(rules_dir: Option<&Path>) -> Result<Ruleset, PatternsError> {
    let mut sources = built_in();
    if let Some(directory) = rules_dir {
        sources.extend(local(directory)?);
    }
    Ruleset::compile(&sources).map_err(PatternsError::Rules)
}

/// The files that are part of the program.
pub fn built_in() -> Vec<RuleSource> {
    let read = |name: std::borrow::Cow<'static, str>| {
        let file = BuiltIn::get(&name)?;
        let text = String::from_utf8_lossy(&file.data).into_owned();
        Some(RuleSource { path: format!("patterns/{name}"), text })
    };
    BuiltIn::iter().filter(|name| name.ends_with(".toml")).filter_map(read).collect()
}

/// The rule files and word classes of a directory that is laid out like the built-in one.
pub fn local(directory: &Path) -> Result<Vec<RuleSource>, PatternsError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| PatternsError::Unreadable { path, source }
    };
    fs::read_dir(directory).map_err(unreadable(directory))?;
    let mut sources = Vec::new();
    for folder in FOLDERS.map(|folder| directory.join(folder)).into_iter().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(&folder).map_err(unreadable(&folder))? {
            let path = entry.map_err(unreadable(&folder))?.path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
                sources.push(RuleSource { path: path.display().to_string(), text });
            }
        }
    }
    if sources.is_empty() {
        return Err(PatternsError::NoRules { path: directory.to_owned() });
    }
    Ok(sources)
}
