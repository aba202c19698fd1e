//! What is kept of one Group: its roles, Spaces and members, as small as they can be.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::data::{ChannelData, GuildData, MemberData, OverwriteData};
use super::permission::{Overwrite, Whom};
use crate::domain::{AccountId, Lang, MessageId, MessageText, RoleId, SpaceId, Timestamp};

/// Set by Discord on a channel that the bot cannot see.
const OBFUSCATED: u64 = 1 << 17;
/// The name Discord gives to such a channel.
const OBFUSCATED_NAME: &str = "___hidden___";

/// Discord's numbers for kinds of channels.
pub(super) mod kind {
    pub(in super::super) const TEXT: u32 = 0;
    pub(in super::super) const VOICE: u32 = 2;
    pub(in super::super) const ANNOUNCEMENT: u32 = 5;
    pub(in super::super) const ANNOUNCEMENT_THREAD: u32 = 10;
    pub(in super::super) const PUBLIC_THREAD: u32 = 11;
    pub(in super::super) const PRIVATE_THREAD: u32 = 12;
    pub(in super::super) const STAGE: u32 = 13;
    pub(in super::super) const FORUM: u32 = 15;
    pub(in super::super) const MEDIA: u32 = 16;
    /// Stands for a kind that was not told.
    pub(super) const UNKNOWN: u32 = u32::MAX;
}

#[derive(Default)]
pub(super) struct GroupWorld {
    pub(super) available: bool,
    pub(super) name: MessageText,
    pub(super) owner: Option<AccountId>,
    pub(super) lang: Lang,
    pub(super) roles: BTreeMap<RoleId, u64>,
    pub(super) spaces: BTreeMap<SpaceId, SpaceWorld>,
    pub(super) members: HashMap<AccountId, MemberWorld>,
    /// Whether the whole list of members has come.
    pub(super) members_complete: bool,
}

pub(super) struct SpaceWorld {
    pub(super) kind: u32,
    pub(super) name: MessageText,
    pub(super) parent: Option<SpaceId>,
    pub(super) overwrites: Box<[Overwrite]>,
    pub(super) last_message: Option<MessageId>,
    pub(super) is_hidden: bool,
    /// Who is in a private thread, as far as it was told.
    pub(super) thread_members: BTreeSet<AccountId>,
}

pub(super) struct MemberWorld {
    pub(super) roles: Box<[RoleId]>,
    pub(super) nick: Option<MessageText>,
    pub(super) timed_out_until: Option<Timestamp>,
}

impl GroupWorld {
    /// Takes over name, owner, language and roles.
    pub(super) fn set_outline(&mut self, data: &GuildData) {
        if let Some(name) = &data.name {
            self.name = MessageText::new(name.as_str());
        }
        if data.owner_id.is_some() {
            self.owner = data.owner_id;
        }
        if let Some(locale) = &data.preferred_locale {
            self.lang = Lang::from_locale(locale);
        }
        if !data.roles.is_empty() {
            self.roles =
                data.roles.iter().map(|role| (role.id, role.permissions.unwrap_or_default().0)).collect();
        }
    }

    /// Takes over a member; keeps the roles that were known when none are told.
    pub(super) fn set_member(&mut self, data: MemberData) {
        let roles = match data.roles {
            Some(roles) => roles.into_boxed_slice(),
            None => self.members.remove(&data.user.id).map(|known| known.roles).unwrap_or_default(),
        };
        let timed_out_until = data.communication_disabled_until.and_then(|until| {
            let until: jiff::Timestamp = until.parse().ok()?;
            Some(Timestamp::from_millis(until.as_millisecond()))
        });
        self.members.insert(
            data.user.id,
            MemberWorld { roles, nick: data.nick.map(MessageText::new), timed_out_until },
        );
    }

    /// The roles of a member that exist, apart from the one everyone has.
    pub(super) fn existing_roles(&self, account: AccountId) -> Vec<RoleId> {
        self.members.get(&account).map_or_else(Vec::new, |member| {
            member.roles.iter().copied().filter(|role| self.roles.contains_key(role)).collect()
        })
    }
}

impl SpaceWorld {
    /// From Discord's channel or thread, keeping of an older picture what the new one does not tell.
    pub(super) fn new(data: ChannelData, older: Option<Self>) -> Self {
        let (older_message, thread_members, older_parent, older_kind) = older
            .map_or((None, BTreeSet::new(), None, kind::UNKNOWN), |older| {
                (older.last_message, older.thread_members, older.parent, older.kind)
            });
        let name = data.name.unwrap_or_default();
        Self {
            kind: data.kind.unwrap_or(older_kind),
            is_hidden: data.flags.unwrap_or_default() & OBFUSCATED != 0 || name == OBFUSCATED_NAME,
            name: MessageText::new(name),
            parent: data.parent_id.or(older_parent.filter(|_| data.kind.is_none_or(is_thread))),
            overwrites: data.permission_overwrites.iter().filter_map(overwrite).collect(),
            last_message: data.last_message_id.max(older_message),
            thread_members,
        }
    }

    pub(super) fn is_thread(&self) -> bool {
        is_thread(self.kind)
    }

    /// Whether messages can stand in it. A forum has none of its own: they stand in its posts.
    pub(super) fn carries_messages(&self) -> bool {
        self.is_thread() || matches!(self.kind, kind::TEXT | kind::ANNOUNCEMENT | kind::VOICE | kind::STAGE)
    }

    /// Whether it is a voice or stage channel.
    pub(super) fn is_voice(&self) -> bool {
        matches!(self.kind, kind::VOICE | kind::STAGE)
    }
}

fn is_thread(kind: u32) -> bool {
    matches!(kind, kind::ANNOUNCEMENT_THREAD | kind::PUBLIC_THREAD | kind::PRIVATE_THREAD)
}

fn overwrite(data: &OverwriteData) -> Option<Overwrite> {
    let whom = match data.kind {
        0 => Whom::Role(data.id.get()),
        1 => Whom::Member(data.id.get()),
        _ => return None,
    };
    Some(Overwrite { whom, allow: data.allow.unwrap_or_default().0, deny: data.deny.unwrap_or_default().0 })
}
