//! From Discord's JSON to an [`Interaction`], reading only what is needed and forgiving the rest.

use serde::Deserialize;
use serde_json::Value;

use super::{Interaction, InteractionId, InteractionKind, InteractionToken};
use crate::discord::lenient::{self, Mask};
use crate::domain::{AccountId, ApplicationId, GroupId, Lang, MessageText, RoleId, SpaceId};

#[derive(Deserialize)]
struct Raw {
    id: String,
    application_id: ApplicationId,
    token: String,
    #[serde(rename = "type")]
    kind: u8,
    #[serde(default, deserialize_with = "lenient::field")]
    guild_id: Option<GroupId>,
    #[serde(default, deserialize_with = "lenient::field")]
    channel_id: Option<SpaceId>,
    #[serde(default, deserialize_with = "lenient::field")]
    member: Option<Member>,
    #[serde(default, deserialize_with = "lenient::field")]
    user: Option<User>,
    #[serde(default, deserialize_with = "lenient::field")]
    locale: Option<String>,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct Member {
    user: User,
    #[serde(default, deserialize_with = "lenient::list")]
    roles: Vec<RoleId>,
    #[serde(default, deserialize_with = "lenient::field")]
    nick: Option<String>,
    #[serde(default, deserialize_with = "lenient::field")]
    permissions: Option<Mask>,
}

#[derive(Deserialize)]
struct User {
    id: AccountId,
    #[serde(default, deserialize_with = "lenient::field")]
    username: Option<String>,
    #[serde(default, deserialize_with = "lenient::field")]
    global_name: Option<String>,
}

/// None when there is no id, token, application, kind or invoker.
pub(super) fn interaction(text: &str) -> Option<Interaction> {
    let raw: Raw = serde_json::from_str(text).ok()?;
    let kind = kind(raw.kind, &raw.data);
    let (user, nick, roles, permissions) = match (raw.member, raw.user) {
        (Some(member), _) => (member.user, member.nick, member.roles, member.permissions.map(|mask| mask.0)),
        (None, Some(user)) => (user, None, Vec::new(), None),
        (None, None) => return None,
    };
    let name = nick.or(user.global_name).or(user.username).unwrap_or_default();
    Some(Interaction {
        id: InteractionId::new(raw.id.parse().ok()?),
        application: raw.application_id,
        token: InteractionToken::new(raw.token),
        kind,
        group: raw.guild_id,
        space: raw.channel_id,
        invoker: user.id,
        invoker_name: MessageText::new(name),
        invoker_roles: roles,
        invoker_permissions: permissions,
        lang: raw.locale.as_deref().map(Lang::from_locale).unwrap_or_default(),
        data: raw.data,
    })
}

fn kind(number: u8, data: &Value) -> InteractionKind {
    match (number, data["type"].as_u64()) {
        (2, Some(3)) => InteractionKind::MessageCommand,
        (2, Some(2)) => InteractionKind::UserCommand,
        (2, _) => InteractionKind::Command,
        (3, _) => InteractionKind::Component,
        (4, _) => InteractionKind::Autocomplete,
        (5, _) => InteractionKind::Modal,
        _ => InteractionKind::Other,
    }
}
