//! The one task that writes. What waits is done in one transaction and acknowledged after its commit.
//!
//! Waiting for the disk is the slow part of a commit, so the more there is to write, the more is written per wait.
//! Every piece of work runs in a savepoint of its own: one that fails leaves the others alone. A caller that goes
//! away does not stop its work.
//!
//! One connection and one order serve a server as well as a file. Work on one group stands in line for the head of its
//! log anyway, so that transactions beside each other would mostly wait for each other, and a batch pays for one commit
//! where each of them would pay for its own.

use std::any::Any;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::connection::WriteConnection;
use super::keys::Reserve;
use super::{Result, StorageError};
use crate::vault::Vault;

/// How many pieces of work one transaction holds at most.
const BATCH: usize = 512;

/// What a piece of work works with, inside its transaction.
pub(super) struct Tx {
    /// The main database.
    pub(super) main: Box<dyn WriteConnection>,
    /// The data keys; never written inside the transaction.
    pub(super) keys: Box<dyn WriteConnection>,
    /// Seals and proves.
    pub(super) vault: Arc<Vault>,
    /// Data keys for new incidents.
    pub(super) reserve: Reserve,
}

/// Hands work to the task.
#[derive(Debug)]
pub(super) struct Writer {
    orders: mpsc::Sender<Order>,
}

enum Order {
    Work(Work),
    Stop(oneshot::Sender<()>),
}

/// A piece of work that has not run yet, and how to tell its caller.
struct Work {
    may_need_key: bool,
    run: Run,
    tell: Tell,
}

type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<Answer>> + Send>;
type Tell = Box<dyn FnOnce(Result<Answer>) + Send>;

/// What a piece of work answers, whatever its type.
type Answer = Box<dyn Any + Send>;

impl Writer {
    /// Starts the task.
    pub(super) fn start(tx: Tx) -> Self {
        let (orders, waiting) = mpsc::channel(2 * BATCH);
        tokio::spawn(write(tx, waiting));
        Self { orders }
    }

    /// Has a piece of work done and waits until it is committed. `may_need_key` where it may open an incident.
    pub(super) async fn run<T, W>(&self, may_need_key: bool, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (told, answer) = oneshot::channel();
        let work = Work {
            may_need_key,
            run: Box::new(|tx| {
                let running = work(tx);
                Box::pin(async { running.await.map(|answer| Box::new(answer) as Answer) })
            }),
            // A caller that has gone does not want to know.
            tell: Box::new(|answer| drop(told.send(answer))),
        };
        self.orders.send(Order::Work(work)).await.map_err(|_| StorageError::Closed)?;
        let answer = answer.await.map_err(|_| StorageError::Closed)??;
        Ok(*answer.downcast().expect("the answer is of the type that the work gives"))
    }

    /// Waits for what is under way and closes the connections.
    pub(super) async fn stop(&self) {
        let (told, stopped) = oneshot::channel();
        if self.orders.send(Order::Stop(told)).await.is_ok() {
            // An error means that the task has ended already.
            let _ = stopped.await;
        }
    }
}

/// Works until everybody who could order has gone, or somebody orders a stop.
async fn write(mut tx: Tx, mut waiting: mpsc::Receiver<Order>) {
    let mut orders = Vec::with_capacity(BATCH);
    let mut stops = Vec::new();
    while stops.is_empty() && waiting.recv_many(&mut orders, BATCH).await > 0 {
        let mut batch = Vec::with_capacity(orders.len());
        for order in orders.drain(..) {
            match order {
                Order::Work(work) => batch.push(work),
                Order::Stop(told) => stops.push(told),
            }
        }
        if !batch.is_empty() {
            write_batch(&mut tx, batch).await;
        }
    }
    waiting.close();
    tx.keys.close().await;
    tx.main.close().await;
    for told in stops {
        // Whoever asked may have stopped waiting.
        let _ = told.send(());
    }
}

/// Does a batch in one transaction; tells everybody when it is committed, or that it is not.
async fn write_batch(tx: &mut Tx, batch: Vec<Work>) {
    let incidents = batch.iter().filter(|work| work.may_need_key).count();
    tx.reserve.fill(&mut *tx.keys, &tx.vault, incidents).await;
    if let Err(why) = tx.main.begin().await {
        return refuse_all(batch.into_iter().map(|work| work.tell), why);
    }
    let mut done = Vec::with_capacity(batch.len());
    let mut batch = batch.into_iter();
    while let Some(Work { run, tell, .. }) = batch.next() {
        match in_savepoint(tx, run).await {
            Ok(answer) => done.push((tell, answer)),
            Err(why) => {
                let all = done.into_iter().map(|(tell, _)| tell).chain([tell]);
                let all: Vec<_> = all.chain(batch.map(|work| work.tell)).collect();
                tx.main.roll_back().await;
                return refuse_all(all, why);
            }
        }
    }
    match tx.main.commit().await {
        Ok(()) => done.into_iter().for_each(|(tell, answer)| tell(answer)),
        Err(why) => {
            tx.main.roll_back().await;
            refuse_all(done.into_iter().map(|(tell, _)| tell), why);
        }
    }
}

/// Runs one piece of work so that its failure undoes only what it did. The outer error means that the whole
/// transaction is lost.
async fn in_savepoint(tx: &mut Tx, run: Run) -> Result<Result<Answer>> {
    tx.main.execute("SAVEPOINT work", &[]).await?;
    let answer = run(tx).await;
    if let Err(why) = answer {
        // An engine that is out of room or out of order may have ended the transaction by itself; then so do we.
        if tx.main.execute("ROLLBACK TO SAVEPOINT work", &[]).await.is_err() {
            return Err(why);
        }
        tx.main.execute("RELEASE SAVEPOINT work", &[]).await?;
        return Ok(Err(why));
    }
    tx.main.execute("RELEASE SAVEPOINT work", &[]).await?;
    Ok(answer)
}

