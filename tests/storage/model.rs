//! Whatever happens to a few messages in whatever order, storage answers as a small model of it does.

use std::collections::BTreeMap;

use chaperone::domain::{Closing, Disposition, IncidentState, MessageDeleted, MessageId, Severity};
use chaperone::storage::{CloseOutcome, Closure, Recorded, Storage};
use proptest::prelude::*;

use super::place::*;

#[derive(Debug, Clone)]
enum Event {
    Flagged { message: u64, revised: i64, severity: Severity },
    Harmless { message: u64, revised: i64 },
    Deleted { message: u64 },
    Shown { message: u64 },
    Closed { message: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    UnderReview,
    Closed,
}

/// What is to be known of the incident of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Case {
    revised: i64,
    severity: Severity,
    stage: Stage,
    pieces: usize,
    told: usize,
    deleted: bool,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let message = 1..4_u64;
    let revised = 1..6_i64;
    let severity = prop::sample::select(&Severity::ALL);
    let event = prop_oneof![
        3 => (message.clone(), revised.clone(), severity)
            .prop_map(|(message, revised, severity)| Event::Flagged { message, revised, severity }),
        2 => (message.clone(), revised).prop_map(|(message, revised)| Event::Harmless { message, revised }),
        1 => message.clone().prop_map(|message| Event::Deleted { message }),
        1 => message.clone().prop_map(|message| Event::Shown { message }),
        2 => message.prop_map(|message| Event::Closed { message }),
    ];
    prop::collection::vec(event, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn storage_answers_as_the_model_does(events in events()) {
        compare(&Sqlite::fresh(), &events);
    }

    #[test]
    fn storage_on_a_server_answers_as_the_model_does(events in events()) {
        if let Some(place) = Postgres::fresh() {
            compare(&place, &events);
        }
    }
}

/// Lets everything happen to both.
fn compare(place: &impl Place, events: &[Event]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let storage = place.open().await;
        let mut cases = BTreeMap::<u64, Case>::new();
        for event in events {
            happen(&*storage, &mut cases, event).await;
        }
        for (message, case) in &cases {
            assert_eq!(seen(&*storage, *message).await, *case, "message {message} after {events:?}");
        }
        assert_whole(&*storage).await;
    });
}

/// Lets an event happen to both and compares their answers.
async fn happen(storage: &dyn Storage, cases: &mut BTreeMap<u64, Case>, event: &Event) {
    match *event {
        Event::Flagged { message, revised, severity } => {
            let mut flagged = recording(message, revised);
            flagged.severity = severity;
            let answer = match storage.record(flagged).await.unwrap() {
                Recorded::Opened(_) => "opened",
                Recorded::Extended(_) => "extended",
                Recorded::Reopened(_) => "reopened",
                Recorded::Already(_) => "already",
            };
            assert_eq!(answer, flag(cases, message, revised, severity), "{event:?}");
        }
        Event::Harmless { message, revised } => {
            let answer = storage.record_revision(revision(message, revised, "never mind")).await.unwrap();
            assert_eq!(answer.is_some(), cases.contains_key(&message));
            if let Some(case) = cases.get_mut(&message).filter(|case| revised > case.revised) {
                case.revised = revised;
                case.pieces += 1;
            }
        }
        Event::Deleted { message } => {
            let deleted =
                MessageDeleted { message: MessageId::new(message), group: GROUP, space: SPACE, at: at(9) };
            let answer = storage.record_deletion(&deleted).await.unwrap();
            assert_eq!(answer.is_some(), cases.contains_key(&message));
            if let Some(case) = cases.get_mut(&message) {
                case.deleted = true;
            }
        }
        Event::Shown { message } => {
            if let Some(case) = cases.get_mut(&message) {
                if case.stage == Stage::Open {
                    case.stage = Stage::UnderReview;
                }
                let incident = storage.find_incident(GROUP, &code(message)).await.unwrap().unwrap();
                storage.open_case_file(incident.id, reading(TEACHER, 9)).await.unwrap().unwrap();
            }
        }
        Event::Closed { message } => {
            if let Some(case) = cases.get_mut(&message) {
                let incident = storage.find_incident(GROUP, &code(message)).await.unwrap().unwrap();
                let closing = Closing { disposition: Disposition::Unfounded, by: TEACHER, at: at(9) };
                let closure = Closure { incident: incident.id, closing, note: None };
                let closed = matches!(storage.close(closure).await.unwrap(), CloseOutcome::Closed(_));
                assert_eq!(closed, case.stage != Stage::Closed);
                case.stage = Stage::Closed;
            }
        }
    }
}

fn flag(cases: &mut BTreeMap<u64, Case>, message: u64, revised: i64, severity: Severity) -> &'static str {
    let Some(case) = cases.get_mut(&message) else {
        let stage = Stage::Open;
        cases.insert(message, Case { revised, severity, stage, pieces: 1, told: 2, deleted: false });
        return "opened";
    };
    if revised <= case.revised {
        return "already";
    }
    let (grew, reopened) = (severity > case.severity, case.stage == Stage::Closed);
    case.revised = revised;
    case.severity = case.severity.max(severity);
    case.pieces += 1;
    if grew || reopened {
        case.told += 2;
    }
    if reopened {
        case.stage = Stage::Open;
        return "reopened";
    }
    "extended"
}

/// What storage knows of the incident of a message. Looking at it begins the review, so its state is read before.
async fn seen(storage: &dyn Storage, message: u64) -> Case {
    let incident = storage.find_incident(GROUP, &code(message)).await.unwrap().unwrap();
    let file = storage.open_case_file(incident.id, reading(TEACHER, 10)).await.unwrap().unwrap();
    let stage = match incident.state {
        IncidentState::Open => Stage::Open,
        IncidentState::UnderReview => Stage::UnderReview,
        IncidentState::Closed(_) => Stage::Closed,
    };
    Case {
        revised: file.evidence.last().unwrap().revised_at.since(at(0)).as_secs() as i64,
        severity: incident.severity,
        stage,
        pieces: file.evidence.len(),
        told: file.told.len(),
        deleted: incident.message_deleted_at.is_some(),
    }
}
