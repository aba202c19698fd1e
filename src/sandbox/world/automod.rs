//! `AutoMod`: which rules a text breaks, and what is done about it before anybody reads it.
//!
//! Keyword filters with their wildcards and allow-lists, and mention limits. Regular expressions, Discord's own word
//! lists, spam and profiles are kept in rules and match nothing.

use std::ops::Range;

use serde_json::{Value, json};

use super::audit::{Entry, action};
use super::belongings::Shelf;
use super::messages::Draft;
use super::permissions::bits;
use super::sessions::intents;
use super::{Snowflake, World};

/// The type of the message that alerts of a broken rule.
const ALERT_MESSAGE: u8 = 24;

mod trigger {
    pub(super) const KEYWORD: u64 = 1;
    pub(super) const MENTION_SPAM: u64 = 5;
}

mod deed {
    pub(super) const BLOCK: u64 = 1;
    pub(super) const ALERT: u64 = 2;
    pub(super) const TIMEOUT: u64 = 3;
}

/// A rule that a text breaks.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    rule: Value,
    keyword: Option<String>,
    matched: Option<String>,
}

impl Hit {
    /// The rule's name.
    pub(crate) fn rule_name(&self) -> &str {
        self.rule["name"].as_str().unwrap_or_default()
    }

    /// Whether the text must not be posted.
    pub(crate) fn blocks(&self) -> bool {
        self.actions().any(|one| one["type"] == deed::BLOCK)
    }

    fn actions(&self) -> impl Iterator<Item = &Value> {
        self.rule["actions"].as_array().into_iter().flatten()
    }
}

impl World {
    /// The rules that somebody's text breaks in a channel. Bots and who manages the server break none.
    pub(crate) fn broken_rules(&self, user: Snowflake, channel: Snowflake, text: &str) -> Vec<Hit> {
        let Some(place) = self.channels.get(&channel) else { return Vec::new() };
        let Some(guild) = place.guild.and_then(|id| self.guilds.get(&id)) else { return Vec::new() };
        let Some(member) = guild.members.get(&user) else { return Vec::new() };
        let bot = self.users.get(&user).is_some_and(|user| user.bot);
        if bot || self.base_of(guild.id, user) & bits::MANAGE_GUILD != 0 {
            return Vec::new();
        }
        let exempt = |rule: &Value| {
            let named =
                |list: &str, id: Snowflake| rule[list].as_array().is_some_and(|ids| ids.contains(&json!(id)));
            member.roles.iter().any(|role| named("exempt_roles", *role))
                || named("exempt_channels", channel)
                || place.parent.is_some_and(|parent| named("exempt_channels", parent))
        };
        let rules = guild.belongings.all(Shelf::Rules);
        let applying = rules.into_iter().filter(|rule| rule["enabled"] == true && !exempt(rule));
        applying.filter_map(|rule| broken(rule, text)).collect()
    }

    /// Does what the rules say about a text: blocked (no message) or posted. One event per action.
    pub(crate) fn execute_rules(
        &mut self,
        hits: &[Hit],
        user: Snowflake,
        channel: Snowflake,
        message: Option<Snowflake>,
        text: &str,
    ) {
        let Some(guild) = self.channels.get(&channel).and_then(|channel| channel.guild) else { return };
        for hit in hits {
            for one in hit.actions() {
                let alert = self.perform(guild, hit, one, user, channel, message, text);
                let content = json!({
                    "guild_id": guild, "action": one, "rule_id": hit.rule["id"],
                    "rule_trigger_type": hit.rule["trigger_type"], "user_id": user, "channel_id": channel,
                    "content": text, "matched_keyword": hit.keyword, "matched_content": hit.matched,
                });
                self.tell_of_execution(guild, content, message, alert);
            }
        }
    }

    /// Performs one action; returns the alert that was written.
    #[expect(clippy::too_many_arguments, reason = "it is one deed with all that it is about")]
    fn perform(
        &mut self,
        guild: Snowflake,
        hit: &Hit,
        one: &Value,
        user: Snowflake,
        channel: Snowflake,
        message: Option<Snowflake>,
        text: &str,
    ) -> Option<Snowflake> {
        let options = json!({
            "auto_moderation_rule_name": hit.rule["name"], "channel_id": channel,
            "auto_moderation_rule_trigger_type": hit.rule["trigger_type"].to_string(),
        });
        let noted = match one["type"].as_u64()? {
            deed::BLOCK => action::RULE_BLOCKED,
            deed::ALERT => action::RULE_ALERTED,
            deed::TIMEOUT => action::RULE_TIMED_OUT,
            _ => return None,
        };
        self.by(user, None, |world| {
            world.note(guild, Entry::of(noted, Some(user)).with_options(options));
        });
        if noted == action::RULE_TIMED_OUT {
            let seconds = one["metadata"]["duration_seconds"].as_u64().unwrap_or(0);
            let until = self.clock.now_ms() + seconds * 1_000;
            self.time_out_silently(guild, user, until);
        }
        let room = Snowflake::from_json(&one["metadata"]["channel_id"])
            .filter(|room| noted == action::RULE_ALERTED && self.channels.contains_key(room))?;
        Some(self.post(Draft {
            channel: room,
            author: user,
            kind: ALERT_MESSAGE,
            embeds: vec![alert_embed(hit, channel, message, text)],
            ..Draft::default()
        }))
    }

