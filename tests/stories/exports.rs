//! An export that overlaps with what Chaperone saw live.

use std::path::PathBuf;

use chaperone::cli::scan::{self, ScanCommand};
use chaperone::config::Config;
use chaperone::sandbox::{Actor, Said};
use chaperone::storage::Access;
use serde_json::json;

use super::School;
use super::school::{HARMFUL, HARMLESS};

/// Writes an export of these messages of `#general`, as somebody made it at that time.
fn export(school: &School, messages: &[(Said, &Actor, &str)]) -> PathBuf {
    let messages: Vec<_> = messages
        .iter()
        .map(|(said, author, text)| {
            json!({
                "id": said.id.to_string(),
                "type": "Default",
                "timestamp": said.id.created_at().to_string(),
                "timestampEdited": null,
                "content": text,
                "author": {"id": author.id().to_string(), "name": "somebody", "isBot": false, "roles": []},
            })
        })
        .collect();
    let export = json!({
        "guild": {"id": school.club.id().to_string(), "name": "Science Club"},
        "channel": {"id": school.club.channel_id("#general").to_string(), "type": "GuildTextChat", "name": "general"},
        "messages": messages,
    });
    let path = school.database(Access::Read).data_dir.join("export.json");
    std::fs::write(&path, export.to_string()).expect("there is room");
    path
}

/// Scans beside a Chaperone that has stopped; answers the summary.
async fn scans(school: &School, file: PathBuf) -> serde_json::Value {
    let command = ScanCommand {
        exports: vec![file],
        staff_roles: vec![],
        student_roles: vec![],
        parent_roles: vec![],
        operator: None,
        reason: None,
        json: true,
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let database = school.database(Access::Write);
    scan::run(
        &command,
        &Config::default(),
        &database,
        &mut out,
        &mut err,
        tokio_util::sync::CancellationToken::new(),
    )
    .await
    .expect("the export can be scanned");
    let out = String::from_utf8(out).expect("it is text");
    serde_json::from_str(out.lines().last().expect("there is a summary")).expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_overlaps_with_what_was_seen_live_adds_only_what_was_not_seen() {
    let mut school = School::without_bot().await;
    let before = school.student.says("#general", HARMFUL);
    school.discord.advances_clock(std::time::Duration::from_millis(5));
    school.starts().await;
    school.set_up().await;
    let seen = school.student.says("#general", HARMFUL);
    let harmless = school.coach.says("#general", HARMLESS);
    school.principal.inbox_until(1).await;
    school.alerts_settled(2).await;
    school.stops().await;

    let messages = [
        (before, &school.student, HARMFUL),
        (seen, &school.student, HARMFUL),
        (harmless, &school.coach, HARMLESS),
    ];
    let file = export(&school, &messages);
    let summary = scans(&school, file.clone()).await;
    assert_eq!((&summary["incidents"], &summary["already"]), (&json!(1), &json!(1)));
    assert_eq!(scans(&school, file).await["already"], 2);

    school.starts().await;
    assert_eq!(
        school.open_codes(&school.principal).await.len(),
        2,
        "both can be read with the usual command"
    );
    assert_eq!(school.principal.inbox().len(), 1, "a scan alerts nobody");
    school.log_is_intact().await;
}
