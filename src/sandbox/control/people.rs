//! What people do, over the control API: `POST /sandbox/people/{name}/{verb}`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Outcome, Problem};
use super::find::{self, Id};
use super::look::{message_json, reply_json};
use super::verb::{Verb, later, now};
use crate::sandbox::actors::{Actor, Asked, Reply};
use crate::sandbox::world::Snowflake;

/// Everything that people do.
pub(super) const VERBS: &[Verb<Actor>] =
    &[
        Verb {
            name: "say",
            does: "Writes in a channel or thread.",
            fields: &[
                ("channel?", "where: #general, or a thread's name; a reply is where its message is"),
                ("text", "the words"),
                ("replies_to?", "the id of the message that it replies to"),
            ],
            perform: |who, body| now(who, body, say),
        },
        Verb {
            name: "post",
            does: "Writes a message with more than text, as Discord's message object has it.",
            fields: &[
                ("channel", "where"),
                ("body", "content, embeds, attachments, components, poll, sticker_items and so on"),
            ],
            perform: |who, body| now(who, body, post),
        },
        Verb {
            name: "tell-bot",
            does: "Writes to the bot in a direct message.",
            fields: &[("text", "the words")],
            perform: |who, body| now(who, body, |who, body: &Text| find::written(who.tells_bot(&body.text))),
        },
        Verb {
            name: "edit",
            does: "Edits a message of their own.",
            fields: &[("message", "its id"), ("text", "the new words")],
            perform: |who, body| now(who, body, edit),
        },
        Verb {
            name: "delete",
            does: "Deletes a message: their own, or another's where they may.",
            fields: &[("message", "its id")],
            perform: |who, body| {
                now(who, body, |who, body: &OfMessage| {
                    who.deletes(who.town().read(|world| find::said(world, body.message))?);
                    Ok(json!({}))
                })
            },
        },
        Verb {
            name: "delete-all",
            does: "Deletes several messages of one channel at once, as moderating bots do.",
            fields: &[("messages", "their ids")],
            perform: |who, body| now(who, body, delete_all),
        },
        Verb {
            name: "open-thread",
            does: "Opens a public thread, or a private one where `private_with` is given.",
            fields: &[
                ("channel", "the channel it is under"),
                ("name", "its name; it is written to by that name"),
                ("private_with?", "the names of those who are added to a private thread"),
            ],
            perform: |who, body| now(who, body, open_thread),
        },
        Verb {
            name: "add-to-thread",
            does: "Adds somebody to a thread that they themselves see.",
            fields: &[("thread", "its name"), ("person", "whom; the bot's name adds the bot")],
            perform: |who, body| now(who, body, add_to_thread),
        },
        Verb {
            name: "leave-thread",
            does: "Leaves a thread.",
            fields: &[("thread", "its name")],
            perform: |who, body| {
                now(who, body, |who, body: &InThread| {
                    who.leaves_thread(&body.thread);
                })
            },
        },
        Verb {
            name: "leave",
            does: "Leaves the server.",
            fields: &[],
            perform: |who, body| {
                now(who, body, |who, Nothing {}: &Nothing| {
                    who.leaves();
                })
            },
        },
        Verb {
            name: "refuse-dms",
            does: "Refuses direct messages of people and bots who are not friends, or lets them in again.",
            fields: &[("on", "true or false")],
            perform: |who, body| {
                now(who, body, |who, body: &Switch| {
                    who.refuses_dms(body.on);
                })
            },
        },
        Verb {
            name: "locale",
            does: "Sets the language of their client.",
            fields: &[("locale", "such as fr")],
            perform: |who, body| {
                now(who, body, |who, body: &Locale| {
                    who.locale(&body.locale);
                })
            },
        },
        Verb {
            name: "run",
            does: "Uses a slash command and waits for the bot's answer. Waits first until it is registered.",
            fields: &[
                ("command", "as typed: /incident show K7QX3"),
                ("options?", "options given apart, name to text, so that they may hold anything"),
                ("channel?", "where; otherwise in the first channel that they see"),
                ("in_dm?", "true: in their direct messages with the bot"),
                ("wait?", "false: do not wait for the answer; see GET /sandbox/interactions/{id}"),
            ],
            perform: |who, body| later(who, body, run),
        },
        Verb {
            name: "complete",
            does: "Types a slash command up to some point of its last option; answers what the bot offers.",
            fields: &[("command", "what was typed so far")],
            perform: |who, body| {
                later(who, body, |who, body: Typed| async move {
                    Ok(json!({"choices": who.completes(&body.command).await}))
                })
            },
        },
        Verb {
            name: "use-on-message",
            does: "Uses a message command, from the menu of a message, and waits for the answer.",
            fields: &[("command", "its name"), ("message", "the message's id")],
            perform: |who, body| later(who, body, use_on_message),
        },
        Verb {
            name: "use-on-member",
            does: "Uses a user command, from the menu of a member, and waits for the answer.",
            fields: &[("command", "its name"), ("person", "the member's name")],
            perform: |who, body| later(who, body, use_on_member),
        },
        Verb {
            name: "press",
            does: "Presses a button of a message that they see, and waits for the answer.",
            fields: &[
                ("message", "the message's id; a bot's answer and a direct message are messages, too"),
                ("button", "its label"),
                ("wait?", "false: do not wait for the answer"),
            ],
            perform: |who, body| later(who, body, press),
        },
        Verb {
            name: "select",
            does: "Picks from a menu of a message that they see, and waits for the answer.",
            fields: &[
                ("message", "the message's id"),
                ("menu", "its placeholder or custom_id"),
                ("picks", "labels or values of a list; names of people, roles or channels"),
            ],
            perform: |who, body| later(who, body, select),
        },
        Verb {
            name: "fill",
            does: "Fills in the form that the bot answered with, sends it, and waits for the answer.",
            fields: &[
                ("interaction", "of the answer that holds the form"),
                ("values", "field to text; a field by its label or custom_id"),
            ],
            perform: |who, body| later(who, body, fill),
        },
        Verb {
            name: "forge",
            does: "Presses what is not there, as a changed client can: sends any custom_id.",
            fields: &[("custom_id", "what is sent")],
            perform: |who, body| {
                later(who, body, |who, body: Forged| async move {
                    Ok(reply_json(&who.forges(&body.custom_id).await))
                })
            },
        },
    ];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    pub(super) on: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub(super) text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfMessage {
    pub(super) message: Id,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    channel: Option<String>,
    text: String,
    replies_to: Option<Id>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Post {
    channel: String,
    body: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    message: Id,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Messages {
    messages: Vec<Id>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenThread {
    channel: String,
    name: String,
    private_with: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddToThread {
    thread: String,
    person: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InThread {
    thread: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Locale {
    locale: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    command: String,
    #[serde(default)]
    options: BTreeMap<String, String>,
    channel: Option<String>,
    #[serde(default)]
    in_dm: bool,
    wait: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    command: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UseOnMessage {
    command: String,
    message: Id,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UseOnMember {
    command: String,
    person: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Press {
    message: Id,
    button: String,
    wait: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Select {
    message: Id,
    menu: String,
    picks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fill {
    interaction: Id,
    values: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forged {
    custom_id: String,
}

fn say(who: &Actor, body: &Say) -> Outcome {
    let said = match (body.replies_to, &body.channel) {
        (Some(to), _) => {
            let message = who.town().read(|world| find::message(world, to))?;
            who.replies(&message, &body.text)
        }
        (None, Some(channel)) => who.says(channel, &body.text),
        (None, None) => return Err(Problem::unreadable(&"missing field `channel`")),
    };
    Ok(find::written(said))
}

fn post(who: &Actor, body: &Post) -> Value {
    find::written(who.posts(&body.channel, &body.body))
}

fn edit(who: &Actor, body: &Edit) -> Outcome {
    let said = who.town().read(|world| find::said(world, body.message))?;
    who.edits(said, &body.text);
    who.town().read(|world| find::message(world, body.message)).map(|message| message_json(&message))
}

fn delete_all(who: &Actor, body: &Messages) -> Outcome {
    let said = who
        .town()
        .read(|world| body.messages.iter().map(|id| find::said(world, *id)).collect::<Result<Vec<_>, _>>())?;
    who.deletes_all(&said);
    Ok(json!({}))
}

fn open_thread(who: &Actor, body: &OpenThread) -> Outcome {
    let thread = match &body.private_with {
        None => who.opens_thread(&body.channel, &body.name),
        Some(with) => {
            let with = with.iter().map(|name| find::person(who.town(), name, None));
            let with = with.collect::<Result<Vec<_>, _>>()?;
            who.opens_private_thread(&body.channel, &body.name, &with.iter().collect::<Vec<_>>())
        }
    };
    Ok(json!({"channel": thread.get().to_string()}))
}

fn add_to_thread(who: &Actor, body: &AddToThread) -> Outcome {
    let other = find::person(who.town(), &body.person, None)?;
    who.adds(&body.thread, &other);
    Ok(json!({}))
}

async fn run(who: Actor, body: Run) -> Outcome {
    let who = match body.channel {
        _ if body.in_dm => who.in_dm(),
        Some(channel) => who.in_channel(&channel),
        None => who,
    };
    if body.options.is_empty() {
        return asked(who.asks(&body.command).await, body.wait).await;
    }
    if body.wait == Some(false) {
        let remedy = "Leave `wait` out, or write the options into the command";
        return Err(Problem::not_allowed("a command with options given apart is always waited for", remedy));
    }
    let options: Vec<_> = body.options.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(reply_json(&who.runs_with(&body.command, &options).await))
}

async fn use_on_message(who: Actor, body: UseOnMessage) -> Outcome {
    let said = who.town().read(|world| find::said(world, body.message))?;
    Ok(reply_json(&who.uses_on(&body.command, said).await))
}

async fn use_on_member(who: Actor, body: UseOnMember) -> Outcome {
    let other = find::person(who.town(), &body.person, None)?;
    Ok(reply_json(&who.uses_on_member(&body.command, &other).await))
}

async fn press(who: Actor, body: Press) -> Outcome {
    let message = who.town().read(|world| find::message(world, body.message))?;
    asked(who.press(&message, &body.button), body.wait).await
}

async fn select(who: Actor, body: Select) -> Outcome {
    let message = who.town().read(|world| find::message(world, body.message))?;
    let picks: Vec<_> = body.picks.iter().map(String::as_str).collect();
    Ok(reply_json(&who.selects(&message, &body.menu, &picks).await))
}

async fn fill(who: Actor, body: Fill) -> Outcome {
    let id = Snowflake(body.interaction.0);
    let reply = who.town().read(|world| {
        let interaction = world.interactions.get(&id).filter(|interaction| interaction.user == who.user());
        interaction.map(|interaction| Reply::of(world, interaction))
    });
    let reply = reply.ok_or_else(|| Problem::unknown("interaction of theirs", &id.to_string(), []))?;
    let values: Vec<_> = body.values.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(reply_json(&who.fills(&reply, &values).await))
}

async fn asked(asked: Asked, wait: Option<bool>) -> Outcome {
    if wait == Some(false) {
        return Ok(json!({"interaction": asked.interaction}));
    }
    Ok(reply_json(&asked.answer().await))
}
