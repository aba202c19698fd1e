//! `/rules test`: what the rules say to a text. Nothing of it is kept.

use async_trait::async_trait;
use serde::Deserialize;
use serenity::builder::CreateCommandOption;
use serenity::model::application::CommandOptionType;

use crate::domain::{Finding, Lang, MessageText, Span, Standing};

use super::call::{Call, Trouble};
use super::{About, Command};
use crate::discord::page::Page;
use crate::discord::words::excerpt;

/// `/rules test`.
#[derive(Debug)]
pub(super) struct RulesTest;

/// Whom a text can come from and go to.
const CHOICES: [Standing; 4] = [Standing::Staff, Standing::Student, Standing::Parent, Standing::Unverified];

#[derive(Debug, Deserialize)]
struct Options {
    text: String,
    from: Option<Standing>,
    to: Option<Standing>,
}

#[async_trait]
impl Command for RulesTest {
    fn about(&self) -> About {
        let standing = |name: &'static str, en: &'static str, fr: &'static str| {
            let mut option =
                CreateCommandOption::new(CommandOptionType::String, name, en).description_localized("fr", fr);
            for choice in CHOICES {
                let french = [("fr", choice.name(Lang::Fr))];
                option = option.add_string_choice_localized(choice.name(Lang::En), choice.as_str(), french);
            }
            option
        };
        let text = CreateCommandOption::new(CommandOptionType::String, "text", "The text to try")
            .description_localized("fr", "Le texte à essayer")
            .required(true)
            .max_length(2000);
        About {
            path: ["rules", "test"],
            description: [
                "What the rules say to a text; nothing is kept",
                "Ce que les règles disent d'un texte; rien n'est conservé",
            ],
            options: vec![
                text,
                standing(
                    "from",
                    "Who would write it (a student, unless you say)",
                    "Qui l'écrirait (un élève par défaut)",
                ),
                standing(
                    "to",
                    "Whom it would address (a student, unless you say)",
                    "À qui il s'adresserait (un élève par défaut)",
                ),
            ],
        }
    }

    async fn run(&self, call: &Call<'_>) -> Result<(), Trouble> {
        call.defer().await?;
        let options: Options = call.options()?;
        let text = MessageText::new(options.text);
        let from = options.from.unwrap_or(Standing::Student);
        let to = options.to.unwrap_or(Standing::Student);
        let findings = call.services.review.test_rules(call.group()?, call.viewer(), &text, from, to).await?;
        call.answer(&page(&text, &findings, from, to, call.lang())).await
    }
}

fn page(text: &MessageText, findings: &[Finding], from: Standing, to: Standing, lang: Lang) -> Page {
    let spans: Vec<Span> = findings.iter().flat_map(|finding| finding.spans.iter().copied()).collect();
    let who = format!("{} → {}", from.name(lang), to.name(lang));
    let title = if findings.is_empty() {
        lang.pick(format!("No rule fits ({who})"), format!("Aucune règle ne s'applique ({who})"))
    } else {
        lang.pick(format!("This would be flagged ({who})"), format!("Ce serait signalé ({who})"))
    };
    findings.iter().fold(Page::titled(title).text(excerpt(text, &spans)), |page, finding| {
        let explanation = &finding.explanation;
        page.field(
            format!("{} · {} · {}", explanation.title(lang), finding.severity.name(lang), finding.clause),
            format!("{} ({})", explanation.why(lang), finding.rule),
        )
    })
}
