//! Discord's limits as its answers tell them: per bucket, and for all requests together.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::{Instant, sleep_until};
use twilight_http_ratelimiting::RateLimitHeaders;

/// The longest wait for a limit that is waited out here.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How long to wait where Discord does not say.
const UNTOLD: Duration = Duration::from_secs(1);

/// A pause of all requests, which Discord asks for when the bot as a whole is too fast.
#[derive(Debug, Clone, Default)]
pub(super) struct GlobalPause(Arc<Mutex<Option<Instant>>>);

impl GlobalPause {
    /// Stops all requests for a while.
    pub(super) fn start(&self, length: Duration) {
        let until = Instant::now() + length;
        let mut paused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = (*paused).max(Some(until));
    }

    /// Ready when no pause is on; the rest of the pause where it is longer than [`LONGEST_WAIT`].
    pub(super) async fn over(&self) -> Result<(), Duration> {
        loop {
            let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(until) = until else { return Ok(()) };
            match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => return Ok(()),
                rest if rest > LONGEST_WAIT => return Err(rest),
                _ => sleep_until(until).await,
            }
        }
    }
}

/// A request that came too early.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TooEarly {
    pub(super) retry_after: Duration,
    pub(super) is_global: bool,
}

/// What an answer says about its bucket; none when it belongs to none.
pub(super) fn bucket(headers: &HeaderMap) -> Option<RateLimitHeaders> {
    let reset_after = seconds(text(headers, RateLimitHeaders::RESET_AFTER)?)?;
    Some(RateLimitHeaders {
        bucket: headers.get(RateLimitHeaders::BUCKET)?.as_bytes().to_vec(),
        limit: text(headers, RateLimitHeaders::LIMIT)?.parse().ok()?,
        remaining: text(headers, RateLimitHeaders::REMAINING)?.parse().ok()?,
        reset_at: (Instant::now() + reset_after).into_std(),
    })
}

/// What a 429 says. The longest of what headers and body say counts.
pub(super) fn too_early(headers: &HeaderMap, body: &[u8]) -> TooEarly {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let told = [
        text(headers, "retry-after").and_then(seconds),
        text(headers, RateLimitHeaders::RESET_AFTER).and_then(seconds),
        body["retry_after"].as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
    ];
    TooEarly {
        retry_after: told.into_iter().flatten().max().unwrap_or(UNTOLD),
        is_global: headers.contains_key("x-ratelimit-global")
            || text(headers, RateLimitHeaders::SCOPE) == Some("global")
            || body["global"] == true,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_bucket_is_read_when_it_is_whole() {
        let whole = [
            ("x-ratelimit-bucket", "abc"),
            ("x-ratelimit-limit", "5"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset-after", "1.5"),
        ];
        let bucket = super::bucket(&headers(&whole)).unwrap();
        assert_eq!((bucket.bucket.as_slice(), bucket.limit, bucket.remaining), (b"abc".as_slice(), 5, 0));
        for left_out in 0..whole.len() {
            let mut part = whole.to_vec();
            part.remove(left_out);
            assert!(super::bucket(&headers(&part)).is_none());
        }
        assert!(
            super::bucket(&headers(&[("x-ratelimit-bucket", "a"), ("x-ratelimit-reset-after", "-1")]))
                .is_none()
        );
    }

    #[test]
    fn a_429_without_a_word_still_waits() {
        let untold = too_early(&HeaderMap::new(), b"<html>");
        assert_eq!(untold, TooEarly { retry_after: UNTOLD, is_global: false });
        let told = too_early(&headers(&[("retry-after", "2")]), br#"{"retry_after": 2.25, "global": true}"#);
        assert_eq!(told, TooEarly { retry_after: Duration::from_millis(2_250), is_global: true });
        assert!(too_early(&headers(&[("x-ratelimit-scope", "global")]), b"").is_global);
        assert!(!too_early(&headers(&[("x-ratelimit-scope", "shared")]), b"").is_global);
    }
}
