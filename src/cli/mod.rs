//! The command line: arguments, wiring, and what is printed. The only room that reads the environment and the
//! configuration file, and that knows every other room.

mod bot;
pub mod log;
pub mod rules;
mod run;
#[cfg(feature = "sandbox")]
mod sandbox;
mod settings;
mod system;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::ops::{LogFormat, keep_panics_discreet, start_telemetry};
use crate::storage::Access;

pub use bot::{Parts, start_bot};
pub use settings::Common;
pub use system::{SystemClock, SystemIds};

/// Exit code: the command cannot be carried out as it was given.
const CANNOT: u8 = 2;

/// Supervises school-sanctioned Discord servers: it flags and records; people decide.
#[derive(Debug, Parser)]
#[command(name = "chaperone", version, about, after_help = AFTER_HELP)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Start with `chaperone sandbox`: it shows the whole of it on this machine, without a Discord account.

Environment: CHAPERONE_TOKEN or CHAPERONE_TOKEN_FILE (the bot token), CHAPERONE_KEY (the deployment key in 64 \
hexadecimal digits; it goes before `key_file`), CHAPERONE_DATA_DIR, CHAPERONE_CONFIG.

Exit codes: 0 all is well; 1 the command ran and found something wrong; 2 it could not be carried out.";

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show Chaperone at work on this machine: a Discord in a box, a class, a week.
    #[cfg(feature = "sandbox")]
    Sandbox(sandbox::SandboxArguments),
    /// Watch the servers that the bot is in.
    Run,
    /// Look at rule files.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Look at the log.
    #[command(subcommand)]
    Log(log::LogCommand),
}

/// Reads the arguments, does what they ask for, and answers the exit code.
pub fn main() -> ExitCode {
    keep_panics_discreet();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to standard output, mistakes to standard error; clap knows which.
            let code = if error.use_stderr() { CANNOT } else { 0 };
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    crate::discord::install_tls_provider();
    let carried_out = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(carry_out(arguments)));
    carried_out.unwrap_or_else(|error| {
        complain(&error);
        ExitCode::from(CANNOT)
    })
}

async fn carry_out(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let common = &arguments.common;
    let mut out = anstream::stdout();
    match arguments.command {
        #[cfg(feature = "sandbox")]
        Command::Sandbox(options) => sandbox::run(common, &options, &mut out).await,
        Command::Run => {
            let config = common.read_config()?;
            let level = common.log.unwrap_or(config.log.level());
            start_telemetry(level, if config.log.json { LogFormat::Json } else { LogFormat::Text });
            run::run(common, &config, &mut out).await
        }
        Command::Rules(command) => rules::run(&command, common.read_config()?.rules_dir.as_deref(), &mut out),
        Command::Log(command) => {
            let config = common.read_config()?;
            log::run(command, &common.open_options(&config, Access::Read)?, &mut out).await
        }
    }
}

/// Says what went wrong and why, one sentence a line; what takes several lines is set in.
fn complain(error: &anyhow::Error) {
    let mut err = anstream::stderr();
    let mut lines = vec![format!("chaperone: {error}")];
    lines.extend(error.chain().skip(1).map(|cause| format!("  because: {cause}")));
    for line in lines {
        let line = line.trim_end().replace('\n', "\n    ");
        // Nothing is left to tell where standard error is gone.
        drop(writeln!(err, "{line}"));
    }
}
