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
        options::read(options::tree(&self.data["options"]))
    }

    /// Whether an account that was chosen in an option is a bot.
    pub fn is_app(&self, account: AccountId) -> bool {
        self.data["resolved"]["users"][account.to_string()]["bot"] == true
    }

    /// What is being typed into an option, for autocompletion.
    pub fn focused(&self) -> Option<Focused> {
        options::focused(&self.data["options"])
    }

    /// The fields of a sent form as the form's own type, by the fields' names. An empty field is absent; a select
    /// with several answers is a list.
    pub fn fields<T: DeserializeOwned>(&self) -> Result<T, OptionError> {
        options::read(options::fields(&self.data["components"]))
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn interaction(kind: u8, data: &Value) -> Interaction {
        let json = json!({"id": "7", "application_id": "9", "token": "s3cret-token", "type": kind, "data": data,
            "guild_id": "1", "channel_id": "10", "locale": "fr",
            "member": {"user": {"id": "102", "username": "s3cret-name"}, "roles": ["2"], "permissions": "8"}});
        Interaction::from_json(&json.to_string()).unwrap()
    }

    #[test]
    fn each_kind_is_told_apart() {
        let kind = |number, data| interaction(number, &data).kind;
        assert_eq!(kind(2, json!({"name": "incident", "type": 1})), InteractionKind::Command);
        assert_eq!(kind(2, json!({"name": "Report", "type": 3})), InteractionKind::MessageCommand);
        assert_eq!(kind(2, json!({"name": "Who", "type": 2})), InteractionKind::UserCommand);
        assert_eq!(kind(3, json!({"custom_id": "x"})), InteractionKind::Component);
        assert_eq!(kind(4, json!({"name": "incident"})), InteractionKind::Autocomplete);
        assert_eq!(kind(5, json!({"custom_id": "x"})), InteractionKind::Modal);
        assert_eq!(kind(77, json!(null)), InteractionKind::Other);
    }

    #[test]
    fn who_and_where_are_read_in_a_group_and_in_a_direct_message() {
        let in_group = interaction(3, &json!({"custom_id": "close:K7QX3", "values": ["a", "b"]}));
        assert_eq!((in_group.custom_id(), in_group.values()), ("close:K7QX3", vec!["a", "b"]));
        assert_eq!((in_group.group, in_group.invoker.get()), (Some(GroupId::new(1)), 102));
        assert_eq!((in_group.invoker_permissions, in_group.lang), (Some(8), Lang::Fr));
        let direct = json!({"id": "7", "application_id": "9", "token": "t", "type": 2, "channel_id": "10",
            "user": {"id": "5"}, "data": {"name": "inbox"}});
        let direct = Interaction::from_json(&direct.to_string()).unwrap();
        assert_eq!((direct.group, direct.invoker.get(), direct.invoker_permissions), (None, 5, None));
        assert_eq!((direct.command_name(), direct.lang), ("inbox", Lang::En));
    }

    #[test]
    fn the_target_of_a_message_command_is_read_with_its_text() {
        let data = json!({"name": "Report", "type": 3, "target_id": "55", "resolved": {"messages": {"55": {
            "id": "55", "channel_id": "10", "author": {"id": "102"}, "content": "words",
            "attachments": [{"filename": "a.png"}]}}}});
        let target = interaction(2, &data).target_message().unwrap();
        assert_eq!((target.message.get(), target.space.get(), target.author.get()), (55, 10, 102));
        assert_eq!(
            (target.author_kind, target.text.expose()),
            (crate::domain::AuthorKind::Person, "words\na.png")
        );
        assert_eq!(interaction(2, &json!({"type": 3, "target_id": "55"})).target_message(), None);
        let user = interaction(2, &json!({"type": 2, "target_id": "66"}));
        assert_eq!(user.target_account(), Some(AccountId::new(66)));
    }

    #[test]
    fn what_was_typed_and_the_token_do_not_show_in_debug() {
        let interaction =
            interaction(5, &json!({"custom_id": "x", "components": [{"value": "s3cret-text"}]}));
        assert!(!format!("{interaction:?} {:?}", interaction.token).contains("s3cret"));
    }

    #[test]
    fn without_an_invoker_or_a_token_there_is_no_interaction() {
        for broken in
            [json!({}), json!({"id": "7", "application_id": "9", "type": 2, "token": "t"}), json!(null)]
        {
            assert!(Interaction::from_json(&broken.to_string()).is_none(), "{broken}");
        }
    }
}