fn refuse_all(tell: impl IntoIterator<Item = Tell>, why: StorageError) {
    let why = Arc::new(why);
    tell.into_iter().for_each(|tell| tell(Err(StorageError::shared(&why))));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Actor, GroupId, LogAction, LogChain, Timestamp};
    use crate::storage::open::open_to_write;
    use crate::storage::sqlite::SqliteEngine;
    use crate::storage::store::Store;
    use crate::storage::{NewLogEntry, Storage, data_dir::DataDir};
    use crate::vault::KeySource;

    async fn store(folder: &tempfile::TempDir) -> Store {
        let key = KeySource::File(folder.path().join("deployment.key"));
        open_to_write(&SqliteEngine(DataDir::new(folder.path())), &key).await.unwrap()
    }

    /// Gives the database no room beyond what it has, or takes the limit away.
    async fn limit(store: &Store, sql: &'static str) {
        store
            .write(move |tx| Box::pin(async move { tx.main.rows(sql, &[]).await.map(|_| ()) }))
            .await
            .unwrap();
    }

    fn entry(words: usize) -> NewLogEntry {
        NewLogEntry {
            chain: LogChain::Deployment,
            at: Timestamp::from_millis(1),
            actor: Actor::Chaperone,
            action: LogAction::AccessRefused,
            incident: None,
            detail: Some("word ".repeat(words).as_str().into()),
        }
    }

    #[tokio::test]
    async fn a_full_disk_refuses_what_needs_room_and_takes_the_same_when_there_is_some() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        store.see_group(GroupId::new(5), Timestamp::from_millis(1)).await.unwrap();
        limit(&store, "PRAGMA max_page_count = 1").await;

        assert!(matches!(store.log(entry(10_000)).await, Err(StorageError::DiskFull)));
        store.see_group(GroupId::new(6), Timestamp::from_millis(2)).await.unwrap();
        assert!(matches!(store.log(entry(10_000)).await, Err(StorageError::DiskFull)));

        limit(&store, "PRAGMA max_page_count = 1000000").await;
        store.log(entry(10_000)).await.unwrap();
        let verdict = store.verify_log(&|_| {}).await.unwrap();
        assert_eq!((verdict.entries, verdict.problems), (3, Vec::new()));
    }

    #[tokio::test]
    async fn work_that_fails_half_way_leaves_nothing_and_the_others_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let at = Timestamp::from_millis(1);
        let fails = store.write(move |tx| {
            Box::pin(async move {
                crate::storage::groups::see(tx, GroupId::new(7), at).await?;
                Err::<(), _>(StorageError::NoFreeCode)
            })
        });
        let (before, failed, after) =
            tokio::join!(store.see_group(GroupId::new(5), at), fails, store.see_group(GroupId::new(6), at));
        assert!(matches!(failed, Err(StorageError::NoFreeCode)));
        assert_eq!(store.groups().await.unwrap(), [before.unwrap(), after.unwrap()]);
        let verdict = store.verify_log(&|_| {}).await.unwrap();
        assert_eq!((verdict.chains, verdict.entries, verdict.problems), (2, 2, Vec::new()));
    }

    #[tokio::test]
    async fn a_transaction_that_the_engine_ends_is_refused_to_all_and_the_next_one_is_clean() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let at = Timestamp::from_millis(1);
        let ends = store.write(|tx| {
            Box::pin(async {
                tx.main.execute("ROLLBACK", &[]).await?;
                Err::<(), _>(StorageError::DiskFull)
            })
        });
        let (before, ended, after) =
            tokio::join!(store.see_group(GroupId::new(5), at), ends, store.see_group(GroupId::new(6), at));
        assert!(matches!(before, Err(StorageError::DiskFull)), "{before:?}");
        assert!(matches!(ended, Err(StorageError::DiskFull)));
        assert!(matches!(after, Err(StorageError::DiskFull)), "{after:?}");
        assert_eq!(store.groups().await.unwrap(), []);
        store.see_group(GroupId::new(5), at).await.unwrap();
        let verdict = store.verify_log(&|_| {}).await.unwrap();
        assert_eq!((verdict.entries, verdict.problems), (1, Vec::new()));
    }

    #[tokio::test]
    async fn a_commit_that_fails_is_an_error_for_everyone_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let at = Timestamp::from_millis(1);
        // A foreign key that is only checked at the commit makes the commit itself fail.
        let breaks = store.write(|tx| {
            Box::pin(async {
                tx.main.rows("PRAGMA defer_foreign_keys = ON", &[]).await?;
                let sql =
                    "INSERT INTO gaps (group_id, from_at, until_at, reason) VALUES (99, 1, 2, 'not-handled')";
                tx.main.execute(sql, &[]).await.map(|_| ())
            })
        });
        let (sound, broken) = tokio::join!(store.see_group(GroupId::new(5), at), breaks);
        assert!(matches!(sound, Err(StorageError::Engine(_))), "{sound:?}");
        assert!(matches!(broken, Err(StorageError::Engine(_))));
        assert_eq!(store.groups().await.unwrap(), []);
        store.see_group(GroupId::new(5), at).await.unwrap();
        assert_eq!(store.groups().await.unwrap().len(), 1);
    }
}
