//! How soon somebody has to look.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Lang, ParseWordError};

/// How much an Incident weighs. Each has one sentence on what to do and how soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look in the weekly round.
    Low,
    /// Within one school day.
    Medium,
    /// Within the hour in school time.
    High,
    /// Now.
    Urgent,
}

impl Severity {
    /// All of them, the lightest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Urgent];

    /// The word in files and databases.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// One level lower; the lightest stays.
    #[must_use]
    pub const fn lower(self) -> Self {
        match self {
            Self::Low | Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Urgent => Self::High,
        }
    }

    /// The word as people read it.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Low => lang.pick("Low", "Faible"),
            Self::Medium => lang.pick("Medium", "Moyenne"),
            Self::High => lang.pick("High", "Élevée"),
            Self::Urgent => lang.pick("Urgent", "Urgente"),
        }
    }

    /// What to do and how soon.
    pub fn advice(self, lang: Lang) -> &'static str {
        match self {
            Self::Low => lang.pick("Look at it in your weekly round.", "À regarder lors de votre revue hebdomadaire."),
            Self::Medium => lang.pick("Review it within one school day.", "À examiner d'ici un jour de classe."),
            Self::High => lang.pick(
                "Review it within the hour in school time, otherwise at 8:00 the next morning.",
                "À examiner dans l'heure en temps scolaire, sinon à 8 h le lendemain matin.",
            ),
            Self::Urgent => lang.pick(
                "Act now; if a child may be in danger, call the police or Children's Services first.",
                "Agissez maintenant; si un enfant peut être en danger, appelez d'abord la police ou les services à l'enfance.",
            ),
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = ParseWordError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word)
            .ok_or(ParseWordError { expected: "low, medium, high or urgent" })
    }
}
