//! How many flagged messages become committed incidents in a second, on each engine, with 64 that wait at a time.
//!
//! PostgreSQL is measured where `CHAPERONE_DATABASE_URL` names an empty database; what it does before it acknowledges a
//! commit is up to the server's own settings. The engines take turns, and the table shows every round.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock and the environment")]

use std::sync::Arc;
use std::time::Instant;

use chaperone::config::DatabaseUrl;
use chaperone::domain::{
    AccountId, Clause, EvidenceItem, EvidenceKind, EvidenceState, GroupId, IncidentCode, MessageId, RuleId,
    RulesetHash, Severity, SpaceId, Timestamp,
};
use chaperone::storage::{self, Access, AlertTo, OpenOptions, Recording, Storage};
use chaperone::vault::KeySource;
use futures_util::StreamExt;

/// Flagged messages of a round.
const MESSAGES: u64 = 3_000;
/// How many wait for their commit at a time.
const WAITING: usize = 64;
const ROUNDS: u64 = 3;

fn main() {
    // `cargo test --benches` runs this with no arguments that ask for a measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("the machine has threads");
    runtime.block_on(measure());
}

async fn measure() {
    let folder = tempfile::tempdir().expect("the machine has a place for temporary files");
    let open = async |database: Option<DatabaseUrl>| {
        let key = KeySource::File(folder.path().join("deployment.key"));
        let options =
            OpenOptions { data_dir: folder.path().join("data"), database, key, access: Access::Write };
        storage::open(&options).await.expect("the database opens")
    };
    std::fs::create_dir_all(folder.path().join("data")).expect("the folder is ours");
    let mut engines = vec![("SQLite", open(None).await)];
    if let Ok(url) = std::env::var("CHAPERONE_DATABASE_URL") {
        engines.push(("PostgreSQL", open(Some(url.into())).await));
    }
    println!("flagged messages to committed incidents, a second; {WAITING} wait at a time");
    for round in 0..ROUNDS {
        for (name, storage) in &engines {
            println!("{name:<11} {:>7.0}", incidents_a_second(storage, round).await);
        }
    }
    for (_, storage) in engines {
        storage.close_down().await;
    }
}

async fn incidents_a_second(storage: &Arc<dyn Storage>, round: u64) -> f64 {
    let start = Instant::now();
    let messages = futures_util::stream::iter(round * MESSAGES..(round + 1) * MESSAGES);
    messages
        .for_each_concurrent(WAITING, |message| async move {
            storage.record(recording(message + 1)).await.expect("it is recorded");
        })
        .await;
    f64::from(u32::try_from(MESSAGES).unwrap_or(u32::MAX)) / start.elapsed().as_secs_f64()
}

fn recording(message: u64) -> Recording {
    let at = Timestamp::from_millis(1_790_000_000_000);
    let digit = |place: u32| (message / 30_u64.pow(place) % 30) as u8;
    let evidence = EvidenceItem {
        kind: EvidenceKind::Message,
        message: MessageId::new(message),
        revised_at: at,
        author_name: "Ava".into(),
        space_name: "general".into(),
        text: "shut up you worthless loser".into(),
        findings: Vec::new(),
        state: EvidenceState::Held { until: Timestamp::from_millis(1_890_000_000_000) },
    };
    Recording {
        group: GroupId::new(1),
        space: SpaceId::new(2),
        message: MessageId::new(message),
        revised_at: at,
        author: AccountId::new(3),
        accused: AccountId::new(3),
        severity: Severity::Medium,
        clause: Clause::C2b,
        rules: vec![RuleId::new("insults-a-person").expect("it is a name of a rule")],
        ruleset: RulesetHash::new([7; 32]),
        settings_version: 0,
        at,
        evidence: vec![evidence],
        alerts: [4, 5]
            .map(|to| AlertTo { to: AccountId::new(to), nonce: format!("{message}-{to}") })
            .to_vec(),
        codes: vec![IncidentCode::from_random([digit(0), digit(1), digit(2), digit(3), 0])],
        cursor: Some(MessageId::new(message)),
    }
}
