//! A record of the REST requests that every box of a process has answered without a fault, for a check that comes
//! after the run.
//!
//! Switched on by naming a folder in the environment, so that it holds for every box of a whole test run, those
//! in child processes included. Each process writes a file of its own there: one JSON object a line, `method`,
//! `path`, `status`, `body` and `answer`, each shape of method and path at most a few times alike.
#![expect(clippy::disallowed_methods, reason = "boxes are started by tests, which hand no configuration on")]

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

use super::world::SeenRequest;

/// Names the folder.
const FOLDER: &str = "CHAPERONE_RECORD_REQUESTS";

struct Recorder {
    file: File,
    known: HashSet<u64>,
}

/// Writes a request and its answer down, unless nobody asked for that or the same was written before.
pub(crate) fn record(seen: &SeenRequest, answer: &Value) {
    static RECORDER: OnceLock<Option<Mutex<Recorder>>> = OnceLock::new();
    let Some(recorder) = RECORDER.get_or_init(open) else { return };
    let line = json!({
        "method": seen.method, "path": seen.path, "status": seen.status, "body": seen.body, "answer": answer,
    });
    let mut recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
    if recorder.known.insert(fingerprint(seen)) {
        // One write a line, so that the record of a process that is killed ends at a line's end.
        let _ = recorder.file.write_all(format!("{line}\n").as_bytes());
    }
}

fn open() -> Option<Mutex<Recorder>> {
    let folder = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty())?;
    let file = Path::new(&folder).join(format!("{}.jsonl", std::process::id()));
    let file = OpenOptions::new().create(true).append(true).open(file).ok()?;
    Some(Mutex::new(Recorder { file, known: HashSet::new() }))
}

/// The same for requests that differ in their ids only.
fn fingerprint(seen: &SeenRequest) -> u64 {
    let mut hasher = DefaultHasher::new();
    let path = seen.path.split('?').next().unwrap_or_default();
    let route: Vec<_> =
        path.split('/').filter(|part| !part.bytes().any(|byte| byte.is_ascii_digit())).collect();
    (&seen.method, route, seen.status, seen.body.to_string()).hash(&mut hasher);
    hasher.finish()
}
