//! The box itself: starting it, what a bot needs to find it, its faults, and expectations about the whole
//! town.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::task::AbortHandle;

use super::actors::{Actor, GuildBuilder};
use super::clock::iso;
use super::faults::{RestFault, WaitingFault};
use super::shared::Shared;
use super::world::sessions::control_frame;
use super::world::{Message, Said, SeenRequest, Snowflake, World, WorldEvent};
use super::{control, gateway, rest};
use crate::domain::{AccountId, ApplicationId};

/// Discord in a box. Clones are the same box; it closes when the last of them and of its actors is gone.
#[derive(Clone)]
pub struct Sandbox {
    pub(super) town: Arc<Town>,
}

/// What every handle holds: the world, and the server that serves it.
pub(crate) struct Town {
    shared: Arc<Shared>,
    server: AbortHandle,
}

impl Deref for Town {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.shared.closed.cancel();
        self.server.abort();
    }
}

impl Sandbox {
    /// Starts a box on a free port of the loopback interface.
    ///
    /// # Panics
    /// When the machine has no free port.
    pub async fn start() -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::start_on(anywhere).await.expect("the loopback interface has a free port")
    }

    /// Starts a box on an address of the loopback interface; the error says why it cannot be listened on.
    pub async fn start_on(address: SocketAddr) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let why = "the sandbox has no locks on its doors and listens on the loopback interface only";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let listener = TcpListener::bind(address).await?;
        let shared = Arc::new(Shared::new(listener.local_addr()?.to_string()));
        let town = Arc::new_cyclic(|town| {
            let doors = Router::new()
                .route("/", get(gateway::accept))
                .fallback(rest::serve)
                .with_state(Arc::clone(&shared));
            let doors = control::beside(doors, town.clone());
            let server = tokio::spawn(async move {
                // It ends only when it is aborted; an error of one connection does not end it.
                let _ = axum::serve(listener, doors).await;
            });
            Town { shared, server: server.abort_handle() }
        });
        Ok(Self { town })
    }

    /// The box of a town.
    pub(crate) fn of(town: Arc<Town>) -> Self {
        Self { town }
    }

    /// The base address for REST, gateway and files: `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        format!("http://{}", self.town.address)
    }

    /// The bot's token.
    pub fn token(&self) -> String {
        self.town.read(|world| world.application.token.clone())
    }

    /// The application.
    pub fn application_id(&self) -> ApplicationId {
        ApplicationId::new(self.town.read(|world| world.application.id.0))
    }

    /// The bot's account.
    pub fn bot_id(&self) -> AccountId {
        AccountId::new(self.town.read(|world| world.application.bot.0))
    }

    /// Plans a guild; it exists once built.
    pub fn guild(&self, name: &str) -> GuildBuilder {
        GuildBuilder::new(Arc::clone(&self.town), name)
    }

    /// The person of this name, bound to no guild; made when there is none.
    pub fn person(&self, name: &str) -> Actor {
        let user = self.town.change(|world| world.user(name));
        Actor::new(Arc::clone(&self.town), user, None)
    }

    /// Looks at the world.
    pub fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        self.town.read(look)
    }

    /// Waits until a look at the world says yes.
    ///
    /// # Panics
    /// With an account of what went on, after a generous time. The caller's words say what was waited for.
    pub async fn wait_until(&self, what: &str, mut look: impl FnMut(&World) -> bool) {
        self.town.wait(what, |world| look(world).then_some(())).await;
    }

    /// Waits until a look at the world finds something, and returns it.
    ///
    /// # Panics
    /// As [`Sandbox::wait_until`].
    pub async fn wait_for<T>(&self, what: &str, look: impl FnMut(&World) -> Option<T>) -> T {
        self.town.wait(what, look).await
    }

    /// Waits, however long it takes, until a look at the world says yes.
    pub async fn changes_until(&self, look: impl Fn(&World) -> bool) {
        let mut changes = self.town.changes();
        // The town holds the other end, so that changes never end before it does.
        while !self.look(&look) && changes.changed().await.is_ok() {}
    }

    /// Waits until a gateway session is connected and was sent all that happened so far.
    pub async fn wait_until_all_sent(&self) {
        self.wait_until("a connected bot that was sent everything", World::all_sent).await;
    }

    /// Waits until the bot has registered a command of this name (without `/`).
    pub async fn wait_for_command(&self, name: &str) {
        self.wait_until(&format!("the command {name} to be registered"), |world| {
            world.commands().contains(&name)
        })
        .await;
    }

    /// What happens from now on, in words of people.
    pub fn watch(&self) -> broadcast::Receiver<WorldEvent> {
        self.town.watch()
    }

    /// The messages of a channel or thread, oldest first.
    pub fn channel_messages(&self, name: &str) -> Vec<Message> {
        self.look(|world| world.channel_messages(name))
    }

    /// Every REST request so far.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.look(|world| world.requests().to_vec())
    }

    /// The last sequence number of the newest gateway session; 0 when there was none.
    pub fn last_seq(&self) -> usize {
        self.look(|world| world.dispatched().len())
    }

    /// The moment so far from the box's now, as Discord writes it.
    pub fn moment_in(&self, how_long: Duration) -> String {
        let millis = u64::try_from(how_long.as_millis()).unwrap_or(u64::MAX);
        self.town.read(|world| iso(world.clock.now_ms().saturating_add(millis)))
    }

    /// Puts the box's clock forward, for ids and times to come.
    pub fn advances_clock(&self, by: Duration) {
        self.town.change(|world| world.clock.advance(by));
    }

    /// Says which privileged intents the portal has switched on, as a mask. At first `GUILD_MEMBERS` and
    /// `MESSAGE_CONTENT`.
    pub fn allows_intents(&self, privileged: u64) {
        self.town.change(|world| world.application.privileged = privileged);
    }

    /// Fault: drops every gateway socket without a word. Sessions can be resumed.
    pub fn drops_sockets(&self) {
        self.town
            .change(|world| (world.faults.drops, world.faults.close_code) = (world.faults.drops + 1, None));
    }

    /// Fault: asks connected bots to reconnect (op 7).
    pub fn asks_to_reconnect(&self) {
        self.to_connected(&control_frame(7, &Value::Null));
    }

    /// Fault: tells connected bots that their session is invalid (op 9) and whether it can be resumed.
    pub fn invalidates_sessions(&self, resumable: bool) {
        self.town.change(|world| {
            for session in world.sessions.iter_mut().filter(|session| session.connection.is_some()) {
                session.resumable &= resumable;
                session.control.push(control_frame(9, &json!(resumable)));
            }
        });
    }

    /// Fault, until told otherwise: resuming is refused (op 9 false).
    pub fn refuses_resume(&self, refuses: bool) {
        self.town.change(|world| world.faults.no_resume = refuses);
    }

    /// Fault, until told otherwise: new gateway connections are answered with 503.
    pub fn refuses_gateway(&self, refuses: bool) {
        self.town.change(|world| world.faults.refuse_gateway = refuses);
    }

    /// Fault, until told otherwise: heartbeats are not acknowledged.
    pub fn ignores_heartbeats(&self, ignores: bool) {
        self.town.change(|world| world.faults.no_heartbeat_answers = ignores);
    }

    /// Insists, until told otherwise, that interactions are answered within Discord's three seconds. Off at
    /// first, so that a slow machine does not fail stories about other things.
    pub fn insists_on_deadline(&self, insists: bool) {
        self.town.change(|world| world.faults.insist_on_deadline = insists);
    }

    /// Fault: sends the newest event of this name again, under a new number; `false` when there was none.
    pub fn repeats(&self, event: &str) -> bool {
        self.repeat(event, None)
    }

    /// Fault: tells again that this message was written, as it was told then; `false` when the newest session was
    /// not told.
    pub fn repeats_message(&self, said: impl Into<Said>) -> bool {
        self.repeat("MESSAGE_CREATE", Some(said.into().key().1))
    }

    /// Fault: sends every session an event of any name and shape.
    pub fn dispatches(&self, event: &str, data: &Value) {
        self.town.change(|world| world.sessions.iter_mut().for_each(|session| session.push(event, data)));
    }

    /// Fault: sends connected bots a text as it is, which need not be a frame at all.
    pub fn sends_raw(&self, text: &str) {
        self.to_connected(text);
    }

    /// Fault: the next `times` REST calls fail so. `of` is the beginning of a path below `/api/v10`, with or
    /// without a method before it: `"/channels/"`, `"POST /users/@me/channels"`.
    pub fn fails(&self, of: &str, fault: RestFault, times: usize) {
        let of = of.to_owned();
        self.town.change(|world| world.faults.rest.push(WaitingFault { of, fault, left: times }));
    }

    /// Fault, until told otherwise: every refusal and every garbled answer quotes this, as Discord's may quote what was
    /// sent.
    pub fn quotes_in_errors(&self, text: &str) {
        self.town.change(|world| text.clone_into(&mut world.faults.quoted));
    }

    /// Takes back the REST faults that were set.
    pub fn fails_no_more(&self) {
        self.town.change(|world| world.faults.rest.clear());
    }

    fn repeat(&self, event: &str, message: Option<Snowflake>) -> bool {
        self.town
            .change(|world| world.sessions.last_mut().is_some_and(|session| session.repeat(event, message)))
    }

    fn to_connected(&self, frame: &str) {
        self.town.change(|world| {
            for session in world.sessions.iter_mut().filter(|session| session.connection.is_some()) {
                session.control.push(frame.to_owned());
            }
        });
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base", &self.base()).finish_non_exhaustive()
    }
}
