//! What is wrong with rule files, told so that their writer can put it right.

use std::fmt;
use std::ops::Range;

/// Everything that is wrong with a set of rule files, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct RuleErrors(pub Vec<RuleError>);

/// One thing that is wrong with one rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The file, as its source names it.
    pub file: String,
    /// The line, from 1, where one can be named.
    pub line: Option<usize>,
    /// The column in characters, from 1, where one can be named.
    pub column: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl RuleError {
    /// An error about a whole file.
    pub fn of_file(file: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, column: None, what: what.into(), remedy: remedy.into() }
    }

    /// An error at a stretch of bytes of a file's text.
    pub(super) fn at(file: &str, text: &str, bytes: Range<usize>, what: String, remedy: String) -> Self {
        let before = text.get(..bytes.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { file: file.to_owned(), line: Some(line), column: Some(column), what, remedy }
    }
}

impl fmt::Display for RuleError {
    /// `file:line:column: what; remedy`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}; {}", self.what, self.remedy)
    }
}

fn lines(errors: &[RuleError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
