//! The world: what is known of every Group now, fed by the frames of the gateway in their order.
//!
//! Compact, in memory, and rebuilt at each start. Commands never read it to decide what somebody may see of an
//! Incident. Discord's raw 64-bit masks are kept as they come.

mod apply;
mod data;
mod group;
pub mod permission;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::domain::{
    AccountId, GroupId, Lang, MessageId, MessageText, Place, RoleId, SpaceId, SpaceKind, Timestamp,
};

pub use apply::Change;
use group::{GroupWorld, SpaceWorld, kind};
use permission::{CONNECT, MANAGE_THREADS, READ_MESSAGE_HISTORY, VIEW_CHANNEL, Who};

/// What is known of every Group.
#[derive(Default)]
pub struct World {
    bot: Option<AccountId>,
    groups: BTreeMap<GroupId, GroupWorld>,
    /// Which Group a Space belongs to.
    group_of: HashMap<SpaceId, GroupId>,
    version: u64,
}

impl World {
    /// A world in which nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many frames have changed this world; grows with each.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The bot's own account; known from READY on.
    pub fn bot(&self) -> Option<AccountId> {
        self.bot
    }

    /// All Groups that are known and available, in the order of their ids.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.groups.iter().filter(|(_, group)| group.available).map(|(id, _)| *id)
    }

    /// A Group's name.
    pub fn group_name(&self, group: GroupId) -> Option<&MessageText> {
        self.groups.get(&group).map(|group| &group.name)
    }

    /// The language a Group has chosen.
    pub fn group_lang(&self, group: GroupId) -> Lang {
        self.groups.get(&group).map_or_else(Lang::default, |group| group.lang)
    }

    /// A Group's owner.
    pub fn owner(&self, group: GroupId) -> Option<AccountId> {
        self.groups.get(&group)?.owner
    }

    /// Whether all members of a Group are known, or only those that have been heard of.
    pub fn knows_all_members(&self, group: GroupId) -> bool {
        self.groups.get(&group).is_some_and(|group| group.members_complete)
    }

    /// Whether an account is known to be a member of a Group.
    pub fn is_member(&self, group: GroupId, account: AccountId) -> bool {
        self.groups.get(&group).is_some_and(|group| group.members.contains_key(&account))
    }

    /// The roles an account has in a Group, without the one everyone has; empty for those not known.
    pub fn roles_of(&self, group: GroupId, account: AccountId) -> Vec<RoleId> {
        self.groups.get(&group).map_or_else(Vec::new, |group| group.existing_roles(account))
    }

    /// The name an account has taken in a Group, where it differs from the account's own.
    pub fn nick_of(&self, group: GroupId, account: AccountId) -> Option<&MessageText> {
        self.groups.get(&group)?.members.get(&account)?.nick.as_ref()
    }

    /// Which Group a Space belongs to.
    pub fn group_of(&self, space: SpaceId) -> Option<GroupId> {
        self.group_of.get(&space).copied()
    }

    /// Where a Space is, and what it is.
    pub fn place(&self, space: SpaceId) -> Option<Place> {
        let (id, group, found) = self.find(space)?;
        Some(Place { group: id, space, kind: space_kind(group, found), name: found.name.clone() })
    }

    /// Whether a Space is one that Discord tells the bot about without letting it look in.
    pub fn is_hidden(&self, space: SpaceId) -> bool {
        self.find(space).is_some_and(|(_, _, space)| space.is_hidden)
    }

    /// The Spaces of a Group that carry messages and that the bot can read back, with the newest message known in
    /// each, in the order of their ids. Empty while the Group is unavailable.
    pub fn readable_spaces(&self, group: GroupId) -> Vec<(SpaceId, Option<MessageId>)> {
        self.readable(group)
            .filter(|(_, space)| space.carries_messages())
            .map(|(id, space)| (id, space.last_message))
            .collect()
    }

    /// The channels of a Group under which there can be archived threads that the bot can read back, in the order of
    /// their ids. Empty while the Group is unavailable.
    pub fn thread_parents(&self, group: GroupId) -> Vec<SpaceId> {
        let has_threads = |kind| matches!(kind, kind::TEXT | kind::ANNOUNCEMENT | kind::FORUM | kind::MEDIA);
        self.readable(group).filter(|(_, space)| has_threads(space.kind)).map(|(id, _)| id).collect()
    }

    /// The Spaces of a Group whose history the bot can read.
    fn readable(&self, group: GroupId) -> impl Iterator<Item = (SpaceId, &SpaceWorld)> {
        // A timeout keeps nobody from reading.
        let after_any_timeout = Timestamp::from_millis(i64::MAX);
        let available = self.groups.get(&group).filter(|group| group.available);
        self.bot.zip(available).into_iter().flat_map(move |(bot, group)| {
            group.spaces.iter().filter_map(move |(id, space)| {
                let wanted = VIEW_CHANNEL | READ_MESSAGE_HISTORY | if space.is_voice() { CONNECT } else { 0 };
                let may_read = self.permissions(bot, *id, after_any_timeout) & wanted == wanted;
                (may_read && !space.is_hidden).then_some((*id, space))
            })
        })
    }

    /// What an account may do in a Space at `now`; nothing where account or Space are not known.
    ///
    /// In a thread the overwrites of its channel count, and a private thread is closed to those who are neither in it
    /// nor may manage threads.
    pub fn permissions(&self, account: AccountId, space: SpaceId, now: Timestamp) -> u64 {
        let Some((id, group, found)) = self.find(space) else { return 0 };
        let channel = match found.parent.filter(|_| found.is_thread()) {
            Some(parent) => match group.spaces.get(&parent) {
                Some(channel) => channel,
                None => return 0,
            },
            None => found,
        };
        self.with_who(id, group, account, now, |who, base| {
            let sum = permission::in_channel(who, base, &channel.overwrites, found.is_thread());
            let is_outside = found.kind == kind::PRIVATE_THREAD
                && sum & MANAGE_THREADS == 0
                && !found.thread_members.contains(&account);
            if is_outside { 0 } else { sum }
        })
    }

    /// What an account may do in a Group as a whole at `now`; nothing where it is not known.
    pub fn permissions_in_group(&self, account: AccountId, group: GroupId, now: Timestamp) -> u64 {
        let Some(found) = self.groups.get(&group) else { return 0 };
        self.with_who(group, found, account, now, |who, base| permission::in_group(who, [base]))
    }

    fn find(&self, space: SpaceId) -> Option<(GroupId, &GroupWorld, &SpaceWorld)> {
        let id = self.group_of(space)?;
        let group = self.groups.get(&id)?;
        Some((id, group, group.spaces.get(&space)?))
    }

    /// Computes with a member's roles and the sum of their masks. The bot counts as a member before its own entry
    /// has come.
    fn with_who(
        &self,
        id: GroupId,
        group: &GroupWorld,
        account: AccountId,
        now: Timestamp,
        compute: impl FnOnce(Who<'_>, u64) -> u64,
    ) -> u64 {
        let member = group.members.get(&account);
        let is_owner = group.owner == Some(account);
        if member.is_none() && !is_owner && self.bot != Some(account) {
            return 0;
        }
        let roles: Vec<u64> = group.existing_roles(account).into_iter().map(RoleId::get).collect();
        let everyone = RoleId::new(id.get());
        let base = roles
            .iter()
            .map(|role| RoleId::new(*role))
            .chain([everyone])
            .filter_map(|role| group.roles.get(&role))
            .fold(0, |sum, mask| sum | mask);
        let is_timed_out = member.and_then(|member| member.timed_out_until).is_some_and(|until| until > now);
        let who = Who { account: account.get(), everyone: id.get(), roles: &roles, is_owner, is_timed_out };
        compute(who, base)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("groups", &self.groups.len())
            .field("spaces", &self.group_of.len())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

fn space_kind(group: &GroupWorld, space: &SpaceWorld) -> SpaceKind {
    let parent_kind = || space.parent.and_then(|parent| group.spaces.get(&parent)).map(|parent| parent.kind);
    match space.kind {
        kind::TEXT | kind::ANNOUNCEMENT => SpaceKind::Channel,
        kind::VOICE | kind::STAGE => SpaceKind::Voice,
        kind::PRIVATE_THREAD => SpaceKind::PrivateThread,
        kind::PUBLIC_THREAD if matches!(parent_kind(), Some(kind::FORUM | kind::MEDIA)) => {
            SpaceKind::ForumPost
        }
        kind::PUBLIC_THREAD | kind::ANNOUNCEMENT_THREAD => SpaceKind::PublicThread,
        _ => SpaceKind::Other,
    }
}
