//! One request from beginning to end: its turn in its bucket, the pause of all, tries that cannot send twice, and an
//! end in time.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};
use twilight_http_ratelimiting::{Endpoint, Method as LimitMethod};

use super::limits::{self, LONGEST_WAIT};
use super::{Rest, RestError};
use crate::discord::backoff::Backoff;

/// How often a request is tried that fails in passing.
const TRIES: u32 = 4;
/// How long the first answer to an interaction may take; Discord gives up after three seconds.
pub(super) const INTERACTION_LIFE: Duration = Duration::from_millis(2_500);

/// Whether a request may be sent again when it is not known whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// Twice is the same as once.
    Harmless,
    /// Only when it surely did not arrive.
    OnlyUnsent,
}

/// A request.
pub(super) struct Call {
    method: Method,
    path: String,
    /// The path as the limiter is told it: without secrets.
    route: String,
    query: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    repeat: Repeat,
    life: Option<Duration>,
    is_interaction: bool,
}

impl Call {
    /// Asks for something.
    pub(super) fn get(path: String) -> Self {
        Self::new(Method::GET, path, Repeat::Harmless)
    }

    /// Sets something; twice is the same as once.
    pub(super) fn put(path: String) -> Self {
        Self::new(Method::PUT, path, Repeat::Harmless)
    }

    /// Changes something to a given state; twice is the same as once.
    pub(super) fn patch(path: String) -> Self {
        Self::new(Method::PATCH, path, Repeat::Harmless)
    }

    /// Makes something new; twice makes two.
    pub(super) fn post(path: String) -> Self {
        Self::new(Method::POST, path, Repeat::OnlyUnsent)
    }

    fn new(method: Method, path: String, repeat: Repeat) -> Self {
        Self {
            method,
            route: path.clone(),
            path,
            query: Vec::new(),
            body: None,
            repeat,
            life: None,
            is_interaction: false,
        }
    }

    /// Discord recognises a second sending and does it once.
    pub(super) fn recognised(mut self) -> Self {
        self.repeat = Repeat::Harmless;
        self
    }

    /// A parameter of the address.
    pub(super) fn with(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// The body.
    pub(super) fn body(mut self, body: &impl Serialize) -> Result<Self, RestError> {
        self.body = Some(serde_json::to_vec(body).map_err(|_| RestError::Unwritable)?);
        Ok(self)
    }

    /// Gives up after a while, waits for limits included.
    pub(super) fn within(mut self, life: Duration) -> Self {
        self.life = Some(life);
        self
    }

    /// Belongs to an interaction: has limits of its own, and `secret` in its path is kept from the limiter's logs.
    pub(super) fn of_interaction(mut self, secret: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        secret.hash(&mut hasher);
        self.route = self.path.replace(secret, &format!("{:016x}", hasher.finish()));
        self.is_interaction = true;
        self
    }

    fn endpoint(&self) -> Endpoint {
        let method = match self.method {
            Method::PUT => LimitMethod::Put,
            Method::PATCH => LimitMethod::Patch,
            Method::POST => LimitMethod::Post,
            _ => LimitMethod::Get,
        };
        Endpoint { method, path: self.route.clone() }
    }

    /// What a refusal means.
    fn refusal(&self, status: StatusCode, body: &[u8]) -> RestError {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let code = body["code"].as_u64().unwrap_or_default();
        // 10008 and 10015: the message or webhook of it is gone. 10062: unknown. 27002: closed. 40060: answered.
        let is_over = matches!(status.as_u16(), 401 | 404) || code == 40060;
        match status.as_u16() {
            _ if self.is_interaction && is_over => RestError::InteractionOver { code },
            401 => RestError::Unauthorized,
            403 => RestError::Forbidden { code },
            404 => RestError::NotFound { code },
            status => RestError::Invalid { status, code },
        }
    }
}

/// What one try has come to.
enum Outcome {
    Answer(Vec<u8>),
    Final(RestError),
    /// May be tried again at once, after the limit was waited out.
    TooEarly(Duration),
    /// May be tried again after a wait, if that is harmless.
    Passing {
        error: RestError,
        is_unsent: bool,
    },
}

impl Rest {
    /// Sends a request and reads the answer.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call,
        what: &'static str,
    ) -> Result<T, RestError> {
        let answer = self.answer(call).await?;
        serde_json::from_slice(&answer).map_err(|error| RestError::undecodable(what, &error))
    }

