//! What the sandbox has to tell, line by line, whichever way it is shown.

use std::path::PathBuf;

use serde::Serialize;

use super::tally::Tally;
use crate::domain::Span;

/// One thing to tell. As JSON, each is one object with its `type`; those without one are for people only.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(super) enum Line {
    /// The scenario begins.
    #[serde(skip)]
    Title { title: String, about: String, people: Vec<(String, String)> },
    /// A day begins.
    #[serde(skip)]
    Day(String),
    /// The narrator explains.
    #[serde(skip)]
    Aside(String),
    /// Somebody did something that leaves no words.
    #[serde(skip)]
    Did { who: String, what: String },
    /// Somebody wrote something.
    Said(Words),
    /// Somebody edited their message.
    Edited(Words),
    /// A message was deleted.
    Deleted(Words),
    /// Somebody asked something of the bot.
    Asked { who: String, what: String },
    /// The bot answered.
    Answered { who: String, text: String },
    /// A case was opened or, as `incident-extended`, grew.
    Incident(IncidentLine),
    /// A known case grew, or was reopened.
    IncidentExtended(IncidentLine),
    /// A notice was delivered, or was not.
    Alert(AlertLine),
    /// The counts at the end.
    Summary {
        #[serde(flatten)]
        tally: Tally,
        /// Where the database stays, if it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        data_dir: Option<PathBuf>,
    },
    /// It was stopped before its end.
    #[serde(skip)]
    Stopped,
    /// Where to go from here.
    #[serde(skip)]
    LookFurther(Lodgings),
}

/// Words that somebody wrote.
#[derive(Debug, Serialize)]
pub(super) struct Words {
    pub(super) who: String,
    #[serde(rename = "where")]
    pub(super) place: String,
    pub(super) text: String,
    /// Whom it replies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<String>,
    /// The flagged stretches.
    #[serde(skip)]
    pub(super) flagged: Vec<Span>,
}

/// A case.
#[derive(Debug, Serialize)]
pub(super) struct IncidentLine {
    pub(super) code: String,
    pub(super) rules: Vec<String>,
    pub(super) clause: String,
    pub(super) severity: String,
    pub(super) space: String,
    pub(super) author: String,
    /// What it was flagged for, the heaviest first.
    #[serde(skip)]
    pub(super) titles: Vec<String>,
    /// The severity as people read it.
    #[serde(skip)]
    pub(super) weight: &'static str,
}

/// A notice.
#[derive(Debug, Serialize)]
pub(super) struct AlertLine {
    /// The case it is about, if it is about one.
    pub(super) incident: Option<String>,
    /// A person, or the channel of a fallback post.
    pub(super) to: String,
    pub(super) state: &'static str,
    /// Whether it was posted in a channel.
    #[serde(skip)]
    pub(super) posted: bool,
    /// What it says, where that is shown.
    #[serde(skip)]
    pub(super) text: Option<String>,
}

/// Where everything is kept, and whether it stays.
#[derive(Debug)]
pub(super) struct Lodgings {
    pub(super) data_dir: PathBuf,
    /// Whether the folder stays at the end.
    pub(super) kept: bool,
    /// Whether the bot stays at work until Ctrl-C.
    pub(super) stays: bool,
    /// Where the Discord in a box listens.
    pub(super) address: String,
}
