//! One export, message by message.

use std::io::Read;
use std::sync::Arc;

use serde::Deserialize;

use super::error::ExportError;
use super::message::{self, Header};
use super::people::{People, RoleNames};
use super::source::{Result, Source};
use crate::app::ExportedMessage;
use crate::domain::{GroupId, MessageText, Place, SpaceId};

/// Reads the messages of an export in the order of the file. Holds one of them at a time, however long the file is.
///
/// An error that goes on loses one message; any other ends the reading. What was read before it stays read.
#[derive(Debug)]
pub struct ExportReader<R> {
    source: Source<R>,
    state: State,
    header: Header,
    people: People,
    messages: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is read yet.
    Start,
    /// Before a name of the outermost object, or its end. The first needs no comma.
    Names { first: bool },
    /// Before a message, or the end of their list.
    Messages { first: bool },
    /// All is read, or nothing more can be.
    End,
}

impl<R: Read> ExportReader<R> {
    /// A reader of this file.
    pub fn new(file: R, role_names: Arc<RoleNames>) -> Self {
        Self {
            source: Source::new(file),
            state: State::Start,
            header: Header::default(),
            people: People::new(role_names),
            messages: 0,
        }
    }

    /// The next message, or none at the sound end of the file.
    fn advance(&mut self) -> Result<Option<ExportedMessage>> {
        loop {
            match self.state {
                State::Start => self.begin()?,
                State::Names { first } => self.name(first)?,
                State::Messages { first } => {
                    if let Some(length) = self.next_message(first)? {
                        return self.message(length).map(Some);
                    }
                }
                State::End => return Ok(None),
            }
        }
    }

