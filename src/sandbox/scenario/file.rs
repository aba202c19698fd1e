//! The shape of a scenario file, before its names are looked up.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioFile {
    pub(super) title: String,
    #[serde(default)]
    pub(super) about: String,
    pub(super) guild: Spanned<GuildFile>,
    pub(super) people: Vec<Spanned<PersonFile>>,
    pub(super) days: Vec<DayFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuildFile {
    pub(super) name: String,
    #[serde(default = "division")]
    pub(super) owner: String,
    #[serde(default)]
    pub(super) roles: Vec<RoleFile>,
    pub(super) channels: Vec<Spanned<ChannelFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleFile {
    pub(super) name: String,
    #[serde(default)]
    pub(super) administrator: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelFile {
    pub(super) name: String,
    #[serde(default)]
    pub(super) only: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonFile {
    pub(super) name: String,
    #[serde(default)]
    pub(super) roles: Vec<String>,
    #[serde(default)]
    pub(super) about: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DayFile {
    pub(super) name: String,
    pub(super) steps: Vec<Spanned<StepFile>>,
}

/// A step as it is written: one verb, and what goes with it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFile {
    pub(super) who: Option<String>,
    pub(super) aside: Option<String>,
    pub(super) says: Option<String>,
    pub(super) edits: Option<String>,
    pub(super) deletes: Option<String>,
    pub(super) opens_thread: Option<String>,
    pub(super) opens_private_thread: Option<String>,
    pub(super) runs: Option<String>,
    pub(super) presses: Option<String>,
    pub(super) fills: Option<BTreeMap<String, String>>,
    pub(super) refuses_dms: Option<bool>,
    #[serde(rename = "in")]
    pub(super) place: Option<String>,
    #[serde(rename = "as")]
    pub(super) label: Option<String>,
    pub(super) replies_to: Option<String>,
    pub(super) to: Option<String>,
    pub(super) with: Option<Vec<String>>,
}

/// Every verb, with the keys that may go with it.
pub(super) const VERBS: &[(&str, &[&str])] = &[
    ("aside", &[]),
    ("says", &["who", "in", "as", "replies_to"]),
    ("edits", &["who", "to"]),
    ("deletes", &["who"]),
    ("opens_thread", &["who", "in"]),
    ("opens_private_thread", &["who", "in", "with"]),
    ("runs", &["who"]),
    ("presses", &["who"]),
    ("fills", &["who"]),
    ("refuses_dms", &["who"]),
];

impl StepFile {
    /// The keys that are there.
    pub(super) fn keys(&self) -> Vec<&'static str> {
        let there = [
            ("who", self.who.is_some()),
            ("aside", self.aside.is_some()),
            ("says", self.says.is_some()),
            ("edits", self.edits.is_some()),
            ("deletes", self.deletes.is_some()),
            ("opens_thread", self.opens_thread.is_some()),
            ("opens_private_thread", self.opens_private_thread.is_some()),
            ("runs", self.runs.is_some()),
            ("presses", self.presses.is_some()),
            ("fills", self.fills.is_some()),
            ("refuses_dms", self.refuses_dms.is_some()),
            ("in", self.place.is_some()),
            ("as", self.label.is_some()),
            ("replies_to", self.replies_to.is_some()),
            ("to", self.to.is_some()),
            ("with", self.with.is_some()),
        ];
        there.into_iter().filter_map(|(key, is)| is.then_some(key)).collect()
    }
}

fn division() -> String {
    "Division IT".to_owned()
}
