//! The promises of the trait `Storage`, the same for every engine.

use std::sync::Arc;

use chaperone::domain::{
    Actor, Clause, Closing, Disposition, EvidenceKind, EvidenceState, Gap, GapReason, GroupState,
    IncidentState, LogAction, LogChain, MessageDeleted, MessageId, Severity, SpaceId,
};
use chaperone::storage::{
    AlertTo, CloseOutcome, Closure, Cursor, IncidentFilter, NewLogEntry, NewNote, Recorded, SettingsChange,
    Storage, StorageError,
};

use super::place::*;

on_every_engine! {
    a_recorded_message_is_there_with_everything_after_opening_again
    the_same_revision_again_changes_nothing
    a_later_revision_extends_and_only_ever_makes_it_heavier
    a_finding_in_a_closed_case_reopens_it
    a_harmless_revision_and_a_deletion_are_kept_once
    a_message_that_was_never_flagged_is_answered_with_none
    earlier_lines_are_kept_once
    the_first_free_code_is_taken_and_none_is_an_error
    of_two_who_close_at_once_one_wins
    opening_a_case_file_logs_the_reading_and_begins_the_review
    notes_are_kept_in_order_and_an_unknown_case_is_said
    of_two_who_change_the_settings_one_wins
    a_group_is_seen_once
    cursors_never_go_back
    gaps_are_listed_by_their_end
    lists_filter_page_and_leave_out_the_recused
    two_hundred_recordings_at_once_are_all_there
    what_a_caller_gave_up_waiting_for_is_done_all_the_same
    one_failure_leaves_the_others_of_its_batch_alone
    log_entries_with_words_fit_every_chain
    after_closing_down_everything_says_so
    evidence_whose_words_were_never_there_says_why
}

