//! The real connection: twilight's shard for the protocol, and on top of it waits that stay short, with jitter, and a
//! way out of sessions that cannot be resumed.
//!
//! The content of frames is never logged, and neither are twilight's errors, whose text quotes it.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, sleep_until, timeout};
use twilight_gateway::error::{ReceiveMessageError, ReceiveMessageErrorType};
use twilight_gateway::queue::InMemoryQueue;
use twilight_gateway::{CloseFrame, Config, ConfigBuilder, Message, Shard, ShardId, ShardState};

use super::members::MemberRequests;
use super::{Connection, FatalClose, GatewayConfig, Signal};
use crate::discord::address::GatewayUrl;
use crate::discord::backoff::Backoff;
use crate::discord::frame::{Frame, RawFrame};
use crate::discord::rest::SessionStartLimit;
use crate::domain::GroupId;

/// How many connections in a row may fail before the session's own address is given up for the main one.
const TRIES_AT_THE_RESUME_URL: u32 = 2;
/// How many resumes in a row may stay without any event before the session is given up.
const RESUMES_WITHOUT_ANSWER: u32 = 3;
/// How long the gateway may take to be reached and to say hello.
const HELLO: Duration = Duration::from_secs(30);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// A connection to a real gateway, or to one that behaves like it.
pub struct TwilightConnection {
    /// None once the connection has ended for good.
    shard: Option<Shard>,
    id: ShardId,
    config: Config,
    /// The main address.
    url: GatewayUrl,
    /// The session's own address.
    resume_url: Option<GatewayUrl>,
    /// Whether READY or RESUMED came over the present connection.
    established: bool,
    /// Whether the present outage was told.
    announced: bool,
    /// Connections in a row that could not be made.
    failures: u32,
    /// RESUMEs in a row that brought nothing.
    resumes: u32,
    backoff: Backoff,
    wait_until: Option<Instant>,
    hello_within: Duration,
    /// When the present try is given up; none once the gateway has said hello.
    hello_by: Option<Instant>,
    greeted: bool,
    /// What is told after the signal told last.
    held: Option<Signal>,
    members: MemberRequests,
}

impl TwilightConnection {
    /// A connection that starts with the first [`Connection::next`].
    ///
    /// Needs a tokio runtime around it and [`crate::discord::install_tls_provider`] before it.
    pub fn new(config: &GatewayConfig) -> Self {
        let id = ShardId::new(config.shard.0, config.shard.1);
        let built = ConfigBuilder::new(config.token.expose_secret().to_owned(), config.intents)
            .proxy_url(config.url.as_str().to_owned())
            .large_threshold(250)
            .queue(config.session_start_limit.map_or_else(InMemoryQueue::default, queue))
            .build();
        Self {
            shard: Some(Shard::with_config(id, built.clone())),
            id,
            config: built,
            url: config.url.clone(),
            resume_url: None,
            established: false,
            announced: false,
            failures: 0,
            resumes: 0,
            backoff: Backoff::new(config.jitter_seed),
            wait_until: None,
            hello_within: HELLO,
            hello_by: None,
            greeted: false,
            held: None,
            members: MemberRequests::default(),
        }
    }

    /// The same connection, which gives up a try when the gateway does not say hello within `time` instead of thirty
    /// seconds.
    #[must_use]
    pub fn hello_within(mut self, time: Duration) -> Self {
        self.hello_within = time;
        self
    }

    /// What a message or error of the shard means; none when it is of no concern to others.
    fn handle(&mut self, item: Option<Result<Message, ReceiveMessageError>>) -> Option<Signal> {
        match item {
            Some(Ok(Message::Text(text))) => Some(self.frame(RawFrame::new(text))),
            Some(Ok(Message::Close(frame))) => self.closed(frame.map(|frame| frame.code)),
            Some(Err(error)) => match error.into_parts().0 {
                // The shard does not understand the frame; whether we do is for others to find out.
                ReceiveMessageErrorType::Deserializing { event } => Some(Signal::Frame(RawFrame::new(event))),
                ReceiveMessageErrorType::Reconnect => self.could_not_connect(),
                _ => None,
            },
            None => {
                self.shard = None;
                None
            }
        }
    }

    /// Takes note of the few frames that say how the connection fares.
    fn frame(&mut self, raw: RawFrame) -> Signal {
        let is_fresh = self
            .shard
            .as_ref()
            .is_some_and(|shard| matches!(shard.state(), ShardState::Identifying | ShardState::Resuming));
        if self.established && is_fresh {
            // The line broke without a goodbye, and the shard has connected anew by itself.
            self.established = false;
            self.held = self.announce();
        }
        if (!self.established || self.members.are_open())
            && let Ok(frame) = raw.frame()
        {
            self.note(&frame);
        }
        let signal = Signal::Frame(raw);
        match self.held.take() {
            Some(first) => {
                self.held = Some(signal);
                first
            }
            None => signal,
        }
    }

