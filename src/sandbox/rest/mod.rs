//! REST v10 over the world: one handler that records, obeys faults, checks the key, counts, and asks the
//! routes.
//!
//! A family of routes is one file with a `route` function and one line in [`ROUTES`].

mod answer;
mod applications;
mod audit;
mod channels;
mod commands;
mod fields;
mod fittings;
mod guilds;
mod interactions;
mod invites;
mod limits;
mod members;
mod messages;
mod polls;
mod roles;
mod rooms;
mod rules;
mod threads;
mod validate;
mod voice;
mod webhooks;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use self::answer::{Answer, ApiError, Call, Outcome};
use super::faults::RestFault;
use super::recorder;
use super::shared::Shared;
use super::world::{SeenRequest, World};

/// Every family of routes. The first that knows a call answers it.
const ROUTES: &[fn(&mut World, &Call<'_>) -> Option<Outcome>] = &[
    applications::route,
    commands::route,
    guilds::route,
    messages::route,
    channels::route,
    threads::route,
    rooms::route,
    members::route,
    roles::route,
    voice::route,
    audit::route,
    rules::route,
    fittings::route,
    invites::route,
    polls::route,
    webhooks::route,
    webhooks::executed,
    interactions::route,
];

/// Answers every REST request.
pub(crate) async fn serve(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    query: Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(path) = uri.path().strip_prefix("/api/v10") else { return not_found().into_response() };
    let path = decoded(path);
    let path = path.as_str();
    let with_query = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let parsed = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice::<Value>(&body) };
    let call = Call {
        method: method.as_str(),
        path: path.split('/').skip(1).collect(),
        query: query.0,
        body: parsed.as_ref().cloned().unwrap_or_default(),
    };
    let (number, fault, window) = shared.change(|world| {
        world.requests.push(SeenRequest {
            method: method.to_string(),
            path: with_query,
            body: call.body.clone(),
            status: 0,
            known: true,
        });
        let window = limits::count(world, &call);
        let fault = world.faults.hit(method.as_str(), path).or_else(|| window.exceeded());
        (world.requests.len() - 1, fault, window)
    });
    let perform = |world: &mut World| match &parsed {
        Err(_) => (Err(ApiError::invalid_json()), true),
        Ok(_) => perform(world, &call, &headers),
    };
    let (outcome, known) = match fault {
        None => shared.change(perform),
        Some(RestFault::Status(status)) => (Err(ApiError::bare(status)), true),
        Some(RestFault::RateLimited { seconds, global }) => {
            (Err(ApiError::rate_limited(seconds, global)), true)
        }
        Some(RestFault::Garbled) => {
            let quoted = shared.change(|world| {
                world.requests[number].status = 200;
                world.faults.quoted.clone()
            });
            return (StatusCode::OK, format!("{{\"id\": \"1\", \"content\": \"{quoted}")).into_response();
        }
        Some(RestFault::NeverAnswered) => return std::future::pending().await,
        Some(RestFault::DoneButStatus(status)) => {
            let (_unheard, known) = shared.change(perform);
            (Err(ApiError::bare(status)), known)
        }
        Some(RestFault::Late(after)) => {
            let done = shared.change(perform);
            tokio::time::sleep(after).await;
            done
        }
        Some(RestFault::Truncated) => {
            let (outcome, known) = shared.change(perform);
            return shared.change(|world| {
                (world.requests[number].status, world.requests[number].known) = (200, known);
                truncated(outcome)
            });
        }
        Some(RestFault::DoneButNeverAnswered) => {
            let (_unheard, _) = shared.change(perform);
            return std::future::pending().await;
        }
    };
    let quoted = shared.read(|world| world.faults.quoted.clone());
    let answer = outcome.as_ref().map_or(Value::Null, Answer::body);
    let response = outcome.map_err(|error| error.quoting(&quoted)).into_response();
    shared.change(|world| {
        let seen = &mut world.requests[number];
        seen.status = response.status().as_u16();
        seen.known = known;
        if fault.is_none() {
            recorder::record(seen, &answer);
        }
        window.put_on(response)
    })
}

/// A path without percent signs: some clients write `@original` as `%40original`.
pub(crate) fn decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            bytes.extend_from_slice(&part.as_bytes()[2..]);
        } else {
            bytes.push(b'%');
            bytes.extend_from_slice(part.as_bytes());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer whose body ends in the middle, whatever its headers say.
fn truncated(outcome: Outcome) -> Response {
    let Ok(Answer::Json(status, body)) = outcome else { return outcome.into_response() };
    let body = body.to_string();
    let half = body.char_indices().map(|(place, _)| place).nth(body.chars().count() / 2).unwrap_or(0);
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::from_u16(status).unwrap_or(StatusCode::OK), json, body[..half].to_owned()).into_response()
}

/// Performs a call; the second value says whether the box knows its route.
fn perform(world: &mut World, call: &Call<'_>, headers: &HeaderMap) -> (Outcome, bool) {
    // With its token in the path, a webhook is open to anybody.
    let open_to_all = matches!(call.path.as_slice(), ["interactions", ..] | ["webhooks", _, _, ..]);
    let expected = format!("Bot {}", world.application.token);
    let key = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !open_to_all && key != Some(expected.as_str()) {
        return (Err(ApiError::unauthorized()), true);
    }
    let reason = headers.get("x-audit-log-reason").and_then(|value| value.to_str().ok()).map(decoded);
    let bot = world.application.bot;
    match world.by(bot, reason, |world| ROUTES.iter().find_map(|route| route(world, call))) {
        Some(outcome) => (outcome, true),
        None => (Err(ApiError::no_route()), false),
    }
}

fn not_found() -> Outcome {
    Err(ApiError::no_route())
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = json!({"message": self.message, "code": self.code});
        if let Some(errors) = self.errors {
            body["errors"] = errors;
        }
        let mut response = match self.retry_after {
            None => (status, axum::Json(body)).into_response(),
            Some((seconds, global)) => {
                body = json!({"message": self.message, "retry_after": seconds, "global": global});
                let mut response = (status, axum::Json(body)).into_response();
                let scope = if global { "global" } else { "user" };
                for (name, value) in [
                    ("retry-after", format!("{}", seconds.ceil())),
                    ("x-ratelimit-scope", scope.to_owned()),
                    ("x-ratelimit-remaining", "0".to_owned()),
                    ("x-ratelimit-reset-after", format!("{seconds:.3}")),
                ] {
                    if let Ok(value) = value.parse() {
                        response.headers_mut().insert(name, value);
                    }
                }
                if global {
                    response
                        .headers_mut()
                        .insert("x-ratelimit-global", header::HeaderValue::from_static("true"));
                }
                response
            }
        };
        response.headers_mut().insert("via", header::HeaderValue::from_static("1.1 sandbox"));
        response
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Json(status, body) => {
                (StatusCode::from_u16(status).unwrap_or(StatusCode::OK), axum::Json(body)).into_response()
            }
            Self::Empty => StatusCode::NO_CONTENT.into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn percent_signs_in_paths_are_read() {
        for (written, meant) in [
            ("/messages/@original", "/messages/@original"),
            ("/messages/%40original", "/messages/@original"),
            ("/a%20%c3%a9", "/a é"),
            ("/100%", "/100%"),
            ("/%zz%4%+1", "/%zz%4%+1"),
        ] {
            assert_eq!(decoded(written), meant);
        }
    }
}
