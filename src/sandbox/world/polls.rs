//! Polls: completed as Discord shows them, voted on, and closed.

use serde_json::{Value, json};

use super::sessions::intents;
use super::{Snowflake, World};
use crate::sandbox::clock::iso;

/// How long a poll is open when its author does not say: a day.
const USUAL_HOURS: u64 = 24;

/// Completes a poll as it was asked for to a poll as it is shown: numbered answers, an end, counts.
pub(crate) fn complete(poll: &mut Value, now_ms: u64) {
    let Value::Object(fields) = poll else { return };
    let hours = fields.remove("duration").and_then(|hours| hours.as_u64()).unwrap_or(USUAL_HOURS);
    fields.entry("expiry").or_insert_with(|| json!(iso(now_ms + hours * 3_600_000)));
    fields.entry("allow_multiselect").or_insert(json!(false));
    fields.entry("layout_type").or_insert(json!(1));
    fields.entry("results").or_insert_with(|| json!({"is_finalized": false, "answer_counts": []}));
    let answers = fields.entry("answers").or_insert_with(|| json!([]));
    for (answer, number) in answers.as_array_mut().into_iter().flatten().zip(1_u64..) {
        if answer.is_object() {
            answer["answer_id"] = json!(number);
        }
    }
}

impl World {
    /// The number of the answer with this text in a message's poll.
    pub(crate) fn answer_number(&self, key: (Snowflake, Snowflake), text: &str) -> Option<u64> {
        let answers = self.messages.get(&key)?.more.get("poll")?["answers"].as_array()?;
        answers.iter().find(|answer| answer["poll_media"]["text"] == *text)?["answer_id"].as_u64()
    }

    /// Whether a message has a poll that is open.
    pub(crate) fn has_open_poll(&self, key: (Snowflake, Snowflake)) -> bool {
        let poll = self.messages.get(&key).and_then(|message| message.more.get("poll"));
        poll.is_some_and(|poll| poll["results"]["is_finalized"] != true)
    }

    /// Somebody votes for an answer, in place of their earlier vote unless several are allowed.
    pub(crate) fn vote(&mut self, key: (Snowflake, Snowflake), user: Snowflake, answer: u64) {
        let Some(message) = self.messages.get(&key) else { return };
        let several = message.more.get("poll").is_some_and(|poll| poll["allow_multiselect"] == true);
        let earlier: Vec<u64> =
            message.votes.iter().filter(|(_, who)| *who == user).map(|(answer, _)| *answer).collect();
        if !several {
            earlier.iter().filter(|one| **one != answer).for_each(|one| self.unvote(key, user, *one));
        }
        let added = self.messages.get_mut(&key).is_some_and(|message| message.votes.insert((answer, user)));
        if added {
            self.count_votes(key);
            self.tell_of_vote("MESSAGE_POLL_VOTE_ADD", key, user, answer);
        }
    }

    /// Somebody takes a vote back.
    pub(crate) fn unvote(&mut self, key: (Snowflake, Snowflake), user: Snowflake, answer: u64) {
        if self.messages.get_mut(&key).is_some_and(|message| message.votes.remove(&(answer, user))) {
            self.count_votes(key);
            self.tell_of_vote("MESSAGE_POLL_VOTE_REMOVE", key, user, answer);
        }
    }

    /// Closes a poll now; the counts are final.
    pub(crate) fn close_poll(&mut self, key: (Snowflake, Snowflake)) {
        let now = iso(self.clock.now_ms());
        self.edit(key, false, |message| {
            if let Some(poll) = message.more.get_mut("poll") {
                poll["expiry"] = json!(now);
                poll["results"]["is_finalized"] = json!(true);
            }
        });
    }

    fn count_votes(&mut self, key: (Snowflake, Snowflake)) {
        let Some(message) = self.messages.get_mut(&key) else { return };
        let mut counts: Vec<Value> = Vec::new();
        for (answer, _) in &message.votes {
            match counts.last_mut().filter(|count| count["id"] == *answer) {
                Some(count) => count["count"] = json!(count["count"].as_u64().unwrap_or(0) + 1),
                None => counts.push(json!({"id": answer, "count": 1, "me_voted": false})),
            }
        }
        if let Some(poll) = message.more.get_mut("poll") {
            poll["results"]["answer_counts"] = json!(counts);
        }
    }

    fn tell_of_vote(&mut self, event: &str, key: (Snowflake, Snowflake), user: Snowflake, answer: u64) {
        let Some(channel) = self.channels.get(&key.0).filter(|channel| self.bot_sees(channel)) else {
            return;
        };
        let guild = channel.guild;
        let data = json!({
            "user_id": user, "channel_id": key.0, "message_id": key.1, "guild_id": guild, "answer_id": answer,
        });
        self.dispatch(event, intents::GUILD_MESSAGE_POLLS, guild, &data);
    }
}
