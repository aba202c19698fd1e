//! How each event of the gateway changes the world.

use serde::Deserialize;

use super::World;
use super::data::{
    ChannelData, Chunk, GuildData, MemberData, MessageOutline, OfGroup, OfRole, Ready, RoleGone, ThreadList,
    ThreadMembers,
};
use super::group::{GroupWorld, SpaceWorld, kind};
use crate::discord::frame::Frame;
use crate::domain::{GroupId, SpaceId};

/// What a frame has done to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is not about the world.
    Nothing,
    /// It was taken over.
    Applied,
    /// A Group came, for the first time or after an outage; it is as it is now.
    Arrived(GroupId),
    /// A Group is gone: the bot is no longer in it.
    Gone(GroupId),
    /// It is about the world, and it could not be read.
    Unreadable,
}

impl World {
    /// Takes over what a frame tells about the world.
    pub fn apply(&mut self, frame: &Frame<'_>) -> Change {
        let change = self.dispatch(frame).unwrap_or(Change::Unreadable);
        if !matches!(change, Change::Nothing | Change::Unreadable) {
            self.version += 1;
        }
        change
    }

    /// Takes over threads that were asked for, as [`crate::discord::rest`] gives them.
    pub fn learn_threads<'a>(&mut self, group: GroupId, threads: impl IntoIterator<Item = &'a str>) {
        for thread in threads {
            if let Ok(data) = serde_json::from_str::<ChannelData>(thread) {
                self.set_space(group, data);
            }
        }
    }

    /// None when the frame is about the world and does not fit.
    fn dispatch(&mut self, frame: &Frame<'_>) -> Option<Change> {
        match frame.kind() {
            "READY" => {
                self.bot = Some(frame.read::<Ready>()?.user.id);
                // Each Group comes anew after this.
                self.groups.clear();
                self.group_of.clear();
                Some(Change::Applied)
            }
            "GUILD_CREATE" => self.group_arrived(frame.read()?),
            "GUILD_UPDATE" => {
                let data: GuildData = frame.read()?;
                Some(self.in_group(data.id, |group| group.set_outline(&data)))
            }
            "GUILD_DELETE" => Some(self.group_deleted(&frame.read()?)),
            "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "THREAD_CREATE" | "THREAD_UPDATE" => {
                let data: ChannelData = frame.read()?;
                // A channel without a server is a direct message.
                let Some(group) = data.guild_id else { return Some(Change::Nothing) };
                self.set_space(group, data);
                Some(Change::Applied)
            }
            "CHANNEL_DELETE" | "THREAD_DELETE" => self.space_deleted(frame.read::<ChannelData>()?.id),
            "THREAD_LIST_SYNC" => Some(self.threads_told(frame.read()?)),
            "THREAD_MEMBERS_UPDATE" => Some(self.thread_members_changed(&frame.read()?)),
            "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE" => {
                let OfRole { guild_id, role } = frame.read()?;
                let mask = role.permissions?.0;
                Some(self.in_group(guild_id, |group| {
                    group.roles.insert(role.id, mask);
                }))
            }
            "GUILD_ROLE_DELETE" => {
                let RoleGone { guild_id, role_id } = frame.read()?;
                Some(self.in_group(guild_id, |group| {
                    group.roles.remove(&role_id);
                }))
            }
            "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" => self.member(frame, GroupWorld::set_member),
            "GUILD_MEMBER_REMOVE" => self.member(frame, |group, member: MemberData| {
                group.members.remove(&member.user.id);
                for space in group.spaces.values_mut() {
                    space.thread_members.remove(&member.user.id);
                }
            }),
            "GUILD_MEMBERS_CHUNK" => Some(self.members_told(frame.read()?)),
            "MESSAGE_CREATE" => {
                // The newest message of a Space is where a later read-back can stop; whether the message itself can
                // be read is found out elsewhere.
                if let Some(message) = frame.read::<MessageOutline>()
                    && let Some(space) = self.space_mut(message.channel_id)
                {
                    space.last_message = space.last_message.max(Some(message.id));
                }
                Some(Change::Nothing)
            }
            _ => Some(Change::Nothing),
        }
    }

    fn group_arrived(&mut self, data: GuildData) -> Option<Change> {
        let id = data.id;
        self.forget_spaces_of(id);
        if data.unavailable == Some(true) {
            self.groups.insert(id, GroupWorld::default());
            return Some(Change::Applied);
        }
        let mut group = GroupWorld { available: true, ..GroupWorld::default() };
        group.set_outline(&data);
        self.groups.insert(id, group);
        for space in data.channels.into_iter().chain(data.threads) {
            self.set_space(id, space);
        }
        let group = self.groups.get_mut(&id)?;
        for member in data.members {
            group.set_member(member);
        }
        Some(Change::Arrived(id))
    }

    fn group_deleted(&mut self, data: &GuildData) -> Change {
        if data.unavailable == Some(true) {
            if let Some(group) = self.groups.get_mut(&data.id) {
                group.available = false;
            }
            return Change::Applied;
        }
        self.forget_spaces_of(data.id);
        self.groups.remove(&data.id);
        Change::Gone(data.id)
    }

    fn forget_spaces_of(&mut self, group: GroupId) {
        if let Some(known) = self.groups.get(&group) {
            for space in known.spaces.keys() {
                self.group_of.remove(space);
            }
        }
    }

    fn set_space(&mut self, group: GroupId, data: ChannelData) {
        let bot = self.bot;
        // A Space is in one Group only; the last word counts.
        if let Some(other) = self.group_of(data.id).filter(|other| *other != group)
            && let Some(other) = self.groups.get_mut(&other)
        {
            other.spaces.remove(&data.id);
            self.group_of.remove(&data.id);
        }
        let Some(known) = self.groups.get_mut(&group) else { return };
        let id = data.id;
        let older = known.spaces.remove(&id);
        let is_new = older.is_none();
        let mut space = SpaceWorld::new(data, older);
        if is_new && space.kind == kind::PRIVATE_THREAD {
            // Discord tells only of private threads that the bot can read.
            space.thread_members.extend(bot);
        }
        known.spaces.insert(id, space);
        self.group_of.insert(id, group);
    }

    fn space_mut(&mut self, space: SpaceId) -> Option<&mut SpaceWorld> {
        let group = self.group_of(space)?;
        self.groups.get_mut(&group)?.spaces.get_mut(&space)
    }

    fn space_deleted(&mut self, space: SpaceId) -> Option<Change> {
        let Some(group) = self.group_of.remove(&space) else { return Some(Change::Nothing) };
        let known = self.groups.get_mut(&group)?;
        known.spaces.remove(&space);
        let group_of = &mut self.group_of;
        known.spaces.retain(|id, it| {
            let stays = !(it.is_thread() && it.parent == Some(space));
            if !stays {
                group_of.remove(id);
            }
            stays
        });
        Some(Change::Applied)
    }

    /// Takes over the running threads of channels that the bot has come to see. Those not among them are archived and
    /// stay places.
    fn threads_told(&mut self, data: ThreadList) -> Change {
        for thread in data.threads {
            self.set_space(data.guild_id, thread);
        }
        Change::Applied
    }

    fn thread_members_changed(&mut self, data: &ThreadMembers) -> Change {
        let Some(thread) = self.space_mut(data.id) else { return Change::Nothing };
        thread.thread_members.extend(data.added_members.iter().map(|member| member.user_id));
        for account in &data.removed_member_ids {
            thread.thread_members.remove(account);
        }
        Change::Applied
    }

    fn member(
        &mut self,
        frame: &Frame<'_>,
        change: impl FnOnce(&mut GroupWorld, MemberData),
    ) -> Option<Change> {
        let OfGroup { guild_id } = read(frame)?;
        let member: MemberData = read(frame)?;
        Some(self.in_group(guild_id, |group| change(group, member)))
    }

    /// Changes a Group; an event about one that is not known yet waits for it to arrive.
    fn in_group(&mut self, id: GroupId, change: impl FnOnce(&mut GroupWorld)) -> Change {
        let Some(group) = self.groups.get_mut(&id) else { return Change::Nothing };
        change(group);
        Change::Applied
    }

    fn members_told(&mut self, data: Chunk) -> Change {
        self.in_group(data.guild_id, |group| {
            for member in data.members {
                group.set_member(member);
            }
            if data.index.unwrap_or_default().saturating_add(1) >= data.count.unwrap_or(1) {
                group.members_complete = true;
            }
        })
    }
}

fn read<'a, T: Deserialize<'a>>(frame: &Frame<'a>) -> Option<T> {
    frame.read()
}
