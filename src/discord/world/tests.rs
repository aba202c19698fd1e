//! Stories of the world, told in frames.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::permission::{
    ADMINISTRATOR, CONNECT, MANAGE_THREADS, READ_MESSAGE_HISTORY, SEND_MESSAGES, VIEW_CHANNEL,
};
use super::{Change, World};
use crate::discord::frame::RawFrame;
use crate::domain::{AccountId, GroupId, Lang, MessageId, RoleId, SpaceId, SpaceKind, Timestamp};

const GROUP: GroupId = GroupId::new(1);
const BOT: AccountId = AccountId::new(100);
const TEACHER: AccountId = AccountId::new(101);
const STUDENT: AccountId = AccountId::new(102);
const GENERAL: SpaceId = SpaceId::new(10);
const STAFF_ROOM: SpaceId = SpaceId::new(11);
const THREAD: SpaceId = SpaceId::new(20);
const NOW: Timestamp = Timestamp::from_millis(1_000_000);
const READ: u64 = VIEW_CHANNEL | READ_MESSAGE_HISTORY;

fn tell(world: &mut World, kind: &str, content: &Value) -> Change {
    let raw = RawFrame::new(json!({"t": kind, "s": 1, "op": 0, "d": content}).to_string());
    world.apply(&raw.frame().unwrap())
}

fn group() -> Value {
    json!({
        "id": "1", "name": "Science Club", "owner_id": "101", "preferred_locale": "fr",
        "roles": [
            {"id": "1", "name": "@everyone", "permissions": READ.to_string()},
            {"id": "2", "name": "Students", "permissions": SEND_MESSAGES.to_string()},
            {"id": "3", "name": "Bot", "permissions": (1_u64 << 51).to_string()}
        ],
        "channels": [
            {"id": "10", "type": 0, "name": "general", "last_message_id": "500", "permission_overwrites": []},
            {"id": "11", "type": 0, "name": "staff-room", "permission_overwrites": [
                {"id": "1", "type": 0, "allow": "0", "deny": VIEW_CHANNEL.to_string()}]},
            {"id": "12", "type": 2, "name": "Lab", "permission_overwrites": []},
            {"id": "13", "type": 15, "name": "questions", "permission_overwrites": []},
            {"id": "14", "type": 4, "name": "Rooms", "permission_overwrites": []},
            {"id": "15", "type": 0, "name": "___hidden___", "flags": 1 << 17, "permission_overwrites": [
                {"id": "1", "type": 0, "allow": "0", "deny": "1024"}]},
            {"id": "16", "type": 99, "name": "newer than this program"},
            {"no id": true}
        ],
        "threads": [
            {"id": "20", "type": 12, "parent_id": "10", "name": "quiet", "last_message_id": "501"},
            {"id": "21", "type": 11, "parent_id": "13", "name": "how do magnets work"},
            {"id": "22", "type": 11, "parent_id": "11", "name": "marks"}
        ],
        "members": [
            {"user": {"id": "100", "bot": true}, "roles": ["3"]},
            {"user": {"id": "102"}, "roles": ["2", "77"], "nick": "Sam"},
            {"roles": ["a member without an account"]}
        ]
    })
}

fn world() -> World {
    let mut world = World::new();
    let ready = json!({"user": {"id": "100"}, "session_id": "x", "application": {"id": "9"}});
    assert_eq!(tell(&mut world, "READY", &ready), Change::Applied);
    assert_eq!(tell(&mut world, "GUILD_CREATE", &group()), Change::Arrived(GROUP));
    world
}

#[test]
fn a_group_is_known_as_it_arrives() {
    let world = world();
    assert_eq!(world.bot(), Some(BOT));
    assert_eq!(world.group_name(GROUP).unwrap().expose(), "Science Club");
    assert_eq!((world.group_lang(GROUP), world.owner(GROUP)), (Lang::Fr, Some(TEACHER)));
    assert_eq!(world.roles_of(GROUP, STUDENT), [RoleId::new(2)], "a role that does not exist is left out");
    assert_eq!(world.nick_of(GROUP, STUDENT).unwrap().expose(), "Sam");
    assert_eq!(world.groups().collect::<Vec<_>>(), [GROUP]);
    let kind = |space| world.place(SpaceId::new(space)).map(|place| place.kind);
    assert_eq!(kind(10), Some(SpaceKind::Channel));
    assert_eq!(kind(12), Some(SpaceKind::Voice));
    assert_eq!(kind(20), Some(SpaceKind::PrivateThread));
    assert_eq!(kind(21), Some(SpaceKind::ForumPost));
    assert_eq!(kind(22), Some(SpaceKind::PublicThread));
    assert_eq!(kind(16), Some(SpaceKind::Other));
    assert_eq!(kind(999), None);
    assert_eq!(world.place(GENERAL).unwrap().name.expose(), "general");
}

