//! Discord's permission bits and how they add up, on raw 64-bit masks
//! (discord-api-docs, Topics, "Permissions"). No state.

/// Everything; overwrites do not matter.
pub const ADMINISTRATOR: u64 = 1 << 3;
/// Changing the server itself.
pub const MANAGE_GUILD: u64 = 1 << 5;
/// Seeing a channel.
pub const VIEW_CHANNEL: u64 = 1 << 10;
/// Writing in a channel.
pub const SEND_MESSAGES: u64 = 1 << 11;
/// Having a message read out.
pub const SEND_TTS_MESSAGES: u64 = 1 << 12;
/// Link previews.
pub const EMBED_LINKS: u64 = 1 << 14;
/// Attachments.
pub const ATTACH_FILES: u64 = 1 << 15;
/// Reading what was written before.
pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
/// Mentioning everyone.
pub const MENTION_EVERYONE: u64 = 1 << 17;
/// Joining a voice channel.
pub const CONNECT: u64 = 1 << 20;
/// Seeing and changing all threads.
pub const MANAGE_THREADS: u64 = 1 << 34;
/// Writing in threads.
pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;

/// What a member who may not write cannot do either.
const GOES_WITH_SENDING: u64 = SEND_TTS_MESSAGES | EMBED_LINKS | ATTACH_FILES | MENTION_EVERYONE;
/// What is left to a member in a timeout.
const LEFT_IN_A_TIMEOUT: u64 = VIEW_CHANNEL | READ_MESSAGE_HISTORY;

/// Whom an overwrite is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    Role(u64),
    Member(u64),
}

/// What a channel allows and denies to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overwrite {
    pub(super) whom: Whom,
    pub(super) allow: u64,
    pub(super) deny: u64,
}

/// A member as the computation needs them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who<'a> {
    /// The account.
    pub(super) account: u64,
    /// The Group's id, which is also the id of the role everyone has.
    pub(super) everyone: u64,
    /// The other roles held, all of them existing.
    pub(super) roles: &'a [u64],
    pub(super) is_owner: bool,
    pub(super) is_timed_out: bool,
}

/// What somebody may do in the Group as a whole, from the masks of all their roles.
pub(super) fn in_group(who: Who<'_>, masks: impl IntoIterator<Item = u64>) -> u64 {
    let sum = masks.into_iter().fold(0, |sum, mask| sum | mask);
    if who.is_owner || sum & ADMINISTRATOR != 0 {
        u64::MAX
    } else if who.is_timed_out {
        sum & LEFT_IN_A_TIMEOUT
    } else {
        sum
    }
}

/// What somebody may do in a channel; `base` comes from [`in_group`] without regard to timeouts.
pub(super) fn in_channel(who: Who<'_>, base: u64, overwrites: &[Overwrite], is_thread: bool) -> u64 {
    if who.is_owner || base & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    let (mut role_allow, mut role_deny) = (0, 0);
    let (mut everyone, mut member) = ((0, 0), (0, 0));
    for overwrite in overwrites {
        match overwrite.whom {
            Whom::Role(role) if role == who.everyone => everyone = (overwrite.deny, overwrite.allow),
            Whom::Role(role) if who.roles.contains(&role) => {
                role_deny |= overwrite.deny;
                role_allow |= overwrite.allow;
            }
            Whom::Member(account) if account == who.account => member = (overwrite.deny, overwrite.allow),
            _ => {}
        }
    }
    let sum = [everyone, (role_deny, role_allow), member]
        .into_iter()
        .fold(base, |sum, (deny, allow)| (sum & !deny) | allow);
    implied(if who.is_timed_out { sum & LEFT_IN_A_TIMEOUT } else { sum }, is_thread)
}

