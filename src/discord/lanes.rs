//! Lanes: observations of one Space are handled in order, those of different Spaces beside each other.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::app::Line;
use crate::domain::{Observation, SpaceId};

use super::progress::Progress;
use super::read_back::{ReadBack, Stretch};

/// How many lanes there are. A Space always has the same lane; lanes wait for the database side by side, so that many
/// commits share one flush.
const LANES: usize = 64;
/// How much waits in a lane before the gateway is no longer read. Discord then closes the connection and sends
/// everything again on RESUME: slow, but nothing is lost.
const DEPTH: usize = 1024;

/// All lanes.
#[derive(Debug)]
pub(super) struct Lanes {
    senders: Vec<mpsc::Sender<Job>>,
    workers: JoinSet<()>,
    progress: Progress,
}

/// What a lane does.
#[derive(Debug)]
enum Job {
    Take(Box<Observation>),
    ReadBack(Stretch),
}

impl Lanes {
    pub(super) fn new(line: &Arc<Line>, read_back: &Arc<ReadBack>, progress: &Progress) -> Self {
        let mut workers = JoinSet::new();
        let senders = (0..LANES)
            .map(|_| {
                let (sender, jobs) = mpsc::channel(DEPTH);
                workers.spawn(work(jobs, Arc::clone(line), Arc::clone(read_back), progress.clone()));
                sender
            })
            .collect();
        Self { senders, workers, progress: progress.clone() }
    }

    /// Hands an observation to its Space's lane.
    pub(super) async fn take(&self, observation: Observation) {
        self.put(observation.space(), Job::Take(Box::new(observation))).await;
    }

    /// Reads a Space back before anything that comes after this in it.
    pub(super) async fn read_back(&self, stretch: Stretch) {
        self.put(stretch.space, Job::ReadBack(stretch)).await;
    }

    async fn put(&self, space: SpaceId, job: Job) {
        self.progress.begin();
        // The upper bits of a snowflake are its time; the remainder by a prime-free count would bunch channels made
        // together by one tool, so they are mixed first.
        let mixed = space.get().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let lane = usize::try_from(mixed).unwrap_or_default() % self.senders.len();
        if self.senders[lane].send(job).await.is_err() {
            self.progress.end();
        }
    }

    /// Lets every lane finish what it holds.
    pub(super) async fn finish(mut self) {
        self.senders.clear();
        while self.workers.join_next().await.is_some() {}
    }
}

async fn work(mut jobs: mpsc::Receiver<Job>, line: Arc<Line>, read_back: Arc<ReadBack>, progress: Progress) {
    while let Some(job) = jobs.recv().await {
        match job {
            Job::Take(observation) => line.take(&observation).await,
            Job::ReadBack(stretch) => read_back.space(stretch).await,
        }
        progress.end();
    }
}
