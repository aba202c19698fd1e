//! Who may do what, in raw 64-bit masks, written for the box alone so that it can disagree with the bot.
//!
//! Follows discord-api-docs, Topics, "Permissions": owner, administrator, base, overwrites in their order,
//! implicit denies, timeouts, and threads by their parent and their members.

use super::state::{Channel, Guild, Member, Overwrite, kind};
use super::{Snowflake, World};

/// Permission bits.
pub mod bits {
    /// Create invites.
    pub const CREATE_INSTANT_INVITE: u64 = 1;
    /// Kick members.
    pub const KICK_MEMBERS: u64 = 1 << 1;
    /// Ban members.
    pub const BAN_MEMBERS: u64 = 1 << 2;
    /// Everything, whatever a channel says.
    pub const ADMINISTRATOR: u64 = 1 << 3;
    /// Change channels.
    pub const MANAGE_CHANNELS: u64 = 1 << 4;
    /// Change the server.
    pub const MANAGE_GUILD: u64 = 1 << 5;
    /// React.
    pub const ADD_REACTIONS: u64 = 1 << 6;
    /// Read the audit log.
    pub const VIEW_AUDIT_LOG: u64 = 1 << 7;
    /// Stream and share a camera in voice channels.
    pub const STREAM: u64 = 1 << 9;
    /// See a channel.
    pub const VIEW_CHANNEL: u64 = 1 << 10;
    /// Write in a channel.
    pub const SEND_MESSAGES: u64 = 1 << 11;
    /// Speak messages aloud.
    pub const SEND_TTS_MESSAGES: u64 = 1 << 12;
    /// Delete and pin what others wrote.
    pub const MANAGE_MESSAGES: u64 = 1 << 13;
    /// Show previews of links.
    pub const EMBED_LINKS: u64 = 1 << 14;
    /// Attach files.
    pub const ATTACH_FILES: u64 = 1 << 15;
    /// Read what was written before.
    pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
    /// Mention everyone.
    pub const MENTION_EVERYONE: u64 = 1 << 17;
    /// Join voice and stage channels.
    pub const CONNECT: u64 = 1 << 20;
    /// Speak in voice channels.
    pub const SPEAK: u64 = 1 << 21;
    /// Silence others in voice channels.
    pub const MUTE_MEMBERS: u64 = 1 << 22;
    /// Deafen others in voice channels.
    pub const DEAFEN_MEMBERS: u64 = 1 << 23;
    /// Move others between voice channels, and out of them.
    pub const MOVE_MEMBERS: u64 = 1 << 24;
    /// Change one's own nickname.
    pub const CHANGE_NICKNAME: u64 = 1 << 26;
    /// Change nicknames of others.
    pub const MANAGE_NICKNAMES: u64 = 1 << 27;
    /// Change roles below one's own.
    pub const MANAGE_ROLES: u64 = 1 << 28;
    /// Make, read and delete webhooks.
    pub const MANAGE_WEBHOOKS: u64 = 1 << 29;
    /// Change and delete emoji, stickers and sounds.
    pub const MANAGE_GUILD_EXPRESSIONS: u64 = 1 << 30;
    /// Use commands.
    pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
    /// Ask to speak on a stage.
    pub const REQUEST_TO_SPEAK: u64 = 1 << 32;
    /// Change and delete scheduled events.
    pub const MANAGE_EVENTS: u64 = 1 << 33;
    /// Manage threads and see all private ones.
    pub const MANAGE_THREADS: u64 = 1 << 34;
    /// Open public threads.
    pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
    /// Open private threads.
    pub const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
    /// Write in threads.
    pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
    /// Time members out.
    pub const MODERATE_MEMBERS: u64 = 1 << 40;
    /// Make emoji, stickers and sounds, and change one's own.
    pub const CREATE_GUILD_EXPRESSIONS: u64 = 1 << 43;
    /// Make scheduled events, and change one's own.
    pub const CREATE_EVENTS: u64 = 1 << 44;
    /// Ask with polls.
    pub const SEND_POLLS: u64 = 1 << 49;
    /// Pin messages; above the bits that older models know.
    pub const PIN_MESSAGES: u64 = 1 << 51;
    /// Every bit that Discord has given a meaning so far.
    pub const ALL: u64 = (1 << 53) - 1;
    /// What `@everyone` of a new server may do.
    pub const EVERYONE: u64 = CREATE_INSTANT_INVITE
        | ADD_REACTIONS
        | VIEW_CHANNEL
        | SEND_MESSAGES
        | EMBED_LINKS
        | ATTACH_FILES
        | READ_MESSAGE_HISTORY
        | USE_APPLICATION_COMMANDS
        | CREATE_PUBLIC_THREADS
        | CREATE_PRIVATE_THREADS
        | SEND_MESSAGES_IN_THREADS
        | STREAM
        | CONNECT
        | SPEAK
        | CHANGE_NICKNAME
        | REQUEST_TO_SPEAK
        | SEND_POLLS;
    /// What the bot is given unless a server says otherwise: to see, to answer, to read all threads, and to
    /// manage channels and roles; not to administer.
    pub const BOT: u64 = EVERYONE | VIEW_AUDIT_LOG | MANAGE_CHANNELS | MANAGE_ROLES | MANAGE_THREADS;
}

