//! Sends what the outbox holds.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::{AccountId, Alert, AlertSubject, DeliveryState, GroupId, MessageId, Timestamp};
use crate::policy::access::GroupAdmin;
use crate::storage::{NewAlert, Result, Settled};

use super::ports::{Messenger, Notice, NoticeBody, Recipient, SendError};
use super::{Deployment, Happening};

/// How many Alerts are read from the outbox at once.
const BATCH: u32 = 64;
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// The pause after the database failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long the outbox is left alone when nothing is due and nobody knocks.
const IDLE: Duration = Duration::from_mins(1);

/// Sends what the outbox holds until it is told to stop.
#[derive(Debug)]
pub struct Dispatch {
    deployment: Deployment,
    messenger: std::sync::Arc<dyn Messenger>,
}

impl Dispatch {
    /// A dispatch over this messenger.
    pub fn new(deployment: Deployment, messenger: std::sync::Arc<dyn Messenger>) -> Self {
        Self { deployment, messenger }
    }

    /// Works until `stop`. What is being sent is settled before this returns.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.send_due(&stop).await {
                Ok(0) => self.until_next().await,
                Ok(_) => continue,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the outbox could not be worked off"
                    );
                    PAUSE_AFTER_FAILURE
                }
            };
            tokio::select! {
                () = self.deployment.outbox.notified() => {}
                () = self.deployment.clock.sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn until_next(&self) -> Duration {
        match self.deployment.storage.next_alert_at().await {
            Ok(Some(at)) => at.since(self.deployment.clock.now()).clamp(Duration::from_millis(1), IDLE),
            Ok(None) => IDLE,
            Err(_) => PAUSE_AFTER_FAILURE,
        }
    }

    /// Sends everything that is due, and answers how much that was.
    async fn send_due(&self, stop: &CancellationToken) -> Result<usize> {
        let _sending = self.deployment.happenings.pause_sending().await;
        let due = self.deployment.storage.due_alerts(self.deployment.clock.now(), BATCH).await?;
        for alert in &due {
            if stop.is_cancelled() {
                break;
            }
            self.send(alert).await?;
        }
        Ok(due.len())
    }

    /// Notes the attempt, sends, and notes how it ended: record first, act second.
    async fn send(&self, alert: &Alert) -> Result<()> {
        let now = self.deployment.clock.now();
        let storage = &self.deployment.storage;
        storage.attempt_alert(alert.id, now, now.plus(pause_after(alert.attempts))).await?;
        let Some(notice) = self.notice(alert).await? else {
            let settled = Settled { state: DeliveryState::Failed, at: now, message: None };
            return storage.settle_alert(alert.id, settled, None).await;
        };
        match self.messenger.send(&notice).await {
            Ok(message) => self.settle(alert, &notice, DeliveryState::Delivered, Some(message)).await,
            Err(SendError::Refused) => self.settle(alert, &notice, DeliveryState::Refused, None).await,
            Err(SendError::Impossible) => self.settle(alert, &notice, DeliveryState::Failed, None).await,
            Err(SendError::Passing) => Ok(()),
        }
    }

    async fn settle(
        &self,
        alert: &Alert,
        notice: &Notice,
        state: DeliveryState,
        message: Option<MessageId>,
    ) -> Result<()> {
        let at = self.deployment.clock.now();
        let undelivered = state != DeliveryState::Delivered;
        let fallback = undelivered.then(|| self.fallback(alert, at)).flatten();
        self.deployment.storage.settle_alert(alert.id, Settled { state, at, message }, fallback).await?;
        let incident = match &notice.body {
            NoticeBody::Incident { code, .. } => Some(code.clone()),
            NoticeBody::SettingsChanged | NoticeBody::Gap | NoticeBody::Unreachable => None,
        };
        self.deployment.happenings.tell(Happening::Alert { incident, to: notice.to, state });
        Ok(())
    }

    /// The post that says that an administrator could not be reached: at most one an hour in a Group, and about
    /// nothing, so that nobody can read an incident from it.
    fn fallback(&self, alert: &Alert, at: Timestamp) -> Option<NewAlert> {
        if matches!(alert.subject, AlertSubject::Unreachable { .. }) {
            return None;
        }
        let space = self.deployment.groups.get(alert.group)?.settings.as_ref()?.fallback;
        Some(NewAlert {
            subject: AlertSubject::Unreachable { space },
            nonce: fallback_nonce(alert.group, at),
        })
    }

    /// What to send, or `None` where the Incident is gone or its recipient has no right to know of it any more.
    async fn notice(&self, alert: &Alert) -> Result<Option<Notice>> {
        let to_account = |to: AccountId| Recipient::Account(to);
        let (to, body) = match alert.subject {
            AlertSubject::Incident { incident, to } => {
                let Some(incident) = self.deployment.storage.incident(incident).await? else {
                    return Ok(None);
                };
                // Whoever was replaced or recused since the Alert was queued is not told.
                let group = self.deployment.groups.get(alert.group);
                let admin = group.and_then(|group| GroupAdmin::prove(&group, to));
                if !admin.is_some_and(|admin| admin.may_open(&incident)) {
                    return Ok(None);
                }
                (to_account(to), NoticeBody::Incident { code: incident.code, severity: incident.severity })
            }
            AlertSubject::SettingsChanged { to } => (to_account(to), NoticeBody::SettingsChanged),
            AlertSubject::Gap { to } => (to_account(to), NoticeBody::Gap),
            AlertSubject::Unreachable { space } => (Recipient::Space(space), NoticeBody::Unreachable),
        };
        let nonce = alert.nonce.clone();
        Ok(Some(Notice { to, group: alert.group, body, nonce, tried_at: alert.first_attempt_at }))
    }
}

/// Two seconds after the first attempt, twice as long after each further one.
fn pause_after(attempts: u32) -> Duration {
    Duration::from_secs(2 << attempts.min(10)).min(LONGEST_PAUSE)
}

/// The same for all fallback posts of a Group within an hour; 25 characters at most.
fn fallback_nonce(group: GroupId, at: Timestamp) -> String {
    format!("f{:x}-{:x}", group.get(), at.as_seconds() / 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        assert_eq!(pause_after(0), Duration::from_secs(2));
        assert_eq!(pause_after(3), Duration::from_secs(16));
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn a_fallback_nonce_is_short_enough_for_discord() {
        let nonce = fallback_nonce(GroupId::new(u64::MAX), Timestamp::from_millis(4_000_000_000_000));
        assert!(nonce.len() <= 25, "{nonce}");
    }
}
