//! The people and servers that stories are told with. Verbs do to the world what a person at a client could
//! do.

mod actor;
mod command_line;
mod guild;
mod named;
mod plan;
mod reply;
mod using;

pub use actor::Actor;
pub use guild::{Guild, MemberBuilder};
pub use plan::GuildBuilder;
pub use reply::{Asked, Modal, ModalField, Reply, Shown};
