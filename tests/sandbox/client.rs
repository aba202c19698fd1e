//! A raw client of the box: REST calls and gateway frames without any library's opinion in between.

use std::time::Duration;

use chaperone::sandbox::Sandbox;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Guilds, members, messages of guilds and DMs, and message content.
pub(crate) const INTENTS: u64 = 1 | 1 << 1 | 1 << 9 | 1 << 12 | 1 << 15;
/// Everything that needs no switch in the portal, besides [`INTENTS`].
pub(crate) const ALL_INTENTS: u64 = INTENTS | 0x1_FFFF & !(1 << 8) | 0b11 << 20 | 0b11 << 24;
/// Reached only when something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The bot's REST side.
pub(crate) struct Rest {
    http: reqwest::Client,
    base: String,
    token: String,
    pub(crate) application: String,
}

/// What came back.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Got {
    /// Status and JSON error code, to compare with Discord's.
    pub(crate) fn refusal(&self) -> (u16, u64) {
        (self.status, self.body["code"].as_u64().unwrap_or(0))
    }

    /// The `content` of each message of a list.
    pub(crate) fn contents(&self) -> Vec<&str> {
        self.body.as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap()).collect()
    }
}

impl Rest {
    pub(crate) fn new(town: &Sandbox) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            http: reqwest::Client::builder().timeout(PATIENCE).build().unwrap(),
            base: town.base(),
            token: town.token(),
            application: town.application_id().to_string(),
        }
    }

    pub(crate) fn with_token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.call("GET", path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Got {
        self.call("POST", path, body).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Got {
        self.try_call(method, path, body).await.unwrap()
    }

    pub(crate) async fn try_call(&self, method: &str, path: &str, body: Value) -> reqwest::Result<Got> {
        let url = format!("{}/api/v10{path}", self.base);
        let mut request = self
            .http
            .request(method.parse().unwrap(), url)
            .header("authorization", format!("Bot {}", self.token));
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
        Ok(Got { status, body, headers })
    }

    /// Registers global commands in place of all before.
    pub(crate) async fn registers(&self, commands: Value) -> Got {
        self.call("PUT", &format!("/applications/{}/commands", self.application), commands).await
    }

    /// Answers an interaction.
    pub(crate) async fn answers(&self, interaction: &Value, answer: Value) -> Got {
        self.post(&format!("{}/callback", Self::interaction(interaction)), answer).await
    }

    /// The path of an interaction.
    pub(crate) fn interaction(interaction: &Value) -> String {
        let (id, token) = (interaction["id"].as_str().unwrap(), interaction["token"].as_str().unwrap());
        format!("/interactions/{id}/{token}")
    }

    /// A path below the interaction's webhook.
    pub(crate) fn webhook(&self, interaction: &Value, rest: &str) -> String {
        format!("/webhooks/{}/{}{rest}", self.application, interaction["token"].as_str().unwrap())
    }
}

/// The bot's gateway side.
pub(crate) struct Gateway {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    token: String,
    pub(crate) session: String,
    pub(crate) seq: u64,
}

impl Gateway {
    /// Connects and reads HELLO.
    pub(crate) async fn connect(town: &Sandbox) -> Self {
        let url = format!("{}/?v=10&encoding=json", town.base().replace("http", "ws"));
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let mut gateway = Self { socket, token: town.token(), session: String::new(), seq: 0 };
        assert_eq!(gateway.frame().await["op"], 10);
        gateway
    }

    /// Connects, identifies and reads READY.
    pub(crate) async fn identified(town: &Sandbox, intents: u64) -> Self {
        let mut gateway = Self::connect(town).await;
        gateway.identify(intents).await;
        let ready = gateway.until("READY").await;
        ready["session_id"].as_str().unwrap().clone_into(&mut gateway.session);
        gateway
    }

    pub(crate) async fn identify(&mut self, intents: u64) {
        let token = self.token.clone();
        let properties = json!({"os": "linux", "browser": "test", "device": "test"});
        self.send(json!({"op": 2, "d": {"token": token, "intents": intents, "properties": properties}}))
            .await;
    }

    pub(crate) async fn resume(&mut self, session: &str, seq: u64) {
        let token = self.token.clone();
        self.send(json!({"op": 6, "d": {"token": token, "session_id": session, "seq": seq}})).await;
    }

    pub(crate) fn set_token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// The next text as it is; `None` when the socket ended.
    pub(crate) async fn raw(&mut self) -> Option<Result<String, u16>> {
        let next =
            tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("the gateway says something");
        match next {
            Some(Ok(Message::Text(text))) => Some(Ok(text.to_string())),
            Some(Ok(Message::Close(frame))) => Some(Err(frame.map_or(1005, |frame| frame.code.into()))),
            Some(Ok(other)) => panic!("unexpected {other:?}"),
            Some(Err(_)) | None => None,
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        let text = self.raw().await.expect("the socket is open").expect("it is not closed");
        let frame: Value = serde_json::from_str(&text).unwrap();
        if let Some(seq) = frame["s"].as_u64() {
            self.seq = seq;
        }
        frame
    }

    /// The code that the gateway closes with, whatever it sends before.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            match self.raw().await.expect("the socket is closed with a code") {
                Ok(_) => {}
                Err(code) => return code,
            }
        }
    }

    /// The data of the next event of this name; others before it are passed over.
    pub(crate) async fn until(&mut self, name: &str) -> Value {
        self.until_all(name).await.1
    }

    /// The names of the events before the next of this name, and its data.
    pub(crate) async fn until_all(&mut self, name: &str) -> (Vec<String>, Value) {
        let mut before = Vec::new();
        loop {
            let mut frame = self.frame().await;
            match frame["t"].as_str() {
                Some(found) if found == name => return (before, frame["d"].take()),
                other => before.extend(other.map(ToOwned::to_owned)),
            }
        }
    }

    /// The names of the events that were sent up to now: asks for a heartbeat answer and reads until it comes.
    pub(crate) async fn drain(&mut self) -> Vec<String> {
        self.send(json!({"op": 1, "d": self.seq})).await;
        let mut names = Vec::new();
        loop {
            let frame = self.frame().await;
            if frame["op"] == 11 {
                return names;
            }
            names.extend(frame["t"].as_str().map(ToOwned::to_owned));
        }
    }

    pub(crate) async fn close(mut self, code: u16) {
        use tokio_tungstenite::tungstenite::protocol::CloseFrame;
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        self.socket.close(Some(frame)).await.unwrap();
        while self.raw().await.is_some() {}
    }
}