#[test]
fn only_what_carries_messages_and_can_be_read_is_read_back() {
    let mut world = world();
    let readable = |world: &World| {
        world.readable_spaces(GROUP).into_iter().map(|(space, _)| space.get()).collect::<Vec<_>>()
    };
    // Not the staff room and its thread (denied), the voice channel (no Connect), the forum, the category, the hidden
    // channel and the unknown kind.
    assert_eq!(readable(&world), [10, 20, 21]);
    assert_eq!(world.readable_spaces(GROUP)[0], (GENERAL, Some(MessageId::new(500))));
    let role = json!({"guild_id": "1", "role": {"id": "3", "permissions": (READ | CONNECT).to_string()}});
    tell(&mut world, "GUILD_ROLE_UPDATE", &role);
    assert_eq!(readable(&world), [10, 12, 20, 21]);
    let role = json!({"guild_id": "1", "role": {"id": "3", "permissions": ADMINISTRATOR.to_string()}});
    tell(&mut world, "GUILD_ROLE_UPDATE", &role);
    assert_eq!(readable(&world), [10, 11, 12, 20, 21, 22]);
    assert!(world.is_hidden(SpaceId::new(15)) && !world.is_hidden(STAFF_ROOM));
}

#[test]
fn a_channel_that_hides_or_shows_itself_is_noticed() {
    let mut world = world();
    let hidden = json!({"id": "10", "guild_id": "1", "type": 0, "name": "___hidden___"});
    tell(&mut world, "CHANNEL_UPDATE", &hidden);
    assert!(world.is_hidden(GENERAL), "by its name alone");
    let flagged = json!({"id": "10", "guild_id": "1", "type": 0, "name": "general", "flags": 1 << 17});
    tell(&mut world, "CHANNEL_UPDATE", &flagged);
    assert!(world.is_hidden(GENERAL), "by its flag alone");
    tell(&mut world, "CHANNEL_UPDATE", &json!({"id": "10", "guild_id": "1", "type": 0, "name": "general"}));
    assert!(!world.is_hidden(GENERAL));
    assert_eq!(world.readable_spaces(GROUP)[0].1, Some(MessageId::new(500)), "what was not told is kept");
}

#[test]
fn permissions_follow_roles_members_and_time() {
    let mut world = world();
    assert_eq!(world.permissions(STUDENT, GENERAL, NOW), READ | SEND_MESSAGES);
    assert_eq!(
        world.permissions(TEACHER, STAFF_ROOM, NOW),
        u64::MAX,
        "the owner, though not listed as a member"
    );
    assert_eq!(world.permissions(STUDENT, STAFF_ROOM, NOW), 0);
    assert_eq!(world.permissions(AccountId::new(999), GENERAL, NOW), 0, "a stranger");
    assert_eq!(world.permissions_in_group(BOT, GROUP, NOW) & (1 << 51), 1 << 51, "bits above the fiftieth");

    let timed_out = json!({"guild_id": "1", "user": {"id": "102"}, "roles": ["2"],
        "communication_disabled_until": "1970-01-01T00:20:00.000000+00:00"});
    tell(&mut world, "GUILD_MEMBER_UPDATE", &timed_out);
    assert_eq!(world.permissions(STUDENT, GENERAL, NOW), READ);
    assert_eq!(world.permissions(STUDENT, GENERAL, Timestamp::from_millis(1_200_000)), READ | SEND_MESSAGES);
    assert_eq!(world.nick_of(GROUP, STUDENT), None, "the nickname was given up");

    tell(&mut world, "GUILD_ROLE_DELETE", &json!({"guild_id": "1", "role_id": "2"}));
    assert_eq!(world.permissions(STUDENT, GENERAL, Timestamp::from_millis(1_200_000)), READ);
    tell(&mut world, "GUILD_MEMBER_REMOVE", &json!({"guild_id": "1", "user": {"id": "102"}}));
    assert_eq!(world.permissions(STUDENT, GENERAL, NOW), 0);
    assert!(!world.is_member(GROUP, STUDENT));
}

