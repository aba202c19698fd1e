//! Where the sandbox keeps its database: a new temporary folder, or a folder of the user's that holds no database yet.
//!
//! `--data-dir` counts here only where it stands on the command line: what the environment names is the real one's.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::CommandFactory;
use clap::parser::ValueSource;
use tempfile::TempDir;

use crate::cli::Arguments;

/// The data directory of a sandbox.
#[derive(Debug)]
pub(super) enum Lodging {
    /// Removed at the end.
    Temporary(TempDir),
    /// Stays.
    Kept(PathBuf),
}

impl Lodging {
    /// The folder that the command line names, or a new temporary one.
    pub(super) fn find(keep: bool) -> anyhow::Result<Self> {
        if let Some(named) = named_on_command_line() {
            return Self::named(named);
        }
        let folder = tempfile::Builder::new()
            .prefix("chaperone-sandbox-")
            .tempdir()
            .context("no temporary folder can be made; name a folder with --data-dir")?;
        Ok(if keep { Self::Kept(folder.keep()) } else { Self::Temporary(folder) })
    }

    fn named(folder: PathBuf) -> anyhow::Result<Self> {
        if folder.join("chaperone.db").exists() {
            bail!(
                "{} already holds a database of Chaperone. The sandbox makes up a new world each time and would mix \
                 the two; name a new folder, or leave --data-dir out",
                folder.display()
            );
        }
        Ok(Self::Kept(folder))
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }

    /// Whether it stays.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    /// Removes what does not stay.
    pub(super) fn leave(self) -> anyhow::Result<()> {
        match self {
            Self::Temporary(folder) => folder.close().context("the temporary folder cannot be removed"),
            Self::Kept(_) => Ok(()),
        }
    }
}

fn named_on_command_line() -> Option<PathBuf> {
    let matches = Arguments::command().try_get_matches().ok()?;
    let named = matches.value_source("data_dir")? == ValueSource::CommandLine;
    let folder = matches.get_one::<PathBuf>("data_dir").filter(|_| named)?;
    Some(fs::canonicalize(folder).unwrap_or_else(|_| folder.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_database_is_refused_and_an_empty_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let lodging = Lodging::named(folder.path().to_owned()).unwrap();
        assert!(lodging.is_kept());
        fs::write(folder.path().join("chaperone.db"), "").unwrap();
        let refused = Lodging::named(folder.path().to_owned()).unwrap_err();
        assert!(refused.to_string().contains("name a new folder"), "{refused}");
    }

    #[test]
    fn a_temporary_folder_goes_unless_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        Lodging::Temporary(folder).leave().unwrap();
        assert!(!path.exists());
    }
}
