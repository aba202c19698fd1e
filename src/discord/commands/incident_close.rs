//! `/incident close`: closes a case with what came of it and, if wanted, a note.

use async_trait::async_trait;
use serde::Deserialize;
use serenity::builder::{CreateActionRow, CreateCommandOption, CreateInputText, CreateModal};
use serenity::model::application::{CommandOptionType, InputTextStyle};

use crate::domain::{Disposition, GroupId, IncidentCode, Lang, MessageText};

use super::call::{Call, Trouble};
use super::{About, Command, case_page, custom_id, incident_show};
use crate::app::Refusal;
use crate::discord::page::Page;

/// `/incident close`.
#[derive(Debug)]
pub(super) struct IncidentClose;

#[derive(Debug, Deserialize)]
struct Options {
    code: String,
    #[serde(rename = "as")]
    disposition: String,
    note: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Form {
    note: Option<String>,
}

#[async_trait]
impl Command for IncidentClose {
    fn about(&self) -> About {
        let mut disposition = CreateCommandOption::new(CommandOptionType::String, "as", "What came of it")
            .description_localized("fr", "Ce qu'il en est résulté")
            .required(true);
        for choice in case_page::CLOSINGS {
            let french = [("fr", choice.name(Lang::Fr))];
            disposition =
                disposition.add_string_choice_localized(choice.name(Lang::En), choice.as_str(), french);
        }
        let note = CreateCommandOption::new(CommandOptionType::String, "note", "A closing note")
            .description_localized("fr", "Une note de clôture")
            .max_length(2000);
        About {
            path: ["incident", "close"],
            description: ["Close a case", "Fermer un dossier"],
            options: vec![incident_show::code_option(), disposition, note],
        }
    }

    async fn run(&self, call: &Call<'_>) -> Result<(), Trouble> {
        call.defer().await?;
        let Options { code, disposition, note } = call.options()?;
        let disposition = disposition.parse().map_err(|_| Trouble::Stale)?;
        close(call, call.group()?, &code, disposition, note).await
    }

    /// A button of the case page: asks for a closing note, which may stay empty.
    async fn press(&self, call: &Call<'_>, arguments: &[&str]) -> Result<(), Trouble> {
        let (group, code, disposition) = parts(arguments)?;
        call.services.review.administrator(group, call.viewer())?;
        let code: IncidentCode = code.parse().map_err(|_| Trouble::Refused(Refusal::NoSuchCase))?;
        let lang = call.lang();
        let field = CreateInputText::new(
            InputTextStyle::Paragraph,
            lang.pick("Closing note (may stay empty)", "Note de clôture (peut rester vide)"),
            "note",
        )
        .required(false)
        .max_length(2000);
        let id =
            custom_id(&["incident", "close"], &[&group.to_string(), code.as_str(), disposition.as_str()]);
        let title = format!("{} {code}: {}", lang.pick("Close", "Fermer"), disposition.name(lang));
        call.open(CreateModal::new(id, title).components(vec![CreateActionRow::InputText(field)])).await
    }

    async fn fill(&self, call: &Call<'_>, arguments: &[&str]) -> Result<(), Trouble> {
        call.defer().await?;
        let (group, code, disposition) = parts(arguments)?;
        let Form { note } = call.interaction.fields()?;
        close(call, group, code, disposition, note).await
    }
}

fn parts<'a>(arguments: &[&'a str]) -> Result<(GroupId, &'a str, Disposition), Trouble> {
    let (group, code) = case_page::case_of(arguments).ok_or(Trouble::Stale)?;
    let disposition = arguments.get(2).and_then(|word| word.parse().ok()).ok_or(Trouble::Stale)?;
    Ok((group, code, disposition))
}

async fn close(
    call: &Call<'_>,
    group: GroupId,
    code: &str,
    disposition: Disposition,
    note: Option<String>,
) -> Result<(), Trouble> {
    let note = note.map(MessageText::new);
    let incident = call.services.review.close(group, call.viewer(), code, disposition, note).await?;
    let (code, name) = (&incident.code, disposition.name(call.lang()));
    call.answer(&Page::saying(
        call.lang().pick(format!("{code} is closed: **{name}**."), format!("{code} est fermé : **{name}**.")),
    ))
    .await
}
