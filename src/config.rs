//! The configuration: text in, [`Config`] out. Files and the environment are read by `cli`.
//!
//! [`SETTINGS`] is the single list of keys; `config.example.toml` is compared with it in a test.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tracing::level_filters::LevelFilter;

/// One key of `chaperone.toml`.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its section and name, such as `discord.api_base`; a name without a section stands at the top.
    pub key: &'static str,
    /// The default as it is written in TOML; empty where the default is that the key is absent.
    pub default: &'static str,
    /// An example for a key without a default.
    pub example: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// Every key, in the order of `config.example.toml`.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "key_file",
        default: "",
        example: "\"/etc/chaperone/deployment.key\"",
        doc: "Where the deployment key is (64 hexadecimal digits). Keep it outside the data directory in production,\n\
              and keep a backup: without it no record can be opened. By default it is `deployment.key` in the data\n\
              directory, made at the first start. The environment variable CHAPERONE_KEY can hold the key itself.",
    },
    Setting {
        key: "database",
        default: "",
        example: "\"postgres://chaperone@db.example.org/chaperone\"",
        doc: "A PostgreSQL database for deployments that outgrow one machine; by default everything is kept in the data\n\
              directory. Give the whole address with its password in the environment variable CHAPERONE_DATABASE_URL,\n\
              or in a file (`database_file`). A server on another machine must prove who it is, unless the address says\n\
              otherwise (`?sslmode=…`, `?sslrootcert=FILE`).",
    },
    Setting {
        key: "database_file",
        default: "",
        example: "\"/etc/chaperone/database-url\"",
        doc: "A file that holds what `database` would say, when its password should not stand here.",
    },
    Setting {
        key: "rules_dir",
        default: "",
        example: "\"/etc/chaperone/rules\"",
        doc: "A folder with rule files of your own, beside the built-in ones (see patterns/README.md).",
    },
    Setting {
        key: "discord.api_base",
        default: "\"https://discord.com\"",
        example: "",
        doc: "Where Discord is. Plain http is accepted for addresses of this machine only, for the sandbox.",
    },
    Setting {
        key: "evidence.days",
        default: "400",
        example: "",
        doc: "How many days the words of an incident are kept. At least 365: what was used for a decision about a\n\
              person is kept for a year after it.",
    },
    Setting {
        key: "log.filter",
        default: "\"info\"",
        example: "",
        doc: "How much Chaperone says about its own work on standard error: error, warn, info, debug or trace. Never\n\
              what members write, and never more than warnings of the libraries it uses.",
    },
    Setting { key: "log.json", default: "false", example: "", doc: "Whether to say it as JSON lines." },
];

/// The configuration of a Deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Where the deployment key is; by default in the data directory.
    pub key_file: Option<PathBuf>,
    /// The PostgreSQL database; by default the embedded one of the data directory is used.
    pub database: Option<DatabaseUrl>,
    /// The file that holds the address of the PostgreSQL database.
    pub database_file: Option<PathBuf>,
    /// Rule files beside the built-in ones.
    pub rules_dir: Option<PathBuf>,
    /// The Discord edge.
    pub discord: Discord,
    /// What is kept.
    pub evidence: Evidence,
    /// What Chaperone says about its own work.
    pub log: Log,
}

/// The address of a PostgreSQL database. It may hold a password: `Debug` shows nothing of it.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// The address, for whoever connects.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url.into())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

impl PartialEq for DatabaseUrl {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for DatabaseUrl {}

/// The section `[discord]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Discord {
    /// One base address for REST and gateway.
    pub api_base: String,
}

/// The section `[evidence]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Days that the words of an Incident are kept.
    pub days: u32,
}

/// The section `[log]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Log {
    /// A level: error, warn, info, debug or trace.
    pub filter: String,
    /// JSON lines.
    pub json: bool,
}

impl Log {
    /// The level that `filter` names.
    pub fn level(&self) -> LevelFilter {
        self.filter.parse().unwrap_or(LevelFilter::INFO)
    }
}

impl Default for Discord {
    fn default() -> Self {
        Self { api_base: "https://discord.com".to_owned() }
    }
}

impl Default for Evidence {
    fn default() -> Self {
        Self { days: 400 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), json: false }
    }
}

/// What is wrong with a configuration, with where and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is not TOML, or a value has the wrong type.
    #[error("{0}")]
    Toml(String),
    /// A key that does not exist.
    #[error("there is no setting `{key}`{}; config.example.toml lists them all", suggestion(.nearest.as_deref()))]
    Unknown {
        /// The key.
        key: String,
        /// The one that was perhaps meant.
        nearest: Option<String>,
    },
    /// A value that cannot be.
    #[error("`{key}` {problem}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong with it, and what would be right.
        problem: &'static str,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!(" (did you mean `{nearest}`?)"))
}

