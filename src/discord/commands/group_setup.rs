//! `/group setup`: which roles are what, who the two administrators are, and where the fallback post goes.

use async_trait::async_trait;
use serde::Deserialize;
use serenity::builder::CreateCommandOption;
use serenity::model::application::CommandOptionType;
use serenity::model::channel::ChannelType;

use crate::app::{Refusal, SetupRequest};
use crate::domain::{AccountId, RoleId, SpaceId};

use super::call::{Call, Trouble};
use super::{About, Command, group_status};
use crate::discord::world::permission::{ADMINISTRATOR, MANAGE_GUILD, SEND_MESSAGES, VIEW_CHANNEL};

/// `/group setup`.
#[derive(Debug)]
pub(super) struct GroupSetup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Options {
    staff: RoleId,
    students: RoleId,
    parents: Option<RoleId>,
    administrator: AccountId,
    second_administrator: AccountId,
    fallback: SpaceId,
}

#[async_trait]
impl Command for GroupSetup {
    fn about(&self) -> About {
        let option = |kind, name: &'static str, en: &'static str, fr: &'static str| {
            CreateCommandOption::new(kind, name, en).description_localized("fr", fr).required(true)
        };
        let (role, user) = (CommandOptionType::Role, CommandOptionType::User);
        About {
            path: ["group", "setup"],
            description: ["Say who is who in this server", "Dire qui est qui dans ce serveur"],
            options: vec![
                option(
                    role,
                    "staff",
                    "The role of staff and coaches",
                    "Le rôle du personnel et des entraîneurs",
                ),
                option(role, "students", "The role of students", "Le rôle des élèves"),
                option(
                    user,
                    "administrator",
                    "The Principal or Assistant Principal who gets the alerts",
                    "La direction ou direction adjointe qui reçoit les alertes",
                ),
                option(
                    user,
                    "second-administrator",
                    "The second administrator, another person",
                    "Le second administrateur, une autre personne",
                ),
                option(
                    CommandOptionType::Channel,
                    "fallback",
                    "Where Chaperone posts when it cannot reach an administrator",
                    "Où Chaperone publie quand il ne peut joindre un administrateur",
                )
                .channel_types(vec![ChannelType::Text]),
                option(
                    role,
                    "parents",
                    "The role of parents, if there is one",
                    "Le rôle des parents, s'il y en a un",
                )
                .required(false),
            ],
        }
    }

    async fn run(&self, call: &Call<'_>) -> Result<(), Trouble> {
        call.defer().await?;
        let options: Options = call.options()?;
        let group = call.group()?;
        let manages = call
            .interaction
            .invoker_permissions
            .is_some_and(|mask| mask & (ADMINISTRATOR | MANAGE_GUILD) != 0);
        check(call, &options)?;
        let request = SetupRequest {
            staff: options.staff,
            students: options.students,
            parents: options.parents,
            administrators: [options.administrator, options.second_administrator],
            fallback: options.fallback,
        };
        call.services.groups.set_up(group, call.viewer(), manages, request).await?;
        // Whoever set the group up may not be one of its administrators, and then has nothing more to see.
        match call.services.groups.status(group, call.viewer()).await {
            Ok(status) => call.answer(&group_status::page(&status, call.lang())).await,
            Err(Refusal::NotAdministrator) => call.answer(&group_status::done(call.lang())).await,
            Err(refusal) => Err(refusal.into()),
        }
    }
}

/// What only Discord's side knows: that the administrators are people, and that the fallback channel can be written to.
fn check(call: &Call<'_>, options: &Options) -> Result<(), Trouble> {
    if [options.administrator, options.second_administrator]
        .into_iter()
        .any(|account| call.interaction.is_app(account))
    {
        return Err(Trouble::Refused(Refusal::Input {
            why: [
                "An administrator must be a person, not a bot. Nothing was changed.",
                "Un administrateur doit être une personne, pas un robot. Rien n'a été changé.",
            ],
        }));
    }
    let world = call.services.world.read();
    let wanted = VIEW_CHANNEL | SEND_MESSAGES;
    let writable = world
        .bot()
        .is_some_and(|bot| world.permissions(bot, options.fallback, call.services.now()) & wanted == wanted);
    if !writable {
        return Err(Trouble::Refused(Refusal::Input {
            why: [
                "Chaperone cannot write in that fallback channel. Give its role *View Channel* and *Send Messages* \
                 there, or choose another channel. Nothing was changed.",
                "Chaperone ne peut pas écrire dans ce salon de secours. Donnez à son rôle *Voir le salon* et *Envoyer \
                 des messages*, ou choisissez un autre salon. Rien n'a été changé.",
            ],
        }));
    }
    Ok(())
}
