//! What happens, as server-sent events: for the page, and for whoever wants to look on from outside.

use std::convert::Infallible;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::sandbox::server::Town;
use crate::sandbox::world::WorldEvent;

/// A line that follows the world. It does not keep the box open.
struct Line {
    happenings: Receiver<WorldEvent>,
    changes: watch::Receiver<u64>,
    closed: CancellationToken,
}

/// Everything from now on.
pub(super) fn follow(town: &Town) -> Response {
    let line = Line { happenings: town.watch(), changes: town.changes(), closed: town.closed.clone() };
    let events = stream::unfold(line, |mut line| async move {
        let event = line.next().await?;
        Some((Ok::<_, Infallible>(event), line))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

impl Line {
    /// The next event: something in words of people, or that the world changed otherwise. `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            biased;
            () = self.closed.cancelled() => None,
            happening = self.happenings.recv() => match happening {
                Ok(happening) => Some(event(&in_words(&happening))),
                Err(RecvError::Lagged(missed)) => Some(event(&json!({"type": "missed", "events": missed}))),
                Err(RecvError::Closed) => None,
            },
            changed = self.changes.changed() => {
                changed.ok()?;
                Some(event(&json!({"type": "changed"})))
            }
        }
    }
}

fn event(data: &Value) -> Event {
    Event::default().data(data.to_string())
}

fn in_words(happening: &WorldEvent) -> Value {
    match happening {
        WorldEvent::Said { guild, channel, author, text } => {
            json!({"type": "said", "guild": guild, "channel": channel, "author": author, "text": text})
        }
        WorldEvent::Edited { guild, channel, author, text } => {
            json!({"type": "edited", "guild": guild, "channel": channel, "author": author, "text": text})
        }
        WorldEvent::Deleted { guild, channel, author, text } => {
            json!({"type": "deleted", "guild": guild, "channel": channel, "author": author, "text": text})
        }
        WorldEvent::DirectMessage { from, to, text } => {
            json!({"type": "direct_message", "from": from, "to": to, "text": text})
        }
        WorldEvent::Asked { who, what } => json!({"type": "asked", "who": who, "what": what}),
        WorldEvent::Answered { who, what, text, ephemeral } => {
            json!({"type": "answered", "who": who, "what": what, "text": text, "ephemeral": ephemeral})
        }
        WorldEvent::Connected { resumed } => json!({"type": "connected", "resumed": resumed}),
    }
}
