//! Puts a bot together on the production path: storage, rules, ports, Discord. `run`, `sandbox` and the stories of the
//! tests all start it here.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use secrecy::SecretString;

use crate::app::Deployment;
use crate::app::ports::{Clock, Ids};
use crate::config::Config;
use crate::discord::{BotOptions, RunningBot};
use crate::storage::{OpenOptions, Storage};
use crate::{discord, patterns, storage};

/// How often a database server that does not answer at the start is asked, and how long after the time before.
const ASKING: (u32, Duration) = (60, Duration::from_secs(2));

/// What a bot is put together from.
#[derive(Debug)]
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub database: OpenOptions,
    /// The bot's token.
    pub token: SecretString,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn Ids>,
}

/// Opens the database, loads the rules, and starts the bot. Returns when it is connected.
pub async fn start_bot(parts: Parts) -> anyhow::Result<RunningBot> {
    let Parts { config, database, token, clock, ids } = parts;
    let api_base =
        config.discord.api_base.parse().context("the setting `discord.api_base` cannot be used")?;
    let ruleset = patterns::load(config.rules_dir.as_deref()).context("the rules cannot be used")?;
    let storage = open_when_there(&database, &*clock).await.context("the database cannot be opened")?;
    let jitter_seed = clock.now().as_millis().unsigned_abs();
    let deployment =
        Deployment::open(Arc::clone(&storage), Arc::new(ruleset), clock, ids, config.evidence.days).await?;
    match discord::start(deployment, BotOptions { api_base, token, jitter_seed }).await {
        Ok(bot) => Ok(bot),
        Err(error) => {
            storage.close_down().await;
            Err(error.into())
        }
    }
}

/// Opens the database. A server that is not there yet is waited for: after a power cut it may start later than this.
async fn open_when_there(database: &OpenOptions, clock: &dyn Clock) -> storage::Result<Arc<dyn Storage>> {
    let (times, pause) = ASKING;
    for _ in 0..times {
        match storage::open(database).await {
            Err(why) if why.is_absence() => {
                tracing::warn!(error = &why as &dyn std::error::Error, "waiting for the database");
                clock.sleep(pause).await;
            }
            opened => return opened,
        }
    }
    storage::open(database).await
}
