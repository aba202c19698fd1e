//! `chaperone sandbox --world-only`: the world alone, for bots in any language. Says where it is, and plays the part of
//! a scenario that needs no bot's answers.

use std::future::pending;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::json;

use crate::cli::run::told_to_stop;
use crate::sandbox::Sandbox;
use crate::sandbox::scenario::{Act, Deed, Scenario, Stage, Step};

/// Serves the world until it is told to stop.
pub(super) async fn run(
    listen: SocketAddr,
    scenario: Option<Scenario>,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    if !listen.ip().is_loopback() {
        bail!(
            "the sandbox has no locks on its doors, so it listens on this machine only, not on {}; use 127.0.0.1 or [::1]",
            listen.ip()
        );
    }
    let sandbox = Sandbox::start_on(listen).await.with_context(|| {
        format!("the sandbox cannot listen on {listen}; choose another port, or 0 for a free one")
    })?;
    let stage = scenario.as_ref().map(|scenario| Stage::build(&sandbox, scenario));
    say_where(&sandbox, json, out)?;
    let playing = async {
        if let (Some(scenario), Some(stage)) = (&scenario, stage) {
            play(&sandbox, scenario, stage).await?;
        }
        pending::<anyhow::Result<()>>().await
    };
    tokio::select! {
        failed = playing => failed?,
        () = told_to_stop() => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn say_where(sandbox: &Sandbox, json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let (base, token) = (sandbox.base(), sandbox.token());
    let application = sandbox.application_id().get();
    if json {
        let line = json!({
            "type": "world", "base": base, "gateway": base.replacen("http", "ws", 1), "token": token,
            "application_id": application.to_string(), "bot_id": sandbox.bot_id().get().to_string(),
            "control": format!("{base}/sandbox/"),
        });
        writeln!(out, "{line}")?;
    } else {
        writeln!(
            out,
            "A Discord in a box listens on {base}\n\
             \n  look on          {base}/\
             \n  control API      {base}/sandbox/\
             \n  bots: REST       {base}/api/v10\
             \n  token            {token}\
             \n  application id   {application}\n\
             \nChaperone itself: api_base = \"{base}\" under [discord] of the configuration file, and\
             \nCHAPERONE_TOKEN={token} chaperone run\
             \nThe token opens nothing but this box. Ctrl-C ends it.",
        )?;
    }
    out.flush()?;
    Ok(())
}

/// Plays what needs no answer of a bot, each step when the bot has been sent everything before it.
async fn play(sandbox: &Sandbox, scenario: &Scenario, mut stage: Stage) -> anyhow::Result<()> {
    for step in scenario.days.iter().flat_map(|day| &day.steps).filter(|step| needs_no_bot(step)) {
        all_sent(sandbox).await;
        stage.perform(step).await?;
    }
    Ok(())
}

fn needs_no_bot(step: &Step) -> bool {
    let Act::Deed { deed, .. } = &step.act else { return false };
    !matches!(deed, Deed::Runs { .. } | Deed::Presses { .. } | Deed::Fills { .. })
}

/// Waits until a bot is connected and was sent everything, however long that takes.
async fn all_sent(sandbox: &Sandbox) {
    sandbox.changes_until(crate::sandbox::World::all_sent).await;
}
