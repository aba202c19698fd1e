//! What is left when the process is killed: everything that was acknowledged, and nothing half done.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use chaperone::storage::{self, Access, Recorded};

use super::place::*;

on_every_engine! {
    whatever_was_acknowledged_is_there_after_a_kill_and_the_rest_can_be_recorded_again
}

async fn whatever_was_acknowledged_is_there_after_a_kill_and_the_rest_can_be_recorded_again(
    place: impl Place,
) {
    let mut acknowledged = Vec::new();
    for lines in [1, 7, 40, 90] {
        acknowledged.extend(record_until_killed(&place, lines));
        let before = place.try_open(Access::Read).await.unwrap();
        assert!(
            assert_whole(&*before).await.evidence >= acknowledged.len() as u64,
            "readable as it was left"
        );
        before.close_down().await;
        let storage = place.open().await;
        let verdict = assert_whole(&*storage).await;
        let incidents = storage.incidents(every_incident()).await.unwrap();
        for message in &acknowledged {
            assert!(incidents.iter().any(|incident| incident.message.get() == *message), "{message} is lost");
        }
        let count = incidents.len() as u64;
        assert_eq!(verdict.evidence, count, "every incident has its evidence");
        assert_eq!(storage.due_alerts(at(1000), 10_000).await.unwrap().len() as u64, 2 * count);
        let Recorded::Already(_) = storage.record(recording(acknowledged[0], 10)).await.unwrap() else {
            panic!("it was recorded before the kill")
        };
        storage.close_down().await;
    }
}

/// Runs a process that records, kills it when it has acknowledged so many, and answers which.
fn record_until_killed(place: &impl Place, lines: usize) -> Vec<u64> {
    prepare(place.folder(), place.database().as_ref());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "storage::crash::recording_until_killed"])
        .current_dir(place.folder())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let kept: Vec<_> = said.filter_map(|line| line.strip_prefix("kept ")?.parse().ok()).take(lines).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(kept.len(), lines, "it records more than that before it ends");
    kept
}

/// Not a test of its own: run by the one above in a process that is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs until it is killed"]
async fn recording_until_killed() {
    let storage = storage::open(&here(prepared())).await.unwrap();
    let known = storage.incidents(every_incident()).await.unwrap();
    let first = known.iter().map(|incident| incident.message.get()).max().unwrap_or(0) + 1;
    let tasks = (first..first + 200).map(|message| {
        let storage = Arc::clone(&storage);
        tokio::spawn(async move {
            open_incident(&*storage, recording(message, 10)).await;
            writeln!(std::io::stdout(), "\nkept {message}").unwrap();
        })
    });
    futures_util::future::join_all(tasks).await;
}
