//! A database server that is not there, comes late, restarts or quarrels: nothing is lost and nothing is doubled.

use chaperone::cli::start_bot;

use super::School;
use super::school::HARMFUL;

/// A school with a server of its own, set up; `None` where the machine has none.
async fn school() -> Option<School> {
    let mut school = School::without_bot_with_a_server().await?;
    school.starts().await;
    school.set_up().await;
    Some(school)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_while_the_server_is_down_is_an_incident_when_it_is_back() {
    let Some(school) = school().await else { return };
    let server = school.server_database.as_ref().unwrap().server.clone();
    server.stop();
    school.student.says("#general", HARMFUL);
    let answer = school.principal.runs("/incident list").await.text();
    assert!(answer.contains("could not"), "{answer}");
    server.start();
    school.principal.inbox_until(1).await;
    school.teacher.inbox_until(1).await;
    school.only_code().await;
    assert_eq!(school.principal.inbox().len(), 1);
    school.log_is_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_while_messages_come_lose_none_and_double_none() {
    let Some(school) = school().await else { return };
    let database = school.server_database.as_ref().unwrap();
    for _ in 0..5 {
        school.student.says("#general", HARMFUL);
        school.student.says("#lab", HARMFUL);
        database.server.cut(&database.name);
    }
    school.principal.inbox_until(10).await;
    school.teacher.inbox_until(10).await;
    assert_eq!(school.open_codes(&school.principal).await.len(), 10);
    assert_eq!(school.principal.inbox().len(), 10);
    school.log_is_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_the_server_gave_up_is_done_again() {
    let Some(school) = school().await else { return };
    let database = school.server_database.as_ref().unwrap();
    // A sequence is not rolled back, so that each of them fails once.
    database.server.psql(
        &database.name,
        "CREATE SEQUENCE public.tries; \
         CREATE FUNCTION public.give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         CASE nextval('public.tries') WHEN 1 THEN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; \
         WHEN 2 THEN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; ELSE RETURN NEW; END CASE; END $$; \
         CREATE TRIGGER give_up BEFORE INSERT ON chaperone.incidents FOR EACH ROW \
         EXECUTE FUNCTION public.give_up()",
    );
    school.student.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    school.only_code().await;
    school.log_is_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_later_than_chaperone_is_waited_for() {
    let Some(mut school) = School::without_bot_with_a_server().await else { return };
    let server = school.server_database.as_ref().unwrap().server.clone();
    server.stop();
    let waiting = tokio::spawn(start_bot(school.parts()));
    tokio::task::yield_now().await;
    server.start();
    let bot = waiting.await.unwrap().unwrap();
    bot.stop().await.unwrap();
    school.starts().await;
    school.set_up().await;
    school.student.says("#general", HARMFUL);
    school.principal.inbox_until(1).await;
    school.only_code().await;
}
