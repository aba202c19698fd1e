//! Restarts, outages and refused resumes: nothing is lost and nothing is doubled.

use super::School;
use super::school::{Engine, HARMFUL, HARMLESS, on_every_engine};

on_every_engine! {
    what_was_said_while_chaperone_was_down_is_found_at_the_next_start
    edits_and_deletions_during_a_stop_are_found_at_the_next_start
    a_dropped_connection_is_resumed
    when_the_resume_is_refused_the_gap_is_read_back
    an_archived_thread_is_read_back_too
    nothing_from_before_chaperone_came_is_judged
    a_space_that_cannot_be_read_back_is_a_gap_that_the_administrators_hear_of
}

async fn what_was_said_while_chaperone_was_down_is_found_at_the_next_start(engine: Engine) {
    let mut school = School::open_on(engine).await;
    school.student.says("#general", HARMLESS);
    school.settled().await;
    school.stops().await;
    school.student.says("#general", HARMFUL);
    school.student.says("#lab", HARMFUL);
    school.student.opens_thread("#lab", "new while down");
    school.student.says("new while down", HARMFUL);

    school.starts().await;
    school.principal.inbox_until(3).await;
    assert_eq!(school.open_codes(&school.principal).await.len(), 3);
    school.restarts().await;
    assert_eq!(school.open_codes(&school.principal).await.len(), 3, "reading back again changes nothing");
    assert_eq!(school.principal.inbox().len(), 3);
    school.log_is_intact().await;
}

async fn edits_and_deletions_during_a_stop_are_found_at_the_next_start(engine: Engine) {
    let mut school = School::open_on(engine).await;
    let later_harmful = school.student.says("#general", HARMLESS);
    let later_deleted = school.student.says("#general", HARMFUL);
    let code = school.only_code().await;
    school.principal.inbox_until(1).await;
    school.stops().await;
    school.student.edits(later_harmful, HARMFUL);
    school.student.deletes(later_deleted);

    school.starts().await;
    school.principal.inbox_until(2).await;
    let shown = school.principal.runs(&format!("/incident show {code}")).await.text();
    assert!(shown.contains("deleted on Discord"), "{shown}");
    assert_eq!(school.open_codes(&school.principal).await.len(), 2);
}

async fn a_dropped_connection_is_resumed(engine: Engine) {
    let school = School::open_on(engine).await;
    school.discord.refuses_gateway(true);
    school.discord.drops_sockets();
    school.student.says("#general", HARMFUL);
    school.discord.refuses_gateway(false);
    school.principal.inbox_until(1).await;
    school.only_code().await;
}

async fn when_the_resume_is_refused_the_gap_is_read_back(engine: Engine) {
    let school = School::open_on(engine).await;
    school.student.says("#general", HARMLESS);
    school.settled().await;
    school.discord.refuses_resume(true);
    school.discord.refuses_gateway(true);
    school.discord.drops_sockets();
    for _ in 0..3 {
        school.student.says("#general", HARMFUL);
    }
    school.discord.refuses_gateway(false);
    school.principal.inbox_until(3).await;
    assert_eq!(school.open_codes(&school.principal).await.len(), 3);
    assert_eq!(school.principal.inbox().len(), 3);
}

async fn an_archived_thread_is_read_back_too(engine: Engine) {
    let mut school = School::open_on(engine).await;
    school.student.opens_thread("#lab", "old experiment");
    school.student.says("old experiment", HARMLESS);
    school.settled().await;
    school.stops().await;
    school.student.says("old experiment", HARMFUL);
    school.club.archives("old experiment", true);

    school.starts().await;
    school.principal.inbox_until(1).await;
    school.only_code().await;
}

async fn nothing_from_before_chaperone_came_is_judged(engine: Engine) {
    let mut school = School::without_bot_on(engine).await;
    school.student.says("#general", HARMFUL);
    // Snowflakes count milliseconds; the next one begins after this message.
    school.discord.advances_clock(std::time::Duration::from_millis(5));
    school.starts().await;
    school.set_up().await;
    assert!(school.open_codes(&school.principal).await.is_empty());
    assert!(school.principal.inbox().is_empty());
}

async fn a_space_that_cannot_be_read_back_is_a_gap_that_the_administrators_hear_of(engine: Engine) {
    let mut school = School::open_on(engine).await;
    school.student.says("#general", HARMLESS);
    school.settled().await;
    school.stops().await;
    let general = school.club.channel_id("#general");
    let path = format!("GET /channels/{general}/messages");
    school.discord.fails(&path, chaperone::sandbox::RestFault::Status(403), 1_000);
    school.starts().await;
    let told = school.principal.inbox_until(1).await.remove(0).text();
    assert!(told.contains("not watched"), "{told}");
    let status = school.principal.runs("/group status").await.text();
    assert!(status.contains("could not be read back"), "{status}");
}
