//! The running bot: from the gateway's frames, in their order, to lanes and commands; and its orderly end.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{Deployment, Dispatch, Groups, Happening, Line, Review};
use crate::domain::{GapReason, GroupId, MessageId, SpaceId};

use super::address::{AddressError, ApiBase};
use super::commands::{self, Services};
use super::convert::{Incoming, incoming};
use super::frame::RawFrame;
use super::gateway::{Connection, FatalClose, GatewayConfig, Signal, TwilightConnection, intents};
use super::lanes::Lanes;
use super::messenger::DiscordMessenger;
use super::progress::Progress;
use super::read_back::{ReadBack, Stretch};
use super::rest::{Rest, RestConfig, RestError, RestSetupError};
use super::roster::Rosters;
use super::shared_world::SharedWorld;

/// How long one REST call may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How often moved cursors are written.
const SAVE_CURSORS: Duration = Duration::from_secs(1);

/// Where the bot connects and as whom.
#[derive(Debug)]
pub struct BotOptions {
    /// Where Discord is.
    pub api_base: ApiBase,
    /// The bot's token.
    pub token: SecretString,
    /// Where the jitter of waits between tries starts.
    pub jitter_seed: u64,
}

/// Why the bot cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    /// Discord refuses it.
    #[error(transparent)]
    Fatal(#[from] FatalClose),
    /// Discord cannot be reached or did not understand.
    #[error("Discord cannot be used at {base}")]
    Rest {
        /// Where Discord was looked for.
        base: String,
        /// What happened.
        #[source]
        source: RestError,
    },
    /// The way to Discord cannot be set up.
    #[error(transparent)]
    Setup(#[from] RestSetupError),
    /// Discord named a gateway that is not acceptable.
    #[error("the gateway address that Discord names is not acceptable")]
    Gateway(#[from] AddressError),
    /// The gateway ended without a reason.
    #[error("the connection to Discord ended")]
    Ended,
}

/// A bot at work.
#[derive(Debug)]
pub struct RunningBot {
    deployment: Deployment,
    progress: Progress,
    stop: CancellationToken,
    work: JoinHandle<Result<(), BotError>>,
}

impl RunningBot {
    /// The Deployment it works for.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// How far it has come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Works until Discord ends it.
    pub async fn finished(&mut self) -> Result<(), BotError> {
        (&mut self.work).await.unwrap_or(Err(BotError::Ended))
    }

    /// Stops in order: nothing new is taken, what is in hand is finished, cursors are written, files are closed.
    pub async fn stop(self) -> Result<(), BotError> {
        self.stop.cancel();
        self.work.await.unwrap_or(Err(BotError::Ended))
    }
}

/// Logs in, makes the commands known, and starts working. Returns when Discord has said READY.
pub async fn start(deployment: Deployment, options: BotOptions) -> Result<RunningBot, BotError> {
    let base = options.api_base.to_string();
    let failed = |source: RestError| match source {
        RestError::Unauthorized => BotError::Fatal(FatalClose::BadToken),
        source => BotError::Rest { base: base.clone(), source },
    };
    let rest = Rest::new(&RestConfig {
        api_base: options.api_base,
        token: options.token.clone(),
        timeout: TIMEOUT,
        jitter_seed: options.jitter_seed,
    })?;
    let application = rest.current_application().await.map_err(failed)?.id;
    rest.set_global_commands(application, &commands::definitions()).await.map_err(failed)?;
    let gateway = rest.gateway_bot().await.map_err(failed)?;
    let connection = TwilightConnection::new(&GatewayConfig {
        url: gateway.url,
        token: options.token,
        intents: intents(),
        shard: (0, 1),
        session_start_limit: Some(gateway.session_start_limit),
        jitter_seed: options.jitter_seed,
    });

    let stop = CancellationToken::new();
    let progress = Progress::default();
    let bot = Bot::new(deployment.clone(), rest, application, progress.clone(), stop.clone());
    let (ready, is_ready) = oneshot::channel();
    let work = tokio::spawn(bot.work(Box::new(connection), ready));
    let mut running = RunningBot { deployment, progress, stop, work };
    match is_ready.await {
        Ok(()) => Ok(running),
        Err(_gone) => Err(running.finished().await.err().unwrap_or(BotError::Ended)),
    }
}

/// What the loop over frames needs.
struct Bot {
    deployment: Deployment,
    rest: Rest,
    world: SharedWorld,
    services: Arc<Services>,
    line: Arc<Line>,
    read_back: Arc<ReadBack>,
    lanes: Arc<Lanes>,
    rosters: Rosters,
    progress: Progress,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Bot {
    fn new(
        deployment: Deployment,
        rest: Rest,
        application: crate::domain::ApplicationId,
        progress: Progress,
        stop: CancellationToken,
    ) -> Self {
        let world = SharedWorld::default();
        let line = Arc::new(Line::new(deployment.clone(), stop.clone()));
        let rosters = Rosters::new(Arc::clone(&deployment.clock));
        let read_back = Arc::new(ReadBack::new(
            deployment.clone(),
            rest.clone(),
            world.clone(),
            Arc::clone(&line),
            rosters.clone(),
            stop.clone(),
        ));
        let lanes = Arc::new(Lanes::new(&line, &read_back, &progress));
        let services = Arc::new(Services {
            review: Review::new(deployment.clone()),
            groups: Groups::new(deployment.clone()),
            rest: rest.clone(),
            world: world.clone(),
            clock: Arc::clone(&deployment.clock),
            application,
        });
        Self {
            deployment,
            rest,
            world,
            services,
            line,
            lanes,
            rosters,
            read_back,
            progress,
            tasks: TaskTracker::new(),
            stop,
        }
    }

    async fn work(
        self,
        mut connection: Box<dyn Connection>,
        ready: oneshot::Sender<()>,
    ) -> Result<(), BotError> {
        let messenger =
            DiscordMessenger::new(self.rest.clone(), self.world.clone(), Arc::clone(&self.deployment.clock));
        let dispatch = Dispatch::new(self.deployment.clone(), Arc::new(messenger));
        let sending = tokio::spawn({
            let stop = self.stop.clone();
            async move { dispatch.run(stop).await }
        });
        let result = self.read(connection.as_mut(), ready).await;

        self.stop.cancel();
        connection.close().await;
        self.tasks.close();
        self.tasks.wait().await;
        // The tasks that held the lanes are over, so this is the last holder.
        if let Some(lanes) = Arc::into_inner(self.lanes) {
            lanes.finish().await;
        }
        // A panic in the dispatch was reported where it happened.
        drop(sending.await);
        if let Err(error) = self.line.cursors().save(self.deployment.storage.as_ref()).await {
            tracing::error!(error = &error as &dyn std::error::Error, "cursors were not saved");
        }
        self.deployment.storage.close_down().await;
        result
    }

    /// Reads frames until the end.
    async fn read(
        &self,
        connection: &mut dyn Connection,
        ready: oneshot::Sender<()>,
    ) -> Result<(), BotError> {
        let mut ready = Some(ready);
        let mut save = tokio::time::interval(SAVE_CURSORS);
        let mut happenings = self.deployment.happenings.listen();
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Ok(()),
                signal = connection.next() => match signal {
                    Some(Signal::Frame(frame)) => {
                        self.progress.begin();
                        self.frame(connection, &frame, &mut ready).await;
                        self.progress.end();
                    }
                    Some(Signal::Disconnected) => tracing::warn!("the connection to Discord is lost; reconnecting"),
                    Some(Signal::Fatal(fatal)) => return Err(fatal.into()),
                    None => return Err(BotError::Ended),
                },
                happening = happenings.recv() => {
                    if let Ok(Happening::SetUp(group)) = happening {
                        self.read_again(group).await;
                    }
                }
                _ = save.tick() => {
                    if let Err(error) = self.line.cursors().save(self.deployment.storage.as_ref()).await {
                        tracing::warn!(error = &error as &dyn std::error::Error, "cursors were not saved");
                    }
                }
            }
        }
    }

    async fn frame(
        &self,
        connection: &mut dyn Connection,
        raw: &RawFrame,
        ready: &mut Option<oneshot::Sender<()>>,
    ) {
        // Where a panic happened was told there; the frame is then one that could not be read.
        let meaning = catch_unwind(AssertUnwindSafe(|| {
            incoming(raw, &mut self.world.write(), self.deployment.clock.now())
        }))
        .unwrap_or(Incoming::Unreadable { kind: String::new(), group: None, space: None });
        self.progress.received(raw.frame().ok().and_then(|frame| frame.s));
        match meaning {
            Incoming::Observations(observations) => {
                for observation in observations {
                    self.lanes.take(observation).await;
                }
            }
            Incoming::Interaction(interaction) => self.interaction(interaction),
            Incoming::Ready { .. } => {
                tracing::info!("connected to Discord");
                // An error only means that nobody waits any more.
                let _ = ready.take().map(|ready| ready.send(()));
            }
            Incoming::GroupArrived(group) => self.arrive(connection, group).await,
            Incoming::GroupGone(group) => tracing::warn!(group = %group, "the bot was removed from a server"),
            Incoming::Resumed => tracing::info!("resumed after an outage; nothing was lost"),
            Incoming::Unreadable { kind, group, space } => self.unreadable(&kind, group, space).await,
            Incoming::World => self.rosters.look(&self.world.read()),
            Incoming::Other => {}
        }
    }

    /// Something of concern that no model reads: where it is about a known Group, a Gap that its administrators hear of.
    async fn unreadable(&self, kind: &str, group: Option<GroupId>, space: Option<SpaceId>) {
        tracing::error!(kind, "a frame could not be read");
        let known = group.filter(|group| self.deployment.groups.get(*group).is_some());
        if let Some(group) = known {
            let now = self.deployment.clock.now();
            self.line.record_gap(group, space, now, GapReason::NotHandled).await;
        }
    }

    /// A Group's server is there, for the first time or again: everything readable is read back, before anything that
    /// comes after this.
    async fn arrive(&self, connection: &mut dyn Connection, group: GroupId) {
        let arrived = async {
            self.services.groups.arrive(group).await?;
            self.line.cursors().load(self.deployment.storage.as_ref(), group).await
        };
        if let Err(error) = arrived.await {
            tracing::error!(group = %group, error = &error as &dyn std::error::Error, "a group could not be loaded");
        }
        let (complete, spaces) = {
            let world = self.world.read();
            (world.knows_all_members(group), world.readable_spaces(group))
        };
        self.rosters.set(group, complete);
        if !complete {
            connection.request_members(group);
        }
        let cursors = self.line.cursors().of(group);
        self.read_back(group, spaces.into_iter().map(|(space, _)| space), cursors).await;
    }

    /// A Group was set up: what was said since it was first seen is judged again, now that staff and students are known.
    /// What was recorded then stays as it is.
    async fn read_again(&self, group: GroupId) {
        let spaces = self.world.read().readable_spaces(group);
        self.read_back(group, spaces.into_iter().map(|(space, _)| space), HashMap::new()).await;
    }

    async fn read_back(
        &self,
        group: GroupId,
        spaces: impl Iterator<Item = SpaceId>,
        cursors: HashMap<SpaceId, MessageId>,
    ) {
        for space in spaces {
            self.lanes.read_back(Stretch { group, space, cursor: cursors.get(&space).copied() }).await;
        }
        self.progress.begin();
        let (read_back, lanes, progress) =
            (Arc::clone(&self.read_back), Arc::clone(&self.lanes), self.progress.clone());
        self.tasks.spawn(async move {
            for stretch in read_back.archived(group, &cursors).await {
                lanes.read_back(stretch).await;
            }
            progress.end();
        });
    }

    fn interaction(&self, interaction: Box<super::interactions::Interaction>) {
        let services = Arc::clone(&self.services);
        let progress = self.progress.clone();
        progress.begin();
        self.tasks.spawn(async move {
            commands::handle(&services, &interaction).await;
            progress.end();
        });
    }
}
