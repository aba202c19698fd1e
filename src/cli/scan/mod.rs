//! `chaperone scan`: past messages from exports, into the same log as live ones.

mod read;
mod report;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use crate::app::{Deployment, Scan, ScanOrder, ScannedIncident};
use crate::config::Config;
use crate::domain::{MessageText, Standing};
use crate::export::{ExportFile, RoleNames};
use crate::storage::{Access, OpenOptions};
use crate::{export, patterns, storage};

use super::run::told_to_stop;
use super::settings::Common;
use super::system::{SystemClock, SystemIds};
use report::Report;

/// Scan exports of past messages into the log.
///
/// Reads the files that DiscordChatExporter writes with the format Json, also in parts and in folders.
///
/// Groups that are not known yet become pending ones. Nobody is alerted. Scanning the same export again, or one that
/// overlaps with what was seen live, makes no incident twice. Not while `chaperone run` uses the same data directory.
///
/// Ends with 0 when all was scanned, 1 when something could not be read or the scan was stopped, 2 when nothing was
/// scanned or the database failed.
#[derive(Debug, Clone, clap::Args)]
pub struct ScanCommand {
    /// Exports, and folders of them.
    #[arg(required = true, value_name = "EXPORT")]
    pub exports: Vec<PathBuf>,
    /// A role whose members are staff, by its name. May be given several times.
    #[arg(long = "staff-role", value_name = "NAME")]
    pub staff_roles: Vec<String>,
    /// A role whose members are students.
    #[arg(long = "student-role", value_name = "NAME")]
    pub student_roles: Vec<String>,
    /// A role whose members are parents.
    #[arg(long = "parent-role", value_name = "NAME")]
    pub parent_roles: Vec<String>,
    /// Who scans; kept, sealed, in the log of each group.
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// Why; kept in the same place.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Print one JSON object per incident, then one with the summary.
    #[arg(long)]
    pub json: bool,
}

impl ScanCommand {
    fn role_names(&self) -> Result<RoleNames, export::RoleNamesError> {
        let as_standing = |names: &'_ [String], standing| -> Vec<(String, Standing)> {
            names.iter().map(|name| (name.clone(), standing)).collect()
        };
        let names = [
            as_standing(&self.staff_roles, Standing::Staff),
            as_standing(&self.student_roles, Standing::Student),
            as_standing(&self.parent_roles, Standing::Parent),
        ]
        .concat();
        RoleNames::new(names.iter().map(|(name, standing)| (name.as_str(), *standing)))
    }

    fn order(&self) -> ScanOrder {
        let words = |said: &Option<String>| said.as_deref().map(MessageText::from);
        ScanOrder { operator: words(&self.operator), reason: words(&self.reason) }
    }
}

/// Scans as the command line says, until it is done or told to stop.
pub(super) async fn carry_out(
    command: &ScanCommand,
    common: &Common,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<ExitCode> {
    let config = common.read_config()?;
    let database = common.open_options(&config, Access::Write)?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    let waiting = tokio::spawn(async move {
        told_to_stop().await;
        told.cancel();
    });
    let ended = run(command, &config, &database, out, &mut anstream::stderr(), stop).await;
    waiting.abort();
    ended
}

/// Scans into the database that `database` names. Incidents and the summary go to `out`, what could not be read to
/// `err`.
pub async fn run(
    command: &ScanCommand,
    config: &Config,
    database: &OpenOptions,
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
    stop: CancellationToken,
) -> anyhow::Result<ExitCode> {
    let role_names = Arc::new(command.role_names()?);
    let files = export::find(&command.exports).context("the exports cannot be scanned")?;
    let ruleset = patterns::load(config.rules_dir.as_deref()).context("the rules cannot be used")?;
    let storage = storage::open(database).await.context("the database cannot be opened")?;
    let clock = Arc::new(SystemClock);
    let ids = Arc::new(SystemIds);
    let deployment =
        Deployment::open(Arc::clone(&storage), Arc::new(ruleset), clock, ids, config.evidence.days).await;
    let ended = match deployment {
        Ok(deployment) => {
            let scan = Scan::new(deployment, command.order());
            let report = Report::new(command.json, progress_bar(&files), out, err);
            scan_and_report(scan, &files, &role_names, report, &stop).await
        }
        Err(error) => Err(error.into()),
    };
    storage.close_down().await;
    ended
}

async fn scan_and_report(
    mut scan: Scan,
    files: &[ExportFile],
    role_names: &Arc<RoleNames>,
    mut report: Report<'_>,
    stop: &CancellationToken,
) -> anyhow::Result<ExitCode> {
    let scanned = scan_all(&mut scan, files, role_names, &mut report, stop).await;
    report.finish(scan.summary(), &role_names.unmet(), stop.is_cancelled())?;
    scanned.context(
        "the scan could not be finished; what is reported above is recorded, and scanning again goes on",
    )?;
    let all_is_well = report.is_sound() && !stop.is_cancelled();
    Ok(if all_is_well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn scan_all(
    scan: &mut Scan,
    files: &[ExportFile],
    role_names: &Arc<RoleNames>,
    report: &mut Report<'_>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    for file in files {
        if stop.is_cancelled() {
            break;
        }
        let (batches, reading) = read::start(file, Arc::clone(role_names), report.bar());
        let batches = batches.take_until(Box::pin(stop.cancelled()));
        let scanned = scan.take(batches, &mut |found: &ScannedIncident| report.incident(found)).await;
        report.file(file, reading.await.context("the file could not be read")?);
        scanned?;
    }
    Ok(())
}

/// Bytes read, on a terminal; elsewhere nothing is drawn.
fn progress_bar(files: &[ExportFile]) -> ProgressBar {
    let bar = ProgressBar::new(files.iter().map(|file| file.size).sum());
    let style = ProgressStyle::with_template(
        "{bar:40} {percent}%  {bytes} of {total_bytes}  {bytes_per_sec}, {eta} left",
    );
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
