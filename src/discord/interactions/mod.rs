//! Interactions: one typed way from what Discord sends to a Rust struct of the command that was meant.
//!
//! A command file declares its options as serde types and calls [`Interaction::options`]; a modal's fields come the
//! same way from [`Interaction::fields`]. What the command does, and who may, is decided elsewhere.

mod options;
mod parse;
mod target;

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::{AccountId, ApplicationId, GroupId, Lang, MessageText, RoleId, SpaceId};

pub use options::{Focused, OptionError};
pub use target::TargetMessage;

/// Something a person did with one of the bot's commands, buttons or forms.
#[derive(Clone)]
pub struct Interaction {
    /// Discord's id of it; the idempotency key of its handling.
    pub id: InteractionId,
    /// The application it is for.
    pub application: ApplicationId,
    /// What answering it needs, for fifteen minutes.
    pub token: InteractionToken,
    /// What was done.
    pub kind: InteractionKind,
    /// The Group it was done in; none in a direct message.
    pub group: Option<GroupId>,
    /// The Space it was done in.
    pub space: Option<SpaceId>,
    /// Who did it, as an account. Not a proof of any right.
    pub invoker: AccountId,
    /// The name shown of who did it.
    pub invoker_name: MessageText,
    /// The roles of who did it, in a Group.
    pub invoker_roles: Vec<RoleId>,
    /// Discord's permissions of who did it in that Space, in a Group.
    pub invoker_permissions: Option<u64>,
    /// The language of who did it.
    pub lang: Lang,
    data: Value,
    message: Value,
}

impl Interaction {
    /// Reads an interaction as Discord sends it. Why it does not fit is not said, since it may quote what was typed.
    pub fn from_json(text: &str) -> Option<Self> {
        parse::interaction(text)
    }

    /// The name of the command, for commands and their autocompletion; empty otherwise.
    pub fn command_name(&self) -> &str {
        self.data["name"].as_str().unwrap_or_default()
    }

    /// The name given to the pressed component or the sent form; empty otherwise.
    pub fn custom_id(&self) -> &str {
        self.data["custom_id"].as_str().unwrap_or_default()
    }

    /// What was chosen in a select menu; empty for a button.
    pub fn values(&self) -> Vec<&str> {
        self.data["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The options of a command as the command's own type.
    ///
    /// Options become fields by their names. A subcommand becomes an externally tagged variant of that name, so that
    /// `/incident show code:K7QX3` reads as `{"show": {"code": "K7QX3"}}`; a subcommand group is one more such level.
    /// A variant without options is written `List {}`. Accounts, roles and channels are their ids, so that the types
    /// of the domain fit; an option that was left out is absent.
    pub fn options<T: DeserializeOwned>(&self) -> Result<T, OptionError> {
        options::read(options::tree(&self.data["options"]), self.command_name())
    }

    /// What is being typed into an option, for autocompletion.
    pub fn focused(&self) -> Option<Focused> {
        options::focused(&self.data["options"])
    }

    /// The fields of a sent form as the form's own type, by the fields' names. An empty field is absent; a select
    /// with several answers is a list.
    pub fn fields<T: DeserializeOwned>(&self) -> Result<T, OptionError> {
        options::read(options::fields(&self.data["components"]), self.custom_id())
    }

    /// The message a message command was used on.
    pub fn target_message(&self) -> Option<TargetMessage> {
        target::message(&self.data)
    }

    /// The account a user command was used on.
    pub fn target_account(&self) -> Option<AccountId> {
        (self.kind == InteractionKind::UserCommand)
            .then(|| self.data["target_id"].as_str()?.parse().ok())
            .flatten()
    }

    /// The text of the message that the pressed component stands on.
    pub fn message_text(&self) -> MessageText {
        MessageText::new(self.message["content"].as_str().unwrap_or_default())
    }
}

impl fmt::Debug for Interaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interaction")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("group", &self.group)
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InteractionKind {
    /// A slash command.
    Command,
    /// A command on a message.
    MessageCommand,
    /// A command on an account.
    UserCommand,
    /// A button or a select menu.
    Component,
    /// A form was sent.
    Modal,
    /// Choices are wanted while an option is typed.
    Autocomplete,
    /// Something newer than this program.
    Other,
}

/// Discord's id of an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InteractionId(u64);

impl InteractionId {
    /// Wraps Discord's number.
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// Discord's number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for InteractionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What answering an interaction needs. Whoever has it can write in the bot's name for fifteen minutes, so `Debug`
/// does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct InteractionToken(String);

impl InteractionToken {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token, for the address of an answer.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InteractionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InteractionToken(..)")
    }
}
