//! The real clock and real chance: the one place where they are reached for.
#![expect(clippy::disallowed_methods, reason = "this file is the boundary that the fences point to")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;

use crate::app::ports::{Clock, Ids};
use crate::domain::{IncidentCode, Timestamp};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// The system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl SystemIds {
    fn bytes<const N: usize>() -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes)
            .expect("the operating system gives randomness, or nothing can be sealed either");
        bytes
    }
}

impl Ids for SystemIds {
    fn code(&self) -> IncidentCode {
        IncidentCode::from_random(Self::bytes())
    }

    fn nonce(&self) -> String {
        hex::encode(Self::bytes::<12>())
    }
}

/// A variable of the environment; one that is not UTF-8 counts as absent.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
