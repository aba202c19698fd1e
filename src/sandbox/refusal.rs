//! How a verb that Discord would not allow ends: in a test with a panic, so that the story stops where it is; asked over
//! the control API with a [`Refusal`], so that the caller is told why.
//!
//! Verbs return what they did, not a `Result`: a story reads better for it. So a refusal unwinds either way, but over the
//! control API silently, and only as far as [`refusable`].

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;

use futures_util::FutureExt as _;

tokio::task_local! {
    /// How long the caller of the control API whose verb this task performs is ready to wait.
    static CALLER_PATIENCE: Duration;
}

/// Why a verb was not performed, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Discord or its client would not let them.
    NotAllowed(String),
    /// What was waited for did not come.
    InVain(String),
    /// The box itself is at fault.
    Fault,
}

/// Ends a verb, with an account of what went on for those who read a test's output.
pub(crate) fn refuse(refusal: Refusal, account: impl FnOnce() -> String) -> ! {
    if CALLER_PATIENCE.try_with(|_| ()).is_ok() {
        panic::resume_unwind(Box::new(refusal));
    }
    match refusal {
        Refusal::NotAllowed(why) | Refusal::InVain(why) => panic!("{why}\n{}", account()),
        Refusal::Fault => panic!("{}", account()),
    }
}

/// How long the verb's caller is ready to wait, where it says so.
pub(crate) fn patience() -> Option<Duration> {
    CALLER_PATIENCE.try_with(|patience| *patience).ok()
}

/// Performs a verb for a caller who is told of a refusal.
pub(crate) async fn refusable<T>(
    patience: Duration,
    verb: impl Future<Output = T> + Send,
) -> Result<T, Refusal> {
    // The world is behind its own lock, which is never held while a verb is refused.
    let caught = CALLER_PATIENCE.scope(patience, AssertUnwindSafe(verb).catch_unwind()).await;
    caught.map_err(|payload| told(payload.as_ref()))
}

fn told(payload: &(dyn Any + Send)) -> Refusal {
    payload.downcast_ref::<Refusal>().cloned().unwrap_or(Refusal::Fault)
}