/// What remains to somebody who is timed out.
const TIMED_OUT: u64 = bits::VIEW_CHANNEL | bits::READ_MESSAGE_HISTORY;
/// What needs the right to write.
const NEEDS_SENDING: u64 =
    bits::MENTION_EVERYONE | bits::SEND_TTS_MESSAGES | bits::ATTACH_FILES | bits::EMBED_LINKS;

impl World {
    /// What a user may do in a channel; nothing where they cannot see it.
    pub(crate) fn permissions(&self, user: Snowflake, channel: &Channel) -> u64 {
        let Some(guild) = channel.guild.and_then(|id| self.guilds.get(&id)) else {
            return if channel.recipients.contains(&user) { bits::EVERYONE } else { 0 };
        };
        let Some(member) = guild.members.get(&user) else { return 0 };
        if member.guest_of.is_some_and(|only| only != channel.id) {
            return 0;
        }
        let Some(ruling) = self.ruling_channel(channel) else { return 0 };
        let may = in_channel(guild, member, &ruling.overwrites, self.clock.now_ms());
        let Some(thread) = &channel.thread else { return may };
        let let_in = channel.kind != kind::PRIVATE_THREAD
            || thread.members.contains_key(&user)
            || may & bits::MANAGE_THREADS != 0;
        if let_in { may } else { 0 }
    }

    /// Whether a user has every one of these permissions in a channel.
    pub(crate) fn may(&self, user: Snowflake, channel: &Channel, wanted: u64) -> bool {
        self.permissions(user, channel) & wanted == wanted
    }

    /// Whether a user may see a channel.
    pub(crate) fn sees(&self, user: Snowflake, channel: &Channel) -> bool {
        self.may(user, channel, bits::VIEW_CHANNEL)
    }

    /// Whether a user may write in a channel.
    pub(crate) fn may_write(&self, user: Snowflake, channel: &Channel) -> bool {
        let wanted = match &channel.thread {
            Some(thread) if thread.locked => bits::SEND_MESSAGES_IN_THREADS | bits::MANAGE_THREADS,
            Some(_) => bits::SEND_MESSAGES_IN_THREADS,
            None if !super::kinds::takes_messages(channel.kind) => return false,
            None => bits::SEND_MESSAGES,
        };
        self.may(user, channel, bits::VIEW_CHANNEL | wanted)
    }

    /// The channel whose overwrites count: a thread's parent, else the channel itself.
    fn ruling_channel<'a>(&'a self, channel: &'a Channel) -> Option<&'a Channel> {
        match (&channel.thread, channel.parent) {
            (Some(_), Some(parent)) => self.channels.get(&parent),
            (Some(_), None) => None,
            (None, _) => Some(channel),
        }
    }
}

/// What a member may do in the guild as a whole.
pub(crate) fn base(guild: &Guild, member: &Member) -> u64 {
    if guild.owner == member.user {
        return bits::ALL;
    }
    let base = guild
        .roles
        .iter()
        .filter(|role| role.id == guild.id || member.roles.contains(&role.id))
        .fold(0, |sum, role| sum | role.permissions);
    if base & bits::ADMINISTRATOR != 0 { bits::ALL } else { base }
}

/// What a member may do where these overwrites apply.
fn in_channel(guild: &Guild, member: &Member, overwrites: &[Overwrite], now_ms: u64) -> u64 {
    let mut may = base(guild, member);
    if may & bits::ADMINISTRATOR != 0 {
        return bits::ALL;
    }
    let apply = |may: u64, deny: u64, allow: u64| may & !deny | allow;
    for everyone in overwrites.iter().filter(|one| !one.of_member && one.id == guild.id) {
        may = apply(may, everyone.deny, everyone.allow);
    }
    let of_roles = overwrites.iter().filter(|one| !one.of_member && member.roles.contains(&one.id));
    let (deny, allow) = of_roles.fold((0, 0), |(deny, allow), one| (deny | one.deny, allow | one.allow));
    may = apply(may, deny, allow);
    for own in overwrites.iter().filter(|one| one.of_member && one.id == member.user) {
        may = apply(may, own.deny, own.allow);
    }
    if member.timed_out_until_ms.is_some_and(|until| until > now_ms) {
        may &= TIMED_OUT;
    }
    if may & bits::VIEW_CHANNEL == 0 {
        return 0;
    }
    if may & bits::SEND_MESSAGES == 0 { may & !NEEDS_SENDING } else { may }
}