#[test]
fn a_private_thread_is_for_those_in_it_and_those_who_manage_threads() {
    let mut world = world();
    assert_eq!(world.permissions(STUDENT, THREAD, NOW), 0);
    let added = json!({"id": "20", "guild_id": "1", "added_members": [{"user_id": "102"}, {"broken": 1}]});
    tell(&mut world, "THREAD_MEMBERS_UPDATE", &added);
    assert_eq!(world.permissions(STUDENT, THREAD, NOW) & VIEW_CHANNEL, VIEW_CHANNEL);
    let removed = json!({"id": "20", "guild_id": "1", "removed_member_ids": ["102", "100"]});
    tell(&mut world, "THREAD_MEMBERS_UPDATE", &removed);
    assert_eq!(world.permissions(STUDENT, THREAD, NOW), 0);
    assert_eq!(world.permissions(BOT, THREAD, NOW), 0, "the bot was taken out of it");
    let manages = json!({"guild_id": "1", "role": {"id": "2", "permissions": MANAGE_THREADS.to_string()}});
    tell(&mut world, "GUILD_ROLE_UPDATE", &manages);
    assert_eq!(world.permissions(STUDENT, THREAD, NOW) & VIEW_CHANNEL, VIEW_CHANNEL);
    tell(&mut world, "GUILD_MEMBER_REMOVE", &json!({"guild_id": "1", "user": {"id": "102"}}));
    assert_eq!(world.permissions(STUDENT, THREAD, NOW), 0);
}

#[test]
fn an_outage_keeps_a_group_and_a_removal_forgets_it() {
    let mut world = world();
    assert_eq!(tell(&mut world, "GUILD_DELETE", &json!({"id": "1", "unavailable": true})), Change::Applied);
    assert!(world.place(GENERAL).is_some());
    assert!(world.readable_spaces(GROUP).is_empty() && world.groups().next().is_none());
    assert_eq!(tell(&mut world, "GUILD_CREATE", &group()), Change::Arrived(GROUP));
    assert!(!world.readable_spaces(GROUP).is_empty());
    assert_eq!(tell(&mut world, "GUILD_DELETE", &json!({"id": "1"})), Change::Gone(GROUP));
    assert_eq!((world.place(GENERAL), world.group_of(GENERAL), world.group_name(GROUP)), (None, None, None));
}

#[test]
fn spaces_come_and_go_with_what_is_in_them() {
    let mut world = world();
    let created = json!({"id": "30", "guild_id": "1", "type": 0, "name": "new"});
    assert_eq!(tell(&mut world, "CHANNEL_CREATE", &created), Change::Applied);
    let thread = json!({"id": "31", "guild_id": "1", "type": 11, "parent_id": "30", "name": "t"});
    tell(&mut world, "THREAD_CREATE", &thread);
    assert_eq!(world.place(SpaceId::new(31)).unwrap().kind, SpaceKind::PublicThread);
    tell(&mut world, "CHANNEL_DELETE", &json!({"id": "30", "guild_id": "1", "type": 0}));
    assert_eq!((world.place(SpaceId::new(30)), world.group_of(SpaceId::new(31))), (None, None));
    tell(&mut world, "THREAD_DELETE", &json!({"id": "20", "guild_id": "1", "parent_id": "10", "type": 12}));
    assert_eq!(world.place(THREAD), None);
    let direct = json!({"id": "40", "type": 1, "recipients": []});
    assert_eq!(tell(&mut world, "CHANNEL_CREATE", &direct), Change::Nothing);
}

#[test]
fn the_newest_message_of_a_space_only_grows() {
    let mut world = world();
    let newest = |world: &World| world.readable_spaces(GROUP)[0].1.unwrap().get();
    for (id, expected) in [("600", 600), ("550", 600), ("601", 601)] {
        tell(&mut world, "MESSAGE_CREATE", &json!({"id": id, "channel_id": "10", "guild_id": "1"}));
        assert_eq!(newest(&world), expected);
    }
}

#[test]
fn members_come_in_chunks_and_are_known_when_the_last_has_come() {
    let mut world = world();
    let chunk = |index: u32, account: u64| {
        json!({"guild_id": "1", "chunk_index": index, "chunk_count": 2,
            "members": [{"user": {"id": account.to_string()}, "roles": ["2"]}]})
    };
    tell(&mut world, "GUILD_MEMBERS_CHUNK", &chunk(0, 201));
    assert!(!world.knows_all_members(GROUP) && world.is_member(GROUP, AccountId::new(201)));
    tell(&mut world, "GUILD_MEMBERS_CHUNK", &chunk(1, 202));
    assert!(world.knows_all_members(GROUP));
    let update = json!({"guild_id": "1", "user": {"id": "202"}, "nick": "Lee"});
    tell(&mut world, "GUILD_MEMBER_UPDATE", &update);
    assert_eq!(world.roles_of(GROUP, AccountId::new(202)), [RoleId::new(2)], "untold roles are kept");
}

