//! Discord's JSON for servers, channels, roles and members, as far as the world needs it, read leniently.

use serde::Deserialize;

use crate::discord::lenient::{self, Mask};
use crate::domain::{AccountId, GroupId, MessageId, RoleId, SpaceId};

#[derive(Deserialize)]
pub(super) struct GuildData {
    pub(super) id: GroupId,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) unavailable: Option<bool>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) owner_id: Option<AccountId>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) preferred_locale: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) roles: Vec<RoleData>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) channels: Vec<ChannelData>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) threads: Vec<ChannelData>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) members: Vec<MemberData>,
}

#[derive(Deserialize)]
pub(super) struct RoleData {
    pub(super) id: RoleId,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) permissions: Option<Mask>,
}

#[derive(Deserialize)]
pub(super) struct ChannelData {
    pub(super) id: SpaceId,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) guild_id: Option<GroupId>,
    #[serde(default, rename = "type", deserialize_with = "lenient::field")]
    pub(super) kind: Option<u32>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) parent_id: Option<SpaceId>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) permission_overwrites: Vec<OverwriteData>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) last_message_id: Option<MessageId>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) flags: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct OverwriteData {
    /// A role or an account.
    pub(super) id: RoleId,
    /// 0 for a role, 1 for an account; others are not known.
    #[serde(rename = "type")]
    pub(super) kind: u8,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) allow: Option<Mask>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) deny: Option<Mask>,
}

#[derive(Deserialize)]
pub(super) struct MemberData {
    pub(super) user: UserData,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) roles: Option<Vec<RoleId>>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) nick: Option<String>,
    #[serde(default, deserialize_with = "lenient::field")]
    pub(super) communication_disabled_until: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct UserData {
    pub(super) id: AccountId,
}

#[derive(Deserialize)]
pub(super) struct OfGroup {
    pub(super) guild_id: GroupId,
}

#[derive(Deserialize)]
pub(super) struct OfRole {
    pub(super) guild_id: GroupId,
    pub(super) role: RoleData,
}

#[derive(Deserialize)]
pub(super) struct RoleGone {
    pub(super) guild_id: GroupId,
    pub(super) role_id: RoleId,
}

#[derive(Deserialize)]
pub(super) struct Chunk {
    pub(super) guild_id: GroupId,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) members: Vec<MemberData>,
    #[serde(default, rename = "chunk_index", deserialize_with = "lenient::field")]
    pub(super) index: Option<u32>,
    #[serde(default, rename = "chunk_count", deserialize_with = "lenient::field")]
    pub(super) count: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct ThreadList {
    pub(super) guild_id: GroupId,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) threads: Vec<ChannelData>,
}

#[derive(Deserialize)]
pub(super) struct ThreadMembers {
    pub(super) id: SpaceId,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) added_members: Vec<ThreadMemberData>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) removed_member_ids: Vec<AccountId>,
}

#[derive(Deserialize)]
pub(super) struct ThreadMemberData {
    pub(super) user_id: AccountId,
}

#[derive(Deserialize)]
pub(super) struct MessageOutline {
    pub(super) id: MessageId,
    pub(super) channel_id: SpaceId,
}

#[derive(Deserialize)]
pub(super) struct Ready {
    pub(super) user: UserData,
}
