//! Who may not know, and finds nothing.

use super::School;
use super::school::{Engine, HARMFUL, on_every_engine};

on_every_engine! {
    an_administrator_who_writes_the_harmful_words_is_not_told_and_finds_nothing
    the_alert_of_the_other_administrator_opens_nothing_for_the_accused
    students_and_other_staff_are_refused_everything
}

async fn an_administrator_who_writes_the_harmful_words_is_not_told_and_finds_nothing(engine: Engine) {
    let school = School::open_on(engine).await;
    school.teacher.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    let code = school.only_code().await;

    assert!(school.open_codes(&school.teacher).await.is_empty());
    assert!(school.teacher.inbox().is_empty());
    let unknown = school.teacher.runs("/incident show 22222").await.text();
    let recused = school.teacher.runs(&format!("/incident show {code}")).await.text();
    assert_eq!(unknown, recused, "unknown and recused read the same");
    let closing = school.teacher.runs(&format!("/incident close {code} false-alarm")).await.text();
    assert_eq!(closing, unknown);
    let form = school.teacher.runs(&format!("/incident note {code}")).await;
    let noted = school.teacher.fills(&form, &[("note", "nothing happened")]).await.text();
    assert_eq!(noted, unknown);
    assert_eq!(school.only_code().await, code, "the case is as it was");
}

async fn the_alert_of_the_other_administrator_opens_nothing_for_the_accused(engine: Engine) {
    let school = School::open_on(engine).await;
    school.teacher.says("#general", HARMFUL);
    let alert = school.principal.inbox_until(1).await.remove(0);
    // What a button carries can be read or guessed; the right is checked again when it comes.
    let button = alert.button("Open the case").expect("an alert opens its case");
    let forged = school.teacher.forges(&button).await.text();
    assert!(forged.contains("no case with this code"), "{forged}");
    let close = button.replace("incident.show", "incident.close");
    for nonsense in [&close, "incident.show", "incident.show:x:y", "nothing.at.all", ":::", ""] {
        let answer = school.student.forges(nonsense).await.text();
        assert!(!answer.is_empty() && !answer.contains("Ava"), "{nonsense}: {answer}");
    }
}

async fn students_and_other_staff_are_refused_everything(engine: Engine) {
    let school = School::open_on(engine).await;
    school.student.says("#general", HARMFUL);
    let code = school.only_code().await;
    school.club.permits("Students", chaperone::sandbox::permissions::MANAGE_GUILD);
    school.club.permits("Staff", chaperone::sandbox::permissions::MANAGE_GUILD);
    for outsider in [&school.student, &school.coach] {
        for command in [
            "/incident list".to_owned(),
            format!("/incident show {code}"),
            format!("/incident close {code} false-alarm"),
            format!("/incident note {code}"),
            "/rules test hello".to_owned(),
            "/group status".to_owned(),
        ] {
            let reply = outsider.runs(&command).await;
            assert!(reply.ephemeral, "{command}");
            assert!(reply.text().contains("Only the two administrators"), "{command}: {}", reply.text());
        }
    }
    assert_eq!(school.only_code().await, code);
}
