//! Tells the server's errors apart by its codes (postgresql.org, "PostgreSQL Error Codes"). What an error holds besides
//! its code can name people and show values, so that nothing else goes on.

use std::io;

use super::super::StorageError;

/// What the server said, without its words.
#[derive(Debug, thiserror::Error)]
#[error("PostgreSQL answered with the error code {code}")]
struct Answer {
    code: String,
}

/// Why a connection did not come about.
pub(super) fn opening_error(why: sqlx::Error) -> StorageError {
    match why {
        sqlx::Error::Io(why) => StorageError::Unreachable { why: why.kind() },
        sqlx::Error::PoolTimedOut => StorageError::Unreachable { why: io::ErrorKind::TimedOut },
        sqlx::Error::Tls(_) => StorageError::Encryption,
        sqlx::Error::Configuration(_) => {
            StorageError::Address { problem: "a certificate or key that it names cannot be used" }
        }
        other => error(other),
    }
}

/// Why a statement was not run.
pub(super) fn error(why: sqlx::Error) -> StorageError {
    match why {
        sqlx::Error::PoolClosed => StorageError::Closed,
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => {
            StorageError::Disconnected
        }
        sqlx::Error::PoolTimedOut => StorageError::Unreachable { why: io::ErrorKind::TimedOut },
        sqlx::Error::Database(said) => of_code(said.code().as_deref().unwrap_or_default()),
        other => StorageError::Engine(Box::new(other)),
    }
}

fn of_code(code: &str) -> StorageError {
    match code {
        "40001" | "40P01" | "57014" => StorageError::Overtaken,
        "55P03" => StorageError::Locked,
        "53100" => StorageError::DiskFull,
        // Ended by an administrator, by a crash, or for having been idle too long.
        "57P01" | "57P02" | "57P05" | "25P03" => StorageError::Disconnected,
        "57P03" => StorageError::Busy,
        "3D000" => StorageError::NoSuchDatabase,
        "42501" => StorageError::NotPermitted,
        "XX001" | "XX002" => StorageError::NotADatabase,
        _ => match code.get(..2) {
            Some("08") => StorageError::Disconnected,
            Some("28") => StorageError::NotAccepted,
            Some("53") => StorageError::Busy,
            _ => StorageError::Engine(Box::new(Answer { code: code.to_owned() })),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for (code, passes) in [
            ("40001", true),
            ("40P01", true),
            ("55P03", true),
            ("53100", true),
            ("53300", true),
            ("57P01", true),
            ("57P03", true),
            ("08006", true),
            ("28P01", false),
            ("3D000", false),
            ("42501", false),
            ("23505", false),
            ("", false),
        ] {
            assert_eq!(of_code(code).is_passing(), passes, "{code}: {}", of_code(code));
        }
    }

    #[test]
    fn an_error_that_is_not_told_apart_keeps_its_code() {
        let error = of_code("23505");
        assert!(format!("{error:?}").contains("23505"), "{error:?}");
    }
}