async fn a_recorded_message_is_there_with_everything_after_opening_again(place: impl Place) {
    let storage = place.open().await;
    let given = recording(5, 10);
    let incident = open_incident(&*storage, given.clone()).await;
    assert_eq!(incident.code, code(5));
    assert_eq!(incident.state, IncidentState::Open);
    assert_eq!((incident.severity, incident.clause), (Severity::Medium, Clause::C3b));
    assert_eq!(incident.ruleset, given.ruleset);
    storage.close_down().await;
    drop(storage);

    let storage = place.open().await;
    assert_eq!(storage.find_incident(GROUP, &code(5)).await.unwrap().unwrap(), incident);
    assert_eq!(storage.incidents(every_incident()).await.unwrap(), std::slice::from_ref(&incident));
    let file = storage.open_case_file(incident.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    assert_eq!(file.evidence, given.evidence);
    assert_eq!(file.told.iter().map(|told| told.to).collect::<Vec<_>>(), [PRINCIPAL, TEACHER]);
    let cursor = Cursor { group: GROUP, space: SPACE, message: MessageId::new(5) };
    assert_eq!(storage.cursors(GROUP).await.unwrap(), [cursor]);
    let verdict = assert_whole(&*storage).await;
    assert_eq!((verdict.chains, verdict.entries, verdict.evidence), (1, 3, 1));
}

async fn the_same_revision_again_changes_nothing(place: impl Place) {
    let storage = place.open().await;
    let incident = open_incident(&*storage, recording(5, 10)).await;
    let entries = assert_whole(&*storage).await.entries;
    for revised in [10, 9] {
        let mut again = recording(5, revised);
        again.severity = Severity::Urgent;
        assert_eq!(storage.record(again).await.unwrap(), Recorded::Already(incident.id));
    }
    assert_eq!(storage.incidents(every_incident()).await.unwrap(), [incident]);
    let verdict = assert_whole(&*storage).await;
    assert_eq!((verdict.entries, verdict.evidence), (entries, 1));
    assert_eq!(storage.due_alerts(at(1000), 10).await.unwrap().len(), 2);
}

async fn a_later_revision_extends_and_only_ever_makes_it_heavier(place: impl Place) {
    let storage = place.open().await;
    let first = open_incident(&*storage, recording(5, 10)).await;

    let mut heavier = recording(5, 20);
    heavier.severity = Severity::Urgent;
    heavier.clause = Clause::C2b;
    heavier.rules = vec![rule("threatens"), rule("asks-to-move-to-dm")];
    let Recorded::Extended(extended) = storage.record(heavier).await.unwrap() else { panic!("it extends") };
    assert_eq!((extended.id, extended.severity, extended.clause), (first.id, Severity::Urgent, Clause::C2b));
    assert_eq!(extended.rules, [rule("threatens"), rule("asks-to-move-to-dm")]);
    assert_eq!(storage.due_alerts(at(1000), 10).await.unwrap().len(), 4, "it grew, so both are told again");

    let mut lighter = recording(5, 30);
    lighter.severity = Severity::Low;
    lighter.rules = vec![rule("phone-number")];
    let Recorded::Extended(extended) = storage.record(lighter).await.unwrap() else { panic!("it extends") };
    assert_eq!((extended.severity, extended.clause), (Severity::Urgent, Clause::C2b));
    assert_eq!(extended.rules, [rule("threatens"), rule("asks-to-move-to-dm"), rule("phone-number")]);
    assert_eq!(storage.due_alerts(at(1000), 10).await.unwrap().len(), 4, "it did not grow, so nobody is");

    assert_eq!(incident(&*storage, first.id).await, extended);
    let file = storage.open_case_file(first.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    let kinds: Vec<_> = file.evidence.iter().map(|item| (item.kind, item.revised_at)).collect();
    let expected =
        [(EvidenceKind::Message, at(10)), (EvidenceKind::Revision, at(20)), (EvidenceKind::Revision, at(30))];
    assert_eq!(kinds, expected);
    assert_whole(&*storage).await;
}

async fn a_finding_in_a_closed_case_reopens_it(place: impl Place) {
    let storage = place.open().await;
    let first = open_incident(&*storage, recording(5, 10)).await;
    close(&*storage, first.id, 20).await;

    assert_eq!(storage.record(recording(5, 10)).await.unwrap(), Recorded::Already(first.id));
    assert!(!incident(&*storage, first.id).await.state.is_open(), "the same revision does not reopen");

    let Recorded::Reopened(reopened) = storage.record(recording(5, 30)).await.unwrap() else {
        panic!("it reopens")
    };
    assert_eq!((reopened.id, &reopened.state), (first.id, &IncidentState::Open));
    assert_eq!(incident(&*storage, first.id).await, reopened);
    let file = storage.open_case_file(first.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    let actions: Vec<_> = file.history.iter().map(|line| line.action).collect();
    let expected = [
        LogAction::IncidentOpened,
        LogAction::IncidentClosed,
        LogAction::IncidentReopened,
        LogAction::IncidentShown,
    ];
    assert_eq!(actions, expected);
    assert_eq!(file.told.len(), 4, "reopening tells both again");
}

async fn a_harmless_revision_and_a_deletion_are_kept_once(place: impl Place) {
    let storage = place.open().await;
    let first = open_incident(&*storage, recording(5, 10)).await;
    for _ in 0..2 {
        let kept = storage.record_revision(revision(5, 20, "never mind")).await.unwrap();
        assert_eq!(kept, Some(first.id));
    }
    assert_eq!(storage.record(recording(5, 20)).await.unwrap(), Recorded::Already(first.id));
    let all = || storage.flagged_messages(SPACE, MessageId::new(1), MessageId::new(9));
    assert_eq!(all().await.unwrap(), [MessageId::new(5)]);
    for second in [30, 40] {
        let deleted =
            MessageDeleted { message: MessageId::new(5), group: GROUP, space: SPACE, at: at(second) };
        assert_eq!(storage.record_deletion(&deleted).await.unwrap(), Some(first.id));
    }
    assert_eq!(all().await.unwrap(), []);
    let file = storage.open_case_file(first.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    assert_eq!(file.incident.message_deleted_at, Some(at(30)));
    assert_eq!(file.evidence[1].text, "never mind".into());
    let actions: Vec<_> = file.history.iter().map(|line| line.action).collect();
    let expected = [
        LogAction::IncidentOpened,
        LogAction::IncidentExtended,
        LogAction::MessageDeleted,
        LogAction::IncidentShown,
    ];
    assert_eq!(actions, expected);
}

async fn a_message_that_was_never_flagged_is_answered_with_none(place: impl Place) {
    let storage = place.open().await;
    storage.see_group(GROUP, at(1)).await.unwrap();
    assert_eq!(storage.record_revision(revision(5, 20, "hello")).await.unwrap(), None);
    let deleted = MessageDeleted { message: MessageId::new(5), group: GROUP, space: SPACE, at: at(30) };
    assert_eq!(storage.record_deletion(&deleted).await.unwrap(), None);
    let verdict = assert_whole(&*storage).await;
    assert_eq!((verdict.entries, verdict.evidence), (1, 0));
}

async fn earlier_lines_are_kept_once(place: impl Place) {
    let storage = place.open().await;
    let mut earlier = evidence(4, 9, "hey");
    earlier.kind = EvidenceKind::Earlier;
    let mut first = recording(5, 10);
    first.evidence.push(earlier.clone());
    let opened = open_incident(&*storage, first).await;
    let mut later = recording(5, 20);
    later.evidence.push(earlier);
    storage.record(later).await.unwrap();
    let file = storage.open_case_file(opened.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    let kinds: Vec<_> = file.evidence.iter().map(|item| item.kind).collect();
    assert_eq!(kinds, [EvidenceKind::Message, EvidenceKind::Earlier, EvidenceKind::Revision]);
}

async fn the_first_free_code_is_taken_and_none_is_an_error(place: impl Place) {
    let storage = place.open().await;
    open_incident(&*storage, recording(5, 10)).await;
    let mut second = recording(6, 10);
    second.codes = vec![code(5)];
    let refused = storage.record(second.clone()).await.unwrap_err();
    assert!(matches!(refused, StorageError::NoFreeCode) && refused.is_passing());
    assert_eq!(storage.cursors(GROUP).await.unwrap()[0].message, MessageId::new(5), "all or nothing");
    second.codes.push(code(6));
    assert_eq!(open_incident(&*storage, second).await.code, code(6));

    let mut elsewhere = recording(7, 10);
    elsewhere.group = chaperone::domain::GroupId::new(1001);
    elsewhere.codes = vec![code(5)];
    assert_eq!(open_incident(&*storage, elsewhere).await.code, code(5), "codes are a group's own");
    assert_whole(&*storage).await;
}

async fn of_two_who_close_at_once_one_wins(place: impl Place) {
    let storage = place.open().await;
    let opened = open_incident(&*storage, recording(5, 10)).await;
    let closure = |by, disposition| Closure {
        incident: opened.id,
        closing: Closing { disposition, by, at: at(20) },
        note: Some("spoken with".into()),
    };
    let (one, other) = tokio::join!(
        storage.close(closure(PRINCIPAL, Disposition::Confirmed)),
        storage.close(closure(TEACHER, Disposition::FalseAlarm)),
    );
    let now = incident(&*storage, opened.id).await;
    let outcomes = [one.unwrap(), other.unwrap()];
    assert!(outcomes.contains(&CloseOutcome::Closed(now.clone())), "{outcomes:?}");
    assert!(outcomes.contains(&CloseOutcome::AlreadyClosed(now)), "{outcomes:?}");
    let file = storage.open_case_file(opened.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    assert!(!file.incident.state.is_open(), "reading does not reopen");
    assert_eq!(file.notes.len(), 1, "the note of the one who lost is not kept");
    assert_eq!(file.history.iter().filter(|line| line.action == LogAction::IncidentClosed).count(), 1);

    let unknown = Closure {
        incident: chaperone::domain::IncidentId::from_db(999),
        ..closure(PRINCIPAL, Disposition::Unfounded)
    };
    assert_eq!(storage.close(unknown).await.unwrap(), CloseOutcome::Unknown);
}

async fn opening_a_case_file_logs_the_reading_and_begins_the_review(place: impl Place) {
    let storage = place.open().await;
    let opened = open_incident(&*storage, recording(5, 10)).await;
    let mut misdirected = reading(TEACHER, 50);
    misdirected.chain = LogChain::Deployment;
    let file = storage.open_case_file(opened.id, misdirected).await.unwrap().unwrap();
    assert_eq!(file.incident.state, IncidentState::UnderReview);
    assert_eq!(incident(&*storage, opened.id).await, file.incident);
    let last = file.history.last().unwrap();
    assert_eq!(
        (last.at, last.actor, last.action),
        (at(50), Actor::Account(TEACHER), LogAction::IncidentShown)
    );
    let nobody = chaperone::domain::IncidentId::from_db(999);
    assert_eq!(storage.open_case_file(nobody, reading(TEACHER, 51)).await.unwrap(), None);
    assert_eq!(assert_whole(&*storage).await.chains, 1, "the reading stands in the group's chain");
}

async fn notes_are_kept_in_order_and_an_unknown_case_is_said(place: impl Place) {
    let storage = place.open().await;
    let opened = open_incident(&*storage, recording(5, 10)).await;
    let note =
        |incident, second, text: &str| NewNote { incident, by: PRINCIPAL, at: at(second), text: text.into() };
    assert!(storage.note(note(opened.id, 20, "Called home.")).await.unwrap());
    assert!(storage.note(note(opened.id, 21, "Called home.")).await.unwrap());
    assert!(!storage.note(note(chaperone::domain::IncidentId::from_db(999), 22, "?")).await.unwrap());
    let file = storage.open_case_file(opened.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    let notes: Vec<_> = file.notes.iter().map(|note| (note.by, note.at, note.text.expose())).collect();
    assert_eq!(notes, [(PRINCIPAL, at(20), "Called home."), (PRINCIPAL, at(21), "Called home.")]);
    assert_whole(&*storage).await;
}

async fn of_two_who_change_the_settings_one_wins(place: impl Place) {
    let storage = place.open().await;
    let change = |version, by| SettingsChange {
        group: GROUP,
        settings: settings(version),
        by,
        at: at(5),
        alerts: Vec::new(),
    };
    assert_eq!(storage.change_settings(change(2, PRINCIPAL)).await.unwrap(), None, "version 1 comes first");
    let (one, other) = tokio::join!(
        storage.change_settings(change(1, PRINCIPAL)),
        storage.change_settings(change(1, TEACHER))
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.is_some() != other.is_some(), "{one:?} {other:?}");
    assert!(storage.change_settings(change(2, TEACHER)).await.unwrap().is_some());
    let group = storage.group(GROUP).await.unwrap().unwrap();
    assert_eq!(group.settings, Some(settings(2)));
    assert_eq!(storage.groups().await.unwrap(), [group]);
    assert_eq!(assert_whole(&*storage).await.entries, 3, "the group was seen, and two changes were made");
}

async fn a_group_is_seen_once(place: impl Place) {
    let storage = place.open().await;
    assert_eq!(storage.group(GROUP).await.unwrap(), None);
    let seen = storage.see_group(GROUP, at(1)).await.unwrap();
    assert_eq!((seen.first_seen, seen.state, seen.settings_version()), (at(1), GroupState::Pending, 0));
    assert_eq!(storage.see_group(GROUP, at(2)).await.unwrap(), seen);
    assert_eq!(assert_whole(&*storage).await.entries, 1);
}

async fn cursors_never_go_back(place: impl Place) {
    let storage = place.open().await;
    let cursor = |space, message| Cursor {
        group: GROUP,
        space: SpaceId::new(space),
        message: MessageId::new(message),
    };
    storage.save_cursors(&[cursor(1, 10), cursor(2, 20)]).await.unwrap();
    storage.save_cursors(&[cursor(1, 9), cursor(2, 21)]).await.unwrap();
    storage.save_cursors(&[]).await.unwrap();
    assert_eq!(storage.cursors(GROUP).await.unwrap(), [cursor(1, 10), cursor(2, 21)]);
}

async fn gaps_are_listed_by_their_end(place: impl Place) {
    let storage = place.open().await;
    let gap = |space: Option<u64>, from, until| Gap {
        group: GROUP,
        space: space.map(SpaceId::new),
        from: at(from),
        until: at(until),
        reason: GapReason::NotReadBack,
    };
    for gap in [gap(Some(1), 10, 30), gap(None, 5, 20), gap(None, 1, 9)] {
        storage.record_gap(gap, at(40), Vec::new()).await.unwrap();
    }
    assert_eq!(storage.gaps(GROUP, at(9)).await.unwrap(), [gap(None, 5, 20), gap(Some(1), 10, 30)]);
    assert_eq!(assert_whole(&*storage).await.entries, 4);
}

async fn lists_filter_page_and_leave_out_the_recused(place: impl Place) {
    let storage = place.open().await;
    let mut ids = Vec::new();
    for message in 1..=4 {
        let mut recording = recording(message, 10);
        if message == 2 {
            recording.accused = PRINCIPAL;
        }
        ids.push(open_incident(&*storage, recording).await.id);
    }
    close(&*storage, ids[2], 20).await;
    let list = async |filter: IncidentFilter| -> Vec<_> {
        storage.incidents(filter).await.unwrap().into_iter().map(|incident| incident.id).collect()
    };
    assert_eq!(list(every_incident()).await, [ids[3], ids[2], ids[1], ids[0]], "the newest first");
    assert_eq!(list(IncidentFilter { open_only: true, ..every_incident() }).await, [ids[3], ids[1], ids[0]]);
    let recused = IncidentFilter { without_accused: Some(PRINCIPAL), ..every_incident() };
    assert_eq!(list(recused).await, [ids[3], ids[2], ids[0]]);
    let page = IncidentFilter { before: Some(ids[3]), most: 2, ..every_incident() };
    assert_eq!(list(page).await, [ids[2], ids[1]]);
    let elsewhere = IncidentFilter { group: chaperone::domain::GroupId::new(7), ..every_incident() };
    assert_eq!(list(elsewhere).await, []);
    assert_eq!(storage.find_incident(chaperone::domain::GroupId::new(7), &code(1)).await.unwrap(), None);
}

async fn two_hundred_recordings_at_once_are_all_there(place: impl Place) {
    let storage = place.open().await;
    let tasks: Vec<_> = (1..=200)
        .map(|message| {
            let storage = Arc::clone(&storage);
            tokio::spawn(async move { open_incident(&*storage, recording(message, 10)).await })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap().id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 200);
    assert_eq!(storage.due_alerts(at(1000), 1000).await.unwrap().len(), 400);
    let verdict = assert_whole(&*storage).await;
    assert_eq!((verdict.entries, verdict.evidence), (201, 200));
}

async fn what_a_caller_gave_up_waiting_for_is_done_all_the_same(place: impl Place) {
    let storage = place.open().await;
    for message in 1..=20 {
        // Polled once, so that the order is placed, and then dropped.
        let waiting = storage.record(recording(message, 10));
        tokio::select! { biased; _ = waiting => {}, () = std::future::ready(()) => {} }
    }
    storage.see_group(GROUP, at(2)).await.unwrap();
    assert_eq!(storage.incidents(every_incident()).await.unwrap().len(), 20);
    assert_whole(&*storage).await;
}

async fn one_failure_leaves_the_others_of_its_batch_alone(place: impl Place) {
    let storage = place.open().await;
    open_incident(&*storage, recording(1, 10)).await;
    let tasks: Vec<_> = (2..=21)
        .map(|message| {
            let storage = Arc::clone(&storage);
            let mut recording = recording(message, 10);
            if message % 2 == 0 {
                recording.codes = vec![code(1)];
            }
            tokio::spawn(async move { storage.record(recording).await })
        })
        .collect();
    let mut refused = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(recorded) => assert!(matches!(recorded, Recorded::Opened(_))),
            Err(why) => {
                assert!(matches!(why, StorageError::NoFreeCode), "{why}");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 10);
    let verdict = assert_whole(&*storage).await;
    assert_eq!((verdict.entries, verdict.evidence), (12, 11), "nothing of the refused is left");
}

async fn log_entries_with_words_fit_every_chain(place: impl Place) {
    let storage = place.open().await;
    storage.see_group(GROUP, at(1)).await.unwrap();
    for chain in [LogChain::Deployment, LogChain::Group(GROUP)] {
        for detail in [None, Some("asked for K7QX3".into())] {
            let action = LogAction::AccessRefused;
            let entry =
                NewLogEntry { chain, at: at(9), actor: Actor::Chaperone, action, incident: None, detail };
            storage.log(entry).await.unwrap();
        }
    }
    let verdict = assert_whole(&*storage).await;
    assert_eq!((verdict.chains, verdict.entries), (2, 5));
}

async fn after_closing_down_everything_says_so(place: impl Place) {
    let storage = place.open().await;
    storage.see_group(GROUP, at(1)).await.unwrap();
    storage.close_down().await;
    storage.close_down().await;
    assert!(matches!(storage.record(recording(1, 1)).await, Err(StorageError::Closed)));
    assert!(matches!(storage.groups().await, Err(StorageError::Closed)));
}

async fn close(storage: &dyn Storage, incident: chaperone::domain::IncidentId, second: i64) {
    let closing = Closing { disposition: Disposition::FalseAlarm, by: TEACHER, at: at(second) };
    let outcome = storage.close(Closure { incident, closing, note: None }).await.unwrap();
    assert!(matches!(outcome, CloseOutcome::Closed(_)), "{outcome:?}");
}

async fn evidence_whose_words_were_never_there_says_why(place: impl Place) {
    let storage = place.open().await;
    let mut given = recording(5, 10);
    given.alerts = vec![AlertTo { to: PRINCIPAL, nonce: "n".into() }];
    given.evidence[0].state = EvidenceState::Unavailable { why: "the attachment was gone".into() };
    let opened = open_incident(&*storage, given.clone()).await;
    let file = storage.open_case_file(opened.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    assert_eq!(file.evidence, given.evidence);
}
