//! What goes wrong on purpose, and the box's clock and portal, over the control API: `POST /sandbox/faults/{fault}`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Outcome, Problem};
use super::find;
use super::people::{Nothing, OfMessage, Switch, Text};
use super::verb::{Verb, now};
use crate::sandbox::{RestFault, Sandbox};

/// Every fault.
pub(super) const VERBS: &[Verb<Sandbox>] = &[
    Verb {
        name: "drop-sockets",
        does: "Drops every gateway socket without a word. Sessions can be resumed.",
        fields: &[],
        perform: |town, body| now(town, body, |town, Nothing {}: &Nothing| town.drops_sockets()),
    },
    Verb {
        name: "reconnect",
        does: "Asks connected bots to reconnect (op 7).",
        fields: &[],
        perform: |town, body| now(town, body, |town, Nothing {}: &Nothing| town.asks_to_reconnect()),
    },
    Verb {
        name: "invalid-session",
        does: "Tells connected bots that their session is invalid (op 9).",
        fields: &[("resumable", "whether it can be resumed")],
        perform: |town, body| {
            now(town, body, |town, body: &Resumable| town.invalidates_sessions(body.resumable))
        },
    },
    Verb {
        name: "refuse-resume",
        does: "Until told otherwise: resuming is refused (op 9 false).",
        fields: ON,
        perform: |town, body| now(town, body, |town, body: &Switch| town.refuses_resume(body.on)),
    },
    Verb {
        name: "refuse-gateway",
        does: "Until told otherwise: new gateway connections are answered with 503.",
        fields: ON,
        perform: |town, body| now(town, body, |town, body: &Switch| town.refuses_gateway(body.on)),
    },
    Verb {
        name: "ignore-heartbeats",
        does: "Until told otherwise: heartbeats are not acknowledged.",
        fields: ON,
        perform: |town, body| now(town, body, |town, body: &Switch| town.ignores_heartbeats(body.on)),
    },
    Verb {
        name: "insist-on-deadline",
        does: "Until told otherwise: interactions must be answered within Discord's three seconds. Off at first.",
        fields: ON,
        perform: |town, body| now(town, body, |town, body: &Switch| town.insists_on_deadline(body.on)),
    },
    Verb {
        name: "repeat-event",
        does: "Sends the newest event of this name again, under a new number.",
        fields: &[("event", "such as MESSAGE_CREATE")],
        perform: |town, body| now(town, body, |town, body: &OfEvent| repeated(town.repeats(&body.event))),
    },
    Verb {
        name: "repeat-message",
        does: "Tells again that this message was written.",
        fields: &[("message", "its id")],
        perform: |town, body| {
            now(town, body, |town, body: &OfMessage| {
                repeated(town.repeats_message(town.look(|world| find::said(world, body.message))?))
            })
        },
    },
    Verb {
        name: "dispatch",
        does: "Sends every session an event of any name and shape.",
        fields: &[("event", "its name"), ("data", "what it carries")],
        perform: |town, body| {
            now(town, body, |town, body: &Dispatch| town.dispatches(&body.event, &body.data))
        },
    },
    Verb {
        name: "send-raw",
        does: "Sends connected bots a text as it is, which need not be a frame at all.",
        fields: &[("text", "what is sent")],
        perform: |town, body| now(town, body, |town, body: &Text| town.sends_raw(&body.text)),
    },
    Verb {
        name: "rest",
        does: "Lets the next REST calls fail.",
        fields: &[
            (
                "of",
                "the beginning of a path below /api/v10, with a method before it or without: POST /channels/",
            ),
            (
                "fault",
                "status, done-but-status, rate-limited, never-answered, garbled or done-but-never-answered",
            ),
            ("times?", "how many calls; otherwise 1"),
            ("status?", "the status; otherwise 500"),
            ("seconds?", "how long a rate limit holds; otherwise 1"),
            ("global?", "whether a rate limit holds for all routes"),
        ],
        perform: |town, body| now(town, body, rest),
    },
    Verb {
        name: "rest-no-more",
        does: "Takes back the REST faults that were set.",
        fields: &[],
        perform: |town, body| now(town, body, |town, Nothing {}: &Nothing| town.fails_no_more()),
    },
    Verb {
        name: "quote",
        does: "Until told otherwise: every refusal quotes this, as Discord's may quote what was sent.",
        fields: &[("text", "what is quoted; nothing when empty")],
        perform: |town, body| now(town, body, |town, body: &Text| town.quotes_in_errors(&body.text)),
    },
    Verb {
        name: "advance-clock",
        does: "Puts the box's clock forward, for ids and times to come.",
        fields: &[("seconds", "by how much")],
        perform: |town, body| {
            now(town, body, |town, body: &Seconds| town.advances_clock(Duration::from_secs(body.seconds)))
        },
    },
    Verb {
        name: "allow-intents",
        does: "Says which privileged intents the portal has switched on.",
        fields: &[("mask", "GUILD_MEMBERS is 2, GUILD_PRESENCES 256, MESSAGE_CONTENT 32768; their sum")],
        perform: |town, body| now(town, body, |town, body: &Intents| town.allows_intents(body.mask)),
    },
];

const ON: &[super::verb::Field] = &[("on", "true or false")];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resumable {
    resumable: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfEvent {
    event: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dispatch {
    event: String,
    data: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seconds {
    seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Intents {
    mask: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rest {
    of: String,
    fault: RestKind,
    times: Option<usize>,
    status: Option<u16>,
    seconds: Option<f64>,
    #[serde(default)]
    global: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RestKind {
    Status,
    DoneButStatus,
    RateLimited,
    NeverAnswered,
    Garbled,
    DoneButNeverAnswered,
}

fn repeated(was: bool) -> Outcome {
    if was {
        return Ok(json!({}));
    }
    Err(Problem::not_allowed(
        "the newest session was not sent this",
        "Wait with GET /sandbox/bot?until=all-sent until a bot is connected and was sent everything",
    ))
}

fn rest(town: &Sandbox, body: &Rest) -> Outcome {
    let status = body.status.unwrap_or(500);
    if !(400..600).contains(&status) {
        return Err(Problem::unreadable(&"`status` is of a failure: 400 to 599"));
    }
    let fault = match body.fault {
        RestKind::Status => RestFault::Status(status),
        RestKind::DoneButStatus => RestFault::DoneButStatus(status),
        RestKind::RateLimited => {
            RestFault::RateLimited { seconds: body.seconds.unwrap_or(1.0), global: body.global }
        }
        RestKind::NeverAnswered => RestFault::NeverAnswered,
        RestKind::Garbled => RestFault::Garbled,
        RestKind::DoneButNeverAnswered => RestFault::DoneButNeverAnswered,
    };
    town.fails(&body.of, fault, body.times.unwrap_or(1));
    Ok(json!({}))
}
