//! The REST executor against a scripted server.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chaperone::discord::install_tls_provider;
use chaperone::discord::interactions::{InteractionId, InteractionToken};
use chaperone::discord::rest::{ArchivedThreads, MessagePage, Nonce, Rest, RestConfig, RestError};
use chaperone::domain::{AccountId, ApplicationId, MessageId, SpaceId};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const TOKEN: &str = "t0ken-canary";
const SPACE: SpaceId = SpaceId::new(10);

/// What the server does with one request.
enum Reply {
    /// A status, more headers, and a body.
    With(u16, &'static str, String),
    /// Reads the request and never answers.
    Silence,
    /// Promises more than it sends, and hangs up.
    Cut,
}

fn ok(body: &Value) -> Reply {
    Reply::With(200, "", body.to_string())
}

fn refusal(status: u16, code: u32) -> Reply {
    Reply::With(status, "", json!({"code": code, "message": "no"}).to_string())
}

/// A server that answers by its script, one reply for each request, and remembers what it was sent.
struct Server {
    base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let mut replies: VecDeque<Reply> = replies.into_iter().collect();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut silent = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let asked = request(&mut stream).await;
                seen.lock().unwrap().push(asked);
                let answer = match replies.pop_front() {
                    Some(Reply::With(status, headers, body)) => format!(
                        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
                        body.len()
                    ),
                    Some(Reply::Cut) => "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n[{\"id\":".to_owned(),
                    Some(Reply::Silence) => {
                        silent.push(stream);
                        continue;
                    }
                    None => panic!("the script has no reply to one more request"),
                };
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { base, requests }
    }

    fn rest(&self) -> Rest {
        rest(&self.base)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// One request, its headers and its body.
async fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4_096];
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length || count == 0 {
                return text;
            }
        }
    }
}

fn rest(base: &str) -> Rest {
    install_tls_provider();
    let config = RestConfig {
        api_base: base.parse().unwrap(),
        token: TOKEN.into(),
        timeout: Duration::from_millis(400),
        jitter_seed: 1,
    };
    assert!(!format!("{config:?}").contains(TOKEN));
    Rest::new(&config).unwrap()
}

