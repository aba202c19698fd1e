//! Schemas: which there are, which this program can use, and how an older one becomes the newest.

use std::cmp::Ordering;

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use super::connection::{Connection, values};
use super::dialect::Dialect;
use super::{Access, Place, Result, StorageError};

/// The migrations of one engine, in order: name and text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migrations {
    main: &'static [(&'static str, &'static str)],
    keys: &'static [(&'static str, &'static str)],
}

macro_rules! migration {
    ($folder:literal, $name:literal) => {
        ($name, include_str!(concat!("../../migrations/", $folder, "/", $name, ".sql")))
    };
}

impl Migrations {
    pub(super) const SQLITE: Self = Self {
        main: &[migration!("sqlite", "0001_first_light")],
        keys: &[migration!("sqlite-keys", "0001_first_light")],
    };
    pub(super) const POSTGRES: Self = Self {
        main: &[migration!("postgres", "0001_first_light")],
        keys: &[migration!("postgres-keys", "0001_first_light")],
    };

    /// Brings everything but the data keys to the newest schema.
    pub(super) fn main(self) -> Migrator {
        migrator(self.main)
    }

    /// Brings the store of data keys to the newest schema.
    pub(super) fn keys(self) -> Migrator {
        migrator(self.keys)
    }
}

/// The newest schema that this program knows, the same for every engine.
pub(super) const KNOWN: i64 = Migrations::SQLITE.main.len() as i64;

/// The schema of a database, 0 for an empty one; refused where this program cannot use it.
pub(super) async fn check(
    connection: &mut dyn Connection,
    dialect: Dialect,
    access: Access,
    place: &Place,
) -> Result<i64> {
    let both = connection.row(dialect.count_tables, &[]).await?;
    let both = both.map(|row| row.of("the list of tables").int(0)).transpose()?;
    if both != Some(2) {
        return admit(0, 0, access, place);
    }
    let newest = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations";
    let found = match connection.row(newest, &[]).await? {
        Some(row) => row.of("_sqlx_migrations").int(0)?,
        None => 0,
    };
    let oldest = "SELECT name, value FROM meta WHERE name = $1";
    let oldest_reader = match connection.row(oldest, values!["admits-oldest-reader"]).await? {
        Some(row) => row.of("meta").word(1, |word| word.parse().ok())?,
        None => found,
    };
    admit(found, oldest_reader, access, place)
}

/// A newer schema can be read where it says so, and is never written to; an older one is migrated by who writes.
fn admit(found: i64, oldest_reader: i64, access: Access, place: &Place) -> Result<i64> {
    match (found.cmp(&KNOWN), access) {
        (Ordering::Less, Access::Read) => Err(StorageError::NoDatabase { place: place.clone() }),
        (Ordering::Greater, Access::Read) if oldest_reader <= KNOWN => Ok(found),
        (Ordering::Greater, _) => Err(StorageError::Newer { found, known: KNOWN }),
        _ => Ok(found),
    }
}

fn migrator(list: &[(&str, &'static str)]) -> Migrator {
    let migrations = (1..).zip(list).map(|(version, (name, sql))| {
        let text = sql.into_sql_str();
        Migration::new(version, (*name).to_owned().into(), MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// Why migrating failed, `of_engine` telling the engine's own errors apart.
pub(super) fn migrate_error(
    why: MigrateError,
    of_engine: impl FnOnce(sqlx::Error) -> StorageError,
) -> StorageError {
    match why {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => of_engine(error),
        other => StorageError::Engine(Box::new(other)),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_migration_of_the_folders_is_listed_in_order_and_every_engine_has_the_same() {
        let (sqlite, postgres) = (Migrations::SQLITE, Migrations::POSTGRES);
        for (folder, list, twin) in [
            ("sqlite", sqlite.main, postgres.main),
            ("sqlite-keys", sqlite.keys, postgres.keys),
            ("postgres", postgres.main, sqlite.main),
            ("postgres-keys", postgres.keys, sqlite.keys),
        ] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
            let mut names: Vec<_> = std::fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            let listed = |list: &[(&str, &str)]| -> Vec<_> {
                list.iter().map(|(name, _)| format!("{name}.sql")).collect()
            };
            assert_eq!(names, listed(list), "{folder}");
            assert_eq!(names, listed(twin), "{folder} and the other engine");
            for (number, name) in (1..).zip(&names) {
                assert!(name.starts_with(&format!("{number:04}_")), "{name} is number {number}");
            }
        }
    }

    #[test]
    fn a_newer_schema_is_never_written_to_and_read_only_where_it_admits_it() {
        let admit = |found, oldest, access| admit(found, oldest, access, &Place::Server);
        assert_eq!(admit(0, 0, Access::Write).unwrap(), 0);
        assert_eq!(admit(KNOWN, 1, Access::Read).unwrap(), KNOWN);
        assert_eq!(admit(KNOWN + 1, KNOWN, Access::Read).unwrap(), KNOWN + 1);
        assert!(matches!(admit(KNOWN + 1, KNOWN + 1, Access::Read), Err(StorageError::Newer { .. })));
        assert!(matches!(admit(KNOWN + 1, KNOWN, Access::Write), Err(StorageError::Newer { .. })));
        assert!(matches!(admit(0, 0, Access::Read), Err(StorageError::NoDatabase { .. })));
    }
}
