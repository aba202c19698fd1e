//! Lanes: observations of one Space are handled in order, those of different Spaces beside each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    ways: Vec<Lane>,
    line: Arc<Line>,
    workers: JoinSet<()>,
    progress: Progress,
}

/// The way into one lane, and how much is in it.
#[derive(Debug)]
struct Lane {
    jobs: mpsc::Sender<Job>,
    in_hand: Arc<AtomicUsize>,
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
        let ways = (0..LANES)
            .map(|_| {
                let (jobs, waiting) = mpsc::channel(DEPTH);
                let in_hand = Arc::new(AtomicUsize::new(0));
                let (line, read_back) = (Arc::clone(line), Arc::clone(read_back));
                workers.spawn(work(waiting, line, read_back, progress.clone(), Arc::clone(&in_hand)));
                Lane { jobs, in_hand }
            })
            .collect();
        Self { ways, line: Arc::clone(line), workers, progress: progress.clone() }
    }

    /// Takes an observation: on the spot if its lane is empty and nothing has to be recorded, which is what almost all
    /// messages come to and costs no change of threads; otherwise in its lane.
    pub(super) async fn take(&self, observation: Observation) {
        let space = observation.space();
        let is_empty = self.lane(space).in_hand.load(Ordering::Acquire) == 0;
        if !(is_empty && self.line.glance(&observation)) {
            self.put(space, Job::Take(Box::new(observation))).await;
        }
    }

    /// Reads a Space back before anything that comes after this in it.
    pub(super) async fn read_back(&self, stretch: Stretch) {
        self.put(stretch.space, Job::ReadBack(stretch)).await;
    }

    async fn put(&self, space: SpaceId, job: Job) {
        self.progress.begin();
        let lane = self.lane(space);
        lane.in_hand.fetch_add(1, Ordering::AcqRel);
        if lane.jobs.send(job).await.is_err() {
            lane.in_hand.fetch_sub(1, Ordering::AcqRel);
            self.progress.end();
        }
    }

    fn lane(&self, space: SpaceId) -> &Lane {
        // Channels made together by one tool have ids alike but for a few bits, so the bits are mixed first.
        let mixed = space.get().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        &self.ways[usize::try_from(mixed).unwrap_or_default() % self.ways.len()]
    }

    /// Lets every lane finish what it holds.
    pub(super) async fn finish(mut self) {
        self.ways.clear();
        while self.workers.join_next().await.is_some() {}
    }
}

async fn work(
    mut jobs: mpsc::Receiver<Job>,
    line: Arc<Line>,
    read_back: Arc<ReadBack>,
    progress: Progress,
    in_hand: Arc<AtomicUsize>,
) {
    // After something was left for the next start nothing later may be taken, or the cursor would pass it.
    let mut goes_on = true;
    while let Some(job) = jobs.recv().await {
        goes_on = goes_on
            && match job {
                Job::Take(observation) => line.take(&observation).await,
                Job::ReadBack(stretch) => read_back.space(stretch).await,
            };
        in_hand.fetch_sub(1, Ordering::AcqRel);
        progress.end();
    }
}
