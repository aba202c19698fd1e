//! What becomes of messages, edits and deletions.

use super::School;
use super::school::{Engine, HARMFUL, HARMLESS, on_every_engine};

on_every_engine! {
    a_message_that_becomes_harmful_only_by_an_edit_is_an_incident
    a_flagged_message_that_is_edited_keeps_both_revisions
    the_deletion_of_a_flagged_message_is_recorded_and_its_words_stay
    a_coach_who_invites_a_student_to_write_privately_is_flagged_and_a_student_is_not
    threads_are_watched_like_channels_private_ones_too
    lines_that_are_harmful_only_together_are_read_as_one
    a_frame_that_no_model_reads_stops_nothing
}

async fn a_message_that_becomes_harmful_only_by_an_edit_is_an_incident(engine: Engine) {
    let school = School::open_on(engine).await;
    let said = school.student.says("#general", HARMLESS);
    assert!(school.open_codes(&school.principal).await.is_empty());

    school.student.edits(said, HARMFUL);
    school.principal.inbox_until(1).await;
    let shown = school.principal.runs(&format!("/incident show {}", school.only_code().await)).await;
    assert!(shown.text().contains("Edited to") && shown.text().contains("loser"), "{}", shown.text());
}

async fn a_flagged_message_that_is_edited_keeps_both_revisions(engine: Engine) {
    let school = School::open_on(engine).await;
    let said = school.student.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    school.student.edits(said, HARMLESS);

    let shown = school.principal.runs(&format!("/incident show {}", school.only_code().await)).await;
    let text = shown.text();
    assert!(text.contains("loser") && text.contains("goggles") && text.contains("Edited to"), "{text}");
    assert_eq!(school.principal.inbox().len(), 1, "a harmless revision alerts nobody");
    school.log_is_intact().await;
}

async fn the_deletion_of_a_flagged_message_is_recorded_and_its_words_stay(engine: Engine) {
    let school = School::open_on(engine).await;
    let said = school.student.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    school.student.deletes(said);

    let shown = school.principal.runs(&format!("/incident show {}", school.only_code().await)).await;
    let text = shown.text();
    assert!(text.contains("deleted on Discord") && text.contains("loser"), "{text}");
}

async fn a_coach_who_invites_a_student_to_write_privately_is_flagged_and_a_student_is_not(engine: Engine) {
    let school = School::open_on(engine).await;
    school.student.says("#general", "dm me later and we can figure out the poster");
    assert!(school.open_codes(&school.principal).await.is_empty());

    let said = school.student.says("#general", "i missed the meeting, what did we decide?");
    school.coach.replies(said, "dm me later tonight and i'll tell you, just between us");
    school.principal.inbox_until(1).await;
    let shown = school.principal.runs(&format!("/incident show {}", school.only_code().await)).await;
    assert!(shown.text().contains("3b"), "{}", shown.text());
}

async fn threads_are_watched_like_channels_private_ones_too(engine: Engine) {
    let school = School::open_on(engine).await;
    school.student.opens_thread("#general", "poster ideas");
    school.student.opens_private_thread("#general", "secret", &[&school.coach]);
    school.student.says("poster ideas", HARMFUL);
    school.student.says("secret", HARMFUL);
    school.principal.inbox_until(2).await;
    assert_eq!(school.open_codes(&school.principal).await.len(), 2);
}

async fn lines_that_are_harmful_only_together_are_read_as_one(engine: Engine) {
    let school = School::open_on(engine).await;
    for line in ["shut up you", "worthless", "loser"] {
        school.student.says("#general", line);
    }
    school.principal.inbox_until(1).await;
    let codes = school.open_codes(&school.principal).await;
    let shown = school.principal.runs(&format!("/incident show {}", codes[0])).await;
    assert!(shown.text().contains("Just before"), "{}", shown.text());
}

async fn a_frame_that_no_model_reads_stops_nothing(engine: Engine) {
    let school = School::open_on(engine).await;
    let (club, general) = (school.club.id(), school.club.channel_id("#general"));
    let strange = serde_json::json!({"id": "7", "guild_id": club, "channel_id": general, "content": ["?"]});
    school.discord.dispatches("MESSAGE_CREATE", &strange);
    school.discord.dispatches("BRAND_NEW_EVENT", &serde_json::json!({"a": 1}));
    school.student.says("#general", HARMFUL);
    let inbox = school.principal.inbox_until(2).await;
    assert!(inbox[0].text().contains("not watched"), "the administrators hear of it: {}", inbox[0].text());
    school.only_code().await;
    let status = school.principal.runs("/group status").await.text();
    assert!(status.contains("could not be handled"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_handled_becomes_a_gap_and_the_line_moves_on() {
    let school = School::open().await;
    let said = school.student.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    school.alerts_settled(2).await;
    // Without its data key nothing can be added to this case any more.
    school.loses_data_keys().await;
    school.student.edits(said, "you are a worthless loser and you know it");
    school.student.says("#general", HARMFUL);

    let inbox = school.principal.inbox_until(3).await;
    assert_eq!(inbox.iter().filter(|message| message.text().contains("not watched")).count(), 1);
    assert_eq!(school.open_codes(&school.principal).await.len(), 2, "the line went on");
    let status = school.principal.runs("/group status").await.text();
    assert!(status.contains("could not be handled"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_reads_in_a_case() {
    let school = School::open().await;
    school.student.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    school.alerts_settled(2).await;
    let code = school.only_code().await;
    let shown = school.principal.runs(&format!("/incident show {code}")).await.text();
    let mut redacted = shown.replace(&code, "CODE0");
    for (id, name) in [
        (school.student.id().to_string(), "AVA"),
        (school.principal.id().to_string(), "PRINCIPAL"),
        (school.teacher.id().to_string(), "TEACHER"),
        (school.club.id().to_string(), "CLUB"),
        (school.club.channel_id("#general").to_string(), "GENERAL"),
    ] {
        redacted = redacted.replace(&id, name);
    }
    let redacted = redact_numbers(&redacted);
    insta::assert_snapshot!(redacted, @"
    CODE0 · Medium · 2b harassing or defamatory language
    **Message** <t:N:f>
    __**shut up you worthless loser**__
    Why it was flagged: **insulting a person** (insults-a-person)
    Somebody is called names or belittled. Look at what came before: whether it is banter both sides enjoy is for you to judge.
    Who and where: Written by <@AVA> (Ava)
    in <#GENERAL> (general) · [message](https://discord.com/channels/CLUB/GENERAL/N)
    State: Under review. Review it within one school day.
    Told: <@PRINCIPAL>: delivered, <t:N:f>
    <@TEACHER>: delivered, <t:N:f>
    History: <t:N:f> Chaperone: opened
    <t:N:f> Chaperone: alert delivered
    <t:N:f> Chaperone: alert delivered
    <t:N:f> <@PRINCIPAL>: read
    The words are kept until N-N-N. Reading this case was logged.
    [Add a note] [False alarm] [Handled elsewhere] [Unfounded]
    ");
}

/// Times and ids differ from run to run.
fn redact_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for letter in text.chars().chain(['\n']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        out.push_str(if digits.len() > 1 { "N" } else { &digits });
        digits.clear();
        out.push(letter);
    }
    out
}
