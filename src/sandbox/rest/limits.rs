//! Rate limits: one window of a second per bucket, generous, and told in the headers of every answer.

use std::collections::BTreeMap;

use axum::response::Response;

use super::answer::Call;
use crate::sandbox::faults::RestFault;
use crate::sandbox::world::World;

/// Calls per bucket and window. Far above what a well-behaved bot needs, and yet a limit.
const LIMIT: u64 = 1_000;
/// The window over all routes.
const GLOBAL: &str = "global";
/// How long a window lasts.
const WINDOW_MS: u64 = 1_000;

/// The window that a call fell into.
pub(super) struct Window {
    bucket: String,
    /// Calls so far, this one included.
    used: u64,
    reset_ms: u64,
    now_ms: u64,
    /// The seconds to wait, where the limit over all routes is exceeded.
    over_all: Option<f64>,
}

/// Counts a call. Buckets are per method and route, with the first id in the path as Discord's top-level
/// resource.
pub(super) fn count(world: &mut World, call: &Call<'_>) -> Window {
    let is_id = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let shape: Vec<_> = call
        .path
        .iter()
        .enumerate()
        .map(|(place, part)| if place > 1 && is_id(part) { "id" } else { part })
        .collect();
    let bucket = format!("{}-{}", call.method, shape.join("-")).to_lowercase().replace('@', "");
    let now_ms = world.clock.now_ms();
    let counts = !matches!(call.path.first(), Some(&("interactions" | "webhooks")));
    let over_all = match world.faults.global_limit.filter(|_| counts) {
        Some(limit) => {
            let all = count_at(&mut world.buckets, GLOBAL.to_owned(), now_ms);
            (all.used > limit).then(|| all.seconds_left())
        }
        None => None,
    };
    Window { over_all, ..count_at(&mut world.buckets, bucket, now_ms) }
}

fn count_at(buckets: &mut BTreeMap<String, (u64, u64)>, bucket: String, now_ms: u64) -> Window {
    let (began, used) = buckets.entry(bucket.clone()).or_insert((now_ms, 0));
    if now_ms >= *began + WINDOW_MS {
        (*began, *used) = (now_ms, 0);
    }
    *used += 1;
    Window { bucket, used: *used, reset_ms: *began + WINDOW_MS, now_ms, over_all: None }
}

impl Window {
    /// The refusal that is due when there were too many calls.
    pub(super) fn exceeded(&self) -> Option<RestFault> {
        if let Some(seconds) = self.over_all {
            return Some(RestFault::RateLimited { seconds, global: true });
        }
        (self.used > LIMIT).then_some(RestFault::RateLimited { seconds: self.seconds_left(), global: false })
    }

    /// Writes the window into an answer's headers, where nothing more precise stands yet.
    pub(super) fn put_on(self, mut response: Response) -> Response {
        let fields = [
            ("x-ratelimit-reset-after", format!("{:.3}", self.seconds_left())),
            ("x-ratelimit-reset", format!("{}.{:03}", self.reset_ms / 1_000, self.reset_ms % 1_000)),
            ("x-ratelimit-limit", LIMIT.to_string()),
            ("x-ratelimit-remaining", LIMIT.saturating_sub(self.used).to_string()),
            ("x-ratelimit-bucket", self.bucket),
        ];
        for (name, value) in fields {
            if let Ok(value) = value.parse() {
                response.headers_mut().entry(name).or_insert(value);
            }
        }
        response
    }

    #[expect(clippy::cast_precision_loss, reason = "it is at most a second")]
    fn seconds_left(&self) -> f64 {
        self.reset_ms.saturating_sub(self.now_ms) as f64 / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_after_the_last_is_refused_until_the_window_ends() {
        let mut buckets = BTreeMap::new();
        let mut call = |bucket: &str, now| count_at(&mut buckets, bucket.to_owned(), now).exceeded();
        assert!((0..LIMIT).all(|number| call("a", number % 500).is_none()));
        assert_eq!(call("a", 600), Some(RestFault::RateLimited { seconds: 0.4, global: false }));
        assert_eq!(call("b", 600), None, "another bucket has its own");
        assert_eq!(call("a", 1_000), None, "and a new window begins");
    }
}
