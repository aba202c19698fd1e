//! What people write besides plain messages: forwards, polls and votes, and what `AutoMod` may keep from them.

use serde_json::{Value, json};

use super::Actor;
use crate::domain::{MessageId, SpaceId};
use crate::sandbox::world::{Draft, Said, Snowflake};

impl Actor {
    /// Writes in a channel; the error is the name of the `AutoMod` rule that blocked it.
    pub fn tries_to_say(&self, channel: &str, text: &str) -> Result<Said, String> {
        let channel = self.channel(channel);
        self.try_to_write(channel, &json!({"content": text}), None)
    }

    /// Forwards a message that they can read to a channel of their guild.
    pub fn forwards(&self, said: impl Into<Said>, channel: &str) -> Said {
        let (key, to) = (said.into().key(), self.channel(channel));
        let may = self.town.read(|world| {
            world.readable_by(self.user, key).is_some()
                && world.channels.get(&to).is_some_and(|channel| world.may_write(self.user, channel))
        });
        if !may {
            self.town.refuse(&format!("{} cannot forward this message to {channel}", self.name()));
        }
        let id = self.town.change(|world| {
            let more = world.messages.get(&key).map(|message| world.forward_of(message)).unwrap_or_default();
            world.post(Draft { channel: to, author: self.user, more, ..Draft::default() })
        });
        Said { space: SpaceId::new(to.0), id: MessageId::new(id.0) }
    }

    /// Asks with a poll that is open for a day.
    pub fn asks_poll(&self, channel: &str, question: &str, answers: &[&str]) -> Said {
        let answers: Vec<Value> = answers.iter().map(|text| json!({"poll_media": {"text": text}})).collect();
        self.posts(channel, &json!({"poll": {"question": {"text": question}, "answers": answers}}))
    }

    /// Votes in a poll, in place of an earlier vote unless several are allowed.
    pub fn votes(&self, said: impl Into<Said>, answer: &str) {
        let (key, number) = self.answer(said.into(), answer);
        self.town.change(|world| world.vote(key, self.user, number));
    }

    /// Takes a vote back.
    pub fn unvotes(&self, said: impl Into<Said>, answer: &str) {
        let (key, number) = self.answer(said.into(), answer);
        self.town.change(|world| world.unvote(key, self.user, number));
    }

    fn answer(&self, said: Said, answer: &str) -> ((Snowflake, Snowflake), u64) {
        let key = said.key();
        let number = self.town.read(|world| {
            world.readable_by(self.user, key).filter(|_| world.has_open_poll(key))?;
            world.answer_number(key, answer)
        });
        let number =
            number.unwrap_or_else(|| self.town.refuse(&format!("{} cannot vote for {answer}", self.name())));
        (key, number)
    }
}
