//! The page that lets a person look on: three files that the program carries with it, and nothing from elsewhere.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// What the page may load and do: its own files, its own box, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
pub(super) fn page() -> Response {
    file("text/html; charset=utf-8", include_str!("page/index.html"))
}

/// A file of the page.
pub(super) fn part(name: &str) -> Option<Response> {
    match name {
        "page.css" => Some(file("text/css; charset=utf-8", include_str!("page/page.css"))),
        "page.js" => Some(file("text/javascript; charset=utf-8", include_str!("page/page.js"))),
        _ => None,
    }
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}
