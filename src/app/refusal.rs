//! Why a request of a person was not done, for every way in.

use crate::domain::{Closing, IncidentCode, Lang};
use crate::storage::StorageError;

/// Why a request was not done. `text` says it to the person who asked.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The server is not one that Chaperone has seen yet.
    #[error("the group is not known")]
    UnknownGroup,
    /// `/group setup` has not been run.
    #[error("the group is not set up")]
    NotSetUp,
    /// Only the two administrators may.
    #[error("not an administrator of the group")]
    NotAdministrator,
    /// Only who manages the server may, before the first setup.
    #[error("may not manage the server")]
    NotManager,
    /// There is no such case, or none that this person may know of: the answer is the same.
    #[error("no such case")]
    NoSuchCase,
    /// It is closed already.
    #[error("the case is closed already")]
    AlreadyClosed(IncidentCode, Closing),
    /// What was entered cannot be.
    #[error("the input cannot be used")]
    Input {
        /// Why, in English and French.
        why: [&'static str; 2],
    },
    /// Somebody else changed the settings in the same moment.
    #[error("the settings were changed by somebody else")]
    Overtaken,
    /// The database did not do it.
    #[error("the database did not do it")]
    Storage(#[from] StorageError),
}

impl Refusal {
    /// What to say to the person.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::UnknownGroup => lang
                .pick(
                    "Chaperone does not know this server yet. Wait a minute and try again.",
                    "Chaperone ne connaît pas encore ce serveur. Attendez une minute et réessayez.",
                )
                .to_owned(),
            Self::NotSetUp => lang
                .pick(
                    "This group is not set up yet. Whoever manages the server runs `/group setup` first.",
                    "Ce groupe n'est pas encore configuré. La personne qui gère le serveur exécute d'abord `/group setup`.",
                )
                .to_owned(),
            Self::NotAdministrator => lang
                .pick(
                    "Only the two administrators of this group can do that. Ask the Principal of the school who they are.",
                    "Seuls les deux administrateurs de ce groupe peuvent le faire. Demandez à la direction de l'école qui ils sont.",
                )
                .to_owned(),
            Self::NotManager => lang
                .pick(
                    "The first setup takes the permission *Manage Server*. Ask whoever manages this server.",
                    "La première configuration exige la permission *Gérer le serveur*. Adressez-vous à la personne qui le gère.",
                )
                .to_owned(),
            Self::NoSuchCase => lang
                .pick(
                    "There is no case with this code. `/incident list` shows the codes you can open.",
                    "Aucun dossier ne porte ce code. `/incident list` montre les codes que vous pouvez ouvrir.",
                )
                .to_owned(),
            Self::AlreadyClosed(code, closing) => {
                let disposition = closing.disposition.name(lang);
                let (by, at) = (closing.by, closing.at.as_seconds());
                lang.pick(
                    format!("{code} was already closed as **{disposition}** by <@{by}>, <t:{at}:R>. Nothing was changed."),
                    format!("{code} a déjà été fermé (**{disposition}**) par <@{by}>, <t:{at}:R>. Rien n'a été changé."),
                )
            }
            Self::Input { why: [en, fr] } => lang.pick(*en, *fr).to_owned(),
            Self::Overtaken => lang
                .pick(
                    "Somebody else changed the settings in the same moment. Look at `/group status`, then try again.",
                    "Quelqu'un d'autre a modifié les paramètres au même moment. Consultez `/group status`, puis réessayez.",
                )
                .to_owned(),
            Self::Storage(_) => lang
                .pick(
                    "Chaperone could not use its database, and nothing was changed. Try again in a minute; if it stays, tell Division IT.",
                    "Chaperone n'a pas pu utiliser sa base de données; rien n'a été changé. Réessayez dans une minute; si cela persiste, avertissez l'équipe informatique.",
                )
                .to_owned(),
        }
    }
}
