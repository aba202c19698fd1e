//! A Group's channels, roles and members, as REST tells them.

use serde::Deserialize;

use super::execute::Call;
use super::{Rest, RestError};
use crate::discord::lenient::Mask;
use crate::domain::{AccountId, GroupId, MessageText, RoleId, SpaceId};

/// A channel that the bot can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestChannel {
    /// Its id.
    pub id: SpaceId,
    /// Discord's number of its kind.
    pub kind: u32,
    /// Its name.
    pub name: MessageText,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestRole {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: MessageText,
    /// Its permissions, all 64 bits.
    pub permissions: u64,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestMember {
    /// The account.
    pub account: AccountId,
    /// The roles held.
    pub roles: Vec<RoleId>,
    /// Whether it is a bot.
    pub is_app: bool,
    /// The name shown.
    pub name: MessageText,
}

impl Rest {
    /// The channels of a Group that the bot can see, without threads.
    pub async fn guild_channels(&self, group: GroupId) -> Result<Vec<RestChannel>, RestError> {
        #[derive(Deserialize)]
        struct Channel {
            id: SpaceId,
            #[serde(rename = "type")]
            kind: u32,
            #[serde(default)]
            name: Option<String>,
        }
        let channels: Vec<Channel> =
            self.ask(Call::get(format!("guilds/{group}/channels")), "channels").await?;
        let channel = |it: Channel| RestChannel {
            id: it.id,
            kind: it.kind,
            name: MessageText::new(it.name.unwrap_or_default()),
        };
        Ok(channels.into_iter().map(channel).collect())
    }

    /// The roles of a Group.
    pub async fn roles(&self, group: GroupId) -> Result<Vec<RestRole>, RestError> {
        #[derive(Deserialize)]
        struct Role {
            id: RoleId,
            name: String,
            permissions: Mask,
        }
        let roles: Vec<Role> = self.ask(Call::get(format!("guilds/{group}/roles")), "roles").await?;
        let role =
            |it: Role| RestRole { id: it.id, name: MessageText::new(it.name), permissions: it.permissions.0 };
        Ok(roles.into_iter().map(role).collect())
    }

    /// A member of a Group.
    pub async fn member(&self, group: GroupId, account: AccountId) -> Result<RestMember, RestError> {
        #[derive(Deserialize)]
        struct Member {
            user: User,
            roles: Vec<RoleId>,
            #[serde(default)]
            nick: Option<String>,
        }
        #[derive(Deserialize)]
        struct User {
            id: AccountId,
            #[serde(default)]
            bot: bool,
            #[serde(default)]
            username: Option<String>,
            #[serde(default)]
            global_name: Option<String>,
        }
        let member: Member =
            self.ask(Call::get(format!("guilds/{group}/members/{account}")), "a member").await?;
        let name = member.nick.or(member.user.global_name).or(member.user.username).unwrap_or_default();
        Ok(RestMember {
            account: member.user.id,
            roles: member.roles,
            is_app: member.user.bot,
            name: MessageText::new(name),
        })
    }
}
