//! `chaperone sandbox`, the built binary: what it prints, as JSON and for people, and what it refuses.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

/// Runs `chaperone` with these arguments, and an environment without anything of Chaperone's.
fn chaperone(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chaperone"))
        .args(arguments)
        .env_remove("CHAPERONE_KEY")
        .env_remove("CHAPERONE_CONFIG")
        .env_remove("CHAPERONE_DATA_DIR")
        .env_remove("CHAPERONE_TOKEN")
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("output is UTF-8")
}

/// The lines of a play that ended well, as JSON.
fn lines(arguments: &[&str]) -> Vec<Value> {
    let output = chaperone(&[&["sandbox", "--exit-when-done", "--json"], arguments].concat());
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
    out(&output).lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn of_type<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == *kind).collect()
}

fn counts<'a>(lines: impl IntoIterator<Item = &'a Value>, key: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(line[key].as_str().expect("it is a text").to_owned()).or_default() += 1;
    }
    counts
}

/// The alerts about a case: to whom, and how they ended.
fn alerts_of(lines: &[Value], incident: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
    let mut alerts: Vec<_> = of_type(lines, "alert")
        .into_iter()
        .filter(|alert| alert["incident"] == incident["code"])
        .map(|alert| (text(&alert["to"]), text(&alert["state"])))
        .collect();
    alerts.sort();
    alerts
}

fn delivered(to: &str) -> (String, String) {
    (to.to_owned(), "delivered".to_owned())
}

/// The case of a rule, where there is one.
fn case<'a>(lines: &'a [Value], rule: &str, author: &str) -> &'a Value {
    let fits = |line: &&&Value| {
        line["author"] == *author
            && line["rules"].as_array().is_some_and(|rules| rules.contains(&rule.into()))
    };
    let incidents = of_type(lines, "incident");
    let found = incidents.iter().find(fits);
    found.unwrap_or_else(|| panic!("no case of {author} by {rule} in {incidents:#?}"))
}

#[test]
fn a_week_is_played_with_every_kind_of_case_and_counts_that_equal_its_lines() {
    let lines = lines(&[]);
    let said = of_type(&lines, "said");
    let incidents = of_type(&lines, "incident");
    let alerts = of_type(&lines, "alert");
    assert!(said.len() - incidents.len() >= 40, "{} lines of ordinary talk", said.len() - incidents.len());
    for line in &said {
        assert!(line["who"].is_string() && line["where"].is_string() && line["text"].is_string(), "{line}");
    }

    let expected = [
        ("asks-for-direct-messages", "Casey Coach", "3b", "high"),
        ("exchanges-phone-numbers", "Casey Coach", "3b", "high"),
        ("arranges-to-meet-alone", "Casey Coach", "3f", "high"),
        ("asks-for-secrecy", "Casey Coach", "3b", "urgent"),
        ("exchanges-phone-numbers", "Tom Teacher", "3b", "high"),
        ("insults-a-person", "Zoe", "2b", "medium"),
        ("threatens-violence", "Zoe", "2b", "urgent"),
        ("encourages-self-harm", "Zoe", "2b", "urgent"),
        ("excludes-or-humiliates", "Zoe", "2b", "medium"),
        ("insults-a-person", "Ava", "2b", "medium"),
        ("social-insurance-number", "Dev", "2a", "high"),
        ("student-number", "Chloe", "2a", "high"),
        ("marks-of-a-student", "Ben", "2a", "medium"),
        ("health-of-a-student", "Petra Parent", "2a", "high"),
        ("sends-friend-requests", "Casey Coach", "3g", "medium"),
        ("private-mail-address", "Chloe", "2a", "low"),
    ];
    for (rule, author, clause, severity) in expected {
        let case = case(&lines, rule, author);
        assert_eq!(
            (case["clause"].as_str(), case["severity"].as_str()),
            (Some(clause), Some(severity)),
            "{rule}"
        );
    }
    assert_eq!(incidents.len(), expected.len(), "nothing else is flagged: {incidents:#?}");

    let summary = lines.last().expect("there is a last line");
    assert_eq!(summary["type"], "summary");
    assert_eq!(of_type(&lines, "summary").len(), 1);
    let counted = |value: &Value| -> BTreeMap<String, u64> {
        serde_json::from_value(value.clone()).expect("it is an object of counts")
    };
    assert_eq!(summary["said"], said.len());
    assert_eq!(summary["edited"], of_type(&lines, "edited").len());
    assert_eq!(summary["deleted"], of_type(&lines, "deleted").len());
    assert_eq!(summary["incidents"]["total"], incidents.len());
    assert_eq!(counted(&summary["incidents"]["by_clause"]), counts(incidents.iter().copied(), "clause"));
    assert_eq!(counted(&summary["incidents"]["by_severity"]), counts(incidents.iter().copied(), "severity"));
    assert_eq!(counted(&summary["alerts"]), counts(alerts.iter().copied(), "state"));
}

