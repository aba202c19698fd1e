//! What administrators do with cases.

use super::School;
use super::school::{Engine, HARMFUL, codes, on_every_engine};

on_every_engine! {
    a_case_is_noted_and_closed_by_presses
    a_case_is_noted_and_closed_by_commands
    when_two_administrators_press_at_once_one_closes_and_the_other_is_told
    a_button_pressed_after_a_restart_works
    a_long_list_comes_in_pages
    an_empty_list_does_not_say_that_all_is_well
    a_case_that_got_a_harmful_revision_after_closing_is_open_again
    the_rules_can_be_tried_and_nothing_is_kept
    a_french_administrator_reads_french
}

async fn a_case_is_noted_and_closed_by_presses(engine: Engine) {
    let school = School::open_on(engine).await;
    school.student.says("#general", HARMFUL);
    let alert = school.principal.inbox_until(1).await.remove(0);

    let case = school.principal.presses(&alert, "Open the case").await;
    let form = school.principal.presses(&case, "Add a note").await;
    let noted = school.principal.fills(&form, &[("note", "Spoke with both families.")]).await;
    assert!(noted.text().contains("note was added"), "{}", noted.text());

    let form = school.principal.presses(&case, "Handled elsewhere").await;
    let closed = school.principal.fills(&form, &[("note", "")]).await;
    assert!(closed.text().contains("is closed"), "{}", closed.text());

    assert!(school.open_codes(&school.principal).await.is_empty());
    let all = codes(&school.teacher.runs("/incident list all:true").await.text());
    let shown = school.teacher.runs(&format!("/incident show {}", all[0])).await;
    let text = shown.text();
    assert!(text.contains("Spoke with both families") && text.contains("Handled elsewhere"), "{text}");
    assert_eq!(shown.button("Unfounded"), None, "a closed case offers no closing");
    school.log_is_intact().await;
}

async fn a_case_is_noted_and_closed_by_commands(engine: Engine) {
    let school = School::open_on(engine).await;
    school.student.says("#general", HARMFUL);
    let code = school.only_code().await;

    let form = school.principal.runs(&format!("/incident note {code}")).await;
    school.principal.fills(&form, &[("note", "First look.")]).await;
    let closed = school.principal.runs(&format!("/incident close {code} false-alarm just a quote")).await;
    assert!(closed.text().contains("is closed"), "{}", closed.text());
    let shown = school.principal.runs(&format!("/incident show {code}")).await.text();
    assert!(
        shown.contains("First look") && shown.contains("just a quote") && shown.contains("False alarm"),
        "{shown}"
    );
}

async fn when_two_administrators_press_at_once_one_closes_and_the_other_is_told(engine: Engine) {
    let school = School::open_on(engine).await;
    school.student.says("#general", HARMFUL);
    let first = school.principal.inbox_until(1).await.remove(0);
    let second = school.teacher.inbox_until(1).await.remove(0);
    let first = school.principal.presses(&first, "Open the case").await;
    let second = school.teacher.presses(&second, "Open the case").await;
    let first = school.principal.presses(&first, "False alarm").await;
    let second = school.teacher.presses(&second, "Unfounded").await;

    let (first, second) = tokio::join!(
        school.principal.fills(&first, &[("note", "")]),
        school.teacher.fills(&second, &[("note", "not what happened")]),
    );
    let closed = |text: &str| text.contains("is closed");
    let told = |text: &str| text.contains("already closed");
    let (first, second) = (first.text(), second.text());
    assert!((closed(&first) && told(&second)) || (told(&first) && closed(&second)), "{first}\n{second}");
    school.log_is_intact().await;
}

async fn a_button_pressed_after_a_restart_works(engine: Engine) {
    let mut school = School::open_on(engine).await;
    school.student.says("#general", HARMFUL);
    let alert = school.principal.inbox_until(1).await.remove(0);
    let case = school.principal.presses(&alert, "Open the case").await;
    school.restarts().await;

    let again = school.principal.presses(&alert, "Open the case").await;
    assert!(again.text().contains("loser"), "{}", again.text());
    let form = school.principal.presses(&case, "False alarm").await;
    school.restarts().await;
    let closed = school.principal.fills(&form, &[("note", "")]).await;
    assert!(closed.text().contains("is closed"), "{}", closed.text());
}

async fn a_long_list_comes_in_pages(engine: Engine) {
    let school = School::open_on(engine).await;
    for _ in 0..12 {
        school.student.says("#general", HARMFUL);
    }
    school.settled().await;
    let first = school.principal.runs("/incident list").await;
    let second = school.principal.presses(&first, "Older ones").await;
    let (mut all, rest) = (codes(&first.text()), codes(&second.text()));
    assert_eq!((all.len(), rest.len()), (10, 2));
    all.extend(rest);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 12);
    assert_eq!(second.button("Older ones"), None);
}

async fn an_empty_list_does_not_say_that_all_is_well(engine: Engine) {
    let school = School::open_on(engine).await;
    let text = school.principal.runs("/incident list").await.text();
    assert!(text.contains("not the same as all being well"), "{text}");
}

async fn a_case_that_got_a_harmful_revision_after_closing_is_open_again(engine: Engine) {
    let school = School::open_on(engine).await;
    let said = school.student.says("#general", HARMFUL);
    let code = school.only_code().await;
    school.principal.inbox_until(1).await;
    school.principal.runs(&format!("/incident close {code} false-alarm")).await;
    assert!(school.open_codes(&school.principal).await.is_empty());

    school.student.edits(said, &format!("{HARMFUL}, i mean it"));
    assert_eq!(school.only_code().await, code);
    school.principal.inbox_until(2).await;
}

async fn the_rules_can_be_tried_and_nothing_is_kept(engine: Engine) {
    let school = School::open_on(engine).await;
    let fits = school.principal.runs_with("/rules test", &[("text", HARMFUL)]).await.text();
    assert!(fits.contains("would be flagged") && fits.contains("2b"), "{fits}");
    let clean = school.principal.runs_with("/rules test", &[("text", "see you at the lab")]).await.text();
    assert!(clean.contains("No rule fits"), "{clean}");
    let staff = [("text", "dm me later, just between us"), ("from", "staff"), ("to", "student")];
    let fits = school.principal.runs_with("/rules test", &staff).await.text();
    assert!(fits.contains("3b"), "{fits}");
    assert!(school.open_codes(&school.principal).await.is_empty());
}

async fn a_french_administrator_reads_french(engine: Engine) {
    let school = School::open_on(engine).await;
    school.principal.locale("fr");
    school.student.says("#general", HARMFUL);
    let code = school.only_code().await;
    let text = school.principal.runs(&format!("/incident show {code}")).await.text();
    assert!(text.contains("Pourquoi c'est signalé") && text.contains("propos harcelants"), "{text}");
}
