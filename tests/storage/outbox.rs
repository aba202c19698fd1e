//! Alerts: queued once, tried again later, settled once.

use chaperone::domain::{
    AlertSubject, Closing, DeliveryState, Disposition, Gap, GapReason, IncidentId, LogAction, MessageId,
    SpaceId,
};
use chaperone::storage::{Closure, NewAlert, SettingsChange, Settled};

use super::place::*;

on_every_engine! {
    an_alert_waits_until_it_is_due_and_counts_its_tries
    settling_is_logged_once_and_queues_the_fallback_once
    a_nonce_is_queued_once_whatever_it_is_about
    open_incidents_without_an_alert_for_somebody_are_found
}

async fn an_alert_waits_until_it_is_due_and_counts_its_tries(place: impl Place) {
    let storage = place.open().await;
    assert_eq!(storage.next_alert_at().await.unwrap(), None);
    let opened = open_incident(&*storage, recording(5, 10)).await;
    assert_eq!(storage.next_alert_at().await.unwrap(), Some(at(11)));
    assert_eq!(storage.due_alerts(at(10), 10).await.unwrap(), []);
    let due = storage.due_alerts(at(11), 1).await.unwrap();
    assert_eq!(due.len(), 1, "at most as many as asked for");
    let alert = &due[0];
    assert_eq!(alert.subject, AlertSubject::Incident { incident: opened.id, to: PRINCIPAL });
    assert_eq!((alert.state, alert.attempts, alert.first_attempt_at), (DeliveryState::Queued, 0, None));

    storage.attempt_alert(alert.id, at(12), at(60)).await.unwrap();
    storage.attempt_alert(alert.id, at(60), at(120)).await.unwrap();
    let due: Vec<_> = storage.due_alerts(at(119), 10).await.unwrap();
    assert_eq!(due.len(), 1, "only the other one");
    let due: Vec<_> = storage.due_alerts(at(120), 10).await.unwrap();
    let tried = due.iter().find(|due| due.id == alert.id).unwrap();
    assert_eq!((tried.attempts, tried.first_attempt_at), (2, Some(at(12))));
}

async fn settling_is_logged_once_and_queues_the_fallback_once(place: impl Place) {
    let storage = place.open().await;
    let opened = open_incident(&*storage, recording(5, 10)).await;
    let due = storage.due_alerts(at(11), 10).await.unwrap();
    let fallback = NewAlert {
        subject: AlertSubject::Unreachable { space: SpaceId::new(2001) },
        nonce: "fallback-5".into(),
    };
    let refused = Settled { state: DeliveryState::Refused, at: at(20), message: None };
    for _ in 0..2 {
        storage.settle_alert(due[0].id, refused, Some(fallback.clone())).await.unwrap();
    }
    storage.settle_alert(due[1].id, refused, Some(fallback)).await.unwrap();
    storage.attempt_alert(due[0].id, at(30), at(0)).await.unwrap();

    let left = storage.due_alerts(at(1000), 10).await.unwrap();
    assert_eq!(left.len(), 1, "one fallback post for both");
    assert_eq!(left[0].subject, AlertSubject::Unreachable { space: SpaceId::new(2001) });
    assert_eq!(left[0].group, GROUP);
    let delivered =
        Settled { state: DeliveryState::Delivered, at: at(40), message: Some(MessageId::new(77)) };
    storage.settle_alert(left[0].id, delivered, None).await.unwrap();
    assert_eq!(storage.next_alert_at().await.unwrap(), None);

    let file = storage.open_case_file(opened.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    assert!(file.told.iter().all(|told| told.state == DeliveryState::Refused && told.at == at(20)));
    assert_eq!(file.history.iter().filter(|line| line.action == LogAction::AlertRefused).count(), 2);
    assert_whole(&*storage).await;
}

async fn a_nonce_is_queued_once_whatever_it_is_about(place: impl Place) {
    let storage = place.open().await;
    let alert = |subject, nonce: &str| {
        vec![NewAlert { subject, nonce: nonce.into() }, NewAlert { subject, nonce: nonce.into() }]
    };
    let told = alert(AlertSubject::SettingsChanged { to: PRINCIPAL }, "settings-1");
    let change = SettingsChange { group: GROUP, settings: settings(1), by: TEACHER, at: at(5), alerts: told };
    storage.change_settings(change).await.unwrap().unwrap();
    let gap = Gap { group: GROUP, space: None, from: at(1), until: at(2), reason: GapReason::NotHandled };
    let told = alert(AlertSubject::Gap { to: TEACHER }, "gap-1");
    storage.record_gap(gap.clone(), at(6), told).await.unwrap();
    storage.record_gap(gap, at(7), alert(AlertSubject::Gap { to: TEACHER }, "settings-1")).await.unwrap();
    let subjects: Vec<_> =
        storage.due_alerts(at(10), 10).await.unwrap().iter().map(|due| due.subject).collect();
    assert_eq!(
        subjects,
        [AlertSubject::SettingsChanged { to: PRINCIPAL }, AlertSubject::Gap { to: TEACHER }]
    );
}

async fn open_incidents_without_an_alert_for_somebody_are_found(place: impl Place) {
    let storage = place.open().await;
    let mut missed = Vec::<IncidentId>::new();
    for message in 1..=3 {
        let mut recording = recording(message, 10);
        if message > 1 {
            recording.alerts.retain(|alert| alert.to != TEACHER);
        }
        missed.push(open_incident(&*storage, recording).await.id);
    }
    let unalerted = async |to| -> Vec<IncidentId> {
        storage.unalerted_incidents(GROUP, to).await.unwrap().iter().map(|incident| incident.id).collect()
    };
    assert_eq!(unalerted(TEACHER).await, missed[1..]);
    assert_eq!(unalerted(PRINCIPAL).await, []);
    let closing = Closing { disposition: Disposition::FalseAlarm, by: PRINCIPAL, at: at(20) };
    storage.close(Closure { incident: missed[1], closing, note: None }).await.unwrap();
    assert_eq!(unalerted(TEACHER).await, missed[2..], "what is closed wants no alert");
}
