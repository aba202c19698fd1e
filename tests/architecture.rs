//! The dependency law of ARCHITECTURE.md, read from the sources: a module names only lower ranks, and no sibling of
//! its rank that the table does not list.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every top-level module of `src/` with its rank and the siblings of its own rank that it may name.
const LAW: &[(&str, u8, &[&str])] = &[
    ("domain", 0, &[]),
    ("config", 1, &[]),
    ("detection", 1, &[]),
    ("policy", 1, &[]),
    ("vault", 2, &[]),
    ("patterns", 2, &[]),
    ("storage", 2, &["vault"]),
    ("app", 3, &[]),
    ("discord", 4, &[]),
    ("sandbox", 4, &[]),
    ("ops", 4, &[]),
    // Beside `discord`: another place where messages come from. It hands `app` what it reads and knows nothing of cases.
    ("export", 4, &[]),
    ("cli", 5, &[]),
];

/// Crates that only one room may name.
const FENCES: &[(&str, &[&str])] = &[
    ("sqlx", &["storage"]),
    ("serenity", &["discord"]),
    ("twilight_gateway", &["discord"]),
    ("twilight_http_ratelimiting", &["discord"]),
    ("reqwest", &["discord"]),
    ("regex", &["detection"]),
    ("aho_corasick", &["detection"]),
    ("decancer", &["detection"]),
    ("chacha20poly1305", &["vault"]),
    ("hkdf", &["vault"]),
    ("hmac", &["vault"]),
    ("axum", &["sandbox"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("anyhow", &["cli"]),
    ("anstream", &["cli"]),
];

/// Files longer than this want a reason in [`LONG_FILES`].
const LONGEST_FILE: usize = 400;

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

fn sources(under: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is part of the checkout") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join(under), &mut found);
    found.sort();
    found.into_iter().map(|path| path.strip_prefix(root).expect("it is below the root").to_owned()).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("sources are UTF-8")
}

/// The code of a file without its comments and its unit tests, which may name whatever they need.
fn code(text: &str) -> String {
    let without_tests = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    without_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The top-level module a file belongs to; `None` for `lib.rs` and `main.rs`.
fn room(path: &Path) -> Option<String> {
    let first = path.components().nth(1)?.as_os_str().to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(name, "lib" | "main")).then(|| name.to_owned())
}

/// The top-level modules that a code names as `crate::name`, also inside `use crate::{a, b}`.
fn named_rooms(code: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0_usize;
            let mut word = String::new();
            for letter in list.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => word.clear(),
                    ':' | ' ' | '\n' => {}
                    _ if depth == 0 => word.push(letter),
                    _ => {}
                }
                if LAW.iter().any(|(name, ..)| *name == word) {
                    named.push(std::mem::take(&mut word));
                }
            }
        } else {
            let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            named.push(word);
        }
    }
    named
}

#[test]
fn every_module_names_only_lower_ranks() {
    let ranks: BTreeMap<&str, (u8, &[&str])> =
        LAW.iter().map(|(name, rank, may)| (*name, (*rank, *may))).collect();
    let mut broken = Vec::new();
    for path in sources("src") {
        let Some(room) = room(&path) else { continue };
        let Some((rank, siblings)) = ranks.get(room.as_str()) else {
            broken.push(format!("{}: `{room}` has no rank; add it to LAW", path.display()));
            continue;
        };
        for named in named_rooms(&code(&read(&path))) {
            let Some((their_rank, _)) = ranks.get(named.as_str()) else { continue };
            let allowed = named == room || their_rank < rank || siblings.contains(&named.as_str());
            if !allowed {
                broken.push(format!("{}: `{room}` [{rank}] names `{named}` [{their_rank}]", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "the dependency law is broken:\n{}", broken.join("\n"));
}

#[test]
fn each_crate_behind_a_fence_is_named_in_its_room_only() {
    let mut broken = Vec::new();
    for path in sources("src") {
        let Some(room) = room(&path) else { continue };
        let code = code(&read(&path));
        for (name, rooms) in FENCES {
            let names_it = code
                .match_indices(&format!("{name}::"))
                .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            if names_it && !rooms.contains(&room.as_str()) {
                broken.push(format!("{}: only {} may name {name}", path.display(), rooms.join(", ")));
            }
        }
    }
    assert!(broken.is_empty(), "a crate is named outside its room:\n{}", broken.join("\n"));
}

#[test]
fn the_law_reader_sees_both_ways_of_naming() {
    assert_eq!(
        named_rooms("use crate::domain::Lang;\nuse crate::{app::Intake, policy::{access, decide}};"),
        ["domain", "app", "policy"]
    );
}

#[test]
fn every_file_says_what_lives_there() {
    let headless: Vec<_> = ["src", "tests"]
        .into_iter()
        .flat_map(sources)
        .filter(|path| !read(path).starts_with("//!"))
        .collect();
    assert!(headless.is_empty(), "these files do not open with `//!`: {headless:?}");
}

#[test]
fn files_stay_small_or_say_why() {
    let long: Vec<_> = sources("src")
        .into_iter()
        .filter(|path| !LONG_FILES.iter().any(|(name, _)| Path::new(name) == path))
        .map(|path| (code(&read(&path)).lines().filter(|line| !line.trim().is_empty()).count(), path))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .collect();
    assert!(long.is_empty(), "these files have more than {LONGEST_FILE} lines of code: {long:?}");
}