#[test]
fn both_administrators_are_told_but_never_of_their_own_case_and_a_refusal_is_shown() {
    let lines = lines(&[]);
    let both = [delivered("Priya Principal"), delivered("Tom Teacher")];
    for incident in of_type(&lines, "incident") {
        let alerts = alerts_of(&lines, incident);
        let code = &incident["code"];
        match incident["author"].as_str() {
            Some("Tom Teacher") => assert_eq!(alerts, both[..1], "{code}"),
            _ if incident["space"] == "poster help (private thread)" => {
                assert_eq!(
                    alerts,
                    [delivered("Priya Principal"), ("Tom Teacher".into(), "refused".into())],
                    "{code}"
                );
            }
            _ => assert_eq!(alerts, both, "{code}"),
        }
    }
    let fallback: Vec<_> =
        of_type(&lines, "said").into_iter().filter(|line| line["where"] == "#office").collect();
    assert_eq!(fallback.len(), 1, "two refusals within the hour are one line: {fallback:?}");
    assert_eq!(fallback[0]["text"], "Chaperone could not reach an administrator.");

    let own = case(&lines, "exchanges-phone-numbers", "Tom Teacher")["code"].as_str().expect("it has a code");
    let listed = |who: &str| {
        let mut answers = of_type(&lines, "answered").into_iter().filter(|line| line["who"] == *who);
        answers.rfind(|line| line["text"].as_str().is_some_and(|text| text.starts_with("Open cases")))
    };
    let text = |who: &str| listed(who).expect("they list the cases")["text"].as_str().map(ToOwned::to_owned);
    assert!(!text("Tom Teacher").expect("it has a text").contains(own));
    assert!(text("Priya Principal").expect("it has a text").contains(own));
}

#[test]
fn each_case_follows_its_words_and_each_alert_its_case() {
    let lines = lines(&[]);
    let place = |of: &Value| lines.iter().position(|line| std::ptr::eq(line, of)).expect("it is one of them");
    for incident in of_type(&lines, "incident") {
        let before = &lines[place(incident) - 1];
        assert!(before["type"] == "said" || before["type"] == "edited", "{before}");
        assert_eq!((&before["who"], &before["where"]), (&incident["author"], &incident["space"]));
        let alerts =
            of_type(&lines, "alert").into_iter().filter(|alert| alert["incident"] == incident["code"]);
        for alert in alerts {
            let steps_later =
                lines[place(incident)..place(alert)].iter().filter(|line| line["type"] == "said");
            assert!(steps_later.filter(|line| line["who"] != "Chaperone").count() == 0, "{alert}");
        }
    }
}

