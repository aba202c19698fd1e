//! Exports made for a test, and readers that behave badly.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chaperone::app::ExportedMessage;
use chaperone::domain::Standing;
use chaperone::export::{ExportError, ExportReader, RoleNames};
use serde_json::{Value, json};

/// A message that was sent so many seconds after the day began on which all of these are.
pub(super) fn message(second: u64, author: u64, content: &str) -> Value {
    json!({
        "id": id(second).to_string(),
        "type": "Default",
        "timestamp": stamp(second),
        "timestampEdited": null,
        "isPinned": false,
        "content": content,
        "author": {"id": author.to_string(), "name": format!("member{author}"), "discriminator": "0000",
            "nickname": format!("Member {author}"), "color": null, "isBot": false, "roles": []},
        "attachments": [], "embeds": [], "stickers": [], "reactions": [], "mentions": [],
    })
}

/// The same message, edited so many seconds after the day began.
pub(super) fn edited(mut message: Value, second: u64, content: &str) -> Value {
    message["content"] = json!(content);
    message["timestampEdited"] = json!(stamp(second));
    message
}

/// The id of the message sent at that second.
pub(super) fn id(second: u64) -> u64 {
    (1_738_540_800_000 + second * 1000 - 1_420_070_400_000) << 22
}

fn stamp(second: u64) -> String {
    chaperone::domain::Timestamp::from_millis((1_738_540_800 + second as i64) * 1000).to_string()
}

/// An export of these messages.
pub(super) fn export(messages: &[Value]) -> Value {
    json!({
        "guild": {"id": "500", "name": "Science Club", "iconUrl": ""},
        "channel": {"id": "600", "type": "GuildTextChat", "categoryId": "6", "category": "Text", "name": "general",
            "topic": null},
        "dateRange": {"after": null, "before": null},
        "exportedAt": stamp(86_400),
        "messages": messages,
        "messageCount": messages.len(),
    })
}

/// Writes an export into a folder.
pub(super) fn write(folder: &Path, name: &str, export: &Value) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, serde_json::to_vec_pretty(export).unwrap()).unwrap();
    path
}

/// The exports that stand in the repository, one of each version.
pub(super) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/exports")
}

pub(super) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(samples().join(name)).unwrap()
}

pub(super) fn role_names() -> Arc<RoleNames> {
    Arc::new(RoleNames::new([("Staff", Standing::Staff), ("Students", Standing::Student)]).unwrap())
}

/// Everything read from a file, and what was wrong with it.
pub(super) fn read(file: impl Read) -> (Vec<ExportedMessage>, Vec<ExportError>) {
    let (mut messages, mut errors) = (Vec::new(), Vec::new());
    for next in ExportReader::new(file, role_names()) {
        match next {
            Ok(message) => messages.push(message),
            Err(error) => errors.push(error),
        }
    }
    (messages, errors)
}

/// Gives a few bytes at a time.
pub(super) struct Drops<'a>(pub(super) &'a [u8], pub(super) usize);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}

/// Gives what there is, and then fails.
pub(super) struct Breaks<'a>(pub(super) &'a [u8]);

impl Read for Breaks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the disk is gone")),
            some => Ok(some),
        }
    }
}

/// An export that is made while it is read: so many messages, and how many bytes of them were given out.
pub(super) struct Endless {
    left: u64,
    given: Arc<std::sync::atomic::AtomicU64>,
    chunk: Vec<u8>,
    at: usize,
}

impl Endless {
    pub(super) fn new(messages: u64) -> (Self, Arc<std::sync::atomic::AtomicU64>) {
        let chunk = br#"{"guild":{"id":"500"},"channel":{"id":"600"},"messages":["#.to_vec();
        let given = Arc::default();
        (Self { left: messages, given: Arc::clone(&given), chunk, at: 0 }, given)
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            self.at = 0;
            self.chunk = match self.left {
                0 => Vec::new(),
                1 => [message(1, 7, "the last one").to_string(), "]}".to_owned()].concat().into_bytes(),
                left => format!("{},", message(left, left % 30, "the lab is open at noon")).into_bytes(),
            };
            self.left = self.left.saturating_sub(1);
        }
        let most = buffer.len().min(self.chunk.len() - self.at);
        buffer[..most].copy_from_slice(&self.chunk[self.at..self.at + most]);
        self.at += most;
        self.given.fetch_add(most as u64, std::sync::atomic::Ordering::Relaxed);
        Ok(most)
    }
}
