//! What the control API answers: JSON, or a problem with what to do about it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::sandbox::refusal::Refusal;

/// What came of a call.
pub(super) type Outcome = Result<Value, Problem>;

/// Something that cannot be done.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    what: String,
    remedy: String,
}

impl Problem {
    /// The body is not JSON, or not of this verb.
    pub(super) fn unreadable(why: &dyn std::fmt::Display) -> Self {
        let remedy = "GET /sandbox/ lists every call with the fields it takes";
        Self::new(StatusCode::BAD_REQUEST, format!("the call cannot be read: {why}"), remedy)
    }

    /// The page or program that asks is not one of this machine.
    pub(super) fn stranger(what: &str) -> Self {
        let remedy = "Only pages and programs of this machine may ask: use the address that the box printed";
        Self::new(StatusCode::FORBIDDEN, what.to_owned(), remedy)
    }

    /// Something that is named is not there.
    pub(super) fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let closest = known
            .iter()
            .map(|other| (strsim::jaro_winkler(name, other), *other))
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let remedy = match closest {
            Some((_, other)) => format!("Did you mean \"{other}\"?"),
            None if known.is_empty() => "There is none so far".to_owned(),
            None => format!("There are: {}", known.join(", ")),
        };
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what} \"{name}\""), remedy)
    }

    /// Discord or its client would not do it.
    pub(super) fn not_allowed(what: impl Into<String>, remedy: &str) -> Self {
        Self::new(StatusCode::CONFLICT, what.into(), remedy)
    }

    fn new(status: StatusCode, what: String, remedy: impl Into<String>) -> Self {
        Self { status, what, remedy: remedy.into() }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotAllowed(why) => {
                Self::not_allowed(why, "GET /sandbox/state shows who is where and may do what")
            }
            Refusal::InVain(why) => {
                let remedy = "See GET /sandbox/requests for what the bot did; ?patience=SECONDS waits longer";
                Self::new(StatusCode::GATEWAY_TIMEOUT, why, remedy)
            }
            Refusal::Fault => {
                let remedy = "What the box writes on its terminal tells where";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the box has a fault of its own".into(), remedy)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, axum::Json(json!({"error": self.what, "remedy": self.remedy}))).into_response()
    }
}

/// The answer to a call.
pub(super) fn respond(outcome: Outcome) -> Response {
    outcome.map_or_else(IntoResponse::into_response, |body| axum::Json(body).into_response())
}
