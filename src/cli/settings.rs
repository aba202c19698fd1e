//! From arguments, file and environment to what a command needs.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use secrecy::SecretString;

use crate::config::Config;
use crate::storage::{Access, OpenOptions};
use crate::vault::{DeploymentKey, KeySource};

use super::system::environment;

/// Options that every command takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// Where the database and, unless configured otherwise, the deployment key are kept.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "CHAPERONE_DATA_DIR",
        default_value = "chaperone-data"
    )]
    pub data_dir: PathBuf,
    /// The configuration file; by default `chaperone.toml` in the data directory, if it is there.
    #[arg(long, global = true, value_name = "FILE", env = "CHAPERONE_CONFIG")]
    pub config: Option<PathBuf>,
    /// How much to say about its own work on standard error: error, warn, info, debug or trace.
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log: Option<tracing::level_filters::LevelFilter>,
}

impl Common {
    /// Reads the configuration.
    pub(super) fn read_config(&self) -> anyhow::Result<Config> {
        let beside = self.data_dir.join("chaperone.toml");
        let path = match &self.config {
            Some(path) => path,
            None if beside.exists() => &beside,
            None => return Ok(Config::default()),
        };
        let text = fs::read_to_string(path).with_context(|| {
            format!(
                "the configuration file {} cannot be read; check --config or CHAPERONE_CONFIG",
                path.display()
            )
        })?;
        Config::parse(&text)
            .with_context(|| format!("the configuration file {} is not right", path.display()))
    }

    /// How the database is opened.
    pub(super) fn open_options(&self, config: &Config, access: Access) -> anyhow::Result<OpenOptions> {
        let key = match environment("CHAPERONE_KEY") {
            Some(digits) => {
                let key: DeploymentKey = digits.parse().context("CHAPERONE_KEY cannot be used")?;
                KeySource::Given(key)
            }
            None => KeySource::File(
                config.key_file.clone().unwrap_or_else(|| self.data_dir.join("deployment.key")),
            ),
        };
        Ok(OpenOptions { data_dir: self.data_dir.clone(), key, access })
    }
}

/// The bot token, from the environment or from a file that the environment names.
pub(super) fn token() -> anyhow::Result<SecretString> {
    let token = match (environment("CHAPERONE_TOKEN"), environment("CHAPERONE_TOKEN_FILE")) {
        (Some(token), _) => token,
        (None, Some(path)) => fs::read_to_string(&path).with_context(|| {
            format!(
                "the token file {path} cannot be read; check CHAPERONE_TOKEN_FILE and who may read that file"
            )
        })?,
        (None, None) => anyhow::bail!(
            "there is no bot token; put it into the environment variable CHAPERONE_TOKEN, or its file's path into \
             CHAPERONE_TOKEN_FILE (the README says where Discord shows it). To try Chaperone without Discord, run \
             `chaperone sandbox`"
        ),
    };
    // Discord's portal and many examples write the prefix; the header adds its own.
    let token = token.trim();
    let bare = token.strip_prefix("Bot").filter(|rest| rest.is_empty() || rest.starts_with(' '));
    let bare = bare.unwrap_or(token).trim();
    anyhow::ensure!(!bare.is_empty(), "the bot token is empty; copy it again from the developer portal");
    anyhow::ensure!(
        bare.chars().all(|letter| letter.is_ascii_graphic()),
        "the bot token contains blanks or line breaks; copy it again from the developer portal"
    );
    Ok(SecretString::from(bare.to_owned()))
}