    /// Sends a request and is content with success.
    pub(super) async fn tell(&self, call: Call) -> Result<(), RestError> {
        self.answer(call).await.map(drop)
    }

    /// Sends a request and gives the answer as it came.
    pub(super) async fn answer(&self, call: Call) -> Result<Vec<u8>, RestError> {
        match call.life {
            Some(life) => timeout(life, self.tries(&call)).await.unwrap_or(Err(RestError::TooLate)),
            None => self.tries(&call).await,
        }
    }

    async fn tries(&self, call: &Call) -> Result<Vec<u8>, RestError> {
        let mut backoff = Backoff::new(self.jitter_seed.fetch_add(1, Ordering::Relaxed));
        let mut tries = 0;
        loop {
            tries += 1;
            match self.once(call).await {
                Outcome::Answer(body) => return Ok(body),
                Outcome::Final(error) => return Err(error),
                Outcome::TooEarly(retry_after) => {
                    if tries >= TRIES || retry_after > LONGEST_WAIT {
                        return Err(RestError::RateLimited { retry_after });
                    }
                }
                Outcome::Passing { error, is_unsent } => {
                    let may_repeat = is_unsent || call.repeat == Repeat::Harmless;
                    if tries >= TRIES || !may_repeat {
                        return Err(error);
                    }
                    sleep(backoff.next_wait()).await;
                }
            }
        }
    }

    /// One try. The place in the bucket's queue is kept until a limit is waited out, so that nothing of the same
    /// bucket goes before it.
    async fn once(&self, call: &Call) -> Outcome {
        let permit = self.limiter.acquire(call.endpoint()).await;
        if !call.is_interaction
            && let Err(retry_after) = self.pause.over().await
        {
            return Outcome::Final(RestError::RateLimited { retry_after });
        }
        let mut request = self
            .client
            .request(call.method.clone(), format!("{}/{}", self.base, call.path))
            .query(&call.query);
        if let Some(body) = &call.body {
            request = request.header("content-type", "application/json").body(body.clone());
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return passing(error),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let body = match response.bytes().await {
            Ok(body) => body,
            Err(error) => return passing(error),
        };
        if status == StatusCode::TOO_MANY_REQUESTS {
            let limit = limits::too_early(&headers, &body);
            tracing::info!(
                route = %call.route, global = limit.is_global, wait = ?limit.retry_after, "Discord asks for a pause"
            );
            if limit.is_global {
                self.pause.start(limit.retry_after);
            }
            if limit.retry_after <= LONGEST_WAIT {
                sleep(limit.retry_after).await;
            }
            permit.complete(None);
            return Outcome::TooEarly(limit.retry_after);
        }
        permit.complete(limits::bucket(&headers));
        if status.is_success() {
            Outcome::Answer(body.to_vec())
        } else if status.is_server_error() {
            Outcome::Passing { error: RestError::Unavailable { status: status.as_u16() }, is_unsent: false }
        } else {
            Outcome::Final(call.refusal(status, &body))
        }
    }
}

fn passing(error: reqwest::Error) -> Outcome {
    let is_unsent = error.is_connect();
    Outcome::Passing { error: RestError::unreachable(error), is_unsent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limiter_never_learns_an_interactions_token() {
        let secret = "s3cret-token";
        let call = |id: u8| Call::post(format!("webhooks/{id}/{secret}")).of_interaction(secret);
        let route = call(9).endpoint().path;
        assert!(!route.contains(secret) && route.starts_with("webhooks/9/"), "{route}");
        assert_eq!(route, call(9).endpoint().path, "the same interaction stays in the same bucket");
        assert!(call(9).path.contains(secret));
    }
}
