//! What a panic prints: where it happened, and not with which words.

use std::fs;

use chaperone::ops::{LogFormat, keep_panics_discreet, start_telemetry};
use tracing::level_filters::LevelFilter;

use super::search::{NAME, Search, TEXT};
use crate::stories::program::Program;

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_names_its_place_and_none_of_its_words() {
    for test in ["panics_in_log_lines", "panics_in_json_log_lines", "panics_without_log_lines"] {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture", &format!("privacy::panics::{test}")]);
        command.env_clear().env("RUST_BACKTRACE", "full");
        let ended = Program::start(command).ended().await;
        assert_eq!(ended.code, Some(0), "{test}: {}{}", ended.out, ended.err);
        assert!(ended.out.contains("1 passed"), "{}", ended.out);
        let search = Search::for_all();
        search.must_be_vain(test, &ended.err);
        search.must_be_vain(test, &ended.out);
        assert_eq!(ended.err.matches("Chaperone has a fault").count(), 4, "{}", ended.err);
        assert!(ended.err.contains("tests/privacy/panics.rs:"), "{}", ended.err);
        assert!(ended.err.contains("these words stand in the source"), "{}", ended.err);
        assert!(ended.err.contains("panic_as_careless_code_does"), "the way there is told: {}", ended.err);
    }
}

/// Not a test of its own: run by the one above in a process whose output it reads.
#[tokio::test]
#[ignore = "prints, and is run in a process of its own"]
async fn panics_in_log_lines() {
    start_telemetry(LevelFilter::TRACE, LogFormat::Text);
    panic_as_careless_code_does().await;
}

/// Not a test of its own, as above.
#[tokio::test]
#[ignore = "prints, and is run in a process of its own"]
async fn panics_in_json_log_lines() {
    start_telemetry(LevelFilter::TRACE, LogFormat::Json);
    panic_as_careless_code_does().await;
}

/// Not a test of its own, as above.
#[tokio::test]
#[ignore = "prints, and is run in a process of its own"]
async fn panics_without_log_lines() {
    panic_as_careless_code_does().await;
}

async fn panic_as_careless_code_does() {
    keep_panics_discreet();
    let text = format!("{TEXT} {NAME}");
    let at = text.find('ö').unwrap() + 1;
    let sliced = text.clone();
    let careless = [
        // Quotes the string.
        tokio::spawn(async move { drop(sliced[at..].to_owned()) }),
        tokio::spawn(async move { panic!("cannot handle {text}") }),
        tokio::spawn(async { drop(fs::read(format!("/{TEXT}")).map_err(|_| TEXT).unwrap()) }),
        tokio::spawn(async { panic!("these words stand in the source") }),
    ];
    for task in careless {
        assert!(task.await.unwrap_err().is_panic());
    }
}
