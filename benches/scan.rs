//! What `chaperone scan` costs beside a bare JSON parse of the same generated export: messages and megabytes a second,
//! ratios, and the most memory held. One run: `cargo bench --bench scan [-- MESSAGES]`.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock and its arguments by itself")]

use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chaperone::cli::scan::{ScanCommand, run};
use chaperone::config::Config;
use chaperone::domain::Standing;
use chaperone::export::{ExportReader, RoleNames};
use chaperone::storage::{Access, OpenOptions};
use chaperone::vault::KeySource;
use serde::de::IgnoredAny;
use tokio_util::sync::CancellationToken;

/// What is said in the generated export, in turn.
const TALK: [&str; 6] = [
    "has anybody finished the titration lab? the last part is weird",
    "The bus leaves at a quarter to nine, bring a lunch, a jacket and the signed form from last week.",
    "lol ok",
    "Great work on the poster everyone! Remember that the judges come on Thursday, so please check the spelling of all \
     the labels once more and put your names on the back. The glue is in the cupboard beside the sink.",
    "can we use the green paint or is that for the grade eights",
    "https://example.org/science-fair/2025/rules.html",
];
/// One message in so many is flagged.
const FLAGGED_EVERY: usize = 100;

fn main() -> io::Result<()> {
    let messages = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(200_000);
    let folder = tempfile::tempdir()?;
    let export = folder.path().join("export.json");
    generate(&export, messages)?;
    let bytes = std::fs::metadata(&export)?.len();
    #[expect(clippy::cast_precision_loss, reason = "megabytes to one decimal")]
    let megabytes = bytes as f64 / 1e6;
    let mut out = io::stdout().lock();
    writeln!(out, "{messages} messages, {megabytes:.0} MB, one in {FLAGGED_EVERY} flagged")?;
    let mut bare = None;
    let mut report = |name: &str, took: Duration| {
        let bare = *bare.get_or_insert(took);
        let seconds = took.as_secs_f64();
        writeln!(
            out,
            "{name:<44} {:>8.2} s {:>9.0} messages/s {:>7.1} MB/s {:>6.2} x bare  peak {} MB",
            seconds,
            f64::from(messages) / seconds,
            megabytes / seconds,
            seconds / bare.as_secs_f64(),
            peak_megabytes().map_or_else(|| "?".to_owned(), |peak| peak.to_string()),
        )
    };
    report(
        "bare JSON parse (serde_json, values ignored)",
        timed(|| {
            serde_json::from_reader::<_, IgnoredAny>(BufReader::with_capacity(
                256 * 1024,
                File::open(&export)?,
            ))?;
            Ok(())
        })?,
    )?;
    report(
        "reading the export",
        timed(|| {
            let names = RoleNames::new([("Staff", Standing::Staff), ("Students", Standing::Student)]);
            let names = Arc::new(names.map_err(io::Error::other)?);
            for message in ExportReader::new(File::open(&export)?, names) {
                black_box(message.map_err(io::Error::other)?);
            }
            Ok(())
        })?,
    )?;
    report("chaperone scan, into an empty database", timed(|| scan(&export, folder.path()))?)?;
    report("chaperone scan, the same again", timed(|| scan(&export, folder.path()))?)?;
    report(
        "bare JSON parse into values, all held",
        timed(|| {
            let text = std::fs::read(&export)?;
            black_box(serde_json::from_slice::<serde_json::Value>(&text)?);
            Ok(())
        })?,
    )
}

fn scan(export: &Path, folder: &Path) -> io::Result<()> {
    let command = ScanCommand {
        exports: vec![export.to_owned()],
        staff_roles: vec!["Staff".to_owned()],
        student_roles: vec!["Students".to_owned()],
        parent_roles: Vec::new(),
        operator: None,
        reason: None,
        json: true,
    };
    let key = KeySource::File(folder.join("deployment.key"));
    let database = OpenOptions { data_dir: folder.join("data"), database: None, key, access: Access::Write };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let scanned = runtime.block_on(run(
        &command,
        &Config::default(),
        &database,
        &mut io::sink(),
        &mut io::stderr(),
        CancellationToken::new(),
    ));
    scanned.map(|_| ()).map_err(io::Error::other)
}

fn timed(work: impl FnOnce() -> io::Result<()>) -> io::Result<Duration> {
    forget_peak();
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

/// An export as its exporter lays it out: indented, with all fields, 30 members, a message every 20 seconds.
fn generate(path: &Path, messages: u32) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    write!(
        file,
        "{{\n  \"guild\": {{\"id\": \"500\", \"name\": \"Science Club\"}},\n  \"channel\": {{\"id\": \"600\", \"type\": \
         \"GuildTextChat\", \"name\": \"general\"}},\n  \"messages\": ["
    )?;
    for number in 0..messages {
        let index = number as usize;
        let text =
            if index % FLAGGED_EVERY == 7 { "shut up you worthless loser" } else { TALK[index % TALK.len()] };
        let ms = 1_700_000_000_000 + u64::from(number) * 20_000;
        let id = (ms - 1_420_070_400_000) << 22;
        let author = 1 + number % 30;
        let (role, name) = if author < 4 { (800, "Staff") } else { (801, "Students") };
        let at = chaperone::domain::Timestamp::from_millis(ms as i64).to_string();
        let comma = if number == 0 { "" } else { "," };
        write!(
            file,
            r##"{comma}
    {{
      "id": "{id}",
      "type": "Default",
      "timestamp": "{at}",
      "timestampEdited": null,
      "callEndedTimestamp": null,
      "isPinned": false,
      "content": "{text}",
      "author": {{
        "id": "{author}",
        "name": "member{author}",
        "discriminator": "0000",
        "nickname": "Member {author}",
        "color": "#1ABC9C",
        "isBot": false,
        "roles": [
          {{
            "id": "{role}",
            "name": "{name}",
            "color": "#1ABC9C",
            "position": 2
          }}
        ],
        "avatarUrl": "https://cdn.discordapp.com/avatars/{author}/0123456789abcdef0123456789abcdef.png?size=512"
      }},
      "attachments": [],
      "embeds": [],
      "stickers": [],
      "reactions": [],
      "mentions": [],
      "inlineEmojis": []
    }}"##
        )?;
    }
    write!(file, "\n  ],\n  \"messageCount\": {messages}\n}}")?;
    file.flush()
}

/// The most memory held since it was last forgotten, where the system tells.
fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? / 1000)
}

fn forget_peak() {
    // Where the system has no such file, no peak is told either.
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}