    fn note(&mut self, frame: &Frame<'_>) {
        let has_session = self.shard.as_ref().is_some_and(|shard| shard.session().is_some());
        match (frame.op, frame.kind()) {
            (10, _) => {
                self.greeted = true;
                self.hello_by = None;
                self.resumes += u32::from(has_session);
            }
            (0, "READY") => {
                self.established = true;
                self.members.clear();
                self.resume_url = self.given_resume_url();
                self.lives();
            }
            (0, "RESUMED") => {
                self.established = true;
                self.lives();
                for group in self.members.all() {
                    self.request_members(group);
                }
            }
            (0, _) => {
                self.lives();
                self.members.note(frame);
            }
            _ => {}
        }
    }

    /// An event came: the connection works.
    fn lives(&mut self) {
        self.announced = false;
        self.failures = 0;
        self.resumes = 0;
        self.backoff.reset();
    }

    /// The session's own address, unless Chaperone may not talk to it.
    fn given_resume_url(&self) -> Option<GatewayUrl> {
        self.url.resume_at(self.shard.as_ref()?.resume_url()?)
    }

    fn closed(&mut self, code: Option<u16>) -> Option<Signal> {
        if self.shard.as_ref().is_some_and(|shard| shard.state() == ShardState::FatallyClosed) {
            let fatal = FatalClose::from_code(code.unwrap_or_default());
            tracing::error!(code, "the gateway refuses this bot");
            self.shard = None;
            return Some(Signal::Fatal(fatal));
        }
        tracing::info!(code, established = self.established, "the gateway connection is lost");
        self.greeted = false;
        self.hello_by = None;
        if std::mem::replace(&mut self.established, false) {
            // The first try goes without a wait, at the session's own address.
            if self.resume_url.is_none() {
                self.rebuild();
            }
        } else {
            self.failures = self.failures.saturating_add(1);
            self.rebuild();
            self.wait();
        }
        self.announce()
    }

    fn could_not_connect(&mut self) -> Option<Signal> {
        self.established = false;
        self.greeted = false;
        self.hello_by = None;
        self.failures = self.failures.saturating_add(1);
        tracing::info!(failures = self.failures, "the gateway cannot be reached");
        self.rebuild();
        self.wait();
        self.announce()
    }

    fn announce(&mut self) -> Option<Signal> {
        (!std::mem::replace(&mut self.announced, true)).then_some(Signal::Disconnected)
    }

    fn wait(&mut self) {
        self.wait_until = Some(Instant::now() + self.backoff.next_wait());
    }

    /// Puts a fresh shard in the place of the old one, with its session unless that has proved useless.
    fn rebuild(&mut self) {
        let mut session = self.shard.as_ref().and_then(Shard::session).cloned();
        if self.resumes >= RESUMES_WITHOUT_ANSWER && session.take().is_some() {
            tracing::warn!(resumes = self.resumes, "the session does not come back; a new one is started");
            self.resumes = 0;
        }
        let mut builder = ConfigBuilder::from(self.config.clone());
        if let Some(session) = session {
            builder = builder.session(session);
            if let Some(url) = self.resume_url.as_ref().filter(|_| self.failures < TRIES_AT_THE_RESUME_URL) {
                builder = builder.resume_url(url.as_str().to_owned());
            }
        }
        self.shard = Some(Shard::with_config(self.id, builder.build()));
    }

    fn send(&self, command: String) {
        if let Some(shard) = &self.shard {
            shard.send(command);
        }
    }
}

/// Discord's permission to start sessions. More left than there are in all would be an error of Discord's.
fn queue(limit: SessionStartLimit) -> InMemoryQueue {
    let remaining = limit.remaining.min(limit.total);
    InMemoryQueue::new(limit.max_concurrency, remaining, limit.reset_after, limit.total)
}

/// Ready at a time, or never.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[async_trait]
impl Connection for TwilightConnection {
    async fn next(&mut self) -> Option<Signal> {
        if let Some(signal) = self.held.take() {
            return Some(signal);
        }
        loop {
            if let Some(until) = self.wait_until {
                sleep_until(until).await;
                self.wait_until = None;
            }
            if !self.greeted && self.hello_by.is_none() {
                self.hello_by = Some(Instant::now() + self.hello_within);
            }
            let again = self.members.next_again();
            // Polling a shard that has ended would panic; it is gone by then.
            let shard = self.shard.as_mut()?;
            let signal = tokio::select! {
                biased;
                item = shard.next() => self.handle(item),
                () = until(self.hello_by) => self.could_not_connect(),
                () = until(again.map(|(_, at)| at)) => {
                    if let Some((group, _)) = again {
                        shard.send(self.members.ask_again(group));
                    }
                    None
                }
            };
            if signal.is_some() {
                return signal;
            }
        }
    }

    fn request_members(&self, group: GroupId) {
        self.send(self.members.ask(group));
    }

    async fn close(&mut self) {
        self.held = None;
        if let Some(mut shard) = self.shard.take().filter(|_| self.established) {
            shard.close(CloseFrame::NORMAL);
            let goodbye = async {
                while let Some(Ok(message)) = shard.next().await {
                    // Without an answer the shard would connect anew by itself.
                    if message.is_close() || shard.state() == ShardState::Identifying {
                        break;
                    }
                }
            };
            if timeout(GOODBYE, goodbye).await.is_err() {
                tracing::debug!("the gateway did not answer the goodbye");
            }
        }
    }
}

impl fmt::Debug for TwilightConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilightConnection")
            .field("id", &self.id)
            .field("established", &self.established)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}
