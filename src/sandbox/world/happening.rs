//! What onlookers are told: happenings of the world in words of people, for a terminal or a page.

/// Something that happened. Everything in the box is made up, so texts are plain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorldEvent {
    /// Somebody wrote in a guild's channel.
    Said {
        /// The guild's name.
        guild: String,
        /// The channel's or thread's name, without `#`.
        channel: String,
        /// Who wrote it.
        author: String,
        /// What was written.
        text: String,
    },
    /// Somebody edited their message.
    Edited {
        /// The guild's name; empty in a DM.
        guild: String,
        /// The channel's name.
        channel: String,
        /// Who wrote it.
        author: String,
        /// What it says now.
        text: String,
    },
    /// A message was deleted.
    Deleted {
        /// The guild's name; empty in a DM.
        guild: String,
        /// The channel's name.
        channel: String,
        /// Who had written it.
        author: String,
        /// What it said.
        text: String,
    },
    /// A DM between the bot and a person, in either direction.
    DirectMessage {
        /// Who wrote it.
        from: String,
        /// Who received it.
        to: String,
        /// Everything readable in it.
        text: String,
    },
    /// Somebody used a command, a button or a modal.
    Asked {
        /// Who.
        who: String,
        /// What they typed or pressed.
        what: String,
    },
    /// The bot answered, finally rather than by deferring.
    Answered {
        /// Who had asked.
        who: String,
        /// What they had typed or pressed.
        what: String,
        /// Everything readable in the answer.
        text: String,
        /// Whether only they see it.
        ephemeral: bool,
    },
    /// The bot began a gateway session, or resumed one.
    Connected {
        /// Whether it went on with an earlier session.
        resumed: bool,
    },
}
