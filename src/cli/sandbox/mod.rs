//! `chaperone sandbox`: the main job without a Discord account. Starts Discord in a box, the bot on its production
//! path, and a scenario; shows what is said, what is flagged and who is told; then says how to look further.
//!
//! `play` goes through the scenario, `show` puts lines on the terminal or into JSON, `lodging` is the data directory.

mod clock;
mod line;
mod lodging;
mod play;
mod show;
mod tally;
mod world_only;
mod wrap;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use self::clock::StoryClock;
use self::line::{Line, Lodgings};
use self::lodging::Lodging;
use self::play::{Ending, Play};
use self::show::Show;
use super::bot::{Parts, start_bot};
use super::run::told_to_stop;
use super::settings::Common;
use super::system::SystemIds;
use crate::config::{Config, Discord};
use crate::ops::{LogFormat, start_telemetry};
use crate::sandbox::Sandbox;
use crate::sandbox::scenario::{Scenario, Stage};
use crate::storage::{Access, OpenOptions};
use crate::vault::KeySource;

/// The pause after each line on a terminal.
const PACE: Duration = Duration::from_millis(600);

/// Options of `chaperone sandbox`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Nothing here touches Discord: the server, its people and their words are made up, and everything runs on this \
machine. The database goes into a new temporary folder that is removed at the end, unless --keep or --data-dir says \
otherwise; CHAPERONE_DATA_DIR is not used here.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct SandboxArguments {
    /// End when the scenario has been played, instead of waiting for Ctrl-C.
    #[arg(long)]
    exit_when_done: bool,
    /// Print one JSON object a line: `said`, `edited`, `deleted`, `asked`, `answered`, `incident`, `alert` (its `incident`
    /// is null where it is not about one), and a last `summary`.
    #[arg(long)]
    json: bool,
    /// Play this scenario file instead of the science club's week.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Milliseconds between lines [default: 600 on a terminal, otherwise 0].
    #[arg(long, value_name = "MS")]
    pace: Option<u64>,
    /// Keep the temporary folder with the database.
    #[arg(long)]
    keep: bool,
    /// The port of this machine that the Discord in a box listens on [default: a free one].
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Serve only the world, without Chaperone, until Ctrl-C: for bots of any kind, with a control API and a page to
    /// look on. With --scenario, its server is founded and its people speak once a bot is connected.
    #[arg(long, conflicts_with_all = ["exit_when_done", "keep", "pace", "port"])]
    world_only: bool,
    /// Where the world listens: an address of this machine, port 0 for a free one.
    #[arg(long, value_name = "ADDRESS:PORT", requires = "world_only", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// Plays a scenario.
pub(super) async fn run(
    common: &Common,
    options: &SandboxArguments,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    if let Some(level) = common.log {
        start_telemetry(level, LogFormat::Text);
    }
    if options.world_only {
        let scenario = options.scenario.is_some().then(|| scenario(options)).transpose()?;
        return world_only::run(options.listen, scenario, options.json, out).await;
    }
    let scenario = scenario(options)?;
    let lodging = Lodging::find(options.keep)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let sandbox = Sandbox::start_on(address).await.with_context(|| {
        format!(
            "the sandbox cannot listen on port {} of this machine; choose another with --port",
            options.port
        )
    })?;
    let clock = StoryClock::starting_monday(&sandbox);
    let stage = Stage::build(&sandbox, &scenario);
    let bot = start_bot(Parts {
        config: Config { discord: Discord { api_base: sandbox.base() }, ..config(common)? },
        database: OpenOptions {
            data_dir: lodging.path().to_owned(),
            database: None,
            key: KeySource::File(lodging.path().join("deployment.key")),
            access: Access::Write,
        },
        token: sandbox.token().into(),
        clock: Arc::new(clock.clone()),
        ids: Arc::new(SystemIds),
    })
    .await?;

    let mut show = Show::new(out, options.json);
    let mut play = Play::new(sandbox, stage, bot, clock, pace(options));
    let played = tokio::select! {
        played = play.play(&scenario, &mut show) => played,
        () = told_to_stop() => Ok(Ending::Interrupted),
    };
    let ended = match played {
        Ok(ending) => finish(&play, ending, options, &lodging, &mut show).await,
        Err(error) => Err(error),
    };
    play.stop().await?;
    if let Err(error) = ended
        && !reader_is_gone(&error)
    {
        return Err(error);
    }
    lodging.leave()?;
    Ok(ExitCode::SUCCESS)
}

/// Whether output ended because nobody reads it any more, as with `| head`: that is no failure.
fn reader_is_gone(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// What comes after the play: the summary, how to look further, and waiting for Ctrl-C.
async fn finish(
    play: &Play,
    ending: Ending,
    options: &SandboxArguments,
    lodging: &Lodging,
    show: &mut Show<'_>,
) -> anyhow::Result<()> {
    let stays = ending == Ending::Played && !options.exit_when_done;
    if ending == Ending::Interrupted {
        show.line(&Line::Stopped)?;
    }
    let data_dir = lodging.path().to_owned();
    show.summary((stays || lodging.is_kept()).then(|| data_dir.clone()))?;
    show.line(&Line::LookFurther(Lodgings {
        data_dir,
        kept: lodging.is_kept(),
        stays,
        address: play.address(),
    }))?;
    if stays {
        told_to_stop().await;
    }
    Ok(())
}

fn scenario(options: &SandboxArguments) -> anyhow::Result<Scenario> {
    let Some(path) = &options.scenario else {
        return Scenario::science_club().context("the built-in scenario cannot be read");
    };
    let text = fs::read_to_string(path)
        .with_context(|| format!("the scenario file {} cannot be read", path.display()))?;
    Ok(Scenario::parse(&path.display().to_string(), &text)?)
}

/// The settings of a configuration file that was named; one beside a real database is of no concern here.
fn config(common: &Common) -> anyhow::Result<Config> {
    if common.config.is_some() { common.read_config() } else { Ok(Config::default()) }
}

fn pace(options: &SandboxArguments) -> Duration {
    let hurried = options.json || options.exit_when_done || !io::stdout().is_terminal();
    match options.pace {
        Some(millis) => Duration::from_millis(millis),
        None if hurried => Duration::ZERO,
        None => PACE,
    }
}