    fn tell_of_execution(
        &mut self,
        guild: Snowflake,
        mut data: Value,
        message: Option<Snowflake>,
        alert: Option<Snowflake>,
    ) {
        if self.bot_base(guild) & bits::MANAGE_GUILD == 0 {
            return;
        }
        for (name, id) in [("message_id", message), ("alert_system_message_id", alert)] {
            if let Some(id) = id {
                data[name] = json!(id);
            }
        }
        let mut bare = data.clone();
        bare["content"] = json!("");
        bare["matched_content"] = json!("");
        let (name, intent) = ("AUTO_MODERATION_ACTION_EXECUTION", intents::AUTO_MODERATION_EXECUTION);
        self.dispatch_guarded(name, intent, guild, &data, &bare);
    }
}

fn alert_embed(hit: &Hit, channel: Snowflake, message: Option<Snowflake>, text: &str) -> Value {
    let mut fields = vec![
        json!({"name": "rule_name", "value": hit.rule_name(), "inline": false}),
        json!({"name": "channel_id", "value": channel, "inline": false}),
    ];
    let outcome = if hit.blocks() { "blocked" } else { "flagged" };
    fields.push(json!({"name": "decision_outcome", "value": outcome, "inline": false}));
    let optional = [
        ("keyword", hit.keyword.clone()),
        ("keyword_matched_content", hit.matched.clone()),
        ("flagged_message_id", message.map(|id| id.to_string())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            fields.push(json!({"name": name, "value": value, "inline": false}));
        }
    }
    json!({"type": "auto_moderation_message", "description": text, "fields": fields})
}

fn broken(rule: &Value, text: &str) -> Option<Hit> {
    let metadata = &rule["trigger_metadata"];
    match rule["trigger_type"].as_u64()? {
        trigger::KEYWORD => {
            let words = |list: &str| -> Vec<String> {
                let list = metadata[list].as_array().into_iter().flatten();
                list.filter_map(|word| word.as_str().map(str::to_lowercase)).collect()
            };
            let lower = text.to_lowercase();
            let allowed: Vec<_> = words("allow_list").iter().flat_map(|word| places(word, &lower)).collect();
            let free = |at: &Range<usize>| allowed.iter().any(|ok| ok.start <= at.start && at.end <= ok.end);
            words("keyword_filter").into_iter().find_map(|word| {
                let at = places(&word, &lower).into_iter().find(|at| !free(at))?;
                let source = if lower.len() == text.len() { text } else { lower.as_str() };
                let matched = source.get(at).map(ToOwned::to_owned);
                Some(Hit { rule: rule.clone(), keyword: Some(word), matched })
            })
        }
        trigger::MENTION_SPAM => {
            let limit = metadata["mention_total_limit"].as_u64()?;
            let mut mentioned: Vec<&str> = text
                .split("<@")
                .skip(1)
                .filter_map(|part| part.split_once('>').map(|(id, _)| id.trim_start_matches('!')))
                .collect();
            mentioned.sort_unstable();
            mentioned.dedup();
            (mentioned.len() as u64 > limit).then(|| Hit { rule: rule.clone(), keyword: None, matched: None })
        }
        _ => None,
    }
}

/// Where a keyword stands in a text: as whole words, or parts of words where it begins or ends with `*`.
fn places(keyword: &str, text: &str) -> Vec<Range<usize>> {
    let needle = keyword.trim_matches('*');
    if needle.is_empty() {
        return Vec::new();
    }
    let found = text.match_indices(needle).map(|(at, found)| at..at + found.len());
    let whole = |at: &Range<usize>| {
        let before = text[..at.start].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = text[at.end..].chars().next().is_some_and(char::is_alphanumeric);
        (keyword.starts_with('*') || !before) && (keyword.ends_with('*') || !after)
    };
    found.filter(whole).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_a_keyword_finds_in_any_text_is_the_keyword(keyword in "\\*?[a-bé ]{1,3}\\*?", text in "[a-bé ,]{0,12}") {
            for at in places(&keyword, &text) {
                prop_assert_eq!(&text[at], keyword.trim_matches('*'));
            }
        }
    }

    #[test]
    fn keywords_match_whole_words_unless_stars_say_otherwise() {
        for (keyword, text, matches) in [
            ("cat", "a cat sat", true),
            ("cat", "concatenate", false),
            ("cat*", "catalogue", true),
            ("cat*", "tomcat", false),
            ("*cat", "tomcat", true),
            ("*cat", "catalogue", false),
            ("*cat*", "concatenate", true),
            ("go away", "please go away now", true),
            ("*", "anything", false),
        ] {
            assert_eq!(!places(keyword, text).is_empty(), matches, "{keyword} in {text}");
        }
    }

    #[test]
    fn what_the_allow_list_covers_is_free() {
        let rule = json!({"trigger_type": 1, "trigger_metadata": {
            "keyword_filter": ["*cat*"], "allow_list": ["Cathedral"]}});
        assert!(broken(&rule, "the cathedral").is_none());
        let hit = broken(&rule, "the cathedral Cat").unwrap();
        assert_eq!((hit.keyword.as_deref(), hit.matched.as_deref()), (Some("*cat*"), Some("Cat")));
    }
}
