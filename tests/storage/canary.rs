//! No word of a member, and no key, is readable on the disk.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use chaperone::domain::{Actor, Closing, Disposition, EvidenceKind, IncidentState, LogAction, LogChain};
use chaperone::storage::{Closure, NewLogEntry, NewNote, Storage};

use super::place::*;

/// Long enough never to come about by chance.
const CANARY: &str = "xylophone-quetzal-7731";

#[tokio::test]
async fn no_word_of_a_member_is_readable_in_any_file() {
    let place = Sqlite::fresh();
    let storage = place.open().await;
    let shown = drive(&*storage).await;
    assert!(!shown.contains(CANARY), "Debug shows it: {shown}");
    let open = search(&place.data_dir());
    assert!(open.files >= 5, "the databases, their write-ahead logs and the lock: {open:?}");
    assert_eq!(open.found, Vec::<String>::new(), "while it is open");
    storage.close_down().await;
    let closed = search(&place.data_dir());
    assert_eq!(closed.found, Vec::<String>::new(), "when it is closed");

    let key = fs::read_to_string(place.key_file()).unwrap();
    let key = hex::decode(key.trim()).unwrap();
    for (name, bytes) in files(&place.data_dir()) {
        assert!(!holds(&bytes, &key), "{name} holds the deployment key");
    }
}

#[test]
fn the_search_finds_every_disguise() {
    for disguise in disguises(CANARY.as_bytes()) {
        let file = [b"before ".as_slice(), &disguise, b" after"].concat();
        assert!(disguises(CANARY.as_bytes()).iter().any(|disguise| holds(&file, disguise)));
    }
    let padded = BASE64_STANDARD_NO_PAD.encode(format!("a{CANARY}b"));
    assert!(disguises(CANARY.as_bytes()).iter().any(|disguise| holds(padded.as_bytes(), disguise)));
}

/// Puts the canary into everything that takes a member's words; answers everything that `Debug` shows of it.
async fn drive(storage: &dyn Storage) -> String {
    let mut given = recording(1, 10);
    let item = &mut given.evidence[0];
    item.text = format!("well, {CANARY}, you know").into_boxed_str().as_ref().into();
    item.author_name = CANARY.into();
    item.space_name = CANARY.into();
    item.findings = vec![finding(CANARY)];
    let mut earlier = evidence(0, 9, CANARY);
    earlier.kind = EvidenceKind::Earlier;
    given.evidence.push(earlier);
    let mut shown = format!("{given:?}");
    let opened = open_incident(storage, given).await;
    let revision = revision(1, 20, CANARY);
    write!(shown, "{revision:?}").unwrap();
    storage.record_revision(revision).await.unwrap();
    let note = NewNote { incident: opened.id, by: PRINCIPAL, at: at(30), text: CANARY.into() };
    write!(shown, "{note:?}").unwrap();
    storage.note(note).await.unwrap();
    let entry = NewLogEntry {
        chain: LogChain::Group(GROUP),
        at: at(35),
        actor: Actor::Account(TEACHER),
        action: LogAction::AccessRefused,
        incident: None,
        detail: Some(CANARY.into()),
    };
    write!(shown, "{entry:?}").unwrap();
    storage.log(entry).await.unwrap();
    let closing = Closing { disposition: Disposition::Confirmed, by: TEACHER, at: at(40) };
    storage.close(Closure { incident: opened.id, closing, note: Some(CANARY.into()) }).await.unwrap();

    let file = storage.open_case_file(opened.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    assert_eq!(file.evidence[0].author_name.expose(), CANARY, "it is there for who may read it");
    assert_eq!(file.evidence[0].findings[0].explanation.read_as[0].expose(), CANARY);
    assert_eq!(file.notes.iter().filter(|note| note.text.expose() == CANARY).count(), 2);
    assert!(matches!(file.incident.state, IncidentState::Closed(_)));
    write!(shown, "{file:?} {:?}", assert_whole(storage).await).unwrap();
    shown
}

#[derive(Debug)]
struct Search {
    files: usize,
    found: Vec<String>,
}

fn search(folder: &Path) -> Search {
    let files = files(folder);
    let found = files
        .iter()
        .filter(|(_, bytes)| disguises(CANARY.as_bytes()).iter().any(|disguise| holds(bytes, disguise)))
        .map(|(name, _)| name.clone());
    Search { found: found.collect(), files: files.len() }
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// As it is, in hexadecimal, in decimal, in UTF-16, and in base64 at each of its three alignments.
fn disguises(plain: &[u8]) -> Vec<Vec<u8>> {
    let mut disguises = vec![
        plain.to_vec(),
        hex::encode(plain).into_bytes(),
        hex::encode_upper(plain).into_bytes(),
        plain.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ").into_bytes(),
        plain.iter().flat_map(|byte| [*byte, 0]).collect(),
    ];
    for shift in 0..3 {
        let shifted = [&vec![b' '; shift], plain].concat();
        let whole = BASE64_STANDARD_NO_PAD.encode(&shifted);
        // The letters at both ends depend on their neighbours.
        let from = if shift == 0 { 0 } else { 4 };
        let to = shifted.len() / 3 * 4;
        disguises.push(whole.as_bytes()[from..to].to_vec());
    }
    disguises
}
