//! What `chaperone log verify` says and how it ends.

use chaperone::cli::log::{self, LogCommand};
use chaperone::storage::{Access, OpenOptions};

use super::place::*;

on_every_engine! {
    a_whole_log_ends_with_0_also_beside_a_running_chaperone
    a_log_that_does_not_fit_ends_with_1_and_names_what
    a_log_that_cannot_be_read_ends_with_2_and_says_why
}

/// Runs the command; answers how it ended and what it said.
async fn verify(options: &OpenOptions, json: bool) -> (String, String) {
    let mut said = Vec::new();
    let ended = log::run(LogCommand::Verify { json }, options, &mut said).await.unwrap();
    (format!("{ended:?}"), String::from_utf8(said).unwrap())
}

fn ended(code: u8) -> String {
    format!("{:?}", std::process::ExitCode::from(code))
}

async fn a_whole_log_ends_with_0_also_beside_a_running_chaperone(place: impl Place) {
    let storage = place.open().await;
    open_incident(&*storage, recording(1, 10)).await;
    let options = place.options(Access::Read);
    let (code, said) = verify(&options, false).await;
    assert_eq!(code, ended(0));
    assert!(
        said.starts_with("Read 2 log entries in 1 chain and 1 piece of evidence: everything fits."),
        "{said}"
    );
    let (code, said) = verify(&options, true).await;
    assert_eq!(code, ended(0));
    let answer: serde_json::Value = serde_json::from_str(&said).unwrap();
    let expected =
        serde_json::json!({ "fits": true, "chains": 1, "entries": 2, "evidence": 1, "problems": [] });
    assert_eq!(answer, expected);
}

async fn a_log_that_does_not_fit_ends_with_1_and_names_what(place: impl Place) {
    let storage = place.open().await;
    open_incident(&*storage, recording(1, 10)).await;
    storage.close_down().await;
    place.tamper(&["DELETE FROM log_entries WHERE seq = 1"]).await;
    let options = place.options(Access::Read);
    let (code, said) = verify(&options, false).await;
    assert_eq!(code, ended(1));
    assert!(said.starts_with("The log of the group 1000: entry 1 is missing.\n"), "{said}");
    assert!(said.contains("1 thing does not fit"), "{said}");
    let (code, said) = verify(&options, true).await;
    assert_eq!(code, ended(1));
    let answer: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(answer["problems"].as_array().unwrap().len(), 1);
    assert_eq!(answer["fits"], false);
}

async fn a_log_that_cannot_be_read_ends_with_2_and_says_why(place: impl Place) {
    let options = place.options(Access::Read);
    let (code, said) = verify(&options, false).await;
    assert_eq!(code, ended(2));
    assert!(said.starts_with("The log cannot be read: there is no database in the "), "{said}");
    let (code, said) = verify(&options, true).await;
    assert_eq!(code, ended(2));
    let answer: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(answer["error"].as_str().unwrap().contains("there is no database"));
}
