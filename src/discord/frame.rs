//! One frame of the gateway: its text as it came, and its outside read cheaply without touching what is in it.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The text of one frame. `Debug` prints only its length, since it may hold what a member wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct RawFrame(String);

impl RawFrame {
    /// Wraps a frame's text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it came.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// The frame's outside. The content is not looked at yet.
    pub fn frame(&self) -> Result<Frame<'_>, FrameError> {
        serde_json::from_str(&self.0).map_err(|error| FrameError {
            line: error.line(),
            column: error.column(),
            length: self.0.len(),
        })
    }
}

impl fmt::Debug for RawFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawFrame({} bytes)", self.0.len())
    }
}

/// A frame's outside: what it is, and its content still as text.
#[derive(Clone, Copy, Deserialize)]
pub struct Frame<'a> {
    /// The name of the event, such as `MESSAGE_CREATE`; only on dispatches.
    #[serde(borrow, default)]
    pub t: Option<&'a str>,
    /// The number of the event in its session; only on dispatches.
    #[serde(default)]
    pub s: Option<u64>,
    /// The opcode; 0 is a dispatch.
    pub op: u8,
    /// The content.
    #[serde(borrow, default)]
    pub d: Option<&'a RawValue>,
}

impl<'a> Frame<'a> {
    /// The name of the event; empty when the frame is not a dispatch.
    pub fn kind(&self) -> &'a str {
        self.t.unwrap_or_default()
    }

    /// The content as JSON text; `null` when there is none.
    pub fn content(&self) -> &'a str {
        self.d.map_or("null", RawValue::get)
    }

    /// Reads the content; none when it does not fit. Why is not said, since the reason may quote what a member wrote.
    pub(super) fn read<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_str(self.content()).ok()
    }
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({} op {} s {:?}, {} bytes)", self.kind(), self.op, self.s, self.content().len())
    }
}

/// A text that is not a frame. Says where it breaks off and never what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {length} bytes is not JSON with an opcode (line {line}, column {column})")]
pub struct FrameError {
    line: usize,
    column: usize,
    length: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_from_outside() {
        let raw = RawFrame::new(r#"{"t":"MESSAGE_CREATE","s":7,"op":0,"d":{"content":"s3cret"}}"#);
        let frame = raw.frame().unwrap();
        assert_eq!((frame.kind(), frame.s, frame.op), ("MESSAGE_CREATE", Some(7), 0));
        assert_eq!(frame.content(), r#"{"content":"s3cret"}"#);
        assert!(!format!("{raw:?} {frame:?}").contains("s3cret"));
        let heartbeat = RawFrame::new(r#"{"t":null,"s":null,"op":11,"d":null}"#);
        assert_eq!((heartbeat.frame().unwrap().kind(), heartbeat.frame().unwrap().content()), ("", "null"));
    }

    #[test]
    fn what_is_not_a_frame_is_refused_without_being_quoted() {
        for bad in ["", "s3cret", r#"{"t":"X","d":"s3cret"}"#, r#"{"op":"s3cret"}"#] {
            let error = RawFrame::new(bad).frame().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{bad}");
        }
    }
}
