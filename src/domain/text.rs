//! What members write, wrapped so that it cannot slip into a log.

use std::fmt;

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
}
