//! `chaperone scan`: what it records, says and ends with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chaperone::cli::scan::{self, ScanCommand};
use chaperone::config::Config;
use chaperone::domain::{
    AccountId, GroupId, GroupSettings, GroupState, Incident, LogAction, RoleId, SpaceId, Timestamp,
};
use chaperone::storage::{self, Access, IncidentFilter, NewLogEntry, OpenOptions, SettingsChange, Storage};
use chaperone::vault::KeySource;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::exports::*;

/// Words that a built-in rule flags, from anybody to anybody.
const HARMFUL: &str = "shut up you worthless loser";

/// A data directory to scan into.
struct Desk {
    folder: TempDir,
}

/// How a scan ended and what it said.
struct Ended {
    code: String,
    out: String,
    err: String,
}

impl Ended {
    fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn summary(&self) -> Value {
        let summary = self.objects().pop().unwrap();
        assert_eq!(summary["type"], "summary");
        summary
    }

    fn ended_with(&self, code: u8) {
        assert_eq!(
            self.code,
            format!("{:?}", std::process::ExitCode::from(code)),
            "{}{}",
            self.out,
            self.err
        );
    }
}

fn command(exports: &[PathBuf]) -> ScanCommand {
    let roles = |name: &str| vec![name.to_owned()];
    ScanCommand {
        exports: exports.to_vec(),
        staff_roles: roles("Staff"),
        student_roles: roles("Students"),
        parent_roles: Vec::new(),
        operator: None,
        reason: None,
        json: true,
    }
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn database(&self, access: Access) -> OpenOptions {
        let key = KeySource::File(self.path().join("deployment.key"));
        OpenOptions { data_dir: self.path().join("data"), database: None, key, access }
    }

    async fn open(&self) -> Arc<dyn Storage> {
        storage::open(&self.database(Access::Write)).await.unwrap()
    }

    async fn tries(&self, command: &ScanCommand, stop: CancellationToken) -> anyhow::Result<Ended> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let database = self.database(Access::Write);
        let code = scan::run(command, &Config::default(), &database, &mut out, &mut err, stop).await?;
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ok(Ended { code: format!("{code:?}"), out: text(out), err: text(err) })
    }

    async fn scans(&self, exports: &[PathBuf]) -> Ended {
        self.tries(&command(exports), CancellationToken::new()).await.unwrap()
    }

    async fn incidents(&self, group: u64) -> Vec<Incident> {
        let storage = self.open().await;
        let filter = IncidentFilter {
            group: GroupId::new(group),
            open_only: false,
            without_accused: None,
            before: None,
            most: 1000,
        };
        let incidents = storage.incidents(filter).await.unwrap();
        let verdict = storage.verify_log(&|_| {}).await.unwrap();
        assert_eq!(verdict.problems, Vec::<String>::new());
        storage.close_down().await;
        incidents
    }
}

const CLUB: u64 = 500_000_000_000_000_001;