/// Takes away what is worth nothing without something that is missing.
fn implied(sum: u64, is_thread: bool) -> u64 {
    let sending = if is_thread { SEND_MESSAGES_IN_THREADS } else { SEND_MESSAGES };
    if sum & VIEW_CHANNEL == 0 {
        0
    } else if sum & sending == 0 {
        sum & !GOES_WITH_SENDING
    } else {
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The documentation's steps, one bit at a time: the last word on a bit counts.
    fn obvious(who: Who<'_>, base: u64, overwrites: &[Overwrite], is_thread: bool) -> u64 {
        if who.is_owner || base & ADMINISTRATOR != 0 {
            return u64::MAX;
        }
        let mut result = 0;
        for bit in (0..64).map(|shift| 1_u64 << shift) {
            let mut has = base & bit != 0;
            for overwrite in overwrites.iter().filter(|it| it.whom == Whom::Role(who.everyone)) {
                has = overwrite.allow & bit != 0 || (has && overwrite.deny & bit == 0);
            }
            let of_roles: Vec<_> = overwrites
                .iter()
                .filter(|it| {
                    who.roles.iter().any(|role| *role != who.everyone && it.whom == Whom::Role(*role))
                })
                .collect();
            if of_roles.iter().any(|it| it.allow & bit != 0) {
                has = true;
            } else if of_roles.iter().any(|it| it.deny & bit != 0) {
                has = false;
            }
            for overwrite in overwrites.iter().filter(|it| it.whom == Whom::Member(who.account)) {
                has = overwrite.allow & bit != 0 || (has && overwrite.deny & bit == 0);
            }
            if has && (!who.is_timed_out || bit == VIEW_CHANNEL || bit == READ_MESSAGE_HISTORY) {
                result |= bit;
            }
        }
        if result & VIEW_CHANNEL == 0 {
            return 0;
        }
        if result & if is_thread { SEND_MESSAGES_IN_THREADS } else { SEND_MESSAGES } == 0 {
            for bit in [SEND_TTS_MESSAGES, EMBED_LINKS, ATTACH_FILES, MENTION_EVERYONE] {
                result &= !bit;
            }
        }
        result
    }

    fn overwrites() -> impl Strategy<Value = Vec<Overwrite>> {
        let whom = prop_oneof![(0..4_u64).prop_map(Whom::Role), (10..13_u64).prop_map(Whom::Member)];
        prop::collection::vec((whom, any::<u64>(), any::<u64>()), 0..8).prop_map(|list| {
            // Discord keeps one overwrite for each role or member.
            let mut kept: Vec<Overwrite> = Vec::new();
            for (whom, allow, deny) in list {
                if kept.iter().all(|it| it.whom != whom) {
                    kept.push(Overwrite { whom, allow, deny });
                }
            }
            kept
        })
    }

    proptest! {
        #[test]
        fn the_masks_add_up_as_the_documentation_says(
            base: u64, overwrites in overwrites(), roles in prop::collection::vec(1..4_u64, 0..3),
            account in 10..13_u64, is_owner: bool, is_timed_out: bool, is_thread: bool,
        ) {
            // Half of the time without Administrator and ownership, which end the computation early.
            let who = Who { account, everyone: 0, roles: &roles, is_owner: is_owner && base & 1 == 1, is_timed_out };
            let base = if base & 2 == 0 { base & !ADMINISTRATOR } else { base };
            prop_assert_eq!(
                in_channel(who, base, &overwrites, is_thread),
                obvious(who, base, &overwrites, is_thread)
            );
        }
    }

    const MEMBER: Who<'static> =
        Who { account: 10, everyone: 1, roles: &[2], is_owner: false, is_timed_out: false };

    #[test]
    fn bits_above_the_fiftieth_survive() {
        let high = 1 << 51 | 1 << 63;
        assert_eq!(in_group(MEMBER, [VIEW_CHANNEL, high]), VIEW_CHANNEL | high);
        let allow = Overwrite { whom: Whom::Role(2), allow: high, deny: 0 };
        assert_eq!(in_channel(MEMBER, VIEW_CHANNEL, &[allow], false) & high, high);
    }

    #[test]
    fn an_administrator_and_the_owner_may_everything_even_in_a_timeout() {
        let deny = Overwrite { whom: Whom::Role(1), allow: 0, deny: u64::MAX };
        let owner = Who { is_owner: true, is_timed_out: true, ..MEMBER };
        let admin = Who { is_timed_out: true, ..MEMBER };
        assert_eq!(in_channel(owner, 0, &[deny], false), u64::MAX);
        assert_eq!(in_group(admin, [ADMINISTRATOR]), u64::MAX);
        assert_eq!(in_channel(admin, ADMINISTRATOR, &[deny], false), u64::MAX);
    }

    #[test]
    fn a_timeout_leaves_reading_only() {
        let quiet = Who { is_timed_out: true, ..MEMBER };
        let all = VIEW_CHANNEL | READ_MESSAGE_HISTORY | SEND_MESSAGES | CONNECT;
        assert_eq!(in_channel(quiet, all, &[], false), VIEW_CHANNEL | READ_MESSAGE_HISTORY);
        assert_eq!(in_group(quiet, [all]), VIEW_CHANNEL | READ_MESSAGE_HISTORY);
    }
}