/// Everything an error tells, its sources included.
fn told(error: &RestError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

#[tokio::test]
async fn a_request_carries_the_token_and_asks_what_is_meant() {
    let server = Server::start([ok(&json!([{"id": "8"}, {"id": "7"}]))]).await;
    let messages = server.rest().messages(SPACE, MessagePage::After(MessageId::new(5)), 200).await.unwrap();
    assert_eq!(
        messages.iter().map(|message| message.id.get()).collect::<Vec<_>>(),
        [7, 8],
        "the oldest first"
    );
    let request = &server.requests()[0];
    assert!(request.starts_with("GET /api/v10/channels/10/messages?limit=100&after=5 "), "{request}");
    assert!(request.contains(&format!("authorization: Bot {TOKEN}")), "{request}");
    assert!(!format!("{:?}", server.rest()).contains(TOKEN));
}

#[tokio::test]
async fn a_429_of_a_route_is_waited_out() {
    let headers = "retry-after: 0.01\r\nx-ratelimit-bucket: b\r\nx-ratelimit-scope: user\r\n";
    let server = Server::start([Reply::With(429, headers, "{}".to_owned()), ok(&json!({"id": "3"}))]).await;
    assert_eq!(server.rest().current_user().await.unwrap(), AccountId::new(3));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_limit_that_is_too_long_is_an_error_that_says_how_long() {
    let server = Server::start([Reply::With(429, "retry-after: 3600\r\n", String::new())]).await;
    let error = server.rest().current_user().await.unwrap_err();
    assert!(matches!(error, RestError::RateLimited { retry_after } if retry_after.as_secs() == 3_600));
    assert!(error.is_passing());
}

#[tokio::test]
async fn a_limit_that_never_ends_is_given_up() {
    let early = || Reply::With(429, "retry-after: 0.001\r\n", String::new());
    let server = Server::start([early(), early(), early(), early()]).await;
    assert!(matches!(server.rest().current_user().await.unwrap_err(), RestError::RateLimited { .. }));
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_global_limit_stops_everything_but_interactions() {
    let body = json!({"retry_after": 3600.0, "global": true}).to_string();
    let server = Server::start([Reply::With(429, "", body), Reply::With(204, "", String::new())]).await;
    let rest = server.rest();
    assert!(rest.current_user().await.is_err());
    let other = rest.messages(SPACE, MessagePage::Newest, 1).await.unwrap_err();
    assert!(matches!(other, RestError::RateLimited { .. }));
    assert_eq!(server.requests().len(), 1, "the other request did not leave the house");
    let token = InteractionToken::new("i");
    rest.interaction_response(InteractionId::new(1), &token, &json!({})).await.unwrap();
}

#[tokio::test]
async fn a_full_bucket_is_waited_for_before_the_next_request() {
    let headers = "x-ratelimit-bucket: b\r\nx-ratelimit-limit: 1\r\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset-after: 0.05\r\n";
    let answer = || Reply::With(200, headers, json!({"id": "3"}).to_string());
    let server = Server::start([answer(), answer()]).await;
    let rest = server.rest();
    rest.current_user().await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(1), rest.current_user()).await;
    assert!(early.is_err() && server.requests().len() == 1, "the bucket is still full");
    rest.current_user().await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn what_is_harmless_to_repeat_is_repeated_after_a_server_error() {
    let down = || Reply::With(502, "", "<html>bad gateway</html>".to_owned());
    let server = Server::start([down(), down(), ok(&json!({"id": "3"}))]).await;
    assert_eq!(server.rest().current_user().await.unwrap(), AccountId::new(3));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_message_is_repeated_with_the_same_nonce_and_only_with_one() {
    let server = Server::start([Reply::With(500, "", String::new()), ok(&json!({"id": "77"}))]).await;
    let nonce = Nonce::from_number(12);
    let sent = server.rest().send_message(SPACE, &json!({"content": "hello"}), &nonce).await.unwrap();
    assert_eq!(sent, MessageId::new(77));
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert!(request.starts_with("POST /api/v10/channels/10/messages "), "{request}");
        let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(body, json!({"content": "hello", "nonce": "12", "enforce_nonce": true}));
    }
}

#[tokio::test]
async fn what_may_have_arrived_is_not_sent_twice() {
    let token = InteractionToken::new("i");
    for reply in [Reply::With(500, "", String::new()), Reply::Silence, Reply::Cut] {
        let server = Server::start([reply]).await;
        let error = server.rest().followup(ApplicationId::new(9), &token, &json!({})).await.unwrap_err();
        assert!(error.is_passing(), "{error:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn silence_and_a_cut_answer_are_tried_again_where_that_is_harmless() {
    let server = Server::start([Reply::Silence, Reply::Cut, ok(&json!([]))]).await;
    assert!(server.rest().messages(SPACE, MessagePage::Newest, 1).await.unwrap().is_empty());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_that_quotes_nothing() {
    for body in
        [r#"[{"id":"1","content":"s3cret"#, r#"[{"content":"s3cret"}]"#, r#"{"s3cret":1}"#, "s3cret", ""]
    {
        let server = Server::start([Reply::With(200, "", body.to_owned())]).await;
        let error = server.rest().messages(SPACE, MessagePage::Newest, 1).await.unwrap_err();
        assert!(matches!(error, RestError::Undecodable { what: "messages", .. }), "{body}: {error:?}");
        assert!(!error.is_passing() && !told(&error).contains("s3cret"));
    }
}

#[tokio::test]
async fn each_refusal_has_its_own_error() {
    let server =
        Server::start([refusal(401, 0), refusal(403, 50007), refusal(404, 10003), refusal(400, 50035)]).await;
    let rest = server.rest();
    assert!(matches!(rest.current_user().await.unwrap_err(), RestError::Unauthorized));
    let refused = rest.send_message(SPACE, &json!({}), &Nonce::from_number(1)).await.unwrap_err();
    assert!(matches!(refused, RestError::Forbidden { code: 50007 }) && refused.is_direct_refused());
    let missing = rest.message(SPACE, MessageId::new(1)).await.unwrap_err();
    assert!(matches!(missing, RestError::NotFound { code: 10003 }));
    let invalid = rest.open_direct(AccountId::new(1)).await.unwrap_err();
    assert!(matches!(invalid, RestError::Invalid { status: 400, code: 50035 }));
    assert!(!invalid.is_passing() && !refused.is_passing() && !missing.is_passing());
}

#[tokio::test]
async fn an_interaction_that_is_over_is_not_taken_for_a_bad_token() {
    let server = Server::start([refusal(404, 10062), refusal(400, 40060), refusal(401, 50027)]).await;
    let (rest, token) = (server.rest(), InteractionToken::new("i"));
    for code in [10062, 40060] {
        let error = rest.interaction_response(InteractionId::new(1), &token, &json!({})).await.unwrap_err();
        assert!(matches!(error, RestError::InteractionOver { code: it } if it == code), "{error:?}");
    }
    let error = rest.edit_original(ApplicationId::new(9), &token, &json!({})).await.unwrap_err();
    assert!(matches!(error, RestError::InteractionOver { code: 50027 }), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start([]).await;
    let location = format!("location: {}/\r\n", elsewhere.base).leak();
    let server = Server::start([Reply::With(302, location, String::new())]).await;
    assert!(matches!(
        server.rest().current_user().await.unwrap_err(),
        RestError::Invalid { status: 302, .. }
    ));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn an_unreachable_server_is_told_without_token_or_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let token = InteractionToken::new("interaction-canary");
    let error = rest(&base).followup(ApplicationId::new(9), &token, &json!({})).await.unwrap_err();
    assert!(matches!(error, RestError::Unreachable { .. }) && error.is_passing());
    let told = told(&error);
    assert!(!told.contains(TOKEN) && !told.contains("interaction-canary"), "{told}");
}

#[tokio::test]
async fn archived_threads_are_read_page_by_page_until_nothing_new_comes() {
    let thread = |id: u64, at: &str| json!({"id": id.to_string(), "last_message_id": "9", "thread_metadata": {"archive_timestamp": at}});
    let server = Server::start([
        ok(&json!({"threads": [thread(1, "2026-01-03T00:00:00Z")], "has_more": true})),
        ok(&json!({"threads": [thread(2, "2026-01-02T00:00:00Z")], "has_more": true})),
        ok(&json!({"threads": [thread(2, "2026-01-02T00:00:00Z")], "has_more": true})),
    ])
    .await;
    let found = server.rest().archived_threads(SPACE, ArchivedThreads::Private).await.unwrap();
    assert_eq!(found.iter().map(|thread| thread.id.get()).collect::<Vec<_>>(), [1, 2]);
    let second = &server.requests()[1];
    let expected =
        "GET /api/v10/channels/10/threads/archived/private?limit=100&before=2026-01-03T00%3A00%3A00Z ";
    assert!(second.starts_with(expected), "{second}");
}

#[tokio::test]
async fn the_gateway_is_taken_only_where_chaperone_may_talk_to() {
    let answer = |url: &str| {
        let limit = json!({"total": 1000, "remaining": 999, "reset_after": 60_000, "max_concurrency": 1});
        ok(&json!({"url": url, "shards": 2, "session_start_limit": limit}))
    };
    let server = Server::start([answer("ws://127.0.0.1:7"), answer("ws://example.org")]).await;
    let rest = server.rest();
    let gateway = rest.gateway_bot().await.unwrap();
    assert_eq!((gateway.url.as_str(), gateway.shards), ("ws://127.0.0.1:7", 2));
    assert_eq!(gateway.session_start_limit.reset_after, Duration::from_mins(1));
    assert!(matches!(rest.gateway_bot().await.unwrap_err(), RestError::Undecodable { .. }));
}

#[tokio::test]
async fn the_application_says_which_intents_are_switched_on() {
    let server = Server::start([
        ok(&json!({"id": "9", "flags": 1 << 15 | 1 << 19})),
        ok(&json!({"id": "9", "flags": 1 << 15})),
        ok(&json!({"id": "9"})),
    ])
    .await;
    let rest = server.rest();
    for expected in [(true, true), (true, false), (false, false)] {
        let application = rest.current_application().await.unwrap();
        assert_eq!((application.may_see_members, application.may_see_messages), expected);
    }
}

#[tokio::test]
async fn a_token_with_a_line_break_is_refused_before_anything_is_sent() {
    install_tls_provider();
    let config = RestConfig {
        api_base: "http://127.0.0.1:1".parse().unwrap(),
        token: "bad\ntoken".into(),
        timeout: Duration::from_secs(1),
        jitter_seed: 1,
    };
    let error = Rest::new(&config).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("bad\n"));
}
