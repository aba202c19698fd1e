//! The commands: a table with one line for each, and the way from an interaction to the command it is for.
//!
//! A command is one file: what Discord shows of it, its options as serde types, what it does, and what its own buttons
//! and forms do. Rights are never decided here: services refuse.

mod call;
mod case_page;
mod group_setup;
mod group_status;
mod incident_close;
mod incident_list;
mod incident_note;
mod incident_show;
mod rules_test;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use serenity::builder::{CreateCommand, CreateCommandOption};
use serenity::model::Permissions;
use serenity::model::application::{CommandOptionType, CommandType, InstallationContext, InteractionContext};

use crate::app::ports::Clock;
use crate::app::{Groups, Review};
use crate::domain::{ApplicationId, Timestamp};

use super::interactions::{Interaction, InteractionKind};
use super::rest::Rest;
use super::shared_world::SharedWorld;
use call::{Call, Trouble};

/// Every command. Keep it alphabetical, please.
static COMMANDS: &[&dyn Command] = &[
    &group_setup::GroupSetup,
    &group_status::GroupStatus,
    &incident_close::IncidentClose,
    &incident_list::IncidentList,
    &incident_note::IncidentNote,
    &incident_show::IncidentShow,
    &rules_test::RulesTest,
];

/// What stands before a subcommand, with its description in English and French.
const ROOTS: [(&str, [&str; 2]); 3] = [
    ("group", ["Set up this group and see how it stands", "Configurer ce groupe et voir où il en est"]),
    ("incident", ["Review what was flagged", "Examiner ce qui a été signalé"]),
    ("rules", ["Try the rules", "Essayer les règles"]),
];

/// A slash command with one subcommand, and what belongs to it.
#[async_trait]
trait Command: fmt::Debug + Sync {
    /// What Discord shows.
    fn about(&self) -> About;

    /// Somebody runs it.
    async fn run(&self, call: &Call<'_>) -> Result<(), Trouble>;

    /// Somebody presses one of its buttons.
    async fn press(&self, _call: &Call<'_>, _arguments: &[&str]) -> Result<(), Trouble> {
        Err(Trouble::Stale)
    }

    /// Somebody sends one of its forms.
    async fn fill(&self, _call: &Call<'_>, _arguments: &[&str]) -> Result<(), Trouble> {
        Err(Trouble::Stale)
    }
}

/// What Discord shows of a command.
struct About {
    /// The two words after the slash.
    path: [&'static str; 2],
    /// What it is for, in English and French.
    description: [&'static str; 2],
    /// What can be entered.
    options: Vec<CreateCommandOption>,
}

/// What commands work with.
#[derive(Debug)]
pub(super) struct Services {
    pub(super) review: Review,
    pub(super) groups: Groups,
    pub(super) rest: Rest,
    pub(super) world: SharedWorld,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) application: ApplicationId,
}

impl Services {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The commands as Discord wants them.
pub(super) fn definitions() -> Vec<CreateCommand> {
    let mut subcommands: BTreeMap<&str, Vec<CreateCommandOption>> = BTreeMap::new();
    for command in COMMANDS {
        let about = command.about();
        let [root, name] = about.path;
        let [en, fr] = about.description;
        let mut subcommand =
            CreateCommandOption::new(CommandOptionType::SubCommand, name, en).description_localized("fr", fr);
        for option in about.options {
            subcommand = subcommand.add_sub_option(option);
        }
        subcommands.entry(root).or_default().push(subcommand);
    }
    ROOTS
        .iter()
        .map(|(root, [en, fr])| {
            let command = CreateCommand::new(*root)
                .kind(CommandType::ChatInput)
                .description(*en)
                .description_localized("fr", *fr)
                .default_member_permissions(Permissions::MANAGE_GUILD)
                .contexts(vec![InteractionContext::Guild])
                .integration_types(vec![InstallationContext::Guild]);
            subcommands.remove(root).into_iter().flatten().fold(command, CreateCommand::add_option)
        })
        .collect()
}

/// The name that a button or form of a command carries: which command it is for, and with what. At most 100 characters
/// (Discord's limit), which ids, codes and nonces never reach.
pub(super) fn custom_id(path: &[&str; 2], arguments: &[&str]) -> String {
    let mut id = path.join(".");
    for argument in arguments {
        id.push(':');
        id.push_str(argument);
    }
    id
}

/// Answers an interaction, whatever it is and whatever happens.
pub(super) async fn handle(services: &Services, interaction: &Interaction) {
    let call = Call::new(services, interaction);
    // Where a panic happened was told there.
    let done = AssertUnwindSafe(route(&call)).catch_unwind().await.unwrap_or(Err(Trouble::Fault));
    if let Err(trouble) = done {
        call.apologise(trouble).await;
    }
}

async fn route(call: &Call<'_>) -> Result<(), Trouble> {
    let interaction = call.interaction;
    match interaction.kind {
        InteractionKind::Command => {
            let path = [interaction.command_name(), &call.subcommand()?];
            find(path).ok_or(Trouble::Stale)?.run(call).await
        }
        InteractionKind::Component | InteractionKind::Modal => {
            let mut parts = interaction.custom_id().split(':');
            let path = parts.next().and_then(|path| path.split_once('.')).ok_or(Trouble::Stale)?;
            let command = find([path.0, path.1]).ok_or(Trouble::Stale)?;
            let arguments: Vec<&str> = parts.collect();
            if interaction.kind == InteractionKind::Component {
                command.press(call, &arguments).await
            } else {
                command.fill(call, &arguments).await
            }
        }
        InteractionKind::MessageCommand
        | InteractionKind::UserCommand
        | InteractionKind::Autocomplete
        | InteractionKind::Other => Err(Trouble::Stale),
    }
}

fn find(path: [&str; 2]) -> Option<&'static dyn Command> {
    COMMANDS.iter().copied().find(|command| command.about().path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_root_and_a_place_of_its_own() {
        let mut paths: Vec<_> = COMMANDS.iter().map(|command| command.about().path).collect();
        assert!(paths.is_sorted(), "keep the table alphabetical");
        paths.dedup();
        assert_eq!(paths.len(), COMMANDS.len());
        for [root, _] in paths {
            assert!(ROOTS.iter().any(|(known, _)| *known == root), "{root} is not in ROOTS");
        }
    }

    #[test]
    fn every_text_that_discord_shows_is_there_in_both_languages_and_short_enough() {
        let definitions = serde_json::to_value(definitions()).unwrap();
        let mut checked = 0;
        let mut open = vec![&definitions];
        while let Some(value) = open.pop() {
            match value {
                serde_json::Value::Array(list) => open.extend(list),
                serde_json::Value::Object(object) => {
                    if let Some(description) =
                        object.get("description").and_then(|text| text.as_str()).filter(|d| !d.is_empty())
                    {
                        let french = object["description_localizations"]["fr"].as_str().unwrap_or_default();
                        assert!(!french.is_empty(), "no French for {description:?}");
                        assert!(
                            description.chars().count() <= 100 && french.chars().count() <= 100,
                            "{description}"
                        );
                        checked += 1;
                    }
                    open.extend(object.values());
                }
                _ => {}
            }
        }
        assert!(checked > COMMANDS.len());
    }
}
