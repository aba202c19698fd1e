//! What can go wrong on purpose. `Sandbox` sets it, `rest` and `gateway` obey it.

use std::time::Duration;

/// How REST calls fail.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum RestFault {
    /// Answered with this status, not performed.
    Status(u16),
    /// Performed, and then answered with this status.
    DoneButStatus(u16),
    /// 429 for this many seconds; with the header for the global limit or without.
    RateLimited {
        /// `retry_after`.
        seconds: f64,
        /// Whether it holds for all routes.
        global: bool,
    },
    /// Never answered, not performed.
    NeverAnswered,
    /// Not performed, and answered with success and a body that breaks off.
    Garbled,
    /// Performed, and answered with the first half of what is due.
    Truncated,
    /// Performed, and answered only after this long.
    Late(Duration),
    /// Performed, and never answered.
    DoneButNeverAnswered,
}

/// A fault that waits for calls.
#[derive(Debug, Clone)]
pub(crate) struct WaitingFault {
    /// `POST /channels/`: a method, a blank and a path; or the beginning of a path of any method.
    pub(crate) of: String,
    pub(crate) fault: RestFault,
    pub(crate) left: usize,
}

/// The faults that are set.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fault of its own that is on or off")]
pub(crate) struct Faults {
    /// Sockets of connections that began at an earlier count than this are dropped.
    pub(crate) drops: u64,
    pub(crate) refuse_gateway: bool,
    pub(crate) no_resume: bool,
    pub(crate) no_heartbeat_answers: bool,
    /// What dropped sockets are closed with; without a word where it is `None`.
    pub(crate) close_code: Option<u16>,
    pub(crate) insist_on_heartbeats: bool,
    pub(crate) session_life_ms: Option<u64>,
    pub(crate) global_limit: Option<u64>,
    pub(crate) limit_member_requests: bool,
    pub(crate) hidden_in_full: bool,
    pub(crate) insist_on_deadline: bool,
    pub(crate) rest: Vec<WaitingFault>,
    /// What every refusal quotes.
    pub(crate) quoted: String,
}

impl Faults {
    /// The fault that hits this call, which uses it up.
    pub(crate) fn hit(&mut self, method: &str, path: &str) -> Option<RestFault> {
        let call = format!("{method} {path}");
        let fault = self
            .rest
            .iter_mut()
            .find(|fault| fault.left > 0 && (call.starts_with(&fault.of) || path.starts_with(&fault.of)))?;
        fault.left -= 1;
        Some(fault.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_its_calls_as_often_as_it_was_set_and_no_others() {
        let mut faults = Faults::default();
        let of = "POST /channels/".to_owned();
        faults.rest.push(WaitingFault { of, fault: RestFault::Status(503), left: 1 });
        assert_eq!(faults.hit("GET", "/channels/1/messages"), None);
        assert_eq!(faults.hit("POST", "/channels/1/messages"), Some(RestFault::Status(503)));
        assert_eq!(faults.hit("POST", "/channels/1/messages"), None);
    }
}
