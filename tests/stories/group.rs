//! Setting a group up and seeing how it stands.

use super::School;
use super::school::HARMFUL;

const SETUP: &str = "/group setup staff:@Staff students:@Students administrator:@\"Priya Principal\" \
                     second-administrator:@\"Tom Teacher\" fallback:#office";

#[tokio::test(flavor = "multi_thread")]
async fn before_the_setup_everything_points_to_it() {
    let school = School::not_set_up().await;
    for command in ["/incident list", "/group status", "/rules test hello"] {
        let text = school.principal.runs(command).await.text();
        assert!(text.contains("/group setup"), "{command}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_names_roles_administrators_and_blind_spots() {
    let school = School::open().await;
    let text = school.principal.runs("/group status").await.text();
    for expected in [
        "Pending".to_owned(),
        school.principal.mention(),
        school.teacher.mention(),
        format!("<@&{}>", school.club.role_id("Students")),
        "Private messages between people".to_owned(),
        "No gap is known".to_owned(),
    ] {
        assert!(text.contains(&expected), "{expected:?} is missing: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setup_refuses_what_cannot_be_and_changes_nothing() {
    let school = School::not_set_up().await;
    let twice = SETUP.replace("@\"Tom Teacher\"", "@\"Priya Principal\"");
    let same_role = SETUP.replace("@Students", "@Staff");
    let a_bot = SETUP.replace("@\"Tom Teacher\"", "@Chaperone");
    for (command, expected) in
        [(twice, "two different people"), (same_role, "a role each"), (a_bot, "must be a person")]
    {
        let text = school.principal.runs(&command).await.text();
        assert!(text.contains(expected) && text.contains("Nothing was changed"), "{command}: {text}");
    }
    school.club.adds_hidden_channel("#hidden", &["Administrators"]);
    school.settled().await;
    let text = school.principal.runs(&SETUP.replace("#office", "#hidden")).await.text();
    assert!(text.contains("cannot write in that fallback channel"), "{text}");
    assert!(school.principal.runs("/group status").await.text().contains("not set up"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_manages_the_server_sets_up_and_afterwards_only_the_administrators_change_it() {
    let school = School::not_set_up().await;
    let dana = school.club.owner();
    assert!(dana.runs(SETUP).await.text().contains("is set up"), "the owner may, and is no administrator");

    let text = dana.runs(SETUP).await.text();
    assert!(text.contains("Only the two administrators"), "{text}");
    let changed = SETUP.replace("@\"Tom Teacher\"", "@\"Casey Coach\"");
    let text = school.principal.runs(&changed).await.text();
    assert!(text.contains(&school.coach.mention()), "{text}");
    // Old and new administrators are told.
    for person in [&school.principal, &school.teacher, &school.coach] {
        let told = person.inbox_until(1).await.remove(0).text();
        assert!(told.contains("settings changed"), "{told}");
    }
    assert!(school.teacher.runs("/incident list").await.text().contains("Only the two administrators"));
    school.log_is_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_administrator_is_told_of_what_is_open_but_never_of_their_own_case() {
    let school = School::open().await;
    school.club.grants(&school.coach, "Administrators");
    school.student.says("#general", HARMFUL);
    school.coach.says("#general", HARMFUL);
    school.principal.inbox_until(2).await;
    school.principal.runs(&SETUP.replace("@\"Tom Teacher\"", "@\"Casey Coach\"")).await;
    // The change itself, and the student's case.
    let inbox = school.coach.inbox_until(2).await;
    let cases: Vec<_> = inbox.iter().filter(|message| message.button("Open the case").is_some()).collect();
    assert_eq!(cases.len(), 1);
    assert_eq!(school.open_codes(&school.coach).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_said_before_the_setup_is_judged_when_it_is_known_who_is_staff() {
    let school = School::not_set_up().await;
    school.coach.says("#general", "dm me later tonight, just between us");
    school.student.says("#general", "dm me later and we can figure out the poster");
    school.set_up().await;
    school.principal.inbox_until(1).await;
    school.teacher.inbox_until(1).await;
    let shown = school.principal.runs(&format!("/incident show {}", school.only_code().await)).await.text();
    assert!(shown.contains("Casey Coach") && shown.contains("3b"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_verified_may_be_staff_and_weighs_one_level_less() {
    let school = School::open().await;
    let stranger = school.club.member("Sam Stranger").join();
    stranger.says("#general", "dm me later tonight, just between us");
    school.principal.inbox_until(1).await;
    let unverified =
        school.principal.runs(&format!("/incident show {}", school.only_code().await)).await.text();
    assert!(unverified.contains("Sam Stranger") && !unverified.contains("Urgent"), "{unverified}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_who_was_replaced_while_an_alert_waited_is_not_told() {
    let school = School::open().await;
    school.discord.fails("POST /users/@me/channels", chaperone::sandbox::RestFault::Status(503), 4);
    school.student.says("#general", HARMFUL);
    school.settled().await;
    school.principal.runs(&SETUP.replace("@\"Tom Teacher\"", "@\"Casey Coach\"")).await;
    school.coach.inbox_until(1).await;
    school.principal.inbox_until(1).await;
    let told = school.teacher.inbox();
    assert!(told.iter().all(|message| message.button("Open the case").is_none()), "{told:?}");
}
