//! What `chaperone run` says when it cannot start, for somebody who has to put it right; and that it ends in order.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it is")]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use chaperone::storage::{self, Access};
use chaperone::vault::{DeploymentKey, KeySource};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::School;
use super::program::{Program, chaperone_on, config_file};
use super::school::{HARMFUL, HARMLESS};

/// A token that no Discord knows.
const WRONG_TOKEN: &str = "d3BA2dyVtJzaZgK7.wrong.c8XvTq";

/// What a command that cannot be carried out says, with this school's paths and addresses made the same everywhere.
async fn complaint(school: &School, command: Command) -> String {
    let ended = Program::start(command).ended().await;
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert_eq!(ended.out, "", "nothing is promised on standard output");
    for unwanted in [WRONG_TOKEN, &school.discord.token(), "panicked", "backtrace", "RUST_", " { ", "\u{1b}"]
    {
        assert!(!ended.err.contains(unwanted), "{unwanted:?} in:\n{}", ended.err);
    }
    let data_dir = data_dir(school);
    let folder = data_dir.parent().unwrap().display().to_string();
    // Log lines may come before it; each begins with its time.
    let said: Vec<_> = ended.err.lines().skip_while(|line| line.starts_with("20")).collect();
    said.join("\n").replace(&folder, "FOLDER").replace(&school.discord.base(), "BASE")
}

fn data_dir(school: &School) -> PathBuf {
    school.database(Access::Read).data_dir
}

/// `chaperone run` with another Discord, on this school's database.
fn elsewhere(school: &School, api_base: &str) -> Command {
    let mut command = chaperone_on(&data_dir(school), api_base, &["run"]);
    command.env("CHAPERONE_TOKEN", school.discord.token());
    command
}

/// `chaperone run` with this configuration.
fn configured(school: &School, config: &str) -> Command {
    let command = school.command(&["run"]);
    fs::write(config_file(&data_dir(school)), config).unwrap();
    command
}

