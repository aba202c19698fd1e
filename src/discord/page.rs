//! What people read: a page of text, fields and buttons, kept within Discord's limits whatever is put into it.
//!
//! Limits: discord-api-docs, Message resource ("Embed Limits") and Component reference.

use serenity::builder::{
    CreateActionRow, CreateButton, CreateEmbed, CreateEmbedFooter, CreateInteractionResponseMessage,
    CreateMessage, EditInteractionResponse,
};
use serenity::model::Colour;
use serenity::model::application::ButtonStyle;

use crate::domain::Severity;

/// Characters of a message's text.
const CONTENT: usize = 2000;
/// Characters of an embed's description.
const DESCRIPTION: usize = 4096;
/// Characters of all texts of an embed together.
const TOTAL: usize = 6000;
/// Fields of an embed, and the characters of a field's name and value.
const FIELDS: (usize, usize, usize) = (25, 256, 1024);
/// Characters of a title, and of a button's label.
const TITLE: usize = 256;
const LABEL: usize = 80;

/// One page, for one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    title: String,
    text: String,
    fields: Vec<(String, String)>,
    footer: String,
    severity: Option<Severity>,
    buttons: Vec<Button>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Button {
    label: String,
    custom_id: String,
    style: ButtonStyle,
}

impl Page {
    /// A page that only says something.
    pub(super) fn saying(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A page with a title.
    pub(super) fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Its main text.
    #[must_use]
    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// One more field; an empty one is left out.
    #[must_use]
    pub(super) fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.trim().is_empty() {
            self.fields.push((name.into(), value));
        }
        self
    }

    /// The small print.
    #[must_use]
    pub(super) fn footer(mut self, footer: impl Into<String>) -> Self {
        self.footer = footer.into();
        self
    }

    /// Colours the page's edge; the word stands in the text too, since colour alone tells nothing to some.
    #[must_use]
    pub(super) fn coloured(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// One more button; the first one is the main one.
    #[must_use]
    pub(super) fn button(mut self, label: impl Into<String>, custom_id: impl Into<String>) -> Self {
        let style = if self.buttons.is_empty() { ButtonStyle::Primary } else { ButtonStyle::Secondary };
        self.buttons.push(Button { label: label.into(), custom_id: custom_id.into(), style });
        self
    }

    fn embed(&self) -> CreateEmbed {
        let mut room = TOTAL;
        let mut take = |text: &str, limit: usize| {
            let fitting = shorten(text, limit.min(room));
            room -= fitting.chars().count();
            fitting
        };
        let title = take(&self.title, TITLE);
        let footer = take(&self.footer, 512);
        let (most, name_limit, value_limit) = FIELDS;
        let text = take(&self.text, DESCRIPTION);
        let mut embed = CreateEmbed::new().description(text);
        if !title.is_empty() {
            embed = embed.title(title);
        }
        if !footer.is_empty() {
            embed = embed.footer(CreateEmbedFooter::new(footer));
        }
        for (name, value) in self.fields.iter().take(most) {
            let (name, value) = (take(name, name_limit), take(value, value_limit));
            if !name.is_empty() && !value.is_empty() {
                embed = embed.field(name, value, false);
            }
        }
        embed.colour(colour(self.severity))
    }

    fn rows(&self) -> Vec<CreateActionRow> {
        let button = |button: &Button| {
            CreateButton::new(&button.custom_id).label(shorten(&button.label, LABEL)).style(button.style)
        };
        self.buttons
            .chunks(5)
            .take(5)
            .map(|row| CreateActionRow::Buttons(row.iter().map(button).collect()))
            .collect()
    }

    /// As the answer to an interaction.
    pub(super) fn to_answer(&self) -> EditInteractionResponse {
        EditInteractionResponse::new().embed(self.embed()).components(self.rows())
    }

    /// As the first answer to an interaction.
    pub(super) fn to_first_answer(&self) -> CreateInteractionResponseMessage {
        CreateInteractionResponseMessage::new().ephemeral(true).embed(self.embed()).components(self.rows())
    }

    /// As a message of its own: plain text, which shows in the preview of a push notification and needs no permission
    /// to embed. Fields are for answers only.
    pub(super) fn to_message(&self) -> CreateMessage {
        let title = if self.title.is_empty() { String::new() } else { format!("**{}**\n", self.title) };
        let content = shorten(&format!("{title}{}", self.text), CONTENT);
        CreateMessage::new().content(content).components(self.rows())
    }
}

fn colour(severity: Option<Severity>) -> Colour {
    match severity {
        None | Some(Severity::Low) => Colour::new(0x5B_6B_7B),
        Some(Severity::Medium) => Colour::new(0xC8_8A_00),
        Some(Severity::High) => Colour::new(0xC2_4A_1B),
        Some(Severity::Urgent) => Colour::new(0xA8_00_2C),
    }
}

/// A text cut to so many characters, with an ellipsis where something is missing.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    if limit > 0 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_any_size_stays_within_discords_limits() {
        let long = "é".repeat(10_000);
        let mut page = Page::titled(&long).text(&long).footer(&long).coloured(Severity::Urgent);
        for _ in 0..40 {
            page = page.field(&long, &long).button(&long, "x");
        }
        let json = serde_json::to_value(page.to_answer()).unwrap();
        let embed = &json["embeds"][0];
        let length = |value: &serde_json::Value| value.as_str().map_or(0, |text| text.chars().count());
        let fields = embed["fields"].as_array().unwrap();
        let total: usize = length(&embed["title"])
            + length(&embed["description"])
            + length(&embed["footer"]["text"])
            + fields.iter().map(|field| length(&field["name"]) + length(&field["value"])).sum::<usize>();
        assert!(total <= TOTAL, "{total}");
        assert!(fields.len() <= 25 && length(&embed["description"]) <= DESCRIPTION);
        assert!(json["components"].as_array().unwrap().len() <= 5);
        assert!(length(&json["components"][0]["components"][0]["label"]) <= LABEL);
        let message = serde_json::to_value(page.to_message()).unwrap();
        assert!(length(&message["content"]) <= CONTENT);
    }

    #[test]
    fn shortening_counts_characters_and_says_that_it_did() {
        assert_eq!(shorten("école", 5), "école");
        assert_eq!(shorten("écoles", 5), "écol…");
        assert_eq!(shorten("x", 0), "");
    }
}
