//! The control API of the box under `/sandbox/`, and the page at `/`: the world's people, servers and faults for whoever
//! is not a Rust test. Everything is JSON, and `GET /sandbox/` describes it.
//!
//! A verb is one row of a table in `people`, `guilds` or `faults`; a look is one arm in `look`. Discord's own doors are
//! not here.

mod answer;
mod events;
mod faults;
mod find;
mod guard;
mod guilds;
mod look;
mod mask;
mod page;
mod people;
mod state;
mod verb;

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Value, json};

use self::answer::{Outcome, Problem, respond};
use self::look::{Ask, LOOKS};
use self::verb::{Verb, entry};
use super::Sandbox;
use super::refusal::refusable;
use super::rest::decoded;
use super::server::Town;

/// How long a call waits for what is to come, unless it says another time.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest that a call may ask to wait.
const LONGEST_PATIENCE: Duration = Duration::from_mins(10);

/// Discord's doors with the control API and the page beside them. They do not keep the town open.
pub(crate) fn beside(discord: Router, town: Weak<Town>) -> Router {
    let control = Router::new()
        .route("/sandbox", any(serve))
        .route("/sandbox/", any(serve))
        .route("/sandbox/{*path}", any(serve))
        .layer(from_fn(guard::only_from_here))
        .with_state(town);
    discord.layer(from_fn(page_for_people)).merge(control)
}

/// The page at `/`, where bots find the gateway.
async fn page_for_people(request: Request, next: Next) -> Response {
    let is_socket = request.headers().contains_key(header::UPGRADE);
    if request.uri().path() != "/" || request.method() != Method::GET || is_socket {
        return next.run(request).await;
    }
    guard::check(request.headers()).map_or_else(IntoResponse::into_response, |()| page::page())
}

async fn serve(
    State(town): State<Weak<Town>>,
    method: Method,
    uri: Uri,
    ask: Result<Query<Ask>, axum::extract::rejection::QueryRejection>,
    body: Bytes,
) -> Response {
    let Some(town) = town.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let path: Vec<String> =
        uri.path().split('/').skip(2).filter(|part| !part.is_empty()).map(decoded).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["events"] if method == Method::GET => return events::follow(&town),
        [name]
            if method == Method::GET
                && let Some(part) = page::part(name) =>
        {
            return part;
        }
        _ => {}
    }
    let ask = match ask {
        Ok(Query(ask)) => ask,
        Err(error) => return Problem::unreadable(&error.body_text()).into_response(),
    };
    let patience =
        ask.patience.map_or(PATIENCE, |seconds| Duration::from_secs(seconds).min(LONGEST_PATIENCE));
    let call = call(&town, &method, &path, &ask, &body);
    respond(refusable(patience, call).await.unwrap_or_else(|refusal| Err(refusal.into())))
}

async fn call(town: &Arc<Town>, method: &Method, path: &[&str], ask: &Ask, body: &[u8]) -> Outcome {
    let no_such_call = || Problem::unknown("call", &format!("{method} /sandbox/{}", path.join("/")), []);
    if method == Method::GET {
        return match path {
            [] => Ok(index(town)),
            path => look::look(Arc::clone(town), path, ask).await.unwrap_or_else(|| Err(no_such_call())),
        };
    }
    if method != Method::POST {
        return Err(no_such_call());
    }
    let body = if body.is_empty() { Ok(json!({})) } else { serde_json::from_slice::<Value>(body) };
    let body = body.map_err(|error| Problem::unreadable(&error))?;
    let sandbox = || Sandbox::of(Arc::clone(town));
    match path {
        ["guilds"] => (guilds::FOUND.perform)(sandbox(), body).await,
        ["people", name, verb] => {
            let verb = named(people::VERBS, verb)?;
            let person = find::person(town, name, ask.guild.as_deref())?;
            (verb.perform)(person, body).await
        }
        ["guilds", guild, verb] => {
            let verb = named(guilds::VERBS, verb)?;
            (verb.perform)(find::guild(town, Some(guild))?, body).await
        }
        ["faults", verb] => (named(faults::VERBS, verb)?.perform)(sandbox(), body).await,
        _ => Err(no_such_call()),
    }
}

fn named<S>(verbs: &'static [Verb<S>], name: &str) -> Result<&'static Verb<S>, Problem> {
    let found = verbs.iter().find(|verb| verb.name == name);
    found.ok_or_else(|| Problem::unknown("verb", name, verbs.iter().map(|verb| verb.name)))
}

/// Everything that can be called.
fn index(town: &Arc<Town>) -> Value {
    let sandbox = Sandbox::of(Arc::clone(town));
    let looks = LOOKS.iter().map(|(path, does, fields)| entry("GET", path, does, fields));
    let people = people::VERBS.iter().map(|verb| verb.entry("/sandbox/people/{name}/"));
    let guilds = guilds::VERBS.iter().map(|verb| verb.entry("/sandbox/guilds/{guild}/"));
    let faults = faults::VERBS.iter().map(|verb| verb.entry("/sandbox/faults/"));
    let found = std::iter::once(guilds::FOUND.entry("/sandbox/"));
    json!({
        "about": "The world of a Discord in a box. Bodies and answers are JSON; people, servers, channels and \
            threads go by name or id, messages by id. A field that ends in ? may be left out. Every call takes \
            ?guild=NAME where several servers are meant, and ?patience=SECONDS where it waits. A call that \
            cannot be done answers {\"error\", \"remedy\"}: 400 unreadable, 403 from elsewhere, 404 not there, \
            409 Discord would not allow it, 504 waited in vain.",
        "base": sandbox.base(),
        "application_id": sandbox.application_id().get().to_string(),
        "bot_id": sandbox.bot_id().get().to_string(),
        "calls": looks.chain(people).chain(found).chain(guilds).chain(faults).collect::<Vec<_>>(),
    })
}
