//! What should happen, as values: decisions, rights, recusal, retention.
//!
//! Pure: no I/O, no async, no clock. Whoever acts on these values is `app`.

pub mod access;
mod decide;
mod recusal;
mod retention;

pub use decide::{Subject, decide};
pub use recusal::is_recused;
pub use retention::held_until;