#[tokio::test(flavor = "multi_thread")]
async fn exports_of_a_folder_become_incidents_with_evidence_in_a_pending_group() {
    let desk = Desk::new();
    let ended = desk.scans(&[samples()]).await;
    ended.ended_with(0);
    let objects = ended.objects();
    let contact = objects.iter().find(|object| object["clause"] == "3b").unwrap();
    assert_eq!(contact["type"], "incident");
    assert_eq!(contact["severity"], "high");
    assert_eq!(contact["rules"], json!(["asks-for-direct-messages"]));
    assert_eq!(contact["space"], "600000000000000020");
    assert_eq!(contact["author"], "700000000000000004");
    assert_eq!(contact["at"], "2025-02-03T08:17:45Z");
    let summary = ended.summary();
    assert_eq!(
        (&summary["messages"], &summary["skipped"], &summary["files"]),
        (&json!(17), &json!(0), &json!(2))
    );
    assert_eq!(summary["incidents"], json!(objects.len() - 1));
    assert_eq!(summary["by_clause"], json!({"2b": objects.len() - 2, "3b": 1}));
    assert_eq!(summary["by_standing"], json!({"staff": 2, "student": 8, "app": 1, "unverified": 6}));

    let incidents = desk.incidents(CLUB).await;
    assert_eq!(incidents.len(), objects.len() - 1);
    let storage = desk.open().await;
    let group = storage.group(GroupId::new(CLUB)).await.unwrap().unwrap();
    assert_eq!((group.state, group.settings), (GroupState::Pending, None));
    assert_eq!(storage.next_alert_at().await.unwrap(), None, "nobody is alerted");
    let incident = incidents.iter().find(|incident| contact["code"] == incident.code.as_str()).unwrap();
    let reading = NewLogEntry {
        chain: chaperone::domain::LogChain::Group(GroupId::new(CLUB)),
        at: Timestamp::from_millis(1),
        actor: chaperone::domain::Actor::Chaperone,
        action: LogAction::IncidentShown,
        incident: None,
        detail: None,
    };
    let file = storage.open_case_file(incident.id, reading).await.unwrap().unwrap();
    assert_eq!(file.evidence.len(), 1);
    assert!(file.evidence[0].text.expose().contains("between us"));
    assert_eq!(file.evidence[0].author_name.expose(), "Casey Coach");
    assert_eq!(file.evidence[0].space_name.expose(), "lab day");
    assert!(!file.evidence[0].findings.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_exports_again_make_nothing_twice() {
    let desk = Desk::new();
    let first = desk.scans(&[samples()]).await.summary();
    let again = desk.scans(&[samples(), samples().join("lab-day-2025.json")]).await;
    again.ended_with(0);
    assert_eq!(again.objects().len(), 1);
    let summary = again.summary();
    assert_eq!((&summary["incidents"], &summary["extended"]), (&json!(0), &json!(0)));
    assert_eq!(summary["already"], first["incidents"]);
    assert_eq!(json!(desk.incidents(CLUB).await.len()), first["incidents"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_overlap_make_nothing_twice_and_lines_broken_over_them_are_joined() {
    let desk = Desk::new();
    let lines = [message(1, 7, HARMFUL), message(100, 8, "shut up you"), message(110, 8, "worthless loser")];
    write(desk.path(), "general.json", &export(&lines[..2]));
    write(desk.path(), "general [part 2].json", &export(&lines[2..]));
    write(desk.path(), "other name.json", &export(&lines));
    let parts = desk.path().to_owned();
    let ended = desk.scans(&[parts]).await;
    ended.ended_with(0);
    let summary = ended.summary();
    assert_eq!((&summary["incidents"], &summary["already"]), (&json!(2), &json!(2)));
    let incidents = desk.incidents(500).await;
    assert!(incidents.iter().any(|incident| incident.message.get() == id(110)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_the_newest_first_gives_the_same_incidents() {
    let lines = [message(1, 7, HARMFUL), message(100, 8, "shut up you"), message(110, 8, "worthless loser")];
    let newest_first: Vec<Value> = lines.iter().rev().cloned().collect();
    let mut found = Vec::new();
    for messages in [&lines[..], &newest_first] {
        let desk = Desk::new();
        let file = write(desk.path(), "general.json", &export(messages));
        desk.scans(&[file]).await.ended_with(0);
        let mut incidents: Vec<_> =
            desk.incidents(500).await.iter().map(|incident| incident.message).collect();
        incidents.sort_unstable();
        found.push(incidents);
    }
    assert_eq!(found[0].len(), 2);
    assert_eq!(found[0], found[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_export_with_an_edited_message_extends_the_incident() {
    let desk = Desk::new();
    let first = write(desk.path(), "a.json", &export(&[message(1, 7, HARMFUL), message(2, 7, "hello")]));
    desk.scans(std::slice::from_ref(&first)).await.ended_with(0);
    let harmful = edited(message(1, 7, ""), 500, "you pathetic loser, nobody likes you");
    let became_harmful = edited(message(2, 7, ""), 501, HARMFUL);
    let second = write(desk.path(), "b.json", &export(&[harmful, became_harmful]));
    let ended = desk.scans(&[second]).await;
    let summary = ended.summary();
    assert_eq!((&summary["incidents"], &summary["extended"]), (&json!(1), &json!(1)));
    let again = desk.scans(&[first]).await.summary();
    assert_eq!(
        (&again["incidents"], &again["already"]),
        (&json!(0), &json!(1)),
        "older revisions change nothing"
    );
    assert_eq!(desk.incidents(500).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn standings_come_from_the_settings_of_the_group_where_no_role_is_named() {
    let unnamed = |exports: &[PathBuf]| ScanCommand {
        staff_roles: Vec::new(),
        student_roles: Vec::new(),
        ..command(exports)
    };
    let lab = [samples().join("lab-day-2025.json")];
    let desk = Desk::new();
    let ended = desk.tries(&unnamed(&lab), CancellationToken::new()).await.unwrap();
    assert!(ended.summary()["by_clause"].get("3b").is_none());
    assert!(ended.err.contains("--staff-role"), "{}", ended.err);

    let desk = Desk::new();
    let storage = desk.open().await;
    let settings = GroupSettings {
        version: 1,
        staff_roles: vec![RoleId::new(800_000_000_000_000_001)],
        student_roles: vec![RoleId::new(800_000_000_000_000_002)],
        parent_roles: Vec::new(),
        administrators: [AccountId::new(1), AccountId::new(2)],
        fallback: SpaceId::new(3),
    };
    let change = SettingsChange {
        group: GroupId::new(CLUB),
        settings,
        by: AccountId::new(1),
        at: Timestamp::from_millis(1),
        alerts: Vec::new(),
    };
    storage.change_settings(change).await.unwrap().unwrap();
    storage.close_down().await;
    let ended = desk.tries(&unnamed(&lab), CancellationToken::new()).await.unwrap();
    assert_eq!(ended.summary()["by_clause"]["3b"], 1);
    assert_eq!(ended.err, "");
    let storage = desk.open().await;
    assert_eq!(storage.next_alert_at().await.unwrap(), None, "administrators are not alerted either");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_keeps_what_came_before_and_the_others_are_scanned() {
    let desk = Desk::new();
    let whole =
        serde_json::to_vec_pretty(&export(&[message(1, 7, HARMFUL), message(2, 7, "SECRETWORDS")])).unwrap();
    let cut = desk.path().join("a cut.json");
    std::fs::write(&cut, &whole[..whole.len() - 200]).unwrap();
    let html = desk.path().join("b page.json");
    std::fs::write(&html, "<html>").unwrap();
    let mut nobody = message(3, 7, "SECRETWORDS");
    nobody["author"] = Value::Null;
    let last = write(desk.path(), "c good.json", &export(&[nobody, message(4, 8, HARMFUL)]));
    let ended = desk.scans(&[cut, html, last]).await;
    ended.ended_with(1);
    let summary = ended.summary();
    assert_eq!(
        (&summary["incidents"], &summary["skipped"], &summary["files"]),
        (&json!(2), &json!(1), &json!(3))
    );
    let problems = summary["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 3);
    assert_eq!(problems[0]["offset"], json!(whole.len() - 200));
    assert!(problems[0]["problem"].as_str().unwrap().contains("but the file ends here"));
    assert!(problems[1]["file"].as_str().unwrap().ends_with("b page.json"));
    assert!(problems[2]["problem"].as_str().unwrap().contains("one message is left out"));
    let places = [
        "a cut.json: line 58, column 2 (byte ",
        "b page.json: line 1, column 1 (byte 0)",
        "c good.json: line ",
    ];
    assert!(places.iter().all(|place| ended.err.contains(place)), "{}", ended.err);
    assert!(!ended.err.contains("SECRET") && !ended.out.contains("SECRET"));
    assert_eq!(desk.incidents(500).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_scanned_at_all_is_an_error_before_anything_is_opened() {
    let desk = Desk::new();
    let nowhere = desk.tries(&command(&[desk.path().join("no.json")]), CancellationToken::new()).await;
    assert!(format!("{:#}", nowhere.err().unwrap()).contains("no.json cannot be read; check that the path"));
    let twice = ScanCommand { student_roles: vec!["@staff".to_owned()], ..command(&[samples()]) };
    let twice = desk.tries(&twice, CancellationToken::new()).await;
    assert!(twice.err().unwrap().to_string().contains("cannot be both staff and student"));
    assert!(!desk.path().join("data").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_is_told_to_stop_says_so_and_can_be_done_again() {
    let desk = Desk::new();
    let stop = CancellationToken::new();
    stop.cancel();
    let sentences = ScanCommand { json: false, ..command(&[samples()]) };
    let ended = desk.tries(&sentences, stop).await.unwrap();
    ended.ended_with(1);
    assert!(ended.out.contains("Stopped before the end"), "{}", ended.out);
    desk.scans(&[samples()]).await.ended_with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scan_is_one_line_in_the_log_and_operator_and_reason_are_sealed_in_it() {
    let desk = Desk::new();
    let ordered = ScanCommand {
        operator: Some("SECRETOPERATOR".to_owned()),
        reason: Some("a parent complained".to_owned()),
        ..command(&[samples()])
    };
    desk.tries(&ordered, CancellationToken::new()).await.unwrap().ended_with(0);
    desk.scans(&[samples()]).await.ended_with(0);
    desk.incidents(CLUB).await;
    let path = desk.path().join("data/chaperone.db");
    let mut database = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let sql = "SELECT detail FROM log_entries WHERE action = 'export-scanned' ORDER BY seq";
    let details: Vec<Option<Vec<u8>>> = sqlx::query_scalar(sql).fetch_all(&mut database).await.unwrap();
    database.close().await.unwrap();
    assert!(matches!(&details[..], [Some(_), None]), "one line for each scan of a group");
    let bytes = std::fs::read(path).unwrap();
    assert!(!bytes.windows(14).any(|window| window == b"SECRETOPERATOR"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_reads() {
    let desk = Desk::new();
    let sentences =
        ScanCommand { json: false, parent_roles: vec!["Parnets".to_owned()], ..command(&[samples()]) };
    let ended = desk.tries(&sentences, CancellationToken::new()).await.unwrap();
    insta::assert_snapshot!(format!("{}{}", ended.out, ended.err), @"
    Scanned 17 messages from 2 files: 5 incidents opened.
    By clause:
            4  2b harassing or defamatory language
            1  3b private messages between staff and student
    By severity:
            1  High: Review it within the hour in school time, otherwise at 8:00 the next morning.
            4  Medium: Review it within one school day.
    The administrators read them with `/incident list`. Nobody was alerted.
    No role called Parnets was met; check how Discord spells it.
    ");
    let again = desk.tries(&sentences, CancellationToken::new()).await.unwrap();
    insta::assert_snapshot!(again.out, @"
    Scanned 17 messages from 2 files: 0 incidents opened.
    5 messages of incidents known before; nothing was made twice.
    ");
}
