//! The gateway connection against a scripted gateway.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chaperone::discord::gateway::{
    Connection as _, FatalClose, GatewayConfig, Signal, TwilightConnection, intents,
};
use chaperone::discord::install_tls_provider;
use chaperone::discord::rest::SessionStartLimit;
use chaperone::domain::GroupId;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const TOKEN: &str = "t0ken-canary";

/// A gateway whose connections the test plays by hand.
struct Gateway {
    url: String,
    peers: mpsc::UnboundedReceiver<WebSocket>,
    state: Entrance,
}

#[derive(Clone)]
struct Entrance {
    peers: mpsc::UnboundedSender<WebSocket>,
    /// For each connection to come, whether it is let in; those after them are.
    refuse: Arc<Mutex<VecDeque<bool>>>,
}

impl Gateway {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let (sender, peers) = mpsc::unbounded_channel();
        let state = Entrance { peers: sender, refuse: Arc::default() };
        let app = Router::new().fallback(enter).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, peers, state }
    }

    /// Answers the next connections with 503.
    fn refuse(&self, times: usize) {
        self.state.refuse.lock().unwrap().extend(std::iter::repeat_n(true, times));
    }

    fn refusals_left(&self) -> usize {
        self.state.refuse.lock().unwrap().len()
    }

    /// The next connection, after HELLO, with its first word.
    async fn peer(&mut self) -> (Peer, Value) {
        let mut peer = Peer(self.peers.recv().await.unwrap());
        peer.send(r#"{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":45000}}"#).await;
        let first = peer.hear().await.unwrap();
        (peer, first)
    }
}

async fn enter(State(state): State<Entrance>, upgrade: WebSocketUpgrade) -> Response {
    if state.refuse.lock().unwrap().pop_front() == Some(true) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    upgrade.on_upgrade(move |socket| async move { drop(state.peers.send(socket)) })
}

struct Peer(WebSocket);

