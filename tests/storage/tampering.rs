//! What `log verify` notices when somebody changes the database behind Chaperone's back.

use chaperone::domain::{Actor, Closing, Disposition, LogAction, LogChain};
use chaperone::storage::{Access, Closure, LogVerdict, NewLogEntry, NewNote};

use super::place::*;

on_every_engine! {
    a_changed_entry_is_named_whichever_column_it_is
    a_dropped_entry_is_named_wherever_it_stood
    a_dropped_entry_with_the_others_moved_up_is_named
    an_entry_before_the_first_is_named
    an_inserted_entry_is_named
    entries_that_changed_places_are_named
    an_entry_moved_to_another_chain_is_named_in_both
    a_lost_or_forged_head_and_a_lost_chain_are_named
    words_of_an_entry_can_be_erased_but_not_changed
    evidence_and_notes_that_were_moved_changed_or_orphaned_are_named
    a_case_that_is_not_what_the_log_says_is_named
    lost_data_keys_are_named_and_the_log_is_verified_all_the_same
    a_case_file_with_evidence_that_does_not_open_is_read_all_the_same
    verifying_reads_on_beside_a_chaperone_that_writes_and_reports_its_progress
}

/// A database with two chains, evidence, a note and words in the log, closed.
async fn written<P: Place>(like: &P) -> P {
    let place = like.another();
    let storage = place.open().await;
    for message in 1..=5 {
        open_incident(&*storage, recording(message, 10)).await;
    }
    let first = storage.find_incident(GROUP, &code(1)).await.unwrap().unwrap();
    let note = NewNote { incident: first.id, by: PRINCIPAL, at: at(20), text: "Called home.".into() };
    assert!(storage.note(note).await.unwrap());
    let entry = NewLogEntry {
        chain: LogChain::Deployment,
        at: at(30),
        actor: Actor::Account(TEACHER),
        action: LogAction::AccessRefused,
        incident: None,
        detail: Some("asked for K7QX3".into()),
    };
    storage.log(entry).await.unwrap();
    let verdict = assert_whole(&*storage).await;
    assert_eq!((verdict.chains, verdict.entries, verdict.evidence), (2, 8, 5));
    storage.close_down().await;
    place
}

async fn verdict(place: &impl Place) -> LogVerdict {
    let storage = place.try_open(Access::Read).await.unwrap();
    let verdict = storage.verify_log(&|_| {}).await.unwrap();
    storage.close_down().await;
    verdict
}