    fn begin(&mut self) -> Result<()> {
        self.source.hold(3)?;
        if self.source.held().starts_with(b"\xEF\xBB\xBF") {
            self.source.advance(3);
        }
        let expected = match self.source.held() {
            [b'<', ..] => "an export as JSON, and this looks like HTML; export again with the format Json",
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
                "UTF-8, and this looks like UTF-16; save the file as UTF-8, or export again"
            }
            [0x1F, 0x8B, ..] | [b'P', b'K', ..] => "a file that is not packed; unpack it first",
            _ => "an export as JSON, which begins with `{`",
        };
        self.source.take(b'{', expected)?;
        self.state = State::Names { first: true };
        Ok(())
    }

    /// Reads a name and its value, up to the messages; or the end of the file.
    fn name(&mut self, first: bool) -> Result<()> {
        if self.source.next_mark()? == Some(b'}') {
            return self.finish();
        }
        if !first {
            self.source.take(b',', "`,` and more of the export, or `}` at its end")?;
        }
        self.source.next_mark()?;
        let length = self.source.value("a name in quotes")?;
        let name: Option<String> = serde_json::from_slice(&self.source.held()[..length]).ok();
        let name = name.ok_or_else(|| self.source.damaged("a name in quotes"))?;
        self.source.advance(length);
        self.source.take(b':', "`:` and a value")?;
        self.source.next_mark()?;
        self.state = State::Names { first: false };
        match name.as_str() {
            "guild" => self.guild(),
            "channel" => self.channel(),
            "messages" => self.begin_messages(),
            "messageCount" => self.message_count(),
            _ => {
                let length = self.source.value("a value")?;
                self.source.advance(length);
                Ok(())
            }
        }
    }

    fn guild(&mut self) -> Result<()> {
        let expected = "a server with its `id`";
        let length = self.source.value(expected)?;
        let server: Option<Named<GroupId>> = serde_json::from_slice(&self.source.held()[..length]).ok();
        let server = server.ok_or_else(|| self.source.damaged(expected))?;
        if server.id.get() == 0 {
            let expected =
                "an export of a server; direct messages belong to none, and cannot be scanned into a log";
            return Err(self.source.damaged(expected));
        }
        self.header.group = Some(server.id);
        self.source.advance(length);
        Ok(())
    }

    fn channel(&mut self) -> Result<()> {
        let expected = "a channel with its `id`";
        let length = self.source.value(expected)?;
        let channel: Option<Named<SpaceId>> = serde_json::from_slice(&self.source.held()[..length]).ok();
        let channel = channel.ok_or_else(|| self.source.damaged(expected))?;
        let kind = channel.kind.as_ref().map_or("", |kind| kind.expose());
        self.header.channel = Some((channel.id, message::space_kind(kind), channel.name.unwrap_or_default()));
        self.source.advance(length);
        Ok(())
    }

    fn begin_messages(&mut self) -> Result<()> {
        if self.header.place().is_none() {
            return Err(self.source.damaged("`guild` and `channel` to stand before `messages`"));
        }
        self.source.take(b'[', "a list of messages, which begins with `[`")?;
        self.state = State::Messages { first: true };
        Ok(())
    }

    fn message_count(&mut self) -> Result<()> {
        let length = self.source.value("the number of messages")?;
        let count: Option<u64> = serde_json::from_slice(&self.source.held()[..length]).ok();
        self.header.count = count.map(|count| (count, self.source.position()));
        self.source.advance(length);
        Ok(())
    }

    /// The length of the next message; none at the end of their list.
    fn next_message(&mut self, first: bool) -> Result<Option<usize>> {
        if self.source.next_mark()? == Some(b']') {
            self.source.advance(1);
            self.state = State::Names { first: false };
            return Ok(None);
        }
        if !first {
            self.source.take(b',', "`,` and another message, or `]` behind the last")?;
            // Exports that were put together by hand have a comma behind the last message too.
            if self.source.next_mark()? == Some(b']') {
                self.state = State::Messages { first: true };
                return Ok(None);
            }
        }
        self.state = State::Messages { first: false };
        self.source.value("a whole message").map(Some)
    }

    fn message(&mut self, length: usize) -> Result<ExportedMessage> {
        self.messages += 1;
        let bytes = &self.source.held()[..length];
        let place = self.header.place().ok_or_else(|| self.source.damaged("`guild` and `channel`"))?;
        let read = message::read(bytes, place, &mut self.people);
        let at = self.source.position();
        let error = read.as_ref().err().map(|unread| ExportError::Message {
            at: at.after(&bytes[..unread.offset.min(length)]),
            expected: unread.expected,
        });
        self.source.advance(length);
        match (read, error) {
            (Ok(message), _) => Ok(message),
            (Err(unread), error) => {
                Err(error.unwrap_or(ExportError::Message { at, expected: unread.expected }))
            }
        }
    }

    fn finish(&mut self) -> Result<()> {
        if self.header.group.is_none() {
            return Err(self.source.damaged("`guild`, `channel` and `messages`"));
        }
        self.source.advance(1);
        if self.source.next_mark()?.is_some() {
            return Err(self.source.damaged("nothing behind the end of the export"));
        }
        match self.header.count {
            Some((count, at)) if count != self.messages => {
                let expected = "the number of messages in the file; some are missing or were added";
                Err(ExportError::Damaged { at, expected, ends: false })
            }
            _ => {
                self.state = State::End;
                Ok(())
            }
        }
    }
}

impl<R: Read> Iterator for ExportReader<R> {
    type Item = Result<ExportedMessage>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance().transpose();
        if matches!(&next, Some(Err(error)) if !error.goes_on()) {
            self.state = State::End;
        }
        next
    }
}

/// A server or a channel. Names are members' words.
#[derive(Deserialize)]
struct Named<Id> {
    id: Id,
    #[serde(default, rename = "type")]
    kind: Option<MessageText>,
    #[serde(default)]
    name: Option<MessageText>,
}

impl Header {
    fn place(&self) -> Option<Place> {
        let (space, kind, name) = self.channel.as_ref()?;
        Some(Place { group: self.group?, space: *space, kind: *kind, name: name.clone() })
    }
}
