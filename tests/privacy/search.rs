//! What is looked for, in every disguise that a careless line could give it, and the search for it.

use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What a member writes, and what threads, channels, roles and notes are called.
pub(super) const TEXT: &str = "quökkaglimmer7319";
/// [`TEXT`] as detection reads it.
const TEXT_FOLDED: &str = "quokkaglimmer7319";
/// What a member is called.
pub(super) const NAME: &str = "Zébulonxanthippe";
/// The part of the sandbox's bot token that nothing else holds.
const TOKEN: &str = "in-a-box-all-keys-are-alike-0123456789";
/// The part that all interaction tokens of the sandbox have.
pub(super) const INTERACTION_TOKEN: &str = "aW50ZXJhY3Rpb246-";

/// One secret in all its disguises.
pub(super) struct Search {
    automaton: AhoCorasick,
    names: Vec<String>,
}

impl Search {
    /// For every secret of a story.
    pub(super) fn for_all() -> Self {
        let secrets = [
            ("text", TEXT),
            ("folded text", TEXT_FOLDED),
            ("name", NAME),
            ("token", TOKEN),
            ("interaction token", INTERACTION_TOKEN),
        ];
        Self::new(secrets.iter().flat_map(|(what, secret)| {
            disguises(secret.as_bytes())
                .into_iter()
                .map(move |(how, bytes)| (format!("{what}, {how}"), bytes))
        }))
    }

    /// For bytes that are not a text, such as a key.
    pub(super) fn for_bytes(what: &str, bytes: &[u8]) -> Self {
        Self::new(disguises(bytes).into_iter().map(|(how, bytes)| (format!("{what}, {how}"), bytes)))
    }

    fn new(wanted: impl Iterator<Item = (String, Vec<u8>)>) -> Self {
        let (names, patterns): (Vec<_>, Vec<_>) = wanted.unzip();
        Self { automaton: AhoCorasick::new(patterns).unwrap(), names }
    }

