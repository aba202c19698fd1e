//! What SQL cannot say once for every engine.

use super::migrate::Migrations;

/// The words of one engine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// Begins a transaction that is going to write.
    pub(super) begin_write: &'static str,
    /// How many of the tables are there without which nothing was ever migrated: `_sqlx_migrations` and `meta`.
    pub(super) count_tables: &'static str,
    /// How its schema came about.
    pub(super) migrations: Migrations,
}

/// `SQLite` takes the write lock at once: a transaction that reads first and then wants to write can be refused
/// however long it waits.
pub(super) const SQLITE: Dialect = Dialect {
    begin_write: "BEGIN IMMEDIATE",
    count_tables: "SELECT COUNT(*) FROM sqlite_schema WHERE name IN ('_sqlx_migrations', 'meta')",
    migrations: Migrations::SQLITE,
};

/// PostgreSQL needs no more than to see what others have committed: there is one writer, and whoever appends to a
/// chain holds its head. Whatever the server's defaults are, the transaction is this.
pub(super) const POSTGRES: Dialect = Dialect {
    begin_write: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    count_tables: "SELECT COUNT(*) FROM pg_tables \
        WHERE schemaname = current_schema() AND tablename IN ('_sqlx_migrations', 'meta')",
    migrations: Migrations::POSTGRES,
};
