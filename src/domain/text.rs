//! What members write, wrapped so that it cannot slip into a log.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use zeroize::Zeroize;

/// What a member wrote. `Debug` prints only its length; reading it needs [`MessageText::expose`].
///
/// There is no `Display` and no `Serialize` on purpose. The memory is wiped when the value goes.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct MessageText(String);

impl MessageText {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Call it only to scan, to seal, or to show it to someone whose right was proven.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length in bytes of UTF-8.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for MessageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageText({} bytes)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for MessageText {
    /// Reads a text; half characters, which JSON can hold and a string cannot, are replaced.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = MessageText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<MessageText, E> {
                Ok(MessageText::new(String::from_utf8_lossy(bytes)))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

impl From<&str> for MessageText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl Drop for MessageText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_only_the_length() {
        assert_eq!(format!("{:?}", MessageText::from("meet me")), "MessageText(7 bytes)");
    }

    #[test]
    fn half_characters_in_json_do_not_hide_the_rest_of_a_text() {
        let text: MessageText = serde_json::from_str(r#""caf\u00e9 \ud83d here""#).unwrap();
        assert!(text.expose().starts_with("café ") && text.expose().ends_with(" here"), "{}", text.expose());
        assert!(serde_json::from_str::<MessageText>("7").is_err());
    }
}
