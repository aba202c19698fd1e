//! The texts of notices. An Alert carries group, severity, case code and how to open it, and nothing else: it may light
//! up on a locked phone in a classroom.

use crate::app::ports::NoticeBody;
use crate::domain::{GroupId, Lang};

use super::commands::custom_id;
use super::page::Page;

/// What a notice says, to somebody who reads this language. `group_name` is the server's name.
pub(super) fn page(body: &NoticeBody, group: GroupId, group_name: &str, nonce: &str, lang: Lang) -> Page {
    match body {
        NoticeBody::Incident { code, severity } => {
            let weight = severity.name(lang);
            Page::titled(lang.pick(
                format!("{group_name}: case {code}, {weight}"),
                format!("{group_name} : dossier {code}, {weight}"),
            ))
            .text(lang.pick(
                format!("{} Press the button, or run `/incident show {code}` in the server.", severity.advice(lang)),
                format!(
                    "{} Appuyez sur le bouton, ou exécutez `/incident show {code}` dans le serveur.",
                    severity.advice(lang)
                ),
            ))
            .coloured(*severity)
            .button(
                lang.pick("Open the case", "Ouvrir le dossier"),
                custom_id(&["incident", "show"], &[&group.to_string(), code.as_str(), nonce]),
            )
        }
        NoticeBody::SettingsChanged => {
            Page::titled(lang.pick(format!("{group_name}: settings changed"), format!("{group_name} : paramètres modifiés")))
                .text(lang.pick(
                    "The roles, administrators or fallback channel of this group were changed. `/group status` in the \
                     server shows them as they are now. If you did not expect this, tell your division.",
                    "Les rôles, les administrateurs ou le salon de secours de ce groupe ont été modifiés. `/group status` \
                     dans le serveur les montre. Si vous ne vous y attendiez pas, avertissez votre division.",
                ))
        }
        NoticeBody::Gap => {
            Page::titled(lang.pick(format!("{group_name}: not watched"), format!("{group_name} : non surveillé"))).text(
                lang.pick(
                    "Chaperone could not watch a part of this group for a while. `/group status` in the server shows \
                     where and when. Please look there yourself.",
                    "Chaperone n'a pas pu surveiller une partie de ce groupe pendant un certain temps. `/group status` \
                     dans le serveur montre où et quand. Veuillez y regarder vous-même.",
                ),
            )
        }
        NoticeBody::Unreachable => Page::saying(lang.pick(
            "Chaperone could not reach an administrator.",
            "Chaperone n'a pas pu joindre un administrateur.",
        )),
    }
}
