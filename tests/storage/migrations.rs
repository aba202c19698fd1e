//! Migrations over data: each one runs over what the ones before it can have left, and storage reads the result.
//!
//! `tests/testdata/migrations` has a file for every migration, with rows as they were when it was the newest. It is
//! never changed either.

use std::fs;
use std::path::Path;

use chaperone::domain::{GapReason, Severity};

use super::place::*;

on_every_engine! {
    every_migration_runs_over_rows_of_the_one_before
}

fn names(folder: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

async fn every_migration_runs_over_rows_of_the_one_before(place: impl Place) {
    let samples = names("tests/testdata/migrations");
    assert_eq!(samples, names("migrations/sqlite"), "every migration has rows of its time");
    for (version, name) in (1..).zip(&samples) {
        place.migrate_to(version).await;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/migrations").join(name);
        let rows: &'static str = fs::read_to_string(path).unwrap().leak();
        let statements: Vec<_> = rows.split(";\n").filter(|statement| !statement.trim().is_empty()).collect();
        place.tamper(&statements).await;
    }
    let storage = place.open().await;
    let group = storage.group(GROUP).await.unwrap().unwrap();
    assert_eq!(group.settings, Some(settings(1)));
    let incidents = storage.incidents(every_incident()).await.unwrap();
    assert_eq!((incidents.len(), incidents[0].severity), (1, Severity::Medium));
    assert_eq!(storage.due_alerts(at(1000), 10).await.unwrap().len(), 1);
    assert_eq!(storage.cursors(GROUP).await.unwrap().len(), 1);
    assert_eq!(storage.gaps(GROUP, at(0)).await.unwrap()[0].reason, GapReason::NotHandled);
    // What was written before is numbered on from, not over.
    assert!(open_incident(&*storage, recording(6, 10)).await.id > incidents[0].id);
    assert_eq!(storage.verify_log(&|_| {}).await.unwrap().evidence, 2);
}
