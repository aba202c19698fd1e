//! Keeps strangers out. The box has no passwords, and a browser on this machine runs pages from anywhere: a page of
//! another origin must not reach it, neither directly nor by a name that was made to lead here.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer::Problem;

/// Lets a request through that comes from this machine.
pub(super) async fn only_from_here(request: Request, next: Next) -> Response {
    match check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Whether a request comes from a program of this machine or from the box's own page.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let of = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = of(header::HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Err(Problem::stranger("this box answers only to names of its own machine"));
    }
    match of(header::ORIGIN) {
        Some(origin) if origin != format!("http://{host}") => {
            Err(Problem::stranger("this box answers only to its own page"))
        }
        _ => Ok(()),
    }
}

/// Whether a `Host` header names this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets_in(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        headers.extend(origin.map(|origin| (header::ORIGIN, origin.parse().unwrap())));
        check(&headers).is_ok()
    }

    #[test]
    fn programs_and_the_own_page_are_let_in() {
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "127.0.0.1"] {
            assert!(lets_in(host, None), "{host}");
            assert!(lets_in(host, Some(&format!("http://{host}"))), "{host}");
        }
    }

    #[test]
    fn names_that_lead_here_from_elsewhere_and_pages_of_others_are_kept_out() {
        for host in
            ["evil.example:8080", "127.0.0.1.evil.example", "10.0.0.1:80", "", "localhost.evil.example"]
        {
            assert!(!lets_in(host, None), "{host}");
        }
        for origin in ["http://evil.example", "null", "http://127.0.0.1:8081", "https://127.0.0.1:8080", ""] {
            assert!(!lets_in("127.0.0.1:8080", Some(origin)), "{origin}");
        }
    }

    #[test]
    fn a_request_without_a_host_is_kept_out() {
        assert!(check(&HeaderMap::new()).is_err());
    }
}
