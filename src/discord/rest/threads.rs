//! Archived threads, which the gateway does not tell about.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::execute::Call;
use super::{Rest, RestError};
use crate::domain::{MessageId, SpaceId};

/// How many archived threads one request asks for.
const PAGE: u8 = 100;

/// Which archived threads of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchivedThreads {
    /// Public ones; posts of a forum too.
    Public,
    /// Private ones. Needs Manage Threads.
    Private,
}

/// An archived thread. `Debug` prints only its id.
#[derive(Clone)]
pub struct ArchivedThread {
    /// Its id.
    pub id: SpaceId,
    /// The newest message in it.
    pub last_message: Option<MessageId>,
    json: Box<RawValue>,
}

impl ArchivedThread {
    /// Its JSON, for [`crate::discord::world::World::learn_threads`].
    pub fn as_json(&self) -> &str {
        self.json.get()
    }
}

impl fmt::Debug for ArchivedThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchivedThread").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Outline {
    id: SpaceId,
    #[serde(default)]
    last_message_id: Option<MessageId>,
    thread_metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    archive_timestamp: String,
}

impl Rest {
    /// All archived threads of a channel, the last archived first, page by page.
    pub async fn archived_threads(
        &self,
        channel: SpaceId,
        which: ArchivedThreads,
    ) -> Result<Vec<ArchivedThread>, RestError> {
        #[derive(Deserialize)]
        struct Answer {
            threads: Vec<Box<RawValue>>,
            #[serde(default)]
            has_more: bool,
        }
        const WHAT: &str = "archived threads";
        let kind = match which {
            ArchivedThreads::Public => "public",
            ArchivedThreads::Private => "private",
        };
        let mut found: Vec<ArchivedThread> = Vec::new();
        let mut before: Option<String> = None;
        loop {
            let mut call =
                Call::get(format!("channels/{channel}/threads/archived/{kind}")).with("limit", &PAGE);
            if let Some(before) = &before {
                call = call.with("before", before);
            }
            let answer: Answer = self.ask(call, WHAT).await?;
            let known = found.len();
            for json in answer.threads {
                let outline: Outline =
                    serde_json::from_str(json.get()).map_err(|error| RestError::undecodable(WHAT, &error))?;
                before = Some(outline.thread_metadata.archive_timestamp);
                if found.iter().all(|thread| thread.id != outline.id) {
                    found.push(ArchivedThread {
                        id: outline.id,
                        last_message: outline.last_message_id,
                        json,
                    });
                }
            }
            // A page that brings nothing new would go on for ever.
            if !answer.has_more || found.len() == known {
                return Ok(found);
            }
        }
    }
}