impl Config {
    /// Reads a configuration. Every key is optional; unknown keys are refused.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let table: toml::Table = toml::from_str(text).map_err(|error| not_toml(text, &error))?;
        refuse_unknown("", &table)?;
        let config: Self = toml::from_str(text).map_err(|error| not_toml(text, &error))?;
        config.check()
    }

    fn check(self) -> Result<Self, ConfigError> {
        if self.database.is_some() && self.database_file.is_some() {
            return Err(ConfigError::Value {
                key: "database_file",
                problem: "stands beside `database`; keep one of them",
            });
        }
        if self.evidence.days < 365 {
            return Err(ConfigError::Value {
                key: "evidence.days",
                problem: "must be at least 365: what was used for a decision about a person is kept for a year",
            });
        }
        if !matches!(self.log.filter.as_str(), "error" | "warn" | "info" | "debug" | "trace") {
            return Err(ConfigError::Value {
                key: "log.filter",
                problem: "must be error, warn, info, debug or trace",
            });
        }
        Ok(self)
    }
}

/// Where the text is not what it should be. The line itself is not shown, since it may hold a password.
fn not_toml(text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let message = error.message().trim_end();
    let message = if message.contains("://") { "a value is not of the right type" } else { message };
    ConfigError::Toml(format!("line {line}: {message}"))
}

fn refuse_unknown(section: &str, table: &toml::Table) -> Result<(), ConfigError> {
    for (name, value) in table {
        let key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
        let is_section = SETTINGS.iter().any(|setting| setting.key.starts_with(&format!("{key}.")));
        match value {
            toml::Value::Table(inner) if is_section => refuse_unknown(&key, inner)?,
            _ if SETTINGS.iter().any(|setting| setting.key == key) => {}
            _ => return Err(ConfigError::Unknown { nearest: nearest(&key), key }),
        }
    }
    Ok(())
}

fn nearest(key: &str) -> Option<String> {
    SETTINGS
        .iter()
        .map(|setting| (strsim::normalized_damerau_levenshtein(key, setting.key), setting.key))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, key)| key.to_owned())
}

/// How `config.example.toml` begins.
const HEADER: [&str; 3] = [
    "# The configuration of Chaperone. Every key may be left out; the values below are the defaults, and keys without a",
    "# default are commented out. Secrets never stand here: the bot token comes from the environment variable",
    "# CHAPERONE_TOKEN, or from a file named by CHAPERONE_TOKEN_FILE.",
];

/// The text of `config.example.toml`: every key with its meaning and its default.
pub fn example() -> String {
    let mut lines: Vec<String> = HEADER.iter().map(|line| (*line).to_owned()).collect();
    let mut section = "";
    for setting in SETTINGS {
        let (its_section, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        lines.push(String::new());
        if its_section != section {
            section = its_section;
            lines.push(format!("[{section}]"));
        }
        lines.extend(setting.doc.lines().map(|line| format!("# {}", line.trim())));
        lines.push(match setting.default {
            "" => format!("# {name} = {}", setting.example),
            default => format!("{name} = {default}"),
        });
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_configuration() {
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn the_example_is_the_defaults() {
        assert_eq!(Config::parse(&example()).unwrap(), Config::default());
    }

    #[test]
    fn an_unknown_key_is_refused_with_a_suggestion() {
        let error = Config::parse("[discord]\napi_bas = \"x\"").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no setting `discord.api_bas` (did you mean `discord.api_base`?); config.example.toml lists them all"
        );
        let error = Config::parse("zebra = 1").unwrap_err();
        assert_eq!(error.to_string(), "there is no setting `zebra`; config.example.toml lists them all");
    }

    #[test]
    fn a_wrong_type_names_the_line() {
        let error = Config::parse("[evidence]\ndays = \"many\"").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn no_error_and_no_debug_shows_the_password_of_a_database() {
        const PASSWORD: &str = "hunter2";
        let url = format!("postgres://chaperone:{PASSWORD}@db.example.org/chaperone");
        let config = Config::parse(&format!("database = \"{url}\"")).unwrap();
        assert_eq!(config.database.as_ref().unwrap().expose(), url);
        assert!(!format!("{config:?}").contains(PASSWORD), "{config:?}");
        for broken in [
            format!("database = \"{url}"),
            format!("database = {url}"),
            format!("database = '{url}\""),
            format!("database = [\"{url}\"]"),
            format!("database = \"{url}\" x"),
            format!("[database]\nurl = \"{url}\""),
            format!("databse = \"{url}\""),
            format!("database = \"{url}\"\ndatabase_file = \"x\""),
            format!("database = \"\\q{url}\""),
            format!("evidence = \"{url}\""),
        ] {
            let error = Config::parse(&broken).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(PASSWORD), "{error}");
        }
    }

    #[test]
    fn values_that_cannot_be_are_refused() {
        assert!(Config::parse("evidence.days = 30").unwrap_err().to_string().contains("at least 365"));
        assert!(Config::parse("log.filter = \"loud\"").unwrap_err().to_string().contains("error, warn"));
    }

    #[test]
    fn every_commented_key_works_when_it_is_used() {
        let text = example().replace("# key_file", "key_file").replace("# rules_dir", "rules_dir");
        let config = Config::parse(&text.replace("# database = ", "database = ")).unwrap();
        assert!(config.key_file.is_some() && config.rules_dir.is_some() && config.database.is_some());
        let config = Config::parse(&text.replace("# database_file", "database_file")).unwrap();
        assert!(config.database_file.is_some());
    }
}
