//! From our values to sqlx's and from its rows to ours, the same for every engine.

use sqlx::query::Query;
use sqlx::{ColumnIndex, Database, Decode, Encode, Type, TypeInfo, ValueRef};

use super::connection::{Row, Value};

/// A statement with its values.
pub(super) fn bound<'q, DB>(
    sql: &'static str,
    values: &'q [Value],
) -> Query<'q, DB, <DB as Database>::Arguments>
where
    DB: Database,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    Option<&'q str>: Encode<'q, DB> + Type<DB>,
    Option<&'q [u8]>: Encode<'q, DB> + Type<DB>,
{
    values.iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.as_deref()),
        Value::Bytes(bytes) => query.bind(bytes.as_deref()),
    })
}

/// The rows that a statement answered with.
pub(super) fn read<R>(rows: &[R]) -> sqlx::Result<Vec<Row>>
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    i64: for<'r> Decode<'r, R::Database>,
    String: for<'r> Decode<'r, R::Database>,
    Vec<u8>: for<'r> Decode<'r, R::Database>,
{
    rows.iter().map(read_one).collect()
}

fn read_one<R>(row: &R) -> sqlx::Result<Row>
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    i64: for<'r> Decode<'r, R::Database>,
    String: for<'r> Decode<'r, R::Database>,
    Vec<u8>: for<'r> Decode<'r, R::Database>,
{
    let value = |column| {
        let raw = row.try_get_raw(column)?;
        if raw.is_null() {
            return Ok(Value::Int(None));
        }
        match raw.type_info().name() {
            "TEXT" => row.try_get_unchecked(column).map(|text| Value::Text(Some(text))),
            "BLOB" | "BYTEA" => row.try_get_unchecked(column).map(|bytes| Value::Bytes(Some(bytes))),
            _ => row.try_get_unchecked(column).map(|number| Value::Int(Some(number))),
        }
    };
    (0..row.len()).map(value).collect::<sqlx::Result<Vec<_>>>().map(Row)
}

/// Implements `Connection` for a type of sqlx's, or one that has one inside.
macro_rules! connection {
    ($type:ty, $this:ident => $inner:expr, $that:ident => $close:expr) => {
        #[async_trait::async_trait]
        impl $crate::storage::connection::Connection for $type {
            async fn execute(
                &mut self,
                sql: &'static str,
                values: &[$crate::storage::connection::Value],
            ) -> $crate::storage::Result<u64> {
                let $this = self;
                let done = $crate::storage::rows::bound(sql, values).execute($inner).await;
                Ok(done.map_err(error)?.rows_affected())
            }

            async fn rows(
                &mut self,
                sql: &'static str,
                values: &[$crate::storage::connection::Value],
            ) -> $crate::storage::Result<Vec<$crate::storage::connection::Row>> {
                let $this = self;
                let rows = $crate::storage::rows::bound(sql, values).fetch_all($inner).await;
                rows.and_then(|rows| $crate::storage::rows::read(&rows)).map_err(error)
            }

            async fn close(self: Box<Self>) {
                let $that = *self;
                $close;
            }
        }
    };
}
pub(super) use connection;
