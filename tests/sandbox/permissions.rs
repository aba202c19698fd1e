//! Who may do what: the box's own reckoning, case by case as Discord documents it.

use std::time::Duration;

use chaperone::sandbox::permissions::{
    ADMINISTRATOR, ATTACH_FILES, EVERYONE, MANAGE_THREADS, PIN_MESSAGES, READ_MESSAGE_HISTORY, SEND_MESSAGES,
    VIEW_CHANNEL,
};
use chaperone::sandbox::{Actor, Guild, Sandbox};

/// A guild with a channel, the roles Staff and Student, and somebody who has both.
async fn world() -> (Sandbox, Guild, Actor) {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").role("Student", 0).role("Staff", 0).channel("#lab").build();
    let actor = school.member("Ava").role("Student").role("Staff").join();
    (town, school, actor)
}

#[tokio::test]
async fn roles_add_to_what_everybody_may_and_bits_above_fifty_count() {
    let (_town, school, ava) = world().await;
    assert_eq!(ava.permissions_in("#lab"), EVERYONE);
    school.permits("Staff", PIN_MESSAGES);
    assert_eq!(ava.permissions_in("#lab"), EVERYONE | PIN_MESSAGES);
}

#[tokio::test]
async fn overwrites_apply_in_the_order_everyone_roles_member() {
    let (_town, school, ava) = world().await;
    school.overwrites_role("#lab", "@everyone", 0, SEND_MESSAGES);
    assert_eq!(ava.permissions_in("#lab") & SEND_MESSAGES, 0);
    school.overwrites_role("#lab", "Student", 0, SEND_MESSAGES);
    school.overwrites_role("#lab", "Staff", SEND_MESSAGES, 0);
    assert_ne!(ava.permissions_in("#lab") & SEND_MESSAGES, 0, "one role's allow beats another's deny");
    school.overwrites_member("#lab", &ava, 0, SEND_MESSAGES);
    assert_eq!(ava.permissions_in("#lab") & SEND_MESSAGES, 0, "the member's own beats both");
}

#[tokio::test]
async fn who_cannot_see_can_do_nothing_and_who_cannot_write_cannot_attach() {
    let (_town, school, ava) = world().await;
    school.overwrites_role("#lab", "Student", 0, SEND_MESSAGES);
    assert_eq!(ava.permissions_in("#lab") & ATTACH_FILES, 0);
    school.overwrites_role("#lab", "Student", SEND_MESSAGES, VIEW_CHANNEL);
    assert_eq!(ava.permissions_in("#lab"), 0);
}

#[tokio::test]
async fn administrators_and_the_owner_may_everything_whatever_a_channel_says() {
    let (_town, school, ava) = world().await;
    school.overwrites_role("#lab", "@everyone", 0, VIEW_CHANNEL);
    assert!(!ava.sees("#lab") && school.owner().sees("#lab"));
    school.permits("Staff", ADMINISTRATOR);
    school.overwrites_member("#lab", &ava, 0, VIEW_CHANNEL);
    assert!(ava.sees("#lab") && ava.permissions_in("#lab") & MANAGE_THREADS != 0);
    school.revokes(&ava, "Staff");
    assert!(!ava.sees("#lab"));
    school.passes_to(&ava);
    assert!(ava.sees("#lab"));
}

#[tokio::test]
async fn a_timeout_leaves_only_reading_and_does_not_touch_administrators() {
    let (_town, school, ava) = world().await;
    school.times_out(&ava, Duration::from_hours(1));
    assert_eq!(ava.permissions_in("#lab"), VIEW_CHANNEL | READ_MESSAGE_HISTORY);
    school.permits("Staff", ADMINISTRATOR);
    assert_ne!(ava.permissions_in("#lab") & SEND_MESSAGES, 0);
    school.permits("Staff", 0);
    school.times_out(&ava, Duration::ZERO);
    assert_eq!(ava.permissions_in("#lab"), EVERYONE);
}

#[tokio::test]
async fn a_timeout_ends_with_its_time() {
    let (town, school, ava) = world().await;
    school.times_out(&ava, Duration::from_mins(1));
    town.advances_clock(Duration::from_secs(61));
    assert_eq!(ava.permissions_in("#lab"), EVERYONE);
}

#[tokio::test]
async fn threads_follow_their_channel_and_private_ones_their_members() {
    let (_town, school, ava) = world().await;
    let ben = school.member("Ben").join();
    ava.opens_thread("#lab", "open to all");
    ava.opens_private_thread("#lab", "for two", &[]);
    assert!(ben.sees("open to all") && !ben.sees("for two"));
    ava.adds("for two", &ben);
    assert!(ben.sees("for two"));
    ben.leaves_thread("for two");
    assert!(!ben.sees("for two"));
    school.overwrites_member("#lab", &ben, MANAGE_THREADS, 0);
    assert!(ben.sees("for two"), "who manages threads sees private ones");
    school.overwrites_member("#lab", &ben, MANAGE_THREADS, VIEW_CHANNEL);
    assert!(!ben.sees("for two") && !ben.sees("open to all"), "but not in channels they do not see");
}

#[tokio::test]
#[should_panic(expected = "Ava may not write in #lab")]
async fn who_may_not_write_cannot_be_made_to() {
    let (_town, school, ava) = world().await;
    school.overwrites_role("#lab", "@everyone", 0, SEND_MESSAGES);
    ava.says("#lab", "hello");
}
