//! Everything readable in a message, in reading order, whatever form its author gave it.

use serde::Deserialize;
use serde_json::Value;

use crate::discord::lenient;
use crate::domain::MessageText;

/// The parts of a message in which words can stand. Forwarded messages have the same parts.
#[derive(Deserialize)]
pub(super) struct Words {
    /// What was typed; none when it was not told.
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) content: Option<String>,
    #[serde(default, deserialize_with = "lenient::json")]
    pub(super) message_snapshots: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    pub(super) embeds: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    pub(super) poll: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    pub(super) attachments: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    pub(super) sticker_items: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    pub(super) components: Value,
}

/// Everything readable in a message's JSON; none when it is not an object.
pub(super) fn of_message(json: &str) -> Option<MessageText> {
    serde_json::from_str::<Words>(json).ok().map(Words::into_text)
}

impl Words {
    /// Everything readable, the parts separated by line breaks.
    pub(super) fn into_text(self) -> MessageText {
        let mut parts = Parts(self.content.unwrap_or_default());
        for snapshot in elements(&self.message_snapshots) {
            parts.message(&snapshot["message"]);
        }
        parts.attached(&self.embeds, &self.poll, &self.attachments, &self.sticker_items, &self.components);
        MessageText::new(parts.0)
    }
}

/// What was found so far.
struct Parts(String);

impl Parts {
    fn push(&mut self, part: &Value) {
        if let Some(text) = part.as_str().filter(|text| !text.trim().is_empty()) {
            if !self.0.is_empty() {
                self.0.push('\n');
            }
            self.0.push_str(text);
        }
    }

    /// A forwarded message.
    fn message(&mut self, message: &Value) {
        self.push(&message["content"]);
        let stickers = &message["sticker_items"];
        self.attached(
            &message["embeds"],
            &message["poll"],
            &message["attachments"],
            stickers,
            &message["components"],
        );
    }

    fn attached(
        &mut self,
        embeds: &Value,
        poll: &Value,
        attachments: &Value,
        stickers: &Value,
        components: &Value,
    ) {
        elements(embeds).for_each(|embed| self.embed(embed));
        self.push(&poll["question"]["text"]);
        elements(&poll["answers"]).for_each(|answer| self.push(&answer["poll_media"]["text"]));
        for attachment in elements(attachments) {
            // Discord replaces what a file name may not hold; the title keeps the name as it was given.
            self.push(if attachment["title"].is_string() {
                &attachment["title"]
            } else {
                &attachment["filename"]
            });
            self.push(&attachment["description"]);
        }
        elements(stickers).for_each(|sticker| self.push(&sticker["name"]));
        self.component(components);
    }

    fn embed(&mut self, embed: &Value) {
        self.push(&embed["author"]["name"]);
        self.push(&embed["title"]);
        self.push(&embed["description"]);
        for field in elements(&embed["fields"]) {
            self.push(&field["name"]);
            self.push(&field["value"]);
        }
        self.push(&embed["footer"]["text"]);
    }

    /// Buttons, menus and the newer components that carry whole texts, however they are nested.
    fn component(&mut self, component: &Value) {
        match component {
            Value::Array(components) => components.iter().for_each(|component| self.component(component)),
            Value::Object(_) => {
                for words in ["content", "label", "placeholder", "description", "value", "name", "url"] {
                    self.push(&component[words]);
                }
                for inside in ["components", "component", "accessory", "items", "options"] {
                    self.component(&component[inside]);
                }
            }
            _ => {}
        }
    }
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