impl Peer {
    async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Sends an event in Discord's order of keys.
    async fn dispatch(&mut self, kind: &str, number: u64, content: &Value) {
        self.send(&format!(r#"{{"t":"{kind}","s":{number},"op":0,"d":{content}}}"#)).await;
    }

    async fn ready(&mut self, resume_url: &str) {
        let content = json!({"session_id": "session", "resume_gateway_url": resume_url});
        self.dispatch("READY", 1, &content).await;
    }

    /// What the bot says next, apart from heartbeats, which it may send at any time; none when it closes.
    async fn hear(&mut self) -> Option<Value> {
        loop {
            match self.0.recv().await?.ok()? {
                Message::Text(text) => {
                    let said: Value = serde_json::from_str(&text).unwrap();
                    if said["op"] != 1 {
                        return Some(said);
                    }
                }
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    async fn close(mut self, code: u16) {
        let frame = CloseFrame { code, reason: "s3cret".into() };
        self.0.send(Message::Close(Some(frame))).await.unwrap();
    }
}

fn connection(url: &str) -> TwilightConnection {
    install_tls_provider();
    TwilightConnection::new(&GatewayConfig {
        url: url.parse().unwrap(),
        token: TOKEN.into(),
        intents: intents(),
        shard: (0, 1),
        session_start_limit: Some(SessionStartLimit {
            total: 1_000,
            remaining: 1_000,
            reset_after: Duration::from_hours(24),
            max_concurrency: 0,
        }),
        jitter_seed: 3,
    })
}

/// Plays the connection beside the test: what comes is written down as event names and signs.
fn run(mut connection: TwilightConnection) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(signal) = connection.next().await {
            let word = match signal {
                Signal::Frame(raw) => match raw.frame().unwrap() {
                    frame if frame.op == 0 => frame.kind().to_owned(),
                    _ => continue,
                },
                Signal::Disconnected => "-".to_owned(),
                Signal::Fatal(fatal) => format!("{fatal:?}"),
            };
            if sender.send(word).is_err() {
                return;
            }
        }
        assert!(connection.next().await.is_none(), "asked once more after the end");
    });
    receiver
}

async fn words<const N: usize>(receiver: &mut mpsc::UnboundedReceiver<String>) -> [String; N] {
    let mut words = Vec::new();
    while words.len() < N {
        words.push(receiver.recv().await.unwrap());
    }
    words.try_into().unwrap()
}

#[tokio::test]
async fn a_lost_connection_is_resumed_with_everything_in_order() {
    let mut gateway = Gateway::start().await;
    let mut heard = run(connection(&gateway.url));
    let url = gateway.url.clone();
    let (mut peer, identify) = gateway.peer().await;
    assert_eq!((&identify["op"], &identify["d"]["token"]), (&json!(2), &json!(format!("Bot {TOKEN}"))));
    let asked = identify["d"]["intents"].as_u64().unwrap();
    assert_eq!(asked & (1 << 8), 0, "never presences");
    assert_eq!(asked, 1 << 24 | 0b11_0001_1001_0010_1011_1111, "{asked:b}");
    peer.ready(&url).await;
    peer.dispatch("A", 2, &json!({})).await;
    peer.close(4000).await;
    assert_eq!(words(&mut heard).await, ["READY", "A", "-"]);
    let (mut peer, resume) = gateway.peer().await;
    assert_eq!(resume["op"], 6);
    assert_eq!((&resume["d"]["session_id"], &resume["d"]["seq"]), (&json!("session"), &json!(2)));
    peer.dispatch("B", 3, &json!({})).await;
    peer.dispatch("RESUMED", 4, &json!({})).await;
    peer.dispatch("C", 5, &json!({})).await;
    assert_eq!(words(&mut heard).await, ["B", "RESUMED", "C"]);
    drop(peer);
    let (mut peer, resume) = gateway.peer().await;
    assert_eq!(resume["d"]["seq"], 5);
    peer.dispatch("RESUMED", 6, &json!({})).await;
    assert_eq!(words(&mut heard).await, ["-", "RESUMED"], "also when the line breaks without a goodbye");
}

#[tokio::test]
async fn an_outage_is_told_once_and_does_not_cost_the_session() {
    let mut gateway = Gateway::start().await;
    let mut heard = run(connection(&gateway.url));
    let url = gateway.url.clone();
    let (mut peer, _) = gateway.peer().await;
    peer.ready(&url).await;
    gateway.refuse(3);
    peer.close(4000).await;
    let (mut peer, resume) = gateway.peer().await;
    assert_eq!((resume["op"].as_u64(), gateway.refusals_left()), (Some(6), 0));
    peer.dispatch("RESUMED", 2, &json!({})).await;
    assert_eq!(words(&mut heard).await, ["READY", "-", "RESUMED"]);
}

#[tokio::test]
async fn a_dead_resume_address_is_tried_twice_and_then_the_main_one() {
    let mut main = Gateway::start().await;
    let resume = Gateway::start().await;
    let mut heard = run(connection(&main.url));
    let (mut peer, _) = main.peer().await;
    peer.ready(&resume.url).await;
    resume.refuse(9);
    peer.close(4000).await;
    let (mut peer, first) = main.peer().await;
    assert_eq!((first["op"].as_u64(), resume.refusals_left()), (Some(6), 7));
    peer.dispatch("RESUMED", 2, &json!({})).await;
    assert_eq!(words(&mut heard).await, ["READY", "-", "RESUMED"]);
}

#[tokio::test]
async fn a_resume_address_elsewhere_is_not_followed_from_this_machine() {
    let mut gateway = Gateway::start().await;
    let mut heard = run(connection(&gateway.url));
    for elsewhere in ["wss://gateway.example", "ws://192.0.2.1", "not an address"] {
        let (mut peer, _) = gateway.peer().await;
        peer.ready(elsewhere).await;
        assert_eq!(words(&mut heard).await, ["READY"]);
        peer.close(4000).await;
        assert_eq!(words(&mut heard).await, ["-"]);
    }
    let (_, resume) = gateway.peer().await;
    assert_eq!(resume["op"], 6);
}

#[tokio::test]
async fn a_session_that_never_comes_back_is_given_up_for_a_new_one() {
    let mut gateway = Gateway::start().await;
    let mut heard = run(connection(&gateway.url));
    let url = gateway.url.clone();
    let (mut peer, _) = gateway.peer().await;
    peer.ready(&url).await;
    peer.close(4000).await;
    for _ in 0..3 {
        let (peer, resume) = gateway.peer().await;
        assert_eq!(resume["op"], 6);
        peer.close(4000).await;
    }
    let (mut peer, identify) = gateway.peer().await;
    assert_eq!(identify["op"], 2);
    peer.ready(&url).await;
    assert_eq!(words(&mut heard).await, ["READY", "-", "READY"]);
}

#[tokio::test]
async fn a_session_that_discord_refuses_is_begun_anew() {
    let mut gateway = Gateway::start().await;
    let mut heard = run(connection(&gateway.url));
    let url = gateway.url.clone();
    let (mut peer, _) = gateway.peer().await;
    peer.ready(&url).await;
    peer.close(4009).await;
    let (mut peer, resume) = gateway.peer().await;
    assert_eq!(resume["op"], 6);
    peer.send(r#"{"t":null,"s":null,"op":9,"d":false}"#).await;
    assert_eq!(peer.hear().await, None);
    drop(peer);
    let (mut peer, identify) = gateway.peer().await;
    assert_eq!(identify["op"], 2);
    peer.ready(&url).await;
    assert_eq!(words(&mut heard).await, ["READY", "-", "READY"]);
}

#[tokio::test]
async fn a_refused_bot_hears_why_and_then_nothing() {
    for (code, reason) in [(4004, FatalClose::BadToken), (4014, FatalClose::DisallowedIntents)] {
        let mut gateway = Gateway::start().await;
        let mut heard = run(connection(&gateway.url));
        let (peer, _) = gateway.peer().await;
        peer.close(code).await;
        assert_eq!(words(&mut heard).await, [format!("{reason:?}")]);
        assert_eq!(heard.recv().await, None);
    }
}

#[tokio::test]
async fn members_that_did_not_all_come_are_asked_for_again_after_an_outage() {
    let mut gateway = Gateway::start().await;
    let url = gateway.url.clone();
    let mut connection = connection(&url);
    let play = async {
        let (mut peer, _) = gateway.peer().await;
        peer.ready(&url).await;
        let chunk = |group: &str, index| json!({"guild_id": group, "chunk_index": index, "chunk_count": 2});
        let mut asked = vec![peer.hear().await.unwrap()["d"]["guild_id"].clone()];
        asked.push(peer.hear().await.unwrap()["d"]["guild_id"].clone());
        assert_eq!(asked, ["1", "2"]);
        let limited = json!({"opcode": 8, "retry_after": 0.01, "meta": {"guild_id": "1"}});
        peer.dispatch("RATE_LIMITED", 2, &limited).await;
        assert_eq!(
            peer.hear().await.unwrap()["d"]["guild_id"],
            "1",
            "asked too often, it is asked for again"
        );
        peer.dispatch("GUILD_MEMBERS_CHUNK", 2, &chunk("1", 0)).await;
        peer.dispatch("GUILD_MEMBERS_CHUNK", 3, &chunk("1", 1)).await;
        peer.dispatch("GUILD_MEMBERS_CHUNK", 4, &chunk("2", 0)).await;
        peer.close(4000).await;
        let (mut peer, _) = gateway.peer().await;
        peer.dispatch("RESUMED", 5, &json!({})).await;
        let again = peer.hear().await.unwrap();
        assert_eq!(again, json!({"op": 8, "d": {"guild_id": "2", "query": "", "limit": 0}}));
    };
    let listen = async {
        while let Some(signal) = connection.next().await {
            if matches!(&signal, Signal::Frame(raw) if raw.frame().unwrap().kind() == "READY") {
                connection.request_members(GroupId::new(1));
                connection.request_members(GroupId::new(2));
            }
        }
    };
    tokio::select! {
        () = play => {}
        () = listen => panic!("the connection ended by itself"),
    }
}

#[tokio::test]
async fn a_gateway_that_says_nothing_is_given_up_and_tried_again() {
    let mut gateway = Gateway::start().await;
    let _heard = run(connection(&gateway.url).hello_within(Duration::from_millis(500)));
    let _silent = gateway.peers.recv().await.unwrap();
    let (_, identify) = gateway.peer().await;
    assert_eq!(identify["op"], 2);
}

#[tokio::test]
async fn a_goodbye_ends_the_session() {
    let mut gateway = Gateway::start().await;
    let url = gateway.url.clone();
    let mut connection = connection(&url);
    let play = async {
        let (mut peer, _) = gateway.peer().await;
        peer.ready(&url).await;
        loop {
            if let Some(Ok(Message::Close(frame))) = peer.0.recv().await {
                return frame.unwrap().code;
            }
        }
    };
    let leave = async {
        while let Some(signal) = connection.next().await {
            if matches!(&signal, Signal::Frame(raw) if raw.frame().unwrap().kind() == "READY") {
                break;
            }
        }
        connection.close().await;
        assert!(connection.next().await.is_none());
        connection.close().await;
    };
    let (code, ()) = tokio::join!(play, leave);
    assert_eq!(code, 1000);
}

#[tokio::test]
async fn a_frame_that_the_shard_does_not_understand_is_handed_on() {
    let mut gateway = Gateway::start().await;
    let mut heard = run(connection(&gateway.url));
    let url = gateway.url.clone();
    let (mut peer, _) = gateway.peer().await;
    peer.ready(&url).await;
    peer.send(r#"{"t":"NUMBERLESS","op":0,"d":{"content":"s3cret"}}"#).await;
    peer.dispatch("AFTER", 2, &json!({})).await;
    assert_eq!(words(&mut heard).await, ["READY", "NUMBERLESS", "AFTER"]);
}

#[tokio::test]
async fn debug_tells_no_token() {
    let connection = connection("ws://127.0.0.1:1");
    assert!(!format!("{connection:?}").contains(TOKEN));
}
