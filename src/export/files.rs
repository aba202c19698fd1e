//! Which files a scan reads: those that are named, and those in folders, in the order in which they were written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file that may be an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFile {
    /// Where it is.
    pub path: PathBuf,
    /// How long it is, in bytes.
    pub size: u64,
}

/// Why the files cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// A path leads nowhere.
    #[error("{} cannot be read; check that the path is right and readable", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A folder has nothing to scan.
    #[error("{} holds no export; exports are files that end in .json", path.display())]
    NoExport {
        /// The folder.
        path: PathBuf,
    },
}

/// The files of these paths, each once. In a folder and the folders in it, every file that ends in `.json` is one,
/// except in the folders ending in `_Files`, where DiscordChatExporter puts attachments.
pub fn find(paths: &[PathBuf]) -> Result<Vec<ExportFile>, FindError> {
    let mut found: Vec<ExportFile> = Vec::new();
    for path in paths {
        let unreadable = |source| FindError::Unreadable { path: path.clone(), source };
        let metadata = fs::metadata(path).map_err(unreadable)?;
        let files = if metadata.is_dir() {
            let mut files = Vec::new();
            walk(path, &mut files)?;
            if files.is_empty() {
                return Err(FindError::NoExport { path: path.clone() });
            }
            files.sort_by_cached_key(|file| place_in_series(&file.path));
            files
        } else {
            vec![ExportFile { path: path.clone(), size: metadata.len() }]
        };
        for file in files {
            if !found.iter().any(|known| known.path == file.path) {
                found.push(file);
            }
        }
    }
    Ok(found)
}

fn walk(folder: &Path, files: &mut Vec<ExportFile>) -> Result<(), FindError> {
    let unreadable = |source| FindError::Unreadable { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        // A link to a folder is not followed: it may lead back here.
        if entry.file_type().map_err(unreadable)?.is_dir() {
            if !path.to_string_lossy().ends_with("_Files") {
                walk(&path, files)?;
            }
        } else if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
            let metadata = fs::metadata(&path).map_err(unreadable)?;
            if metadata.is_file() {
                files.push(ExportFile { size: metadata.len(), path });
            }
        }
    }
    Ok(())
}

/// Partitions are called `name.json`, `name [part 2].json` and so on: sorted by name, then by number.
fn place_in_series(path: &Path) -> (PathBuf, u64) {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let part = stem.strip_suffix(']').and_then(|rest| rest.rsplit_once(" [part "));
    let part = part.and_then(|(name, number)| Some((name, number.parse().ok()?)));
    let (name, number) = part.unwrap_or((&stem, 1));
    (path.with_file_name(name), number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_their_exports_in_order_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            "lab [part 10].json",
            "lab [part 2].json",
            "lab.json",
            "deep/general.JSON",
            "lab.html",
            "x_Files/a.json",
        ];
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
        }
        let paths = [folder.path().to_owned(), folder.path().join("lab.json")];
        let found = find(&paths).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|file| file.path.strip_prefix(folder.path()).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["deep/general.JSON", "lab.json", "lab [part 2].json", "lab [part 10].json"]);
        assert_eq!(found[0].size, 2);
    }

    #[test]
    fn a_path_that_leads_nowhere_and_a_folder_without_exports_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        assert!(matches!(find(&[path.join("no.json")]), Err(FindError::Unreadable { .. })));
        assert!(matches!(find(&[path]), Err(FindError::NoExport { .. })));
    }
}