/// A school whose database is in use no more.
async fn with_a_database() -> School {
    let mut school = School::without_bot().await;
    school.starts().await;
    school.stops().await;
    school
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_it_says_where_to_put_one() {
    let school = School::without_bot().await;
    let mut command = school.command(&["run"]);
    command.env_remove("CHAPERONE_TOKEN");
    insta::assert_snapshot!(complaint(&school, command).await, @"chaperone: there is no bot token; put it into the environment variable CHAPERONE_TOKEN, or its file's path into CHAPERONE_TOKEN_FILE (the README says where Discord shows it). To try Chaperone without Discord, run `chaperone sandbox`");
    for (token, means) in
        [(" ", "is empty"), ("Bot ", "is empty"), ("a b", "blanks"), ("a\nb", "line breaks")]
    {
        let mut command = school.command(&["run"]);
        command.env("CHAPERONE_TOKEN", token);
        let said = complaint(&school, command).await;
        assert!(said.contains(means) && said.contains("developer portal"), "{said}");
    }
    let mut command = school.command(&["run"]);
    command.env_remove("CHAPERONE_TOKEN").env("CHAPERONE_TOKEN_FILE", data_dir(&school).join("no-such-file"));
    insta::assert_snapshot!(complaint(&school, command).await, @"
    chaperone: the token file FOLDER/data/no-such-file cannot be read; check CHAPERONE_TOKEN_FILE and who may read that file
      because: No such file or directory (os error 2)
    ");
    assert!(!data_dir(&school).exists(), "nothing is made before there is a token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_named_as_that_and_not_shown() {
    let school = School::without_bot().await;
    let mut command = school.command(&["run"]);
    command.env("CHAPERONE_TOKEN", WRONG_TOKEN);
    insta::assert_snapshot!(complaint(&school, command).await, @"chaperone: Discord does not accept the bot token. Open the application in Discord's developer portal, choose Bot, press Reset Token, and give Chaperone the new token");
}

#[tokio::test(flavor = "multi_thread")]
async fn intents_that_are_not_switched_on_are_named() {
    let school = School::without_bot().await;
    school.discord.allows_intents(0);
    insta::assert_snapshot!(complaint(&school, school.command(&["run"])).await, @"chaperone: Discord does not let the bot see members and messages. Open the application in Discord's developer portal, choose Bot, and under Privileged Gateway Intents switch on Server Members Intent and Message Content Intent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discord_that_cannot_be_reached_is_named_with_its_address() {
    let school = School::without_bot().await;
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = format!("http://{address}");
    let said = complaint(&school, elsewhere(&school, &base)).await.replace(&base, "CLOSED");
    insta::assert_snapshot!(said, @"
    chaperone: Discord cannot be used at CLOSED
      because: Discord cannot be reached; check the network of this machine
      because: error sending request
      because: client error (Connect)
      because: tcp connect error
      because: Connection refused (os error 111)
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discord_that_is_out_of_order_is_not_taken_for_a_mistake_of_ours() {
    let school = School::without_bot().await;
    school.discord.fails("GET /", chaperone::sandbox::RestFault::Status(503), 1_000);
    insta::assert_snapshot!(complaint(&school, school.command(&["run"])).await, @"
    chaperone: Discord cannot be used at BASE
      because: Discord is out of order (status 503), and nothing is wrong here; wait until it works again
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_not_sent_unprotected_over_a_network() {
    let school = School::without_bot().await;
    // An address that is not a loopback address by its letters, and leads here.
    let base = school.discord.base().replace("127.0.0.1", "0.0.0.0");
    let reachable = std::net::TcpStream::connect(base.trim_start_matches("http://"));
    assert!(reachable.is_ok(), "whoever sends something there is heard");
    let said = complaint(&school, elsewhere(&school, &base)).await;
    insta::assert_snapshot!(said, @"
    chaperone: the setting `discord.api_base` cannot be used
      because: http:// is accepted for this machine only (127.0.0.1, ::1, localhost); use https://
    ");
    assert_eq!(school.discord.requests(), []);
    for base in ["discord.com", "https://user:pass@discord.com", "https://discord.com/?v=10", ""] {
        let said = complaint(&school, elsewhere(&school, base)).await;
        assert!(said.contains("discord.api_base") && !said.contains("pass@"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_cannot_be_used_is_named() {
    let school = School::without_bot().await;
    fs::write(data_dir(&school), "a file in its place").unwrap();
    insta::assert_snapshot!(complaint(&school, school.command(&["run"])).await, @"
    chaperone: the database cannot be opened
      because: the data directory FOLDER/data cannot be used; check that it is a directory and that this user may write to it
      because: File exists (os error 17)
    ");

    // Nobody makes directories there, not even the superuser.
    let mut command = school.command(&["run"]);
    command.env("CHAPERONE_DATA_DIR", "/sys/chaperone-data");
    let said = complaint(&school, command).await;
    let (what, why) = said.rsplit_once("\n  because: ").unwrap();
    insta::assert_snapshot!(what, @"
    chaperone: the database cannot be opened
      because: the data directory /sys/chaperone-data cannot be used; check that it is a directory and that this user may write to it
    ");
    assert!(why.contains("os error"), "what the system says differs: {why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_key_is_named_and_no_new_one_is_made() {
    let school = with_a_database().await;
    let key = data_dir(&school).join("deployment.key");
    fs::remove_file(&key).unwrap();
    insta::assert_snapshot!(complaint(&school, school.command(&["run"])).await, @"
    chaperone: the database cannot be opened
      because: the deployment key FOLDER/data/deployment.key is missing, and the database is sealed with it; put the key file back from your backup of it. A new key cannot open old records
    ");
    assert!(!key.exists());

    DeploymentKey::create_file(&key).unwrap();
    let said = complaint(&school, school.command(&["run"])).await;
    insta::assert_snapshot!(redact_fingerprints(&said), @"
    chaperone: the database cannot be opened
      because: this deployment key is not the one the database was sealed with (its fingerprint is FINGERPRINT, the database wants FINGERPRINT); give the right key file
    ");

    fs::write(&key, "half a key").unwrap();
    insta::assert_snapshot!(complaint(&school, school.command(&["run"])).await, @"
    chaperone: the database cannot be opened
      because: the deployment key cannot be used
      because: the key file FOLDER/data/deployment.key does not hold a deployment key (64 hexadecimal digits); put the right file back
    ");
    let mut command = school.command(&["run"]);
    command.env("CHAPERONE_KEY", "half a key");
    insta::assert_snapshot!(complaint(&school, command).await, @"
    chaperone: CHAPERONE_KEY cannot be used
      because: a deployment key is 64 hexadecimal digits; make one with `openssl rand -hex 32`
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_newer_damaged_or_in_use_is_named() {
    let mut school = with_a_database().await;
    school.starts().await;
    insta::assert_snapshot!(complaint(&school, school.command(&["run"])).await, @"
    chaperone: the database cannot be opened
      because: another Chaperone is running on the data directory FOLDER/data; stop it first, or give this one another --data-dir or `database`
    ");
    school.stops().await;

    let database = data_dir(&school).join("chaperone.db");
    let kept = fs::read(&database).unwrap();
    from_the_future(&database).await;
    insta::assert_snapshot!(complaint(&school, school.command(&["run"])).await, @"
    chaperone: the database cannot be opened
      because: the database was written by a newer Chaperone (schema 99, this one knows 1); install that version or restore a backup made before the upgrade
    ");

    fs::write(&database, "not a database at all ".repeat(400)).unwrap();
    insta::assert_snapshot!(complaint(&school, school.command(&["run"])).await, @"
    chaperone: the database cannot be opened
      because: the database file is damaged or not a database; restore a backup
    ");
    fs::write(&database, kept).unwrap();
    school.starts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_not_right_is_named_with_what_was_perhaps_meant() {
    let school = School::without_bot().await;
    let unknown = configured(&school, "[discord]\napi_bas = \"https://discord.com\"\n");
    insta::assert_snapshot!(complaint(&school, unknown).await, @"
    chaperone: the configuration file FOLDER/data.toml is not right
      because: there is no setting `discord.api_bas` (did you mean `discord.api_base`?); config.example.toml lists them all
    ");
    let of_another_kind = configured(&school, "[evidence]\ndays = \"many\"\n");
    insta::assert_snapshot!(complaint(&school, of_another_kind).await, @r#"
    chaperone: the configuration file FOLDER/data.toml is not right
      because: line 2: invalid type: string "many", expected u32
    "#);
    let no_toml = configured(&school, "key_file = C:\\keys\n");
    insta::assert_snapshot!(complaint(&school, no_toml).await, @"
    chaperone: the configuration file FOLDER/data.toml is not right
      because: line 1: string values must be quoted, expected literal string
    ");
    let too_few = configured(&school, "evidence.days = 30\n");
    insta::assert_snapshot!(complaint(&school, too_few).await, @"
    chaperone: the configuration file FOLDER/data.toml is not right
      because: `evidence.days` must be at least 365: what was used for a decision about a person is kept for a year
    ");
    let mut absent = school.command(&["run"]);
    absent.env("CHAPERONE_CONFIG", data_dir(&school).join("chaperone.toml"));
    insta::assert_snapshot!(complaint(&school, absent).await, @"
    chaperone: the configuration file FOLDER/data/chaperone.toml cannot be read; check --config or CHAPERONE_CONFIG
      because: No such file or directory (os error 2)
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn local_rules_that_are_broken_are_named_with_file_and_line() {
    let school = School::without_bot().await;
    let rules = data_dir(&school).with_file_name("rules");
    let with_rules = || configured(&school, &format!("rules_dir = {:?}\n", rules.display().to_string()));
    insta::assert_snapshot!(complaint(&school, with_rules()).await, @"
    chaperone: the rules cannot be used
      because: cannot read the rules in FOLDER/rules; check that the path is right and readable
      because: No such file or directory (os error 2)
    ");
    fs::create_dir(&rules).unwrap();
    insta::assert_snapshot!(complaint(&school, with_rules()).await, @"
    chaperone: the rules cannot be used
      because: FOLDER/rules holds no rules; put them into contact/, harassment/, personal/, words/
    ");
    fs::create_dir(rules.join("harassment")).unwrap();
    let broken = "title = \"ours\"\nclause = \"2b\"\nseverity = \"terrible\"\n";
    fs::write(rules.join("harassment").join("our-own-rule.toml"), broken).unwrap();
    insta::assert_snapshot!(complaint(&school, with_rules()).await, @r#"
    chaperone: the rules cannot be used
      because: 6 problems in the rule files have to be put right; `chaperone rules check` lists them
      because: FOLDER/rules/harassment/our-own-rule.toml:1:1: `why` is missing in the file; add `why = "…"`
        FOLDER/rules/harassment/our-own-rule.toml:1:1: `description` is missing in the file; add `description = "…"`
        FOLDER/rules/harassment/our-own-rule.toml:3:12: `terrible` is not a value of `severity`; write low, medium, high or urgent
        FOLDER/rules/harassment/our-own-rule.toml:1:1: `status` is missing in the file; add `status = "…"`
        FOLDER/rules/harassment/our-own-rule.toml:1:1: `[[examples.match]]` and `[[examples.clean]]` are missing; add at least 3 of each
        FOLDER/rules/harassment/our-own-rule.toml:1:1: `[match]` is missing; add it with one of: phrase, regex, identifier
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_in_a_burst_ends_it_in_order_and_nothing_is_lost() {
    let mut school = School::without_bot().await;
    let program = school.runs_program();
    school.set_up().await;
    let mut harmful = 0;
    for number in 0..60 {
        let who = [&school.student, &school.coach][number % 2];
        who.says(["#general", "#lab"][number % 2], if number % 3 == 0 { HARMFUL } else { HARMLESS });
        harmful += usize::from(number % 3 == 0);
    }
    school.principal.inbox_until(1).await;
    program.terminate();
    let ended = program.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(
        ended.out,
        "Chaperone is watching. Stop it with Ctrl-C.\nStopping: finishing what is in hand.\n"
    );
    school.log_is_intact().await;

    school.starts().await;
    school.outbox_is_empty().await;
    assert_eq!(school.principal.inbox().len(), harmful);
    assert_eq!(school.teacher.inbox().len(), harmful);
    school.log_is_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_before_it_is_connected_ends_it_too() {
    let mut school = School::without_bot().await;
    school.discord.refuses_gateway(true);
    let program = school.runs_program();
    school
        .discord
        .wait_until("the program to look for the gateway", |world| {
            world.requests().iter().any(|request| request.path == "/gateway/bot" && request.status == 200)
        })
        .await;
    program.terminate();
    let ended = program.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(ended.out, "Stopped before Chaperone was connected.\n");
    school.discord.refuses_gateway(false);
    school.starts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_environment_is_used_and_no_file_is_made() {
    let school = School::without_bot().await;
    let digits = "0123456789abcdef".repeat(4);
    let mut command = school.command(&["run"]);
    command.env("CHAPERONE_KEY", &digits);
    let program = Program::start(command);
    school.set_up().await;
    program.terminate();
    assert_eq!(program.ended().await.code, Some(0));
    let mut options = school.database(Access::Read);
    options.key = KeySource::Given(digits.parse().unwrap());
    storage::open(&options).await.unwrap().close_down().await;
    assert!(!data_dir(&school).join("deployment.key").exists());
}

async fn from_the_future(database: &Path) {
    let options = SqliteConnectOptions::new().filename(database);
    let mut connection: SqliteConnection = options.connect().await.unwrap();
    for statement in [
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'the future', 1, x'00', 0)",
        "UPDATE meta SET value = '99' WHERE name = 'admits-oldest-reader'",
    ] {
        let changed = sqlx::query(statement).execute(&mut connection).await.unwrap().rows_affected();
        assert!(changed > 0, "{statement} changed nothing");
    }
    connection.close().await.unwrap();
}

/// Fingerprints are 16 hexadecimal digits.
fn redact_fingerprints(text: &str) -> String {
    let redact = |word: &str| {
        let digits = word.trim_end_matches([',', ')', ';']);
        let is_one = digits.len() == 16 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
        if is_one { word.replace(digits, "FINGERPRINT") } else { word.to_owned() }
    };
    text.split(' ').map(redact).collect::<Vec<_>>().join(" ")
}