    /// Which disguises are in these bytes.
    pub(super) fn in_bytes(&self, bytes: &[u8]) -> Vec<&str> {
        let found = self.automaton.find_overlapping_iter(bytes);
        let mut found: Vec<_> = found.map(|found| self.names[found.pattern().as_usize()].as_str()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Stops the story where something is found in a text; says what and around which line, not more than that.
    pub(super) fn must_be_vain(&self, place: &str, text: &str) {
        let found = self.in_bytes(text.as_bytes());
        let lines: Vec<_> = text.lines().filter(|line| !self.in_bytes(line.as_bytes()).is_empty()).collect();
        assert!(found.is_empty(), "{place} holds {found:?}:\n{}", lines.join("\n"));
    }

    /// Stops the story where something is found in a file of a folder; answers how many files there are.
    pub(super) fn must_be_vain_in_files(&self, folder: &Path, except: &[&str]) -> usize {
        let files = files(folder);
        for (name, bytes) in files.iter().filter(|(name, _)| !except.contains(&name.as_str())) {
            let found = self.in_bytes(bytes);
            assert!(found.is_empty(), "{name} holds {found:?}");
        }
        files.len()
    }
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// Everything that bytes can look like after a careless line of code, with what it is called.
fn disguises(plain: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let joined = |separator: &str, each: &dyn Fn(&u8) -> String| {
        plain.iter().map(each).collect::<Vec<_>>().join(separator).into_bytes()
    };
    let mut disguises = vec![
        ("plain", plain.to_vec()),
        ("reversed bytes", plain.iter().rev().copied().collect()),
        ("hexadecimal", hex::encode(plain).into_bytes()),
        ("upper hexadecimal", hex::encode_upper(plain).into_bytes()),
        ("spaced hexadecimal", joined(" ", &|byte| format!("{byte:02x}"))),
        ("hexadecimal list", joined(", ", &|byte| format!("{byte:#04x}"))),
        ("bare hexadecimal list", joined(", ", &|byte| format!("{byte:02x}"))),
        ("hexadecimal lines", joined(",\n    ", &|byte| format!("{byte:#04x}"))),
        ("decimal list", joined(", ", &ToString::to_string)),
        ("narrow decimal list", joined(",", &ToString::to_string)),
        ("decimal lines", joined(",\n    ", &ToString::to_string)),
        ("percent-encoded whole", joined("", &|byte| format!("%{byte:02X}"))),
        ("lower percent-encoded whole", joined("", &|byte| format!("%{byte:02x}"))),
        ("byte escapes", joined("", &|byte| format!("\\x{byte:02x}"))),
        ("escaped as bytes", plain.escape_ascii().to_string().into_bytes()),
    ];
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        for shift in 0..3 {
            let shifted = [&vec![b' '; shift], plain].concat();
            let whole = engine.encode(&shifted);
            // The letters at both ends depend on their neighbours.
            let from = if shift == 0 { 0 } else { 4 };
            disguises.push(("base64", whole.as_bytes()[from..shifted.len() / 3 * 4].to_vec()));
        }
    }
    if let Ok(text) = std::str::from_utf8(plain) {
        disguises.extend(disguises_of_text(text));
    }
    disguises
}

fn disguises_of_text(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let units = || text.encode_utf16();
    let each = |change: &dyn Fn(char) -> String| text.chars().map(change).collect::<String>().into_bytes();
    let outside_ascii = |letter: char, change: &dyn Fn(u32) -> String| {
        if letter.is_ascii() { letter.to_string() } else { change(u32::from(letter)) }
    };
    let percent = |letter: char, upper: bool| {
        let mut bytes = [0; 4];
        let encoded = letter.encode_utf8(&mut bytes).bytes();
        let encode = |byte| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
        if letter.is_ascii() { letter.to_string() } else { encoded.map(encode).collect() }
    };
    vec![
        ("reversed", text.chars().rev().collect::<String>().into_bytes()),
        ("lower case", text.to_lowercase().into_bytes()),
        ("upper case", text.to_uppercase().into_bytes()),
        ("UTF-16", units().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16, big end first", units().flat_map(u16::to_be_bytes).collect()),
        ("JSON escapes", each(&|letter| outside_ascii(letter, &|code| format!("\\u{code:04x}")))),
        ("upper JSON escapes", each(&|letter| outside_ascii(letter, &|code| format!("\\u{code:04X}")))),
        ("JSON escapes whole", each(&|letter| format!("\\u{:04x}", u32::from(letter)))),
        ("Rust escapes", text.escape_default().to_string().into_bytes()),
        ("Rust escapes whole", text.escape_unicode().to_string().into_bytes()),
        ("percent-encoded", each(&|letter| percent(letter, true))),
        ("lower percent-encoded", each(&|letter| percent(letter, false))),
        ("HTML escapes", each(&|letter| outside_ascii(letter, &|code| format!("&#{code};")))),
    ]
}

/// What careless code makes of a text, written here without the tables above.
fn careless(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let url = reqwest::Url::parse_with_params("http://localhost", [("q", text)]).unwrap();
    let mut careless = vec![
        text.to_owned(),
        format!("{text:?}"),
        format!("{bytes:?}"),
        format!("{bytes:#?}"),
        format!("{bytes:02x?}"),
        format!("{bytes:#04x?}"),
        serde_json::to_string(bytes).unwrap(),
        serde_json::to_string(text).unwrap(),
        serde_json::to_string(&serde_json::to_string(text).unwrap()).unwrap(),
        text.chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect::<Vec<_>>().concat(),
        text.escape_default().collect(),
        text.escape_unicode().collect(),
        bytes.escape_ascii().to_string(),
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
        bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat(),
        bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat(),
        bytes.iter().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat(),
        url.to_string(),
        text.chars().rev().collect(),
        text.to_uppercase(),
    ];
    for before in ["", "a", "bc", "def"] {
        careless.push(STANDARD_NO_PAD.encode(format!("{before}{text}, and more")));
        careless.push(URL_SAFE_NO_PAD.encode(format!("{before}{text}, and more")));
    }
    careless
}

#[test]
fn every_disguise_is_found_in_a_log_line_and_in_a_file() {
    let search = Search::for_all();
    for secret in [TEXT, TEXT_FOLDED, NAME, TOKEN, INTERACTION_TOKEN] {
        for planted in careless(secret) {
            let line = format!("2026-11-24T09:00:00Z  INFO chaperone::app: message={planted} kept\nmore\n");
            assert!(!search.in_bytes(line.as_bytes()).is_empty(), "not found in a line: {planted}");
            let stops = std::panic::catch_unwind(|| search.must_be_vain("a log", &line));
            assert!(stops.is_err(), "a story goes on with {planted}");
            let folder = tempfile::tempdir().unwrap();
            let file = [&[0, 255, 13], planted.as_bytes(), &[0; 5]].concat();
            fs::write(folder.path().join("chaperone.db"), file).unwrap();
            let stops =
                std::panic::catch_unwind(|| search.must_be_vain_in_files(folder.path(), &["deployment.key"]));
            assert!(stops.is_err(), "not found in a file: {planted}");
        }
    }
    let key: Vec<u8> = (100..132).collect();
    for planted in [key.clone(), hex::encode(&key).into_bytes(), format!("{key:?}").into_bytes()] {
        assert!(!Search::for_bytes("key", &key).in_bytes(&planted).is_empty());
    }
}

#[test]
fn nothing_is_found_where_nothing_is() {
    let search = Search::for_all();
    let innocent = "2026-11-24T09:00:00Z  INFO chaperone::app: quokka glimmer 7319, Zebulon; W50ZXJhY3Rpb246";
    search.must_be_vain("an innocent line", innocent);
}
