//! The words of a scenario: what is planned, who is in it, and what they do.

use std::collections::BTreeMap;

/// A scenario, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// The file it came from, for errors.
    pub file: String,
    /// What it is called.
    pub title: String,
    /// What a reader should know beforehand; may be empty.
    pub about: String,
    /// The server it plays in.
    pub guild: GuildPlan,
    /// Everybody in it.
    pub people: Vec<Person>,
    /// What happens, in order.
    pub days: Vec<Day>,
}

/// The server that a scenario plays in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuildPlan {
    /// Its name.
    pub name: String,
    /// The account that owns it; not one of the people.
    pub owner: String,
    /// Its roles, the lowest first.
    pub roles: Vec<RolePlan>,
    /// Its text channels.
    pub channels: Vec<ChannelPlan>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePlan {
    /// Its name.
    pub name: String,
    /// Whether it has Discord's Administrator permission.
    pub administrator: bool,
}

/// A text channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelPlan {
    /// Its name, with `#`.
    pub name: String,
    /// The roles that see it, beside the bot; everybody where this is empty.
    pub only: Vec<String>,
}

/// Somebody in a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their roles.
    pub roles: Vec<String>,
    /// Who they are, for the reader; may be empty.
    pub about: String,
}

/// A day of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// What it is called.
    pub name: String,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line of the file it stands on, for errors.
    pub line: usize,
    /// What happens.
    pub act: Act,
}

/// What happens in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The narrator tells the reader something. Nothing happens in the server.
    Aside(String),
    /// Somebody does something.
    Deed {
        /// Who.
        who: String,
        /// What.
        deed: Deed,
    },
}

/// What somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Writes a message.
    Says {
        /// Where; a reply is where its message is.
        place: Option<String>,
        /// The words.
        text: String,
        /// The label of the message it replies to.
        replies_to: Option<String>,
        /// The label by which later steps mean this message.
        label: Option<String>,
    },
    /// Edits a message of their own.
    Edits {
        /// The message's label.
        label: String,
        /// The new words.
        text: String,
    },
    /// Deletes a message.
    Deletes {
        /// The message's label.
        label: String,
    },
    /// Opens a thread.
    OpensThread {
        /// The channel it is under.
        place: String,
        /// Its name.
        name: String,
        /// Who is added to it, where it is private.
        private_with: Option<Vec<String>>,
    },
    /// Uses a slash command.
    Runs {
        /// As it is typed.
        command: String,
    },
    /// Presses a button: of the newest answer that shows it, otherwise of the newest direct message that does.
    Presses {
        /// Its label.
        button: String,
    },
    /// Fills in the form that was opened last, and sends it.
    Fills {
        /// The fields, by label or id.
        fields: BTreeMap<String, String>,
    },
    /// Stops accepting direct messages of people and bots who are not friends, or accepts them again.
    RefusesDms(bool),
}
