//! The currency between the REST handler and the routes: a call, an answer, and Discord's way of refusing.

use serde_json::{Value, json};

use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::state::Channel;
use crate::sandbox::world::{Snowflake, World};

/// A REST call.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    /// The parts of the path below `/api/v10/`.
    pub(super) path: Vec<&'a str>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Value,
}

impl Call<'_> {
    /// A value of the query.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// An id in the query.
    pub(super) fn query_id(&self, name: &str) -> Option<Snowflake> {
        self.query(name).and_then(|id| id.parse().ok())
    }

    /// The `limit` of the query, within its bounds.
    pub(super) fn limit(&self, usual: usize, most: usize) -> Result<usize, ApiError> {
        let Some(limit) = self.query("limit") else { return Ok(usual) };
        limit.parse().ok().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| {
            let message = format!("int value should be between 1 and {most}.");
            let problem = json!({"code": "NUMBER_TYPE_MAX", "message": message});
            ApiError::invalid_form(json!({"limit": {"_errors": [problem]}}))
        })
    }
}

/// What a route answers.
#[derive(Debug)]
pub(super) enum Answer {
    /// A status and a body.
    Json(u16, Value),
    /// 204.
    Empty,
}

impl Answer {
    /// The body; null where there is none.
    pub(super) fn body(&self) -> Value {
        match self {
            Self::Json(_, body) => body.clone(),
            Self::Empty => Value::Null,
        }
    }
}

/// What a route comes to.
pub(super) type Outcome = Result<Answer, ApiError>;

/// 200 with a body.
#[expect(clippy::unnecessary_wraps, reason = "it is where most routes end, and they may refuse")]
pub(super) fn ok(body: Value) -> Outcome {
    Ok(Answer::Json(200, body))
}

/// A refusal in Discord's form.
#[derive(Debug)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: u32,
    pub(super) message: String,
    pub(super) errors: Option<Value>,
    /// Seconds to wait, and whether that holds for every route.
    pub(super) retry_after: Option<(f64, bool)>,
}

impl ApiError {
    pub(super) fn new(status: u16, code: u32, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), errors: None, retry_after: None }
    }

    pub(super) fn bare(status: u16) -> Self {
        Self::new(status, 0, &format!("{status}: as asked for by a fault"))
    }

    /// The same with these words in its message and in its list of errors; as it is when there are none.
    pub(super) fn quoting(mut self, words: &str) -> Self {
        if !words.is_empty() {
            self.message = format!("{}: {words}", self.message);
            self.errors = Some(json!({"content": {"_errors": [{"code": "BAD", "message": words}]}}));
        }
        self
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, 0, "401: Unauthorized")
    }

    pub(super) fn no_route() -> Self {
        Self::new(404, 0, "404: Not Found")
    }

    pub(super) fn invalid_json() -> Self {
        Self::new(400, 50109, "The request body contains invalid JSON.")
    }

    pub(super) fn invalid_form(errors: Value) -> Self {
        Self { errors: Some(errors), ..Self::new(400, 50035, "Invalid Form Body") }
    }

    pub(super) fn rate_limited(seconds: f64, global: bool) -> Self {
        Self { retry_after: Some((seconds, global)), ..Self::new(429, 0, "You are being rate limited.") }
    }

    pub(super) fn unknown(what: &str) -> Self {
        let code = match what {
            "Application" => 10002,
            "Channel" => 10003,
            "Guild" => 10004,
            "Integration" => 10005,
            "Invite" => 10006,
            "Member" => 10007,
            "Message" => 10008,
            "Role" => 10011,
            "User" => 10013,
            "Emoji" => 10014,
            "Webhook" => 10015,
            "Ban" => 10026,
            "Sticker" => 10060,
            "interaction" => 10062,
            "application command" => 10063,
            "Voice State" => 10065,
            "Stage Instance" => 10067,
            "Guild Scheduled Event" => 10070,
            _ => 0,
        };
        Self::new(404, code, &format!("Unknown {what}"))
    }

    pub(super) fn missing_access() -> Self {
        Self::new(403, 50001, "Missing Access")
    }

    pub(super) fn missing_permissions() -> Self {
        Self::new(403, 50013, "Missing Permissions")
    }
}

/// The channel of this id, if the bot may see it and do all of `wanted` there.
pub(super) fn channel_for_bot<'a>(world: &'a World, id: &str, wanted: u64) -> Result<&'a Channel, ApiError> {
    let channel = id.parse().ok().and_then(|id: Snowflake| world.channels.get(&id));
    let channel = channel.ok_or_else(|| ApiError::unknown("Channel"))?;
    let may = world.permissions(world.application.bot, channel);
    if may & bits::VIEW_CHANNEL == 0 {
        Err(ApiError::missing_access())
    } else if may & wanted != wanted {
        Err(ApiError::missing_permissions())
    } else {
        Ok(channel)
    }
}

/// Refuses another application's id.
pub(super) fn own_application(world: &World, id: &str) -> Result<(), ApiError> {
    if id == world.application.id.to_string() { Ok(()) } else { Err(ApiError::unknown("Application")) }
}
