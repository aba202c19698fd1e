//! Exports of past messages, read from files as a stream.
//!
//! Reads the JSON that DiscordChatExporter writes: one object with `guild`, `channel`, `messages` and their number. What
//! its versions add and drop is read leniently, so that a field of another shape loses that field and nothing else:
//!
//! | version | what changes here |
//! |---|---|
//! | up to 2.37 | nobody's roles are told, so everybody is Unverified unless the register knows them |
//! | 2.38 | `interaction`, which is not read: it holds no words of members |
//! | 2.40.1 | `roles` of authors and of those mentioned |
//! | later | `forwardedMessage`, `reference.type`, `components` with buttons; the newest message first, where asked for |
//!
//! None of them writes polls; a field `poll`, as other tools write it, is read. The text of attached files and the names
//! of reactions are not read. What any of it means is not judged here.

mod error;
mod files;
mod message;
mod order;
mod people;
mod reader;
mod source;
mod words;

pub use error::{ExportError, Position};
pub use files::{ExportFile, FindError, find};
pub use order::Forward;
pub use people::{RoleNames, RoleNamesError};
pub use reader::ExportReader;
