//! A compiled Rule and what it says about itself.

use super::context::Context;
use super::phrase::Program;
use crate::domain::{
    Circumstances, Clause, Explanation, Job, MessageText, ParseWordError, RuleId, Severity, SpaceKind,
    Standing,
};

/// One file of `patterns/`, compiled.
#[derive(Debug)]
pub struct Rule {
    pub(super) id: RuleId,
    pub(super) job: Job,
    pub(super) file: String,
    pub(super) clause: Clause,
    pub(super) severity: Severity,
    pub(super) status: Status,
    pub(super) title: [String; 2],
    pub(super) why: [String; 2],
    pub(super) description: String,
    pub(super) languages: Vec<String>,
    pub(super) references: Vec<String>,
    pub(super) when: When,
    pub(super) despite: Vec<Context>,
    pub(super) with: Vec<Program>,
    pub(super) allow: Vec<Allowed>,
    pub(super) examples: Vec<Example>,
}

/// How far a Rule is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Scans, and is still being watched for false alarms.
    Experimental,
    /// Scans.
    Stable,
    /// Is kept for old incidents and does not scan.
    Deprecated,
}

impl Status {
    /// The word in rule files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Experimental => "experimental",
            Self::Stable => "stable",
            Self::Deprecated => "deprecated",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = ParseWordError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Experimental, Self::Stable, Self::Deprecated]
            .into_iter()
            .find(|status| status.as_str() == word)
            .ok_or(ParseWordError { expected: "experimental, stable or deprecated" })
    }
}

/// In which Circumstances a Rule looks at a text at all. An empty list is no condition.
#[derive(Debug, Default)]
pub(super) struct When {
    pub(super) author: Vec<Standing>,
    pub(super) to: Vec<Standing>,
    pub(super) space: Vec<SpaceKind>,
}

impl When {
    /// Whether the Circumstances are such. An unverified author may be staff, so what is said of staff holds for them too,
    /// at a lower severity.
    pub(super) fn holds(&self, circumstances: &Circumstances) -> bool {
        (self.author.is_empty()
            || self.author.contains(&circumstances.author)
            || self.only_perhaps(circumstances))
            && (self.to.is_empty() || self.to.iter().any(|to| circumstances.addressees.may_include(*to)))
            && (self.space.is_empty() || self.space.contains(&circumstances.space))
    }
}

impl When {
    /// Whether the author is one whom the Rule is about only if they are staff, which nobody has said.
    pub(super) fn only_perhaps(&self, circumstances: &Circumstances) -> bool {
        circumstances.author == Standing::Unverified
            && self.author.contains(&Standing::Staff)
            && !self.author.contains(&Standing::Unverified)
    }
}

/// A phrase that makes a fit harmless where they overlap.
#[derive(Debug)]
pub(super) struct Allowed {
    pub(super) phrase: Program,
    pub(super) reason: String,
}

/// A text that shows what a Rule does.
#[derive(Debug, Clone)]
pub struct Example {
    /// What is written.
    pub text: MessageText,
    /// Whether the Rule has to fit it; otherwise it must not.
    pub matches: bool,
    /// Who writes.
    pub author: Standing,
    /// Whom they address.
    pub to: Standing,
    /// The language, where the file names one.
    pub lang: Option<String>,
    /// The line of the file, from 1.
    pub line: usize,
}

impl Rule {
    /// Its name, which is the name of its file.
    pub fn id(&self) -> &RuleId {
        &self.id
    }

    /// The job it belongs to, which is the folder of its file.
    pub fn job(&self) -> Job {
        self.job
    }

    /// Its file as the source named it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The clause it stands on.
    pub fn clause(&self) -> Clause {
        self.clause
    }

    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// How far it is trusted.
    pub fn status(&self) -> Status {
        self.status
    }

    /// What it flags for, English and French.
    pub fn title(&self) -> &[String; 2] {
        &self.title
    }

    /// What an administrator should know about it, English and French.
    pub fn why(&self) -> &[String; 2] {
        &self.why
    }

    /// What it looks for, for those who keep the rules.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The languages it knows.
    pub fn languages(&self) -> &[String] {
        &self.languages
    }

    /// Where the reasons for it can be read.
    pub fn references(&self) -> &[String] {
        &self.references
    }

    /// The texts that show what it does.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// The explanation of a Finding of this Rule.
    pub(super) fn explanation(&self, read_as: Vec<MessageText>) -> Explanation {
        Explanation { title: self.title.clone(), why: self.why.clone(), read_as }
    }
}
