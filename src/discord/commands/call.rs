//! One interaction being answered: always ephemeral, within Discord's three seconds, and never without an answer.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::de::DeserializeOwned;
use serde_json::Value;
use serenity::builder::{CreateInteractionResponse, CreateInteractionResponseMessage, CreateModal};

use crate::app::Refusal;
use crate::domain::{AccountId, GroupId, Lang};

use super::Services;
use crate::discord::interactions::{Interaction, OptionError};
use crate::discord::page::Page;
use crate::discord::rest::RestError;

/// One interaction being answered.
pub(super) struct Call<'a> {
    pub(super) services: &'a Services,
    pub(super) interaction: &'a Interaction,
    deferred: AtomicBool,
}

/// Why an interaction was not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A service refused.
    Refused(Refusal),
    /// Discord did not take the answer.
    Rest(RestError),
    /// A fault of Chaperone.
    Fault,
    /// The command, button or form is not one of this version.
    Stale,
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<OptionError> for Trouble {
    /// Options that do not fit come from a version of the command that is not this one's.
    fn from(_: OptionError) -> Self {
        Self::Stale
    }
}

impl From<RestError> for Trouble {
    fn from(error: RestError) -> Self {
        Self::Rest(error)
    }
}

impl<'a> Call<'a> {
    pub(super) fn new(services: &'a Services, interaction: &'a Interaction) -> Self {
        Self { services, interaction, deferred: AtomicBool::new(false) }
    }

    /// The language of who asks.
    pub(super) fn lang(&self) -> Lang {
        self.interaction.lang
    }

    /// Who asks, as an account.
    pub(super) fn viewer(&self) -> AccountId {
        self.interaction.invoker
    }

    /// The Group in which a command is run.
    pub(super) fn group(&self) -> Result<GroupId, Trouble> {
        self.interaction.group.ok_or(Trouble::Refused(Refusal::UnknownGroup))
    }

    /// The name of the subcommand that is run.
    pub(super) fn subcommand(&self) -> Result<String, Trouble> {
        let tree: serde_json::Map<String, Value> = self.interaction.options()?;
        tree.into_iter().next().map(|(name, _)| name).ok_or(Trouble::Stale)
    }

    /// The options of the subcommand that is run.
    pub(super) fn options<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        let mut tree: std::collections::BTreeMap<String, T> = self.interaction.options()?;
        tree.pop_first().map(|(_, options)| options).ok_or(Trouble::Stale)
    }

    /// Tells Discord that the answer takes a moment. Comes before everything that may wait for the database.
    pub(super) async fn defer(&self) -> Result<(), Trouble> {
        let message = CreateInteractionResponseMessage::new().ephemeral(true);
        self.respond(&CreateInteractionResponse::Defer(message)).await?;
        self.deferred.store(true, Ordering::Release);
        Ok(())
    }

    /// Opens a form; only as the first answer.
    pub(super) async fn open(&self, form: CreateModal) -> Result<(), Trouble> {
        self.respond(&CreateInteractionResponse::Modal(form)).await
    }

    /// Answers with a page.
    pub(super) async fn answer(&self, page: &Page) -> Result<(), Trouble> {
        if self.deferred.load(Ordering::Acquire) {
            let Services { rest, application, .. } = self.services;
            rest.edit_original(*application, &self.interaction.token, &page.to_answer()).await?;
            return Ok(());
        }
        self.respond(&CreateInteractionResponse::Message(page.to_first_answer())).await
    }

    /// Says that it was not done and what to do.
    pub(super) async fn apologise(&self, trouble: Trouble) {
        let lang = self.lang();
        let text = match &trouble {
            Trouble::Refused(refusal) => {
                if let Refusal::Storage(error) = refusal {
                    tracing::error!(error = error as &dyn std::error::Error, "a command could not use the database");
                }
                refusal.text(lang)
            }
            Trouble::Stale => lang
                .pick(
                    "This command, button or form is from another version of Chaperone. Open it again; if you typed a \
                     command, wait a minute until Discord knows the new one.",
                    "Cette commande, ce bouton ou ce formulaire vient d'une autre version de Chaperone. Ouvrez-le à \
                     nouveau; si vous avez tapé une commande, attendez une minute que Discord connaisse la nouvelle.",
                )
                .to_owned(),
            Trouble::Fault => lang
                .pick(
                    "That went wrong, by a fault of Chaperone. Look whether it was done before you try again, and tell \
                     Division IT.",
                    "Une erreur de Chaperone s'est produite. Vérifiez si la demande a été traitée avant de réessayer, et \
                     avertissez l'équipe informatique.",
                )
                .to_owned(),
            Trouble::Rest(error) => {
                tracing::warn!(error = error as &dyn std::error::Error, "an answer did not reach Discord");
                return;
            }
        };
        if let Err(Trouble::Rest(error)) = self.answer(&Page::saying(text)).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "an answer did not reach Discord");
        }
    }

    async fn respond(&self, response: &CreateInteractionResponse) -> Result<(), Trouble> {
        let Interaction { id, token, .. } = self.interaction;
        Ok(self.services.rest.interaction_response(*id, token, response).await?)
    }
}
