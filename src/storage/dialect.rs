//! What SQL cannot say once for every engine.

/// The words of one engine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// Begins a transaction that is going to write.
    pub(super) begin_write: &'static str,
}

/// `SQLite` takes the write lock at once: a transaction that reads first and then wants to write can be refused
/// however long it waits.
pub(super) const SQLITE: Dialect = Dialect { begin_write: "BEGIN IMMEDIATE" };
