//! Who is told, by which way, and how often.

use chaperone::sandbox::RestFault;

use super::School;
use super::school::{Engine, HARMFUL, HARMLESS, on_every_engine};

on_every_engine! {
    both_administrators_are_alerted_by_one_message
    an_ordinary_conversation_alerts_nobody
    the_same_event_delivered_three_times_is_one_incident_and_one_alert
    a_refused_direct_message_leads_to_the_fallback_line_and_nothing_more
    several_refusals_within_the_hour_are_one_fallback_line
    an_alert_whose_answer_is_lost_is_not_sent_twice
    an_incident_from_before_the_setup_reaches_the_administrators_with_it
}

async fn both_administrators_are_alerted_by_one_message(engine: Engine) {
    let school = School::open_on(engine).await;
    school.student.says("#general", HARMLESS);
    school.student.says("#general", HARMFUL);

    let for_principal = school.principal.inbox_until(1).await;
    let for_teacher = school.teacher.inbox_until(1).await;
    let code = school.only_code().await;

    for alert in [&for_principal[0], &for_teacher[0]] {
        let text = alert.text();
        assert!(text.contains(&code) && text.contains("Science Club"), "{text}");
        assert!(
            !text.contains("loser") && !text.contains("Ava"),
            "an alert says nothing of the case: {text}"
        );
    }
    let shown = school.principal.presses(&for_principal[0], "Open the case").await;
    assert!(shown.ephemeral);
    let text = shown.text();
    assert!(text.contains("Ava") && text.contains("general") && text.contains("loser"), "{text}");
    school.log_is_intact().await;
}

async fn an_ordinary_conversation_alerts_nobody(engine: Engine) {
    let school = School::open_on(engine).await;
    for line in ["morning!", HARMLESS, "who has the notes from tuesday?", "me, i'll bring them"] {
        school.student.says("#general", line);
    }
    assert!(school.open_codes(&school.principal).await.is_empty());
    assert!(school.principal.inbox().is_empty());
}

async fn the_same_event_delivered_three_times_is_one_incident_and_one_alert(engine: Engine) {
    let school = School::open_on(engine).await;
    school.student.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    assert!(school.discord.repeats("MESSAGE_CREATE"));
    assert!(school.discord.repeats("MESSAGE_CREATE"));

    school.only_code().await;
    school.alerts_settled(2).await;
    assert_eq!(school.principal.inbox().len(), 1);
    assert_eq!(school.teacher.inbox().len(), 1);
    school.log_is_intact().await;
}

async fn a_refused_direct_message_leads_to_the_fallback_line_and_nothing_more(engine: Engine) {
    let school = School::open_on(engine).await;
    school.teacher.refuses_dms(true);
    school.student.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    school
        .discord
        .wait_until("the fallback line", |world| !world.channel_messages("#office").is_empty())
        .await;

    school.alerts_settled(3).await;
    let posts = school.discord.channel_messages("#office");
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].text(), "Chaperone could not reach an administrator.");

    let shown = school.principal.runs(&format!("/incident show {}", school.only_code().await)).await;
    assert!(shown.text().contains("refused by their settings"), "{}", shown.text());
    school.teacher.refuses_dms(false);
    assert!(school.teacher.inbox().is_empty());
}

async fn several_refusals_within_the_hour_are_one_fallback_line(engine: Engine) {
    let school = School::open_on(engine).await;
    school.teacher.refuses_dms(true);
    for _ in 0..3 {
        school.student.says("#general", HARMFUL);
    }
    school.principal.inbox_until(3).await;
    // Three to each of the two, and the fallback line.
    school.alerts_settled(7).await;
    let codes = school.open_codes(&school.principal).await;
    for code in &codes {
        let shown = school.principal.runs(&format!("/incident show {code}")).await;
        assert!(shown.text().contains("refused by their settings"), "{}", shown.text());
    }
    assert_eq!(school.discord.channel_messages("#office").len(), 1);
}

async fn an_alert_whose_answer_is_lost_is_not_sent_twice(engine: Engine) {
    let school = School::open_on(engine).await;
    school.discord.fails("POST /channels/", RestFault::DoneButStatus(502), 1);
    school.student.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    school.teacher.inbox_until(1).await;
    school.alerts_settled(2).await;

    let shown = school.principal.runs(&format!("/incident show {}", school.only_code().await)).await;
    assert_eq!(shown.text().matches(": delivered").count(), 2, "{}", shown.text());
    assert_eq!((school.principal.inbox().len(), school.teacher.inbox().len()), (1, 1));
}

async fn an_incident_from_before_the_setup_reaches_the_administrators_with_it(engine: Engine) {
    let school = School::not_set_up_on(engine).await;
    school.student.says("#general", HARMFUL);
    school.settled().await;
    assert!(school.principal.inbox().is_empty());

    school.set_up().await;
    school.principal.inbox_until(1).await;
    school.teacher.inbox_until(1).await;
    school.only_code().await;
}
