//! From the setting `database` to something to connect with. Nothing of the address shows in errors or `Debug`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::super::{Result, StorageError};
use crate::config::DatabaseUrl;

/// What an address may say behind its question mark. The driver would write others into the log, with their values.
const PARAMETERS: [&str; 10] =
    ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "hostaddr", "port", "dbname", "user", "password"];

/// What every session wants of the server, whatever the server's defaults are: no endless waiting for locks, and no
/// session that outlives a Chaperone whose machine is gone.
const SESSION: [(&str, &str); 5] = [
    ("lock_timeout", "2s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
];

/// Which part of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    /// Everything but the data keys.
    Main,
    /// The data keys, apart so that their dumps can expire sooner.
    Keys,
}

impl Schema {
    const fn name(self) -> &'static str {
        match self {
            Self::Main => "chaperone",
            Self::Keys => "chaperone_keys",
        }
    }

    /// Makes it.
    pub(super) const fn create(self) -> &'static str {
        match self {
            Self::Main => "CREATE SCHEMA chaperone",
            Self::Keys => "CREATE SCHEMA chaperone_keys",
        }
    }
}

/// A database on a server, and how to get in.
#[derive(Clone)]
pub(super) struct Server(PgConnectOptions);

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server(…)")
    }
}

impl Server {
    /// Reads an address. A server on another machine must prove who it is, unless the address says otherwise.
    pub(super) fn new(url: &DatabaseUrl) -> Result<Self> {
        let url = url.expose();
        let wrong = |problem| StorageError::Address { problem };
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(wrong("it must begin with postgres://"));
        }
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        let names: Vec<_> = parameters.split('&').filter_map(|one| one.split('=').next()).collect();
        if names.iter().any(|name| !name.is_empty() && !PARAMETERS.contains(name)) {
            return Err(wrong(
                "it has a parameter that is not known; sslmode and sslrootcert are what is needed most",
            ));
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| {
            wrong(
                "it must read postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special letters of the password \
                 written as % and two hexadecimal digits",
            )
        })?;
        if options.get_database().is_none() {
            return Err(wrong(
                "it names no database; put one behind the host, such as postgres://HOST/chaperone",
            ));
        }
        let strict = !names.contains(&"sslmode") && !is_this_machine(&options);
        Ok(Self(if strict { options.ssl_mode(PgSslMode::VerifyFull) } else { options }))
    }

    /// How to connect to write.
    pub(super) fn to_write(&self, schema: Schema) -> PgConnectOptions {
        let options = self.0.clone().application_name("chaperone").disable_statement_logging();
        options.options(SESSION).options([("search_path", schema.name())])
    }

    /// How to connect to read, with no chance of writing.
    pub(super) fn to_read(&self, schema: Schema) -> PgConnectOptions {
        self.to_write(schema).options([("default_transaction_read_only", "on")])
    }
}

fn is_this_machine(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Result<Server> {
        Server::new(&url.to_owned().into())
    }

    #[test]
    fn a_server_elsewhere_must_prove_who_it_is_unless_the_address_says_otherwise() {
        for (url, strict) in [
            ("postgres://chaperone@db.example.org/chaperone", true),
            ("postgresql://chaperone@192.0.2.7:6432/chaperone", true),
            ("postgres://chaperone@db.example.org/chaperone?sslmode=disable", false),
            ("postgres://chaperone@localhost/chaperone", false),
            ("postgres://chaperone@127.0.0.1:5433/chaperone", false),
            ("postgres://chaperone@[::1]/chaperone", false),
            ("postgres://chaperone@%2Fvar%2Frun%2Fpostgresql/chaperone", false),
            ("postgres:///chaperone?host=/var/run/postgresql", false),
        ] {
            let mode = server(url).unwrap().0.get_ssl_mode();
            assert_eq!(matches!(mode, PgSslMode::VerifyFull), strict, "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_showing_it() {
        for url in [
            "",
            "mysql://chaperone:hunter2@db/chaperone",
            "postgres://chaperone:hunter2@db",
            "postgres://chaperone:hunter2@db:port/chaperone",
            "postgres://chaperone@db/chaperone?pasword=hunter2",
            "postgres://chaperone:hunter2@db/chaperone?sslmode=perhaps",
            "chaperone:hunter2@db/chaperone",
        ] {
            let refused = server(url).unwrap_err();
            assert!(matches!(refused, StorageError::Address { .. }), "{refused}");
            assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused:?}");
            assert!(!refused.is_passing());
        }
    }

    #[test]
    fn debug_shows_nothing_of_the_address() {
        let server = server("postgres://chaperone:hunter2@db.example.org/chaperone").unwrap();
        assert_eq!(format!("{server:?}"), "Server(…)");
    }
}
