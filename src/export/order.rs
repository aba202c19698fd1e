//! Exports that were written newest first, turned round.

use std::collections::VecDeque;
use std::time::Duration;

use super::error::ExportError;
use crate::app::ExportedMessage;

/// Lines within a minute of each other are read together, so they have to come in the order they were written in.
const TOGETHER: Duration = Duration::from_mins(1);
/// How many messages are held at most.
const MOST_HELD: usize = 10_000;

/// Gives the messages of an export so that lines written within a minute of each other come in the order in which they
/// were written, also where the file has the newest first. Holds no more than such a run of lines.
#[derive(Debug)]
pub struct Forward<I> {
    messages: I,
    /// Each written before the one in front of it.
    held: VecDeque<ExportedMessage>,
    /// What came behind the run, while the run is given out.
    next: Option<Result<ExportedMessage, ExportError>>,
    giving: bool,
}

impl<I: Iterator<Item = Result<ExportedMessage, ExportError>>> Forward<I> {
    /// Turns these messages round where they need it.
    pub fn new(messages: I) -> Self {
        Self { messages, held: VecDeque::new(), next: None, giving: false }
    }

    /// Whether this message belongs to the run that is held.
    fn continues(&self, message: &ExportedMessage) -> bool {
        let Some(last) = self.held.back() else { return true };
        self.held.len() < MOST_HELD
            && message.seen.message < last.seen.message
            && last.seen.sent_at.since(message.seen.sent_at) <= TOGETHER
    }
}

impl<I: Iterator<Item = Result<ExportedMessage, ExportError>>> Iterator for Forward<I> {
    type Item = Result<ExportedMessage, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.giving {
                if let Some(message) = self.held.pop_back() {
                    return Some(Ok(message));
                }
                self.giving = false;
            }
            match self.next.take().or_else(|| self.messages.next()) {
                Some(Ok(message)) if self.continues(&message) => self.held.push_back(message),
                Some(other) if self.held.is_empty() => return Some(other),
                None if self.held.is_empty() => return None,
                other => {
                    self.next = other;
                    self.giving = true;
                }
            }
        }
    }
}
