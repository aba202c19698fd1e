//! What storage asks of a database engine: to run a statement and to answer with rows.
//!
//! Statements are static texts with `$1…`, which every engine understands; values are numbers, texts and bytes. So all
//! of storage is written once, and an engine is what implements [`Engine`] and the connections it opens.

use std::fmt;

use async_trait::async_trait;
use sqlx::migrate::Migrator;

use super::dialect::Dialect;
use super::{Access, Place, Result, StorageError};

/// A connection to a database.
#[async_trait]
pub(super) trait Connection: Send {
    /// Runs a statement; answers how many rows it changed.
    async fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64>;

    /// Runs a statement; answers its rows.
    async fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>>;

    /// Runs a statement; answers its first row.
    async fn row(&mut self, sql: &'static str, values: &[Value]) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Closes the connection, waiting until the engine is done with it.
    async fn close(self: Box<Self>);
}

/// A connection that writes; whoever has it has it alone.
#[async_trait]
pub(super) trait WriteConnection: Connection {
    /// Brings the schema to the newest.
    async fn migrate(&mut self, migrations: Migrator) -> Result<()>;

    /// Begins a transaction.
    async fn begin(&mut self) -> Result<()>;

    /// Makes what was written since [`begin`](Self::begin) last. An error other than [`StorageError::InDoubt`] means
    /// that nothing of it was written.
    async fn commit(&mut self) -> Result<()>;

    /// Undoes what was written since [`begin`](Self::begin), whatever state the transaction is in.
    async fn roll_back(&mut self);
}

/// An engine with a place to keep records in.
#[async_trait]
pub(super) trait Engine: fmt::Debug + Send + Sync {
    /// Where that is.
    fn place(&self) -> Place;

    /// What it wants said differently.
    fn dialect(&self) -> Dialect;

    /// Opens the connection of the writer and keeps any other Chaperone from opening one.
    async fn main_writer(&self) -> Result<Box<dyn WriteConnection>>;

    /// Opens the writer's connection to the data keys; asked for by who has a [`main_writer`](Self::main_writer).
    async fn keys_writer(&self) -> Result<Box<dyn WriteConnection>>;

    /// Opens a connection to read the main database with, which is not made where it is missing.
    async fn first_reader(&self) -> Result<Box<dyn Connection>>;

    /// Where connections for reading come from. Opens nothing yet: they are made when they are first needed.
    fn readers(&self, access: Access) -> Box<dyn Readers>;
}

/// Where connections for reading come from.
#[async_trait]
pub(super) trait Readers: fmt::Debug + Send + Sync {
    /// A connection to the main database.
    async fn main(&self) -> Result<Box<dyn Connection>>;

    /// A connection to the main database that sees one moment of it, however long it is used.
    async fn snapshot(&self) -> Result<Box<dyn Connection>>;

    /// A connection to the data keys.
    async fn keys(&self) -> Result<Box<dyn Connection>>;

    /// Closes all of them.
    async fn close(&self);
}

/// A value of a statement or a row. Absence has a type too, since some engines want it.
#[derive(Clone, PartialEq)]
pub(super) enum Value {
    /// A number.
    Int(Option<i64>),
    /// A text.
    Text(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(ToOwned::to_owned))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_vec()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Some(bytes))
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(bytes: Option<Vec<u8>>) -> Self {
        Self::Bytes(bytes)
    }
}

/// The values of a statement, in the order of its `$1…`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::storage::connection::Value::from($value)),*] };
}
pub(super) use values;

/// A row that was read.
pub(super) struct Row(pub(super) Vec<Value>);

impl Row {
    /// Reads the columns of this row, which is one of `table`; the first column names it in errors.
    pub(super) fn of(&self, table: &'static str) -> Columns<'_> {
        Columns { table, values: &self.0 }
    }
}

/// The columns of one row, each read as what it should be.
#[derive(Clone, Copy)]
pub(super) struct Columns<'r> {
    table: &'static str,
    values: &'r [Value],
}

impl<'r> Columns<'r> {
    pub(super) fn int(self, column: usize) -> Result<i64> {
        self.maybe_int(column)?.ok_or_else(|| self.corrupt("a number is missing"))
    }

    pub(super) fn maybe_int(self, column: usize) -> Result<Option<i64>> {
        match self.values.get(column) {
            Some(Value::Int(number)) => Ok(*number),
            Some(Value::Text(None) | Value::Bytes(None)) => Ok(None),
            _ => Err(self.corrupt("a number is not one")),
        }
    }

    pub(super) fn text(self, column: usize) -> Result<&'r str> {
        self.maybe_text(column)?.ok_or_else(|| self.corrupt("a text is missing"))
    }

    pub(super) fn maybe_text(self, column: usize) -> Result<Option<&'r str>> {
        match self.values.get(column) {
            Some(Value::Text(text)) => Ok(text.as_deref()),
            Some(Value::Int(None) | Value::Bytes(None)) => Ok(None),
            _ => Err(self.corrupt("a text is not one")),
        }
    }

    pub(super) fn bytes(self, column: usize) -> Result<&'r [u8]> {
        self.maybe_bytes(column)?.ok_or_else(|| self.corrupt("bytes are missing"))
    }

    pub(super) fn maybe_bytes(self, column: usize) -> Result<Option<&'r [u8]>> {
        match self.values.get(column) {
            Some(Value::Bytes(bytes)) => Ok(bytes.as_deref()),
            Some(Value::Int(None) | Value::Text(None)) => Ok(None),
            _ => Err(self.corrupt("bytes are not what they should be")),
        }
    }

    /// Reads a column as one of the words of a domain type.
    pub(super) fn word<T>(self, column: usize, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        read(self.text(column)?).ok_or_else(|| self.corrupt("a word is none that this program knows"))
    }

    /// The error that this row is not what it should be. `what` holds nothing of its content.
    pub(super) fn corrupt(self, what: &'static str) -> StorageError {
        let row = match self.values.first() {
            Some(Value::Int(Some(number))) => number.to_string(),
            Some(Value::Text(Some(text))) => text.clone(),
            _ => "?".to_owned(),
        };
        StorageError::Corrupt { table: self.table, row, what }
    }
}
