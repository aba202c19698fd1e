//! Discord's REST interface: one executor that keeps to the limits, gives up in time and never sends twice, and one
//! file of endpoints for each theme.
//!
//! What is sent and what an answer means is decided by the callers.

mod application;
mod error;
mod execute;
mod interactions;
mod limits;
mod messages;
mod threads;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret as _, SecretString};
use twilight_http_ratelimiting::RateLimiter;

use crate::discord::address::ApiBase;
use limits::GlobalPause;

pub use application::{CurrentApplication, GatewayBot, SessionStartLimit};
pub use error::{RestError, RestSetupError};
pub use messages::{MessagePage, Nonce, RestMessage};
pub use threads::{ArchivedThread, ArchivedThreads};

/// How Discord sees this program.
const USER_AGENT: &str = concat!("DiscordBot (chaperone, ", env!("CARGO_PKG_VERSION"), ")");

/// What the executor needs.
#[derive(Debug, Clone)]
pub struct RestConfig {
    /// Where Discord is.
    pub api_base: ApiBase,
    /// The bot's token, without `Bot ` before it.
    pub token: SecretString,
    /// How long one request may take.
    pub timeout: Duration,
    /// Where the jitter of the waits between tries starts.
    pub jitter_seed: u64,
}

/// The executor. Clones share limits and connections.
#[derive(Clone)]
pub struct Rest {
    client: reqwest::Client,
    base: String,
    limiter: RateLimiter,
    pause: GlobalPause,
    /// One more for each request, so that requests that fail together are not tried again together.
    jitter_seed: Arc<AtomicU64>,
}

impl Rest {
    /// An executor; sends nothing yet.
    ///
    /// Needs a tokio runtime around it and [`crate::discord::install_tls_provider`] before it.
    pub fn new(config: &RestConfig) -> Result<Self, RestSetupError> {
        let mut token = HeaderValue::from_str(&format!("Bot {}", config.token.expose_secret()))
            .map_err(|_| RestSetupError::UnfitToken)?;
        token.set_sensitive(true);
        let mut builder = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, token)]))
            .user_agent(USER_AGENT)
            .timeout(config.timeout)
            // A redirect would carry the token to another host.
            .redirect(Policy::none());
        if config.api_base.is_local() {
            builder = builder.no_proxy();
        }
        Ok(Self {
            client: builder.build().map_err(|source| RestSetupError::Client { source })?,
            base: config.api_base.rest(),
            limiter: RateLimiter::default(),
            pause: GlobalPause::default(),
            jitter_seed: Arc::new(AtomicU64::new(config.jitter_seed)),
        })
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").field("base", &self.base).finish_non_exhaustive()
    }
}
