//! `/incident note`: adds a note to a case, typed into a form.

use async_trait::async_trait;
use serde::Deserialize;
use serenity::builder::{CreateActionRow, CreateInputText, CreateModal};
use serenity::model::application::InputTextStyle;

use crate::domain::{GroupId, IncidentCode, MessageText};

use super::call::{Call, Trouble};
use super::{About, Command, case_page, custom_id, incident_show};
use crate::app::Refusal;
use crate::discord::page::Page;

/// `/incident note`.
#[derive(Debug)]
pub(super) struct IncidentNote;

#[derive(Debug, Deserialize)]
struct Options {
    code: String,
}

#[derive(Debug, Deserialize)]
struct Form {
    note: Option<String>,
}

#[async_trait]
impl Command for IncidentNote {
    fn about(&self) -> About {
        About {
            path: ["incident", "note"],
            description: ["Add a note to a case", "Ajouter une note à un dossier"],
            options: vec![incident_show::code_option()],
        }
    }

    async fn run(&self, call: &Call<'_>) -> Result<(), Trouble> {
        let Options { code } = call.options()?;
        open_form(call, call.group()?, &code).await
    }

    async fn press(&self, call: &Call<'_>, arguments: &[&str]) -> Result<(), Trouble> {
        let (group, code) = case_page::case_of(arguments).ok_or(Trouble::Stale)?;
        open_form(call, group, code).await
    }

    async fn fill(&self, call: &Call<'_>, arguments: &[&str]) -> Result<(), Trouble> {
        call.defer().await?;
        let (group, code) = case_page::case_of(arguments).ok_or(Trouble::Stale)?;
        let Form { note } = call.interaction.fields()?;
        let text = MessageText::new(note.unwrap_or_default());
        let incident = call.services.review.note(group, call.viewer(), code, text).await?;
        let code = &incident.code;
        call.answer(&Page::saying(
            call.lang()
                .pick(format!("The note was added to {code}."), format!("La note a été ajoutée à {code}.")),
        ))
        .await
    }
}

/// Opens the form after a look at the rights in memory; whether there is such a case is said when it is sent.
async fn open_form(call: &Call<'_>, group: GroupId, code: &str) -> Result<(), Trouble> {
    call.services.review.administrator(group, call.viewer())?;
    let code: IncidentCode = code.parse().map_err(|_| Trouble::Refused(Refusal::NoSuchCase))?;
    let lang = call.lang();
    let field = CreateInputText::new(InputTextStyle::Paragraph, lang.pick("Note", "Note"), "note")
        .max_length(2000)
        .placeholder(lang.pick("What was done, by whom, when", "Ce qui a été fait, par qui, quand"));
    let id = custom_id(&["incident", "note"], &[&group.to_string(), code.as_str()]);
    let form = CreateModal::new(id, format!("{} {code}", lang.pick("Note on case", "Note au dossier")))
        .components(vec![CreateActionRow::InputText(field)]);
    call.open(form).await
}
