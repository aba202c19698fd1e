//! The program at work with `--log trace` and backtraces: what it says on standard error and what it writes to disk.

use std::fs;
use std::process::Command;

use chaperone::sandbox::RestFault;
use chaperone::storage::Access;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::paths::{alert_after, harmful, walk_all};
use super::search::{NAME, Search, TEXT};
use crate::stories::School;
use crate::stories::program::{Ended, Program, config_file};

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_the_canary_into_log_lines_or_files() {
    story("false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_the_canary_into_json_log_lines_or_files() {
    story("true").await;
}

async fn story(json: &str) {
    let school = School::without_bot().await;
    let program = Program::start(loud(&school, json));
    walk_all(&school).await;
    locked_database(&school).await;
    nothing_on_disk(&school);
    program.terminate();
    let first = program.ended().await;
    assert_eq!(first.code, Some(0), "{}", first.err);
    nothing_is_said(&school, &first, "could not be read");

    // Read back, with refusals that quote the canary, and then with a damaged database.
    let general = school.club.channel_id("#general");
    school.club.actor(NAME).says("#general", &harmful());
    school.discord.fails(&format!("GET /channels/{general}"), RestFault::Garbled, 1);
    school.discord.fails("GET /channels/", RestFault::Status(403), 2);
    let told = school.principal.inbox().len();
    let program = Program::start(loud(&school, json));
    school.principal.inbox_until(told + 1).await;
    lost_keys(&school).await;
    nothing_on_disk(&school);
    planted_in_a_row(&school).await;
    program.terminate();
    let second = program.ended().await;
    assert_eq!(second.code, Some(0), "{}", second.err);
    nothing_is_said(&school, &second, "was not read back");

    let mut mistaken = loud(&school, json);
    mistaken.env("CHAPERONE_TOKEN", format!("wrong-{}", school.discord.token()));
    let third = Program::start(mistaken).ended().await;
    assert_eq!(third.code, Some(2));
    nothing_is_said(&school, &third, "does not accept the bot token");
}

/// `chaperone run` that says all it can.
fn loud(school: &School, json: &str) -> Command {
    let mut command = school.command(&["run", "--log", "trace"]);
    let config = config_file(&school.database(Access::Read).data_dir);
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{text}\n[log]\nfilter = \"trace\"\njson = {json}\n")).unwrap();
    command.env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace");
    command
}

fn nothing_is_said(school: &School, ended: &Ended, expected: &str) {
    assert!(ended.err.contains(expected), "it says at least {expected:?}:\n{}", ended.err);
    assert!(!ended.err.contains("has a fault here"), "nothing panics:\n{}", ended.err);
    for search in [Search::for_all(), of_key(school)] {
        search.must_be_vain("standard error", &ended.err);
        search.must_be_vain("standard output", &ended.out);
    }
}

fn nothing_on_disk(school: &School) {
    let data_dir = school.database(Access::Read).data_dir;
    let files = Search::for_all().must_be_vain_in_files(&data_dir, &[]);
    assert!(files >= 3, "there is something to look at");
    of_key(school).must_be_vain_in_files(&data_dir, &["deployment.key"]);
}

/// The deployment key, which may stand in its own file only.
fn of_key(school: &School) -> Search {
    let file = school.database(Access::Read).data_dir.join("deployment.key");
    let key = hex::decode(fs::read_to_string(file).unwrap().trim()).unwrap();
    Search::for_bytes("key", &key)
}

/// Recording waits while somebody else holds the database, and goes on afterwards; commands say that it failed.
async fn locked_database(school: &School) {
    let canary = school.club.actor(NAME);
    let told = school.principal.inbox().len();
    let mut other = raw(school, "chaperone.db").await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    canary.says("#general", &harmful());
    let refused = school.principal.runs("/incident show 22222").await.text();
    assert!(refused.contains("could not use its database"), "{refused}");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    school.principal.inbox_until(told + 1).await;
}

/// Data keys that are gone: later revisions become a Gap, and reading says so.
async fn lost_keys(school: &School) {
    let canary = school.club.actor(NAME);
    let told = school.principal.inbox().len();
    let said = canary.says("#lab", &harmful());
    let alert = alert_after(school, told).await;
    let told = school.principal.inbox().len();
    let mut keys = raw(school, "keys.db").await;
    sqlx::query("DELETE FROM data_keys").execute(&mut keys).await.unwrap();
    keys.close().await.unwrap();
    canary.edits(said, &format!("{} and more", harmful()));
    school
        .discord
        .wait_until("the notice of a gap", |world| {
            world
                .inbox("Priya Principal")
                .iter()
                .skip(told)
                .any(|notice| notice.text().contains("not watched"))
        })
        .await;
    school.principal.presses(&alert, "Open the case").await;
}

/// A row that holds the canary where a word of Chaperone's belongs: reading says that it is damaged and not what it
/// holds. The search then finds it in the file, as it would have before.
async fn planted_in_a_row(school: &School) {
    let mut main = raw(school, "chaperone.db").await;
    sqlx::query("UPDATE incidents SET severity = $1").bind(TEXT).execute(&mut main).await.unwrap();
    let failed = school.principal.runs("/incident list").await.text();
    assert!(failed.contains("database"), "{failed}");
    sqlx::query("UPDATE incidents SET severity = 'low'").execute(&mut main).await.unwrap();
    main.close().await.unwrap();
    let written_ahead = fs::read(school.database(Access::Read).data_dir.join("chaperone.db-wal")).unwrap();
    assert!(Search::for_all().in_bytes(&written_ahead).contains(&"text, plain"));
}

async fn raw(school: &School, name: &str) -> SqliteConnection {
    let file = school.database(Access::Read).data_dir.join(name);
    SqliteConnectOptions::new().filename(file).connect().await.unwrap()
}
