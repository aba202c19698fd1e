//! What is wrong with an export, and where. Never carries what stands in the file.

use std::fmt;
use std::io;

use memchr::{memchr_iter, memrchr};

/// A place in a file. Lines and columns count from 1, and columns, like offsets, count bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
    /// How many bytes come before it.
    pub offset: u64,
}

impl Position {
    /// Where a file begins.
    pub(super) const START: Self = Self { line: 1, column: 1, offset: 0 };

    /// The place behind these bytes.
    #[must_use]
    pub(super) fn after(self, bytes: &[u8]) -> Self {
        let newlines = memchr_iter(b'\n', bytes).count();
        let column = match memrchr(b'\n', bytes) {
            Some(last) => (bytes.len() - last) as u64,
            None => self.column + bytes.len() as u64,
        };
        Self { line: self.line + newlines as u64, column, offset: self.offset + bytes.len() as u64 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {} (byte {})", self.line, self.column, self.offset)
    }
}

/// What is wrong with an export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// One message cannot be read; those behind it can.
    #[error("{at}: one message is left out: expected {expected}")]
    Message {
        /// Where.
        at: Position,
        /// What should stand there.
        expected: &'static str,
    },
    /// From here on nothing can be read.
    #[error("{at}: expected {expected}{}", if *.ends { ", but the file ends here" } else { "" })]
    Damaged {
        /// Where.
        at: Position,
        /// What should stand there.
        expected: &'static str,
        /// Whether the file ends there.
        ends: bool,
    },
    /// The system gives no more of it.
    #[error("{at}: the file cannot be read any further; check the disk it is on and scan it again")]
    Unreadable {
        /// Where.
        at: Position,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl ExportError {
    /// Where it is.
    pub fn at(&self) -> Position {
        match self {
            Self::Message { at, .. } | Self::Damaged { at, .. } | Self::Unreadable { at, .. } => *at,
        }
    }

    /// Whether what comes behind it can still be read.
    pub fn goes_on(&self) -> bool {
        matches!(self, Self::Message { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_columns_and_bytes() {
        let at = Position::START.after(b"ab\ncd\nefg");
        assert_eq!(at, Position { line: 3, column: 4, offset: 9 });
        assert_eq!(at.after(b"h"), Position { line: 3, column: 5, offset: 10 });
        assert_eq!(at.after(b"\n"), Position { line: 4, column: 1, offset: 10 });
    }
}
