//! `/group status`: how the Group is set up, what is watched, and what is not.

use async_trait::async_trait;

use crate::app::GroupStatus as Status;
use crate::domain::{Gap, GapReason, GroupSettings, GroupState, Lang, RoleId};

use super::call::{Call, Trouble};
use super::{About, Command};
use crate::discord::page::Page;

/// `/group status`.
#[derive(Debug)]
pub(super) struct GroupStatus;

/// How many Gaps are shown; the newest.
const GAPS: usize = 8;

#[async_trait]
impl Command for GroupStatus {
    fn about(&self) -> About {
        About {
            path: ["group", "status"],
            description: [
                "How this group is set up and watched",
                "Comment ce groupe est configuré et surveillé",
            ],
            options: vec![],
        }
    }

    async fn run(&self, call: &Call<'_>) -> Result<(), Trouble> {
        call.defer().await?;
        let status = call.services.groups.status(call.group()?, call.viewer()).await?;
        call.answer(&page(&status, call.lang())).await
    }
}

/// The page of a Group's status.
pub(super) fn page(status: &Status, lang: Lang) -> Page {
    let Some(settings) = &status.group.settings else { return done(lang) };
    let [first, second] = settings.administrators;
    Page::titled(lang.pick("This group", "Ce groupe"))
        .text(state(status.group.state, lang))
        .field(lang.pick("Administrators", "Administrateurs"), format!("<@{first}>\n<@{second}>"))
        .field(lang.pick("Who is who", "Qui est qui"), roles(settings, lang))
        .field(
            lang.pick("When an administrator cannot be reached", "Quand un administrateur est injoignable"),
            format!("<#{}>", settings.fallback),
        )
        .field(
            lang.pick("Watched since", "Surveillé depuis"),
            format!("<t:{}:f>", status.group.first_seen.as_seconds()),
        )
        .field(lang.pick("Not watched in the last 30 days", "Non surveillé ces 30 derniers jours"), gaps(&status.gaps, lang))
        .field(
            lang.pick("What Chaperone cannot see", "Ce que Chaperone ne voit pas"),
            lang.pick(
                "Private messages between people, speech in calls, pictures, what was deleted before it was seen, and \
                 channels its role cannot view.",
                "Les messages privés entre personnes, la parole dans les appels, les images, ce qui est supprimé avant \
                 d'être vu et les salons que son rôle ne peut voir.",
            ),
        )
        .footer(lang.pick(
            format!("Settings version {} · {} rules · ruleset {}", settings.version, status.rules, status.ruleset),
            format!("Paramètres version {} · {} règles · jeu de règles {}", settings.version, status.rules, status.ruleset),
        ))
}

/// What somebody is told who set the group up and is not one of its administrators.
pub(super) fn done(lang: Lang) -> Page {
    Page::saying(lang.pick(
        "The group is set up. From now on only its two administrators can change that or open cases.",
        "Le groupe est configuré. Désormais, seuls ses deux administrateurs peuvent le modifier ou ouvrir des dossiers.",
    ))
}

fn state(state: GroupState, lang: Lang) -> &'static str {
    match state {
        GroupState::Pending => lang.pick(
            "Pending: the Principal's approval (clause 3c) is not recorded here yet. The group is watched all the same.",
            "En attente : l'approbation de la direction (clause 3c) n'est pas encore consignée ici. Le groupe est tout de même surveillé.",
        ),
        GroupState::Active => lang.pick("Active: approved and watched.", "Actif : approuvé et surveillé."),
        GroupState::Lapsed => lang.pick(
            "Lapsed: the approval has ended. The group is watched all the same.",
            "Échu : l'approbation a pris fin. Le groupe est tout de même surveillé.",
        ),
    }
}

fn roles(settings: &GroupSettings, lang: Lang) -> String {
    let list = |roles: &[RoleId]| {
        let named: Vec<String> = roles.iter().map(|role| format!("<@&{role}>")).collect();
        if named.is_empty() { "–".to_owned() } else { named.join(", ") }
    };
    format!(
        "{}: {}\n{}: {}\n{}: {}",
        lang.pick("Staff", "Personnel"),
        list(&settings.staff_roles),
        lang.pick("Students", "Élèves"),
        list(&settings.student_roles),
        lang.pick("Parents", "Parents"),
        list(&settings.parent_roles),
    )
}

fn gaps(gaps: &[Gap], lang: Lang) -> String {
    let skip = gaps.len().saturating_sub(GAPS);
    let line = |gap: &Gap| {
        let place = gap.space.map_or_else(String::new, |space| format!("<#{space}> "));
        let why = match gap.reason {
            GapReason::NotHandled => {
                lang.pick("something seen could not be handled", "une chose vue n'a pu être traitée")
            }
            GapReason::NotReadBack => lang.pick("could not be read back", "n'a pu être relu"),
        };
        format!("{place}<t:{}:f> – <t:{}:f>: {why}", gap.from.as_seconds(), gap.until.as_seconds())
    };
    let lines: Vec<String> = gaps.iter().skip(skip).map(line).collect();
    if lines.is_empty() {
        lang.pick("No gap is known.", "Aucune interruption n'est connue.").to_owned()
    } else {
        lines.join("\n")
    }
}