/// Asserts that after these statements exactly these things do not fit.
async fn check(like: &impl Place, statements: &[&'static str], problems: &[&str]) {
    let place = written(like).await;
    place.tamper(statements).await;
    assert_eq!(verdict(&place).await.problems, problems, "after {statements:?}");
}

/// The same for the chains alone: cases whose lines were lost are named besides.
async fn check_log(like: &impl Place, statements: &[&'static str], problems: &[&str]) {
    let place = written(like).await;
    place.tamper(statements).await;
    let mut found = verdict(&place).await.problems;
    found.retain(|problem| problem.starts_with("The log"));
    assert_eq!(found, problems, "after {statements:?}");
}

const CHANGED: &str = "was changed, or it does not belong after the entry before it.";

async fn a_changed_entry_is_named_whichever_column_it_is(like: impl Place) {
    for change in [
        "UPDATE log_entries SET at = at + 1 WHERE chain = 1000 AND seq = 3",
        "UPDATE log_entries SET actor = 33 WHERE chain = 1000 AND seq = 3",
        "UPDATE log_entries SET action = 'incident-reopened' WHERE chain = 1000 AND seq = 3",
        "UPDATE log_entries SET detail_hash = x'00' WHERE chain = 1000 AND seq = 3",
    ] {
        check(&like, &[change], &[&format!("The log of the group 1000: entry 3 {CHANGED}")]).await;
    }
    check(
        &like,
        &["UPDATE log_entries SET key_id = '0000000000000000' WHERE chain = 1000 AND seq = 3"],
        &["The log of the group 1000: entry 3 names another deployment key."],
    )
    .await;
    let place = written(&like).await;
    place.tamper(&["UPDATE log_entries SET mac = x'00' WHERE chain = 1000 AND seq = 3"]).await;
    let expected = [3, 4].map(|seq| format!("The log of the group 1000: entry {seq} {CHANGED}"));
    assert_eq!(verdict(&place).await.problems, expected, "the next one does not follow it any more");
}

async fn a_dropped_entry_is_named_wherever_it_stood(like: impl Place) {
    check_log(
        &like,
        &["DELETE FROM log_entries WHERE chain = 1000 AND seq = 1"],
        &["The log of the group 1000: entry 1 is missing."],
    )
    .await;
    check_log(
        &like,
        &["DELETE FROM log_entries WHERE chain = 1000 AND seq IN (3, 4)"],
        &["The log of the group 1000: entries 3 to 4 are missing."],
    )
    .await;
    check_log(
        &like,
        &["DELETE FROM log_entries WHERE chain = 1000 AND seq >= 6"],
        &["The log of the group 1000: it should end with entry 7; entries 6 to 7 are missing at its end."],
    )
    .await;
}

async fn a_dropped_entry_with_the_others_moved_up_is_named(like: impl Place) {
    check_log(
        &like,
        &[
            "DELETE FROM log_entries WHERE chain = 1000 AND seq = 3",
            "UPDATE log_entries SET seq = 3 WHERE chain = 1000 AND seq = 4",
        ],
        &[
            &format!("The log of the group 1000: entry 3 {CHANGED}"),
            "The log of the group 1000: entry 4 is missing.",
        ],
    )
    .await;
}

async fn an_entry_before_the_first_is_named(like: impl Place) {
    let forged = "INSERT INTO log_entries \
        SELECT chain, -1, at, actor, 'incident-closed', incident, key_id, detail_hash, detail, mac \
        FROM log_entries WHERE chain = 1000 AND seq = 2";
    check(&like, &[forged], &["The log of the group 1000: entry -1 stands before the first."]).await;
}

async fn an_inserted_entry_is_named(like: impl Place) {
    let copy = "INSERT INTO log_entries SELECT chain, 8, at, actor, action, incident, key_id, detail_hash, detail, mac \
        FROM log_entries WHERE chain = 1000 AND seq = 7";
    check(
        &like,
        &[copy],
        &[
            &format!("The log of the group 1000: entry 8 {CHANGED}"),
            "The log of the group 1000: it should end with entry 7, but goes on to entry 8.",
        ],
    )
    .await;
    check(
        &like,
        &[copy, "UPDATE log_heads SET seq = 8 WHERE chain = 1000"],
        &[&format!("The log of the group 1000: entry 8 {CHANGED}")],
    )
    .await;
}

async fn entries_that_changed_places_are_named(like: impl Place) {
    let expected = [3, 4, 5].map(|seq| format!("The log of the group 1000: entry {seq} {CHANGED}"));
    check(
        &like,
        &[
            "UPDATE log_entries SET seq = -3 WHERE chain = 1000 AND seq = 3",
            "UPDATE log_entries SET seq = 3 WHERE chain = 1000 AND seq = 4",
            "UPDATE log_entries SET seq = 4 WHERE chain = 1000 AND seq = -3",
        ],
        &expected.each_ref().map(String::as_str),
    )
    .await;
}

async fn an_entry_moved_to_another_chain_is_named_in_both(like: impl Place) {
    check(
        &like,
        &["UPDATE log_entries SET chain = 0, seq = 2 WHERE chain = 1000 AND seq = 7"],
        &[
            &format!("The log of the deployment: entry 2 {CHANGED}"),
            "The log of the deployment: it should end with entry 1, but goes on to entry 2.",
            "The log of the group 1000: it should end with entry 7; entry 7 is missing at its end.",
        ],
    )
    .await;
}

async fn a_lost_or_forged_head_and_a_lost_chain_are_named(like: impl Place) {
    check_log(
        &like,
        &["DELETE FROM log_heads WHERE chain = 1000"],
        &["The log of the group 1000: it has no head."],
    )
    .await;
    check_log(
        &like,
        &["UPDATE log_heads SET mac = x'00' WHERE chain = 1000"],
        &["The log of the group 1000: its head does not belong to its last entry, 7."],
    )
    .await;
    check_log(
        &like,
        &["DELETE FROM log_heads WHERE chain = 1000", "DELETE FROM log_entries WHERE chain = 1000"],
        &["The log of the group 1000: there is none, though the group is known."],
    )
    .await;
}

async fn words_of_an_entry_can_be_erased_but_not_changed(like: impl Place) {
    let erased = written(&like).await;
    erased.tamper(&["UPDATE log_entries SET detail = NULL WHERE chain = 0"]).await;
    assert_eq!(verdict(&erased).await.problems, Vec::<String>::new());

    let why = "the sealed bytes are of an unknown form; a newer Chaperone may have written them";
    check(
        &like,
        &["UPDATE log_entries SET detail = x'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000' WHERE chain = 0"],
        &[&format!("The log of the deployment: the words of entry 1 cannot be read: {why}.")],
    )
    .await;
    check(
        &like,
        &["UPDATE log_entries SET detail = x'01' WHERE chain = 1000 AND seq = 2"],
        &["The log of the group 1000: entry 2 has words that it was not written with."],
    )
    .await;
}

async fn evidence_and_notes_that_were_moved_changed_or_orphaned_are_named(like: impl Place) {
    let place = written(&like).await;
    let why = "the sealed bytes do not open: they were changed or moved, or the key is not theirs";
    place
        .tamper(&[
            "UPDATE evidence SET sealed = (SELECT sealed FROM evidence WHERE incident = 2) WHERE incident = 1",
            "UPDATE evidence SET revised_at = revised_at + 1 WHERE incident = 3",
            "UPDATE evidence SET incident = 999 WHERE incident = 4",
            "UPDATE evidence SET kind = 'rumour' WHERE incident = 5",
            "UPDATE notes SET written_by = 33",
        ])
        .await;
    let [one, three, five] = [1, 3, 5].map(code);
    let expected = [
        format!("Case {one}: piece 1 of its evidence: {why}."),
        format!("Case {three}: piece 1 of its evidence: {why}."),
        format!("Case {five}: piece 1 of its evidence: its kind is none that this program knows."),
        "Case without a case: piece 1 of its evidence: it belongs to no incident.".to_owned(),
        format!("Case {one}: note 1: {why}."),
    ];
    assert_eq!(verdict(&place).await.problems, expected);
}

async fn a_case_that_is_not_what_the_log_says_is_named(like: impl Place) {
    let one = code(1);
    let [unsaid, unopened, elsewhere] = [
        format!("Case {one}: it is closed, but the log does not say so."),
        format!("Case {one}: the log does not say that it was opened."),
        format!("Case {one}: the log says that somebody else closed it, or at another time."),
    ];
    let close = "UPDATE incidents SET state = 'closed', disposition = 'unfounded', closed_by = 31, closed_at = 1 WHERE id = 1";
    check(&like, &[close], &[&unsaid]).await;
    let unlog = "UPDATE log_entries SET incident = NULL WHERE chain = 1000 AND seq = 2";
    check(
        &like,
        &[unlog],
        &[
            &format!("The log of the group 1000: entry 2 {CHANGED}"),
            "The log of the group 1000: the case that entry 2 opened is not there any more.",
            &unopened,
        ],
    )
    .await;
    check(
        &like,
        &[
            "DELETE FROM notes",
            "DELETE FROM evidence WHERE incident = 1",
            "DELETE FROM incidents WHERE id = 1",
        ],
        &["The log of the group 1000: the case that entry 2 opened is not there any more."],
    )
    .await;

    let place = written(&like).await;
    let storage = place.open().await;
    let first = storage.find_incident(GROUP, &one).await.unwrap().unwrap();
    let closing = Closing { disposition: Disposition::Confirmed, by: TEACHER, at: at(40) };
    storage.close(Closure { incident: first.id, closing, note: None }).await.unwrap();
    assert_whole(&*storage).await;
    storage.close_down().await;
    place.tamper(&["UPDATE incidents SET closed_by = 31 WHERE id = 1"]).await;
    assert_eq!(verdict(&place).await.problems, [elsewhere]);
    place.tamper(&["UPDATE incidents SET state = 'open' WHERE id = 1"]).await;
    let reopened = format!("Case {one}: it is open, but the log says that it was closed.");
    assert_eq!(verdict(&place).await.problems, [reopened]);
}

async fn lost_data_keys_are_named_and_the_log_is_verified_all_the_same(like: impl Place) {
    let place = written(&like).await;
    place.tamper_keys(&["DELETE FROM data_keys"]).await;
    let verdict = verdict(&place).await;
    assert_eq!((verdict.entries, verdict.problems.len()), (8, 6));
    assert!(
        verdict.problems.iter().all(|problem| problem.contains("chaperone_keys); restore that")),
        "{verdict:?}"
    );

    let place = written(&like).await;
    for (change, why) in [
        ("UPDATE data_keys SET key_id = '0000000000000000'", "was wrapped with another deployment key"),
        (
            "UPDATE data_keys SET wrapped = x'01', key_id = (SELECT value FROM kept)",
            "is damaged; restore that",
        ),
    ] {
        let keep = "CREATE TABLE IF NOT EXISTS kept AS SELECT key_id AS value FROM data_keys LIMIT 1";
        place.tamper_keys(&[keep, change]).await;
        let problems = self::verdict(&place).await.problems;
        assert_eq!(problems.len(), 6);
        assert!(problems.iter().all(|problem| problem.contains(why)), "{problems:?}");
    }

    place.lose_keys().await;
    let verdict = self::verdict(&place).await;
    assert_eq!(
        verdict.problems,
        [
            "The data keys (keys.db or the schema chaperone_keys) cannot be opened, so no evidence can be read; \
          restore them from a backup."
        ]
    );
}

async fn a_case_file_with_evidence_that_does_not_open_is_read_all_the_same(like: impl Place) {
    let place = written(&like).await;
    place
        .tamper(&[
            "UPDATE evidence SET sealed = x'01' WHERE incident = 1",
            "UPDATE notes SET sealed = x'01'",
            "UPDATE evidence SET kind = 'rumour' WHERE incident = 2",
        ])
        .await;
    let storage = place.open().await;
    let unavailable = async |number| {
        let incident = storage.find_incident(GROUP, &code(number)).await.unwrap().unwrap();
        let file = storage.open_case_file(incident.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
        match &file.evidence[0].state {
            chaperone::domain::EvidenceState::Unavailable { why } => (why.clone(), file.notes.clone()),
            held @ chaperone::domain::EvidenceState::Held { .. } => panic!("{held:?}"),
        }
    };
    let (why, notes) = unavailable(1).await;
    assert_eq!(why, "the sealed bytes do not open: they were changed or moved, or the key is not theirs");
    assert!(notes[0].text.expose().starts_with("[This note cannot be read:"), "{}", notes[0].text.expose());
    let (why, _) = unavailable(2).await;
    assert!(why.contains("evidence") && why.contains("log verify"), "{why}");
    storage.close_down().await;

    place.tamper_keys(&["DELETE FROM data_keys"]).await;
    let storage = place.open().await;
    let incident = storage.find_incident(GROUP, &code(3)).await.unwrap().unwrap();
    let file = storage.open_case_file(incident.id, reading(PRINCIPAL, 60)).await.unwrap().unwrap();
    assert!(format!("{:?}", file.evidence[0].state).contains("the data key is not in its store"));
}

async fn verifying_reads_on_beside_a_chaperone_that_writes_and_reports_its_progress(like: impl Place) {
    let place = like;
    let storage = place.open().await;
    for _ in 0..3 {
        for message in 1..=400 {
            storage.see_group(GROUP, at(1)).await.unwrap();
            let entry = NewLogEntry { at: at(message), ..reading(TEACHER, message) };
            storage.log(entry).await.unwrap();
        }
    }
    let beside = place.try_open(Access::Read).await.unwrap();
    let heard = std::sync::Mutex::new(Vec::new());
    let verdict = beside.verify_log(&|entries| heard.lock().unwrap().push(entries)).await.unwrap();
    assert_eq!(verdict.problems, Vec::<String>::new());
    assert_eq!(*heard.lock().unwrap(), [500, 1000, 1201]);
    storage.log(reading(TEACHER, 9)).await.unwrap();
    assert_eq!(assert_whole(&*beside).await.entries, 1202, "what was written meanwhile is seen next time");
}
