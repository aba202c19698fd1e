//! `/incident show`: opens a case file. Also what the button of an Alert does.

use async_trait::async_trait;
use serde::Deserialize;
use serenity::builder::CreateCommandOption;
use serenity::model::application::CommandOptionType;

use crate::domain::GroupId;

use super::call::{Call, Trouble};
use super::{About, Command, case_page};

/// `/incident show`.
#[derive(Debug)]
pub(super) struct IncidentShow;

#[derive(Debug, Deserialize)]
struct Options {
    code: String,
}

#[async_trait]
impl Command for IncidentShow {
    fn about(&self) -> About {
        About {
            path: ["incident", "show"],
            description: ["Open a case", "Ouvrir un dossier"],
            options: vec![code_option()],
        }
    }

    async fn run(&self, call: &Call<'_>) -> Result<(), Trouble> {
        call.defer().await?;
        let Options { code } = call.options()?;
        show(call, call.group()?, &code).await
    }

    async fn press(&self, call: &Call<'_>, arguments: &[&str]) -> Result<(), Trouble> {
        call.defer().await?;
        let (group, code) = case_page::case_of(arguments).ok_or(Trouble::Stale)?;
        show(call, group, code).await
    }
}

async fn show(call: &Call<'_>, group: GroupId, code: &str) -> Result<(), Trouble> {
    let file = call.services.review.show(group, call.viewer(), code).await?;
    call.answer(&case_page::page(&file, call.lang())).await
}

/// The option `code`, which several commands have.
pub(super) fn code_option() -> CreateCommandOption {
    CreateCommandOption::new(CommandOptionType::String, "code", "The case's code, such as K7QX3")
        .description_localized("fr", "Le code du dossier, par exemple K7QX3")
        .required(true)
        .max_length(12)
}
