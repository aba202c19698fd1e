//! What is wrong with a scenario file: where, what, and what to do.

/// Something wrong with a scenario file, found when it is read or when it is played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}. {remedy}")]
pub struct ScenarioError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// A complaint that does not know yet where it belongs: what is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) what: String,
    pub(super) remedy: String,
}

impl Complaint {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    /// A name that is not among those known, with the closest of them.
    pub(super) fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let closest = known
            .iter()
            .map(|other| (strsim::jaro_winkler(name, other), *other))
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let remedy = match closest {
            Some((_, other)) => format!("Did you mean \"{other}\"?"),
            None if known.is_empty() => "There is none at this point".to_owned(),
            None => format!("Known at this point: {}", known.join(", ")),
        };
        Self::new(format!("there is no {what} \"{name}\""), remedy)
    }

    /// The complaint about a line of a file.
    pub(super) fn at(self, file: &str, line: usize) -> ScenarioError {
        ScenarioError { file: file.to_owned(), line, what: self.what, remedy: self.remedy }
    }
}
