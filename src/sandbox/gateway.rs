//! The gateway: one task per web socket that greets, identifies or resumes, and then sends what its session
//! holds.

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

use super::shared::Shared;
use super::wire::Wire;
use super::world::World;
use super::world::sessions::{ResumeRefused, control_frame, intents};
use super::world::starts::StartRefused;

/// The heartbeat interval that HELLO asks for: Discord's own.
const HEARTBEAT_MS: u64 = 41_250;
/// How many frames are taken from the log at a time.
const BATCH: usize = 256;

/// Takes a web socket, unless the gateway is refusing connections.
pub(crate) async fn accept(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response {
    let wire = Wire::of_query(uri.query().unwrap_or_default());
    if shared.read(|world| world.faults.refuse_gateway) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    upgrade.on_upgrade(|socket| async move {
        let (number, drops, heard_ms) =
            shared.change(|world| (world.next_id().0, world.faults.drops, world.clock.now_ms()));
        let mut connection =
            Connection { shared: Arc::clone(&shared), number, drops, session: None, wire, heard_ms };
        let mut socket = socket;
        let end = connection.serve(&mut socket).await;
        connection.leave(end.as_ref().err());
        if let Err(End::Close(code, reason)) = end {
            let frame = CloseFrame { code, reason: reason.into() };
            // The peer may be gone already, which is all the same.
            let _ = socket.send(Message::Close(Some(frame))).await;
        }
    })
}

/// Why a connection ends.
enum End {
    /// We close it with this code.
    Close(u16, &'static str),
    /// The peer closed it, with a code that may end its session.
    ClosedByPeer(Option<u16>),
    /// It is gone, or we drop it.
    Gone,
}

struct Connection {
    shared: Arc<Shared>,
    number: u64,
    drops: u64,
    session: Option<String>,
    wire: Wire,
    /// When the last heartbeat came.
    heard_ms: u64,
}

impl Connection {
    async fn serve(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        self.send(socket, control_frame(10, &json!({"heartbeat_interval": HEARTBEAT_MS}))).await?;
        let shared = Arc::clone(&self.shared);
        let mut changes = shared.changes();
        loop {
            changes.borrow_and_update();
            for frame in self.pending()? {
                self.send(socket, frame).await?;
            }
            if self.more_to_send() {
                continue;
            }
            tokio::select! {
                () = shared.closed.cancelled() => return Err(End::Gone),
                rung = changes.changed() => rung.map_err(|_| End::Gone)?,
                received = socket.recv() => match received {
                    Some(Ok(Message::Text(text))) => {
                        for frame in self.receive(&text)? {
                            self.send(socket, frame).await?;
                        }
                    }
                    Some(Ok(Message::Close(frame))) => return Err(End::ClosedByPeer(frame.map(|frame| frame.code))),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(End::Gone),
                },
            }
        }
    }

    /// The frames that are due, which thereby count as sent.
    fn pending(&self) -> Result<Vec<String>, End> {
        let due = |world: &World| {
            let session =
                self.session.as_ref().and_then(|id| world.sessions.iter().find(|one| one.id == *id));
            world.faults.drops != self.drops
                || self.is_silent(world)
                || session.is_some_and(|session| {
                    session.connection != Some(self.number)
                        || session.delivered < session.log.len()
                        || !session.control.is_empty()
                })
        };
        if !self.shared.read(due) {
            return Ok(Vec::new());
        }
        self.shared.change(|world| {
            if world.faults.drops != self.drops {
                return Err(match world.faults.close_code {
                    Some(code) => End::Close(code, "As asked for by a fault"),
                    None => End::Gone,
                });
            }
            let silent = self.is_silent(world);
            let Some(session) = self.session.as_ref().and_then(|id| world.session(id)) else {
                return Ok(Vec::new());
            };
            if session.connection != Some(self.number) {
                return Err(End::Gone);
            }
            if silent {
                session.resumable = false;
                return Err(End::Close(4009, "Session timed out"));
            }
            let until = session.log.len().min(session.delivered + BATCH);
            let mut frames: Vec<_> =
                session.log[session.delivered..until].iter().map(|sent| sent.frame.clone()).collect();
            session.delivered = until;
            frames.append(&mut session.control);
            Ok(frames)
        })
    }

    /// Whether heartbeats are demanded and none came for too long.
    fn is_silent(&self, world: &World) -> bool {
        let patience = HEARTBEAT_MS + HEARTBEAT_MS / 2;
        world.faults.insist_on_heartbeats && world.clock.now_ms() > self.heard_ms + patience
    }

    fn more_to_send(&self) -> bool {
        self.shared.read(|world| {
            let session =
                self.session.as_ref().and_then(|id| world.sessions.iter().find(|one| one.id == *id));
            session.is_some_and(|session| session.delivered < session.log.len())
        })
    }

    /// Handles a frame from the bot; returns what is answered at once.
    fn receive(&mut self, text: &str) -> Result<Vec<String>, End> {
        let frame: Value = serde_json::from_str(text).map_err(|_| End::Close(4002, "Decode error"))?;
        let data = &frame["d"];
        match frame["op"].as_u64() {
            Some(1) => {
                let (now, deaf) =
                    self.shared.read(|world| (world.clock.now_ms(), world.faults.no_heartbeat_answers));
                self.heard_ms = now;
                Ok(if deaf { Vec::new() } else { vec![control_frame(11, &Value::Null)] })
            }
            Some(2) => self.identify(data),
            Some(6) => self.resume(data),
            Some(8) => {
                let session = self.session.clone().ok_or(End::Close(4003, "Not authenticated"))?;
                self.shared.change(|world| world.request_members(&session, data));
                Ok(Vec::new())
            }
            Some(3 | 4) if self.session.is_some() => Ok(Vec::new()),
            Some(3 | 4) => Err(End::Close(4003, "Not authenticated")),
            _ => Err(End::Close(4001, "Unknown opcode")),
        }
    }

    fn identify(&mut self, data: &Value) -> Result<Vec<String>, End> {
        if self.session.is_some() {
            return Err(End::Close(4005, "Already authenticated"));
        }
        let asked = data["intents"].as_u64().ok_or(End::Close(4013, "Invalid intent(s)"))?;
        let shard = match (data["shard"][0].as_u64(), data["shard"][1].as_u64()) {
            (Some(number), Some(count)) if number < count => (number, count),
            (None, None) => (0, 1),
            _ => return Err(End::Close(4010, "Invalid shard")),
        };
        let large = data["large_threshold"].as_u64().unwrap_or(50);
        let url = self.url();
        self.session = self.shared.change(|world| {
            if !is_token(world, data) {
                return Err(End::Close(4004, "Authentication failed"));
            }
            if asked & !intents::KNOWN != 0 {
                return Err(End::Close(4013, "Invalid intent(s)"));
            }
            if asked & intents::PRIVILEGED & !world.application.privileged != 0 {
                return Err(End::Close(4014, "Disallowed intent(s)"));
            }
            match world.starts.start(shard.0, world.clock.now_ms()) {
                Ok(()) => Ok(Some(world.identify(self.number, asked, shard, large, &url))),
                Err(StartRefused::TooSoon) => Ok(None),
                Err(StartRefused::UsedUp) => {
                    world.reset_token();
                    Err(End::Close(4004, "Authentication failed"))
                }
            }
        })?;
        if self.session.is_none() {
            return Ok(vec![control_frame(9, &json!(false))]);
        }
        if data["compress"] == true {
            self.wire.compress_payloads();
        }
        Ok(Vec::new())
    }

    fn resume(&mut self, data: &Value) -> Result<Vec<String>, End> {
        if self.session.is_some() {
            return Err(End::Close(4005, "Already authenticated"));
        }
        let id = data["session_id"].as_str().unwrap_or_default().to_owned();
        let seq = data["seq"].as_u64().and_then(|seq| usize::try_from(seq).ok()).unwrap_or(0);
        let resumed = self.shared.change(|world| {
            if !is_token(world, data) {
                return Err(End::Close(4004, "Authentication failed"));
            }
            Ok(world.resume(self.number, &id, seq))
        })?;
        match resumed {
            Ok(()) => {
                self.session = Some(id);
                Ok(Vec::new())
            }
            Err(ResumeRefused::InvalidSequence) => Err(End::Close(4007, "Invalid seq")),
            Err(ResumeRefused::UnknownSession) => Ok(vec![control_frame(9, &json!(false))]),
        }
    }

    /// Leaves the session to the next connection; the peer's "goodbye" (1000, 1001) ends it.
    fn leave(&self, end: Option<&End>) {
        let goodbye = matches!(end, Some(End::ClosedByPeer(Some(1000 | 1001))));
        self.shared.change(|world| {
            let now = world.clock.now_ms();
            let session = self.session.as_ref().and_then(|id| world.session(id));
            if let Some(session) = session.filter(|session| session.connection == Some(self.number)) {
                session.connection = None;
                session.left_ms = Some(now);
                session.resumable &= !goodbye;
            }
        });
    }

    async fn send(&mut self, socket: &mut WebSocket, frame: String) -> Result<(), End> {
        socket.send(self.wire.message(frame)).await.map_err(|_| End::Gone)
    }

    fn url(&self) -> String {
        format!("ws://{}", self.shared.address)
    }
}

fn is_token(world: &World, data: &Value) -> bool {
    data["token"].as_str().is_some_and(|token| token.trim_start_matches("Bot ") == world.application.token)
}