#[test]
fn people_read_who_wrote_what_what_was_flagged_and_who_was_told() {
    let output = chaperone(&["sandbox", "--exit-when-done"]);
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
    let text = out(&output);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "it fits 80 columns");
    assert!(!text.contains('\u{1b}'), "no colours where nobody sees them");
    let excerpt =
        text.split("(clause 3b).\n").nth(1).and_then(|rest| rest.split("\n\n  The principal").next());
    insta::assert_snapshot!(without_codes(excerpt.expect("the first case is there")), @r#"
    #general  Casey Coach (to Mia): Great idea, Mia! [dm me] the rest of it
        tonight and we'll work it out
        flagged 3b High: asking a student for private messages (case CODE5)
        -> told Priya Principal (direct message)
        | Science Club: case CODE5, High
        | Review it within the hour in school time, otherwise at 8:00 the next
        | morning. Press the button, or run `/incident show CODE5` in the server.
        | [Open the case]
        -> told Tom Teacher (direct message)
    #general  Mia (to Casey Coach): could i post it here? then ava can help too
    "#);
    let text = text.replace(env!("CARGO_BIN_EXE_chaperone"), "PROGRAM");
    let end = text.split("\n\nIn numbers\n").nth(1).expect("there is a summary");
    insta::assert_snapshot!(end, @r#"
    ----------

    76 messages, 1 edited, 1 deleted. Cases: 16

                                                          Low  Medium  High  Urgent
      2a student information without consent                1       1     3       -
      2b harassing or defamatory language                   -       3     -       2
      3b private messages between staff and student         -       -     3       1
      3f unprofessional use with students                   -       -     1       -
      3g friend or follow requests                          -       1     -       -

    Notices, the fallback line included: 30 delivered, 2 refused.

    A case is a reason to look, not a verdict: people decide. What no rule fits,
    and what Chaperone cannot see (private messages between people, voice,
    pictures), is not in these numbers.

    How to look further
    -------------------

    Which rules are there, and why?
      PROGRAM rules list
    A week of your own:
      PROGRAM sandbox --scenario FILE
    A real server:
      README.md says how

    The database was temporary and is removed. --keep keeps it.
    "#);
}

/// Case codes are random.
fn without_codes(text: &str) -> String {
    let code = text.split("(case ").nth(1).and_then(|rest| rest.get(..5)).expect("a case has a code");
    text.replace(code, "CODE5")
}

#[test]
fn the_database_of_a_sandbox_can_be_kept_and_its_log_verified_but_is_never_played_into_again() {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let dir = folder.path().join("kept");
    let dir = dir.to_str().expect("the path is UTF-8");
    let lines = lines(&["--data-dir", dir]);
    let said = lines.last().and_then(|summary| summary["data_dir"].as_str()).expect("the summary says where");
    assert_eq!(fs::canonicalize(said).ok(), fs::canonicalize(dir).ok());

    let verified = chaperone(&["log", "verify", "--data-dir", dir]);
    assert_eq!(verified.status.code(), Some(0), "{}{}", out(&verified), err(&verified));

    let again = chaperone(&["sandbox", "--exit-when-done", "--data-dir", dir]);
    assert_eq!(again.status.code(), Some(2));
    assert!(err(&again).contains("already holds a database") && err(&again).contains("name a new folder"));
}

#[test]
fn the_data_directory_of_the_environment_is_left_alone() {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let real = folder.path().join("real");
    let scenario = scenario(folder.path(), r##"{ who = "Ava", in = "#general", says = "hello" }"##);
    let output = Command::new(env!("CARGO_BIN_EXE_chaperone"))
        .args(["sandbox", "--exit-when-done", "--json", "--scenario", &scenario])
        .env("CHAPERONE_DATA_DIR", &real)
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(!real.exists());
}

#[test]
fn a_port_that_is_taken_is_said_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = taken.local_addr().expect("it has an address").port().to_string();
    let output = chaperone(&["sandbox", "--exit-when-done", "--port", &port]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains(&port) && err(&output).contains("--port"), "{}", err(&output));
}

/// A `chaperone sandbox --json` that does not end by itself. It ends with the test.
struct Started {
    child: Child,
    printed: Lines<BufReader<ChildStdout>>,
}

impl Started {
    fn with(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chaperone"))
            .args([&["sandbox", "--json"], arguments].concat())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let printed = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        Self { child, printed }
    }

    fn next(&mut self) -> Option<Value> {
        let line = self.printed.next()?.expect("it can be read");
        Some(serde_json::from_str(&line).expect("it is JSON"))
    }

    /// What Ctrl-C does.
    fn interrupts(&self) {
        let killed = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // An error only means that it has ended.
        drop(self.child.kill());
    }
}

#[test]
fn it_stays_until_ctrl_c_and_then_removes_its_database() {
    let mut sandbox = Started::with(&[]);
    let summary = loop {
        let line = sandbox.next().expect("there is a summary");
        if line["type"] == "summary" {
            break line;
        }
    };
    let data_dir = Path::new(summary["data_dir"].as_str().expect("it says where the database is"));
    assert!(data_dir.join("chaperone.db").is_file());
    assert!(sandbox.child.try_wait().expect("it can be asked").is_none(), "the bot is still at work");

    sandbox.interrupts();
    assert!(sandbox.child.wait().expect("it ends").success());
    assert_eq!(sandbox.next(), None, "the summary is the last line");
    assert!(!data_dir.exists());
}

#[test]
fn ctrl_c_during_the_play_ends_it_in_order_with_what_was_counted_by_then() {
    let mut sandbox = Started::with(&["--pace", "600000"]);
    let first = sandbox.next().expect("there is a line");
    assert_eq!(first["type"], "asked", "it pauses after its first line: {first}");
    sandbox.interrupts();
    let summary = sandbox.next().expect("there is a summary");
    assert_eq!((&summary["type"], &summary["said"]), (&"summary".into(), &0.into()));
    assert!(sandbox.child.wait().expect("it ends").success());
}

/// Writes a scenario with these steps on line 6, and answers its path.
fn scenario(folder: &Path, steps: &str) -> String {
    let path = folder.join("mine.toml");
    let text = format!(
        "title = \"Mine\"\n\
         guild = {{ name = \"Club\", channels = [{{ name = \"#general\" }}, {{ name = \"#staff\", only = [] }}] }}\n\
         people = [{{ name = \"Ava\" }}, {{ name = \"Ben\" }}]\n\
         [[days]]\n\
         name = \"Monday\"\n\
         steps = [{steps}]\n"
    );
    fs::write(&path, text).expect("the file can be written");
    path.to_str().expect("the path is UTF-8").to_owned()
}

#[test]
fn a_broken_scenario_is_refused_with_file_line_and_remedy() {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let cases = [
        (r##"{ who = "Ava", in = "#general", sayz = "hi" }"##, "unknown field `sayz`"),
        (
            r##"{ who = "Eva", in = "#general", says = "hi" }"##,
            "there is no person \"Eva\". Did you mean \"Ava\"?",
        ),
        (r##"{ who = "Ava", in = "#generel", says = "hi" }"##, "Did you mean \"#general\"?"),
        (r#"{ who = "Ava", says = "hi" }"#, "Add `in = \"#channel\"`"),
        (r#"{ who = "Ava", edits = "first", to = "hi" }"#, "there is no message labelled \"first\""),
        (r#"{ who = "Ava" }"#, "nothing happens in this step"),
        (r#"{ who = "Ava", runs = "/x", presses = "y" }"#, "`runs` and `presses` are two steps"),
        (r#"{ who = "Ava", runs = "/x", to = "y" }"#, "`to` does not go with `runs`"),
        (
            r##"{ who = "Ava", opens_thread = "general", in = "#general" }"##,
            "the thread \"general\" would be taken for a channel",
        ),
        (r#"{ who = "Ava", runs = "/dance" }"#, "Ava cannot use /dance"),
        (r#"{ who = "Ava", presses = "Open the case" }"#, "Ava has no button \"Open the case\" to press"),
        (r#"{ who = "Ava", fills = { note = "hi" } }"#, "Ava has no form to fill in"),
        (
            r##"{ who = "Ava", in = "#general", says = "a", as = "a" }, { who = "Ben", edits = "a", to = "b" }"##,
            "the message \"a\" is not Ben's",
        ),
    ];
    for (steps, expected) in cases {
        let path = scenario(folder.path(), steps);
        let output = chaperone(&["sandbox", "--exit-when-done", "--scenario", &path]);
        let said = err(&output);
        assert_eq!(output.status.code(), Some(2), "{steps}: {said}");
        assert!(said.contains(&format!("{path}, line 6: ")) && said.contains(expected), "{steps}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}
