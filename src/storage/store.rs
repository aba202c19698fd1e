//! The trait [`Storage`] over a writer and readers; which engine they belong to is not seen here.

use std::sync::Arc;

use async_trait::async_trait;

use super::connection::Readers;
use super::writer::{Tx, Writer};
use super::{
    CaseFile, CloseOutcome, Closure, Cursor, IncidentFilter, LogVerdict, NewAlert, NewLogEntry, NewNote,
    Recorded, Recording, Result, Revision, SettingsChange, Settled, Storage, StorageError, alerts, groups,
    incidents, log, record, review, verify, watch,
};
use crate::domain::{
    AccountId, Alert, AlertId, Gap, Group, GroupId, Incident, IncidentCode, IncidentId, MessageDeleted,
    MessageId, SpaceId, Timestamp,
};
use crate::vault::Vault;
use futures_util::future::BoxFuture;

/// Storage over an SQL engine.
#[derive(Debug)]
pub(super) struct Store {
    writer: Option<Writer>,
    readers: Box<dyn Readers>,
    vault: Arc<Vault>,
}

impl Store {
    /// Without a writer it can only be read from.
    pub(super) fn new(writer: Option<Writer>, readers: Box<dyn Readers>, vault: Arc<Vault>) -> Self {
        Self { writer, readers, vault }
    }

    /// Has something written.
    pub(super) async fn write<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        self.writer.as_ref().ok_or(StorageError::ReadOnly)?.run(false, work).await
    }
}

#[async_trait]
impl Storage for Store {
    async fn see_group(&self, group: GroupId, at: Timestamp) -> Result<Group> {
        self.write(move |tx| Box::pin(groups::see(tx, group, at))).await
    }

    async fn group(&self, group: GroupId) -> Result<Option<Group>> {
        groups::find(&mut *self.readers.main().await?, group).await
    }

    async fn groups(&self) -> Result<Vec<Group>> {
        groups::all(&mut *self.readers.main().await?).await
    }

    async fn change_settings(&self, change: SettingsChange) -> Result<Option<Group>> {
        self.write(move |tx| Box::pin(groups::change_settings(tx, change))).await
    }

    async fn record(&self, recording: Recording) -> Result<Recorded> {
        let writer = self.writer.as_ref().ok_or(StorageError::ReadOnly)?;
        writer.run(true, move |tx| Box::pin(record::record(tx, recording))).await
    }

    async fn record_revision(&self, revision: Revision) -> Result<Option<IncidentId>> {
        self.write(move |tx| Box::pin(record::record_revision(tx, revision))).await
    }

    async fn record_deletion(&self, deleted: &MessageDeleted) -> Result<Option<IncidentId>> {
        let deleted = deleted.clone();
        self.write(move |tx| Box::pin(record::record_deletion(tx, deleted))).await
    }

    async fn flagged_messages(
        &self,
        space: SpaceId,
        from: MessageId,
        to: MessageId,
    ) -> Result<Vec<MessageId>> {
        incidents::flagged_messages(&mut *self.readers.main().await?, space, from, to).await
    }

    async fn cursors(&self, group: GroupId) -> Result<Vec<Cursor>> {
        watch::cursors(&mut *self.readers.main().await?, group).await
    }

    async fn save_cursors(&self, cursors: &[Cursor]) -> Result<()> {
        let cursors = cursors.to_vec();
        self.write(move |tx| Box::pin(async move { watch::save_cursors(tx, &cursors).await })).await
    }

    async fn record_gap(&self, gap: Gap, at: Timestamp, alerts: Vec<NewAlert>) -> Result<()> {
        self.write(move |tx| Box::pin(watch::record_gap(tx, gap, at, alerts))).await
    }

    async fn gaps(&self, group: GroupId, since: Timestamp) -> Result<Vec<Gap>> {
        watch::gaps(&mut *self.readers.main().await?, group, since).await
    }

    async fn due_alerts(&self, now: Timestamp, most: u32) -> Result<Vec<Alert>> {
        alerts::due(&mut *self.readers.main().await?, now, most).await
    }

    async fn next_alert_at(&self) -> Result<Option<Timestamp>> {
        alerts::next_at(&mut *self.readers.main().await?).await
    }

    async fn attempt_alert(&self, alert: AlertId, at: Timestamp, not_before: Timestamp) -> Result<()> {
        self.write(move |tx| Box::pin(alerts::attempt(tx, alert, at, not_before))).await
    }

    async fn settle_alert(&self, alert: AlertId, settled: Settled, then: Option<NewAlert>) -> Result<()> {
        self.write(move |tx| Box::pin(alerts::settle(tx, alert, settled, then))).await
    }

    async fn unalerted_incidents(&self, group: GroupId, to: AccountId) -> Result<Vec<Incident>> {
        incidents::unalerted(&mut *self.readers.main().await?, group, to).await
    }

    async fn incidents(&self, filter: IncidentFilter) -> Result<Vec<Incident>> {
        incidents::list(&mut *self.readers.main().await?, &filter).await
    }

    async fn find_incident(&self, group: GroupId, code: &IncidentCode) -> Result<Option<Incident>> {
        incidents::find_by_code(&mut *self.readers.main().await?, group, code).await
    }

    async fn incident(&self, incident: IncidentId) -> Result<Option<Incident>> {
        incidents::find(&mut *self.readers.main().await?, incident).await
    }

    async fn open_case_file(&self, incident: IncidentId, entry: NewLogEntry) -> Result<Option<CaseFile>> {
        self.write(move |tx| Box::pin(review::open_case_file(tx, incident, entry))).await
    }

    async fn note(&self, note: NewNote) -> Result<bool> {
        self.write(move |tx| Box::pin(review::note(tx, note))).await
    }

    async fn close(&self, closure: Closure) -> Result<CloseOutcome> {
        self.write(move |tx| Box::pin(review::close(tx, closure))).await
    }

    async fn log(&self, entry: NewLogEntry) -> Result<()> {
        self.write(move |tx| Box::pin(log::write(tx, entry))).await
    }

    async fn verify_log(&self, progress: &(dyn Fn(u64) + Send + Sync)) -> Result<LogVerdict> {
        verify::verify(&*self.readers, &self.vault, progress).await
    }

    async fn close_down(&self) {
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.stop().await;
        }
    }
}
