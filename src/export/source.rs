//! A file as a stream of JSON values, found by their brackets and quotes; only the value in hand is held.

use std::io::{ErrorKind, Read};

use memchr::memchr2;

use super::error::{ExportError, Position};

/// How much is read at once.
const CHUNK: usize = 256 * 1024;
/// The longest value that is held. A message of an export, with all it carries, is a few kilobytes.
const LONGEST: usize = 32 * 1024 * 1024;

pub(super) type Result<T> = std::result::Result<T, ExportError>;

/// What was read of a file and is not done with yet.
#[derive(Debug)]
pub(super) struct Source<R> {
    file: R,
    buffer: Vec<u8>,
    /// Where in the buffer what is not done with begins and ends.
    start: usize,
    end: usize,
    position: Position,
}

impl<R: Read> Source<R> {
    pub(super) fn new(file: R) -> Self {
        Self { file, buffer: vec![0; CHUNK], start: 0, end: 0, position: Position::START }
    }

    /// Where in the file it stands.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// What is in the buffer from here on.
    pub(super) fn held(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Goes on behind so many bytes, which are held.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.position = self.position.after(&self.buffer[self.start..self.start + bytes]);
        self.start += bytes;
    }

    /// Makes sure that so many bytes are held, where the file has them.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<()> {
        while self.end - self.start < bytes && self.fill()? {}
        Ok(())
    }

    /// Skips blanks and answers the byte behind them, if there is one.
    pub(super) fn next_mark(&mut self) -> Result<Option<u8>> {
        loop {
            let held = self.held();
            if let Some(blanks) = held.iter().position(|byte| !byte.is_ascii_whitespace()) {
                let mark = held[blanks];
                self.advance(blanks);
                return Ok(Some(mark));
            }
            self.advance(held.len());
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Takes this mark.
    pub(super) fn take(&mut self, mark: u8, expected: &'static str) -> Result<()> {
        if self.next_mark()? != Some(mark) {
            return Err(self.damaged(expected));
        }
        self.advance(1);
        Ok(())
    }

    /// The length of the value that begins here; it is held then. Whether it is sound inside is not seen here.
    pub(super) fn value(&mut self, expected: &'static str) -> Result<usize> {
        if matches!(self.next_mark()?, None | Some(b',' | b':' | b'}' | b']')) {
            return Err(self.damaged(expected));
        }
        let mut outline = Outline::default();
        let mut read = 0;
        loop {
            if let Some(length) = outline.end(self.held(), &mut read) {
                return Ok(length);
            }
            if read > LONGEST {
                return Err(self.damaged("a value of less than 32 megabytes"));
            }
            if !self.fill()? {
                self.advance(read);
                return Err(self.damaged(expected));
            }
        }
    }

    /// That something else should stand here.
    pub(super) fn damaged(&self, expected: &'static str) -> ExportError {
        ExportError::Damaged { at: self.position, expected, ends: self.held().is_empty() }
    }

    /// Reads more; answers whether there was any.
    fn fill(&mut self) -> Result<bool> {
        if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.buffer.len() - self.end < CHUNK / 2 {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
        }
        loop {
            match self.file.read(&mut self.buffer[self.end..]) {
                Ok(more) => {
                    self.end += more;
                    return Ok(more > 0);
                }
                Err(again) if again.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(ExportError::Unreadable { at: self.position, source }),
            }
        }
    }
}

/// Finds the end of a value by its brackets and quotes.
#[derive(Default)]
struct Outline {
    depth: u32,
    in_text: bool,
    escaped: bool,
}

impl Outline {
    /// Reads on in `held` from `read`, and answers the length of the value once its end is there.
    fn end(&mut self, held: &[u8], read: &mut usize) -> Option<usize> {
        while let Some(byte) = held.get(*read) {
            if self.escaped {
                self.escaped = false;
                *read += 1;
            } else if self.in_text {
                let Some(letters) = memchr2(b'"', b'\\', &held[*read..]) else {
                    *read = held.len();
                    return None;
                };
                *read += letters + 1;
                if held[*read - 1] == b'\\' {
                    self.escaped = true;
                    continue;
                }
                self.in_text = false;
                if self.depth == 0 {
                    return Some(*read);
                }
            } else {
                *read += 1;
                match byte {
                    b'"' => self.in_text = true,
                    b'{' | b'[' => self.depth += 1,
                    // A number or a word ends before the mark behind it.
                    b'}' | b']' | b',' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => {
                        return Some(*read - 1);
                    }
                    b'}' | b']' => {
                        self.depth -= 1;
                        if self.depth == 0 {
                            return Some(*read);
                        }
                    }
                    _ => {}
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(&mut buffer[..1])
        }
    }

    fn value(text: &str) -> Option<String> {
        let mut source = Source::new(Drops(text.as_bytes()));
        let length = source.value("a value").ok()?;
        Some(String::from_utf8(source.held()[..length].to_vec()).unwrap())
    }

    #[test]
    fn a_value_ends_where_its_brackets_and_quotes_say() {
        for (text, expected) in [
            (r#"{"a":[1,"}"]} ,"#, r#"{"a":[1,"}"]}"#),
            (r#""quo\"te\\",7"#, r#""quo\"te\\""#),
            ("  -12.5e3]", "-12.5e3"),
            ("null\n}", "null"),
            (r#"[[],{"\\":"]"}]x"#, r#"[[],{"\\":"]"}]"#),
        ] {
            assert_eq!(value(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "  ", ",", "]", r#"{"a":1"#, r#""open"#, "12"] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_longer_than_a_chunk_is_held_whole() {
        let long = format!("[\"{}\"]", "x".repeat(3 * CHUNK));
        let text = format!("{long},1");
        let mut source = Source::new(text.as_bytes());
        assert_eq!(source.value("a value").unwrap(), long.len());
    }
}
