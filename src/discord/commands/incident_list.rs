//! `/incident list`: the cases that the viewer may open, the newest first.

use async_trait::async_trait;
use serde::Deserialize;
use serenity::builder::CreateCommandOption;
use serenity::model::application::CommandOptionType;

use crate::app::{IncidentPage, Review};
use crate::domain::{GroupId, Incident, Lang};

use super::call::{Call, Trouble};
use super::{About, Command, custom_id};
use crate::discord::page::Page;

/// `/incident list`.
#[derive(Debug)]
pub(super) struct IncidentList;

#[derive(Debug, Deserialize)]
struct Options {
    #[serde(default)]
    all: bool,
}

#[async_trait]
impl Command for IncidentList {
    fn about(&self) -> About {
        let all = CreateCommandOption::new(CommandOptionType::Boolean, "all", "Closed cases as well")
            .description_localized("fr", "Aussi les dossiers fermés");
        About {
            path: ["incident", "list"],
            description: [
                "The cases you can open, the newest first",
                "Les dossiers que vous pouvez ouvrir, les plus récents d'abord",
            ],
            options: vec![all],
        }
    }

    async fn run(&self, call: &Call<'_>) -> Result<(), Trouble> {
        call.defer().await?;
        let Options { all } = call.options()?;
        list(call, call.group()?, all, None).await
    }

    /// The next page.
    async fn press(&self, call: &Call<'_>, arguments: &[&str]) -> Result<(), Trouble> {
        call.defer().await?;
        let [group, all, after] = arguments else { return Err(Trouble::Stale) };
        let group: GroupId = group.parse().map_err(|_| Trouble::Stale)?;
        list(call, group, *all == "all", Some(after)).await
    }
}

async fn list(call: &Call<'_>, group: GroupId, all: bool, after: Option<&str>) -> Result<(), Trouble> {
    let page = call.services.review.list(group, call.viewer(), !all, after).await?;
    call.answer(&rendered(&call.services.review, &page, group, all, call.lang())).await
}

fn rendered(review: &Review, page: &IncidentPage, group: GroupId, all: bool, lang: Lang) -> Page {
    let title = if all {
        lang.pick("All cases", "Tous les dossiers")
    } else {
        lang.pick("Open cases", "Dossiers ouverts")
    };
    if page.incidents.is_empty() {
        return Page::titled(title).text(lang.pick(
            "No case that you can open. That is not the same as all being well: Chaperone cannot see private messages \
             between people, and no rule finds everything.",
            "Aucun dossier que vous puissiez ouvrir. Cela ne veut pas dire que tout va bien : Chaperone ne voit pas les \
             messages privés entre personnes, et aucune règle ne trouve tout.",
        ));
    }
    let lines: Vec<String> = page.incidents.iter().map(|incident| line(review, incident, lang)).collect();
    let mut rendered = Page::titled(title).text(lines.join("\n"));
    let group = group.to_string();
    for incident in &page.incidents {
        let code = incident.code.as_str();
        rendered = rendered.button(code, custom_id(&["incident", "show"], &[&group, code]));
    }
    if let Some(next) = &page.next {
        let scope = if all { "all" } else { "open" };
        let id = custom_id(&["incident", "list"], &[&group, scope, next.as_str()]);
        rendered = rendered.button(lang.pick("Older ones", "Plus anciens"), id);
    }
    rendered
}

fn line(review: &Review, incident: &Incident, lang: Lang) -> String {
    let title = incident.rules.first().map(|rule| review.title_of(rule, lang)).unwrap_or_default();
    format!(
        "`{}` **{}** {} · {} · <#{}> · <t:{}:R> · {}",
        incident.code,
        incident.severity.name(lang),
        incident.clause,
        title,
        incident.space,
        incident.opened_at.as_seconds(),
        incident.state.name(lang),
    )
}