#[test]
fn archived_threads_that_were_asked_for_are_places_too() {
    let mut world = world();
    let thread = json!({"id": "50", "type": 12, "parent_id": "10", "name": "old",
        "thread_metadata": {"archived": true}, "last_message_id": "77"});
    world.learn_threads(GROUP, [thread.to_string().as_str(), "{broken"]);
    assert!(world.readable_spaces(GROUP).contains(&(SpaceId::new(50), Some(MessageId::new(77)))));
    let parents: Vec<_> = world.thread_parents(GROUP).into_iter().map(SpaceId::get).collect();
    assert_eq!(parents, [10, 13], "the text channel that can be read, and the forum");
}

#[test]
fn what_cannot_be_read_says_so_and_what_is_not_known_yet_is_passed_over() {
    let mut world = world();
    let before = world.version();
    for kind in
        ["GUILD_CREATE", "CHANNEL_UPDATE", "GUILD_ROLE_UPDATE", "GUILD_MEMBER_ADD", "THREAD_LIST_SYNC"]
    {
        assert_eq!(tell(&mut world, kind, &json!({"broken": true})), Change::Unreadable, "{kind}");
        assert_eq!(tell(&mut world, kind, &json!(null)), Change::Unreadable, "{kind}");
    }
    let elsewhere = json!({"guild_id": "999", "user": {"id": "5"}, "roles": []});
    assert_eq!(tell(&mut world, "GUILD_MEMBER_ADD", &elsewhere), Change::Nothing);
    assert_eq!(tell(&mut world, "BRAND_NEW", &json!({"x": 1})), Change::Nothing);
    assert_eq!(world.version(), before);
}

#[test]
fn a_list_of_running_threads_adds_the_new_ones() {
    let mut world = world();
    let list = json!({"guild_id": "1", "channel_ids": ["10"], "threads": [
        {"id": "60", "type": 12, "parent_id": "10", "name": "new"}]});
    assert_eq!(tell(&mut world, "THREAD_LIST_SYNC", &list), Change::Applied);
    let readable: Vec<_> = world.readable_spaces(GROUP).into_iter().map(|(id, _)| id.get()).collect();
    assert_eq!(readable, [10, 20, 21, 60]);
}

/// A frame about few ids, so that they meet; some of them broken.
fn any_frame() -> impl Strategy<Value = (&'static str, Value)> {
    let kinds = [
        "READY",
        "GUILD_CREATE",
        "GUILD_UPDATE",
        "GUILD_DELETE",
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "CHANNEL_DELETE",
        "THREAD_CREATE",
        "THREAD_DELETE",
        "THREAD_LIST_SYNC",
        "THREAD_MEMBERS_UPDATE",
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_DELETE",
        "GUILD_MEMBER_ADD",
        "GUILD_MEMBER_REMOVE",
        "GUILD_MEMBERS_CHUNK",
        "MESSAGE_CREATE",
    ];
    (prop::sample::select(kinds.to_vec()), 1..4_u64, 10..16_u64, 0..16_u32, any::<bool>()).prop_map(
        |(kind, group, space, number, sign)| {
            let channel = json!({"id": space, "type": number, "parent_id": space ^ 1, "guild_id": group});
            let list = if kind.starts_with("GUILD_C") { group } else { space };
            let mut content = json!({
                "id": list, "guild_id": group, "channel_id": space, "type": number, "parent_id": space ^ 1,
                "user": {"id": space}, "role": {"id": space, "permissions": "1024"}, "role_id": space,
                "channels": [channel], "threads": [{"id": space + 1, "type": 11, "parent_id": space}],
                "added_members": [{"user_id": space}], "unavailable": sign
            });
            if kind == "GUILD_DELETE" || kind == "GUILD_UPDATE" {
                content["id"] = json!(group);
            }
            (kind, if number == 15 { json!({"broken": content}) } else { content })
        },
    )
}

proptest! {
    #[test]
    fn no_order_of_events_confuses_which_space_is_where(frames in prop::collection::vec(any_frame(), 0..60)) {
        let mut world = World::new();
        for (kind, content) in frames {
            tell(&mut world, kind, &content);
            let mut known = 0;
            for (id, group) in &world.groups {
                for space in group.spaces.keys() {
                    known += 1;
                    prop_assert_eq!(world.group_of(*space), Some(*id), "after {}", kind);
                    prop_assert!(world.place(*space).is_some());
                }
            }
            prop_assert_eq!(world.group_of.len(), known, "after {}", kind);
        }
    }
}

#[test]
fn debug_tells_no_names() {
    assert!(!format!("{:?}", world()).contains("Science"));
}
