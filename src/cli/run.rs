//! `chaperone run`: watches the servers that the bot is in, until it is told to stop.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use crate::config::Config;
use crate::storage::Access;

use super::bot::{Parts, start_bot};
use super::settings::{Common, token};
use super::system::{SystemClock, SystemIds};

/// Runs until Ctrl-C or SIGTERM, then stops in order.
pub(super) async fn run(common: &Common, config: &Config, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let parts = Parts {
        token: token()?,
        database: common.open_options(config, Access::Write)?,
        config: config.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
    };
    let mut bot = tokio::select! {
        started = start_bot(parts) => started?,
        () = told_to_stop() => {
            writeln!(out, "Stopped before Chaperone was connected.")?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    writeln!(out, "Chaperone is watching. Stop it with Ctrl-C.")?;
    out.flush()?;
    tokio::select! {
        ended = bot.finished() => {
            ended?;
        }
        () = told_to_stop() => {
            writeln!(out, "Stopping: finishing what is in hand.")?;
            bot.stop().await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C or, from a service manager, SIGTERM.
pub(super) async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        drop(tokio::signal::ctrl_c().await);
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
