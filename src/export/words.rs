//! Everything readable in a message of an export, in the order in which live messages are read.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::message::part;
use crate::domain::MessageText;

/// The parts of a message in which words can stand. Forwarded messages have the same parts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Words<'a> {
    #[serde(borrow, default)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) forwarded_message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) embeds: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) poll: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) attachments: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) stickers: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) components: Option<&'a RawValue>,
}

impl Words<'_> {
    /// Everything readable, the parts separated by line breaks.
    pub(super) fn into_text(self) -> MessageText {
        let mut parts = Parts::default();
        parts.message(&self);
        match parts {
            Parts { only: Some(text), more } if more.is_empty() => text,
            Parts { only, more } => {
                let first = only.as_ref().map_or("", |text| text.expose());
                let rest = more.iter().map(MessageText::expose);
                let all: Vec<&str> =
                    std::iter::once(first).chain(rest).filter(|text| !text.trim().is_empty()).collect();
                MessageText::new(all.join("\n"))
            }
        }
    }
}

/// What was found so far. Most messages have one part, which is then not copied.
#[derive(Default)]
struct Parts {
    only: Option<MessageText>,
    more: Vec<MessageText>,
}

impl Parts {
    /// A message and what it forwards. Discord forwards no message that forwards another, so nothing deeper is read.
    fn message(&mut self, words: &Words<'_>) {
        self.typed(words);
        if let Some(forwarded) = part::<Words<'_>>(words.forwarded_message) {
            self.typed(&forwarded);
            self.attached(&forwarded);
        }
        self.attached(words);
    }

    fn typed(&mut self, words: &Words<'_>) {
        if let Some(content) = part::<MessageText>(words.content) {
            if self.only.is_none() {
                self.only = Some(content);
            } else {
                self.more.push(content);
            }
        }
    }

    fn attached(&mut self, words: &Words<'_>) {
        for embed in elements(words.embeds) {
            self.embed(&embed);
        }
        if let Some(poll) = part::<Value>(words.poll) {
            self.poll(&poll);
        }
        for attachment in elements(words.attachments) {
            self.push(&attachment["fileName"]);
            self.push(&attachment["description"]);
        }
        for sticker in elements(words.stickers) {
            self.push(&sticker["name"]);
        }
        for component in elements(words.components) {
            self.component(&component);
        }
    }

    fn push(&mut self, part: &Value) {
        if let Some(text) = part.as_str() {
            self.more.push(MessageText::from(text));
        }
    }

    fn embed(&mut self, embed: &Value) {
        self.push(&embed["author"]["name"]);
        self.push(&embed["title"]);
        self.push(&embed["description"]);
        for field in embed["fields"].as_array().into_iter().flatten() {
            self.push(&field["name"]);
            self.push(&field["value"]);
        }
        self.push(&embed["footer"]["text"]);
    }

    fn poll(&mut self, poll: &Value) {
        self.push(&poll["question"]);
        self.push(&poll["question"]["text"]);
        for answer in poll["answers"].as_array().into_iter().flatten() {
            self.push(answer);
            self.push(&answer["text"]);
        }
    }

    /// Buttons and whatever they stand in.
    fn component(&mut self, component: &Value) {
        for words in ["content", "label", "placeholder", "description", "value", "url"] {
            self.push(&component[words]);
        }
        for inside in ["components", "options", "items"] {
            component[inside].as_array().into_iter().flatten().for_each(|inner| self.component(inner));
        }
    }
}

fn elements(raw: Option<&RawValue>) -> Vec<Value> {
    raw.filter(|raw| raw.get() != "[]").and_then(|raw| part(Some(raw))).unwrap_or_default()
}
