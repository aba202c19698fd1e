//! The people and servers that stories are told with. Verbs do to the world what a person at a client could
//! do.

mod actor;
mod command_line;
mod fittings;
mod guild;
mod moderation;
mod named;
mod plan;
mod reply;
mod rooms;
mod using;
mod voice;
mod writing;

pub use actor::Actor;
pub use fittings::Webhook;
pub use guild::{Guild, MemberBuilder};
pub use plan::GuildBuilder;
pub use reply::{Asked, Modal, ModalField, Reply, Shown};
