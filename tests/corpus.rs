//! The rules that come with Chaperone do what their examples say, broken rule files say what is wrong with them, and
//! scanning keeps its promises on any text.

use std::fs;
use std::path::Path;

use chaperone::cli::rules::{RulesCommand, run};
use chaperone::detection::{Context, RuleSource, Ruleset, Silence, Verdict, inspect, scan};
use chaperone::domain::{
    Addressees, Circumstances, EarlierLine, Finding, Job, MessageId, MessageText, RuleId, Severity, Span,
    Standing, Timestamp,
};
use chaperone::patterns;
use proptest::prelude::*;

fn built_in() -> Ruleset {
    patterns::load(None).unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

fn between_students() -> Circumstances {
    Circumstances::between(Standing::Student, Standing::Student)
}

fn after(lines: &[&str]) -> Circumstances {
    let earlier = lines.iter().map(|line| EarlierLine {
        message: MessageId::default(),
        text: MessageText::from(*line),
        sent_at: Timestamp::from_millis(0),
    });
    Circumstances { earlier: earlier.collect(), ..between_students() }
}

fn names(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

fn flagged<'t>(findings: &[Finding], rule: &str, text: &'t MessageText) -> Vec<&'t str> {
    let of_rule = findings.iter().filter(|finding| finding.rule.as_str() == rule);
    of_rule.flat_map(|finding| finding.spans.iter().map(|span| span.of(text))).collect()
}

// The rules.

#[test]
fn every_rule_fits_its_matching_examples_and_no_clean_one() {
    let ruleset = built_in();
    let mut wrong = Vec::new();
    for rule in ruleset.rules() {
        for example in rule.examples() {
            let findings = scan(&ruleset, &example.text, &Circumstances::between(example.author, example.to));
            if names(&findings).contains(&rule.id().as_str()) != example.matches {
                wrong.push(format!("{}:{} {}", rule.file(), example.line, example.text.expose()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_clean_example_of_one_rule_is_no_high_finding_of_another() {
    let ruleset = built_in();
    let mut wrong = Vec::new();
    for rule in ruleset.rules() {
        for example in rule.examples().iter().filter(|example| !example.matches) {
            let circumstances = Circumstances::between(example.author, example.to);
            for finding in scan(&ruleset, &example.text, &circumstances) {
                if finding.severity >= Severity::High {
                    wrong.push(format!("{}:{} is flagged for {}", rule.file(), example.line, finding.rule));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_job_has_its_rules_in_both_languages() {
    let ruleset = built_in();
    for job in Job::ALL {
        let rules: Vec<_> = ruleset.rules().iter().filter(|rule| rule.job() == job).collect();
        assert!(rules.len() >= 3, "{job} has {} rules", rules.len());
        for rule in rules {
            assert_ne!(rule.title()[0], rule.title()[1], "{} has no French title", rule.id());
            assert_ne!(rule.why()[0], rule.why()[1], "{} has no French why", rule.id());
        }
    }
}

#[test]
fn the_embedded_rules_are_those_on_disk() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("patterns");
    let text_at =
        |source: &RuleSource| source.path.rsplit('/').take(2).map(str::to_owned).collect::<Vec<_>>();
    let sorted = |mut sources: Vec<RuleSource>| {
        sources.sort_by_key(text_at);
        sources.into_iter().map(|source| (text_at(&source), source.text)).collect::<Vec<_>>()
    };
    assert_eq!(sorted(patterns::built_in()), sorted(patterns::local(&folder).unwrap()));
}

// Who speaks to whom.

#[test]
fn an_invitation_to_private_messages_counts_from_staff_to_a_student_only() {
    let ruleset = built_in();
    let text = MessageText::from("dm me tonight");
    let invites = |author, to| {
        let circumstances = Circumstances::between(author, to);
        names(&scan(&ruleset, &text, &circumstances)).contains(&"asks-for-direct-messages")
    };
    assert!(invites(Standing::Staff, Standing::Student));
    assert!(invites(Standing::Staff, Standing::Unverified), "unknown is never harmless");
    assert!(!invites(Standing::Staff, Standing::Staff));
    assert!(!invites(Standing::Student, Standing::Student));
}

#[test]
fn words_to_the_room_may_be_words_to_a_student() {
    let ruleset = built_in();
    let circumstances = Circumstances {
        addressees: Addressees::Room,
        ..Circumstances::between(Standing::Staff, Standing::Staff)
    };
    let findings = scan(&ruleset, &MessageText::from("dm me tonight"), &circumstances);
    assert_eq!(names(&findings), ["asks-for-direct-messages"]);
}

// Disguises.

#[test]
fn disguised_words_are_flagged_where_they_stand_and_read_as_what_they_hide() {
    let ruleset = built_in();
    for (text, flagged_words, read_as) in [
        ("hey, you are $tup1d ok", "you are $tup1d", "you are stupid"),
        ("you are s t u p i d", "you are s t u p i d", "you are stupid"),
        ("you are s.t.u.p.i.d", "you are s.t.u.p.i.d", "you are stupid"),
        ("you are st*pid", "you are st*pid", "you are stupid"),
        ("you are stuuuupid", "you are stuuuupid", "you are stupid"),
        ("you are ѕtuріd", "you are ѕtuріd", "you are stupid"),
        ("you are ｓｔｕｐｉｄ!", "you are ｓｔｕｐｉｄ", "you are stupid"),
        ("you are st\u{200B}upid", "you are st\u{200B}upid", "you are stupid"),
        ("you are s||tup||id", "you are s||tup||id", "you are stupid"),
        ("you are **stupid**", "you are **stupid", "you are **stupid"),
        ("you are 🇸🇹🇺🇵🇮🇩", "you are 🇸🇹🇺🇵🇮🇩", "you are stupid"),
        ("yes killyourself", "killyourself", "killyourself"),
    ] {
        let text = MessageText::from(text);
        let findings = scan(&ruleset, &text, &between_students());
        let finding = findings.first().unwrap_or_else(|| panic!("nothing fits {}", text.expose()));
        assert_eq!(finding.spans[0].of(&text), flagged_words);
        assert_eq!(finding.explanation.read_as[0].expose(), read_as);
    }
}

#[test]
fn ordinary_words_that_hold_bad_ones_are_left_alone() {
    let ruleset = built_in();
    for text in [
        "you are in Scunthorpe, classic assignment, cumulative grapes",
        "you're therapists, all of you",
        "привет, как дела? всё хорошо",
        "h311o w0rld, i l0ve th1s s0ng",
        "you are 2 good 4 this",
    ] {
        let findings = scan(&ruleset, &MessageText::from(text), &between_students());
        assert!(findings.is_empty(), "{text}: {:?}", names(&findings));
    }
}

// Context.

#[test]
fn context_silences_what_is_negated_quoted_or_objected_to() {
    let ruleset = built_in();
    for (text, context) in [
        ("you're not stupid", Context::Negation),
        ("tu n'es pas stupide, t'es pas idiote", Context::Negation),
        ("someone wrote \"you are pathetic\" on my locker", Context::Quotation),
        ("stop telling people that you're a loser, it helps nobody", Context::CounterSpeech),
    ] {
        let verdicts = inspect(&ruleset, &MessageText::from(text), &between_students());
        let silenced = verdicts.iter().any(|verdict| {
            matches!(verdict, Verdict::Silenced { because: Silence::Context(silencing), .. } if *silencing == context)
        });
        assert!(silenced, "{text}: {verdicts:?}");
        assert!(!verdicts.iter().any(|verdict| matches!(verdict, Verdict::Fits(_))), "{text}: {verdicts:?}");
    }
}

#[test]
fn a_negation_elsewhere_excuses_nothing() {
    let ruleset = built_in();
    for text in [
        "not now, you're an idiot",
        "you're an idiot and that's not funny",
        "I am not joking. you are pathetic",
        "you're not just stupid, you're ugly",
    ] {
        let findings = scan(&ruleset, &MessageText::from(text), &between_students());
        assert_eq!(names(&findings), ["insults-a-person"], "{text}");
    }
}

#[test]
fn a_title_with_a_full_stop_ends_no_sentence() {
    let ruleset = built_in();
    let findings =
        scan(&ruleset, &MessageText::from("everyone says mr. Hale is a creep"), &between_students());
    assert_eq!(names(&findings), ["insults-a-person", "claims-about-a-named-person"]);
}

// Several lines.

#[test]
fn lines_sent_in_a_row_are_also_read_as_one() {
    let ruleset = built_in();
    let text = MessageText::from("absolute idiot");
    assert!(scan(&ruleset, &text, &between_students()).is_empty());
    let findings = scan(&ruleset, &text, &after(&["hello", "you are an"]));
    assert_eq!(flagged(&findings, "insults-a-person", &text), ["absolute idiot"]);
    assert!(findings.iter().all(|finding| finding.joined));
}

#[test]
fn letters_sent_one_by_one_make_a_word() {
    let ruleset = built_in();
    let text = MessageText::from("s");
    let findings = scan(&ruleset, &text, &after(&["k", "y"]));
    assert_eq!(flagged(&findings, "encourages-self-harm", &text), ["s"]);
}

#[test]
fn what_an_earlier_line_said_alone_is_not_said_again() {
    let ruleset = built_in();
    let text = MessageText::from("and then we had lunch");
    assert!(scan(&ruleset, &text, &after(&["you are an idiot"])).is_empty());
    let again = MessageText::from("idiot");
    assert!(scan(&ruleset, &again, &after(&["you are pathetic", "you are an"])).is_empty());
}

#[test]
fn what_the_text_says_alone_is_not_joined() {
    let ruleset = built_in();
    let findings = scan(&ruleset, &MessageText::from("you are pathetic"), &after(&["listen", "you are an"]));
    assert_eq!(findings.iter().map(|finding| finding.joined).collect::<Vec<_>>(), [false]);
}

#[test]
fn the_heaviest_finding_comes_first() {
    let ruleset = built_in();
    let text = MessageText::from("you are an idiot, go kill yourself");
    assert_eq!(
        names(&scan(&ruleset, &text, &between_students())),
        ["encourages-self-harm", "insults-a-person"]
    );
}

// Rule files.

fn invalid(name: &str) -> RuleSource {
    let path = format!("tests/testdata/rules/invalid/{name}.toml");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path))
        .expect("it is part of the checkout");
    RuleSource { path: format!("harassment/{name}.toml"), text }
}

/// A rule without a fault, of which the broken ones are variations.
fn says_boo() -> String {
    include_str!("testdata/rules/valid/says-boo.toml").to_owned()
}

fn who() -> RuleSource {
    let text = "description = \"Anybody.\"\nwords = [\"you\", \"them\"]\n".to_owned();
    RuleSource { path: "words/who.toml".to_owned(), text }
}

#[test]
fn every_broken_rule_file_says_where_and_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/rules/invalid");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let names = files.iter().map(|file| file.file_stem().unwrap().to_str().unwrap());
    let messages: Vec<_> =
        names.map(|name| Ruleset::compile(&[invalid(name), who()]).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(messages.join("\n"), @r##"
    harassment/Not_A_Name.toml: `Not_A_Name` is not a name; use lower-case letters, digits and hyphens, a letter first
    harassment/allow-without-reason.toml:11:1: `reason` is missing in [[allow]]; add `reason = "…"`
    harassment/bad-regex.toml:9:10: the expression cannot be compiled: unclosed group; see the syntax of the Rust crate `regex`
    harassment/empty-alternative.toml:9:11: nothing stands where words are expected; write a word there or remove the empty place
    harassment/empty-text.toml:5:7: `why` is empty; say something or leave the key out
    harassment/example-by-nobody.toml:13:6: `ghost` is not a value of `as`; write staff, student, parent, council, unverified or app
    harassment/few-examples.toml:11:3: there are 2 [[examples.clean]], too few; add at least 3
    harassment/half-french.toml:8:1: `why` is missing in [fr]; add `why = "…"`
    harassment/large-regex.toml:9:10: the expression cannot be compiled: Compiled regex exceeds size limit of 262144 bytes; see the syntax of the Rust crate `regex`
    harassment/long-gap.toml:9:11: `..40` is not a gap; use `..1` to `..12`
    harassment/match-nothing.toml:8:1: `[match]` matches nothing; add one of: phrase, regex, identifier
    harassment/missing-key.toml:1:1: `why` is missing in the file; add `why = "…"`
    harassment/no-examples.toml:1:1: `[[examples.match]]` and `[[examples.clean]]` are missing; add at least 3 of each
    harassment/no-match.toml:1:1: `[match]` is missing; add it with one of: phrase, regex, identifier
    harassment/no-word.toml:9:11: the phrase has no word that is always there; add a word or a word class outside `[…]`
    harassment/not-text.toml:5:7: `why` holds integer, not text; put it in quotation marks
    harassment/not-toml.toml:1:20: the file is not TOML: invalid basic string, expected `"`; correct it
    harassment/regex-on-nothing.toml:9:30: `folded` is not a value of `on`; write normalised or raw
    harassment/unclosed-option.toml:9:11: `[` is not closed; add `]`
    harassment/unknown-class.toml:9:11: there is no word class `whom`; did you mean `who`?
    harassment/unknown-clause.toml:2:10: `9z` is not a value of `clause`; write a clause: 2a, 2b, 3a, 3b, 3f or 3g
    harassment/unknown-context.toml:8:12: `irony` is not a value of `despite`; write negation, quotation or counter-speech
    harassment/unknown-identifier.toml:9:15: there is no identifier `phones`; did you mean `phone`?
    harassment/unknown-key.toml:3:1: `severty` is not a key of the file; did you mean `severity`?
    harassment/unknown-key.toml:1:1: `severity` is missing in the file; add `severity = "…"`
    harassment/unknown-matcher.toml:9:1: `phrases` is not a key of [match]; did you mean `phrase`?
    harassment/unknown-matcher.toml:8:1: `[match]` matches nothing; add one of: phrase, regex, identifier
    harassment/unknown-shape.toml:9:11: `<nam>` is not a shape; use <name>, <surname>, <number> or <word>
    harassment/unknown-standing.toml:9:11: `teacher` is not a value of `author`; write staff, student, parent, council, unverified or app
    harassment/unknown-word.toml:3:12: `lowest` is not a value of `severity`; write low, medium, high or urgent
    harassment/unopened-option.toml:9:11: `]` closes nothing; remove it or add its opening half
    "##);
}

#[test]
fn all_broken_files_are_reported_at_once() {
    let errors = Ruleset::compile(&[invalid("unknown-key"), invalid("bad-regex"), who()]).unwrap_err();
    let files: Vec<_> = errors.0.iter().map(|error| error.file.as_str()).collect();
    assert_eq!(
        files,
        ["harassment/bad-regex.toml", "harassment/unknown-key.toml", "harassment/unknown-key.toml"]
    );
}

#[test]
fn a_local_rule_may_use_built_in_words_but_no_built_in_id() {
    let folder = tempfile::tempdir().unwrap();
    let rule = |name: &str| {
        let text = says_boo();
        fs::create_dir_all(folder.path().join("harassment")).unwrap();
        fs::write(folder.path().join("harassment").join(name), text).unwrap();
    };
    rule("says-boo.toml");
    let ruleset = patterns::load(Some(folder.path())).unwrap();
    assert!(ruleset.rule(&RuleId::new("says-boo").unwrap()).is_some());
    assert_ne!(ruleset.hash(), built_in().hash());
    rule("insults-a-person.toml");
    let error = patterns::load(Some(folder.path())).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("the id `insults-a-person` is also that of"), "{source}");
}

#[test]
fn a_missing_or_empty_local_directory_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let missing = patterns::load(Some(&folder.path().join("nowhere"))).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read the rules in "), "{missing}");
    let empty = patterns::load(Some(folder.path())).unwrap_err();
    assert!(empty.to_string().contains("holds no rules"), "{empty}");
}

/// The verdicts of a rule that says boo in some other way.
fn verdicts_of_boo(change: &str, to: &str, text: &str) -> Vec<Verdict> {
    let rule = says_boo();
    assert!(rule.contains(change));
    let source = RuleSource { path: "harassment/says-boo.toml".to_owned(), text: rule.replace(change, to) };
    inspect(
        &Ruleset::compile(&[source]).expect("the change is a good one"),
        &MessageText::from(text),
        &between_students(),
    )
}

#[test]
fn an_expression_runs_over_the_folded_or_the_raw_text_and_flags_original_bytes() {
    let phrase = "phrase = [\"boo (you | them)\"]";
    let spans = |verdicts: Vec<Verdict>| match verdicts.into_iter().next() {
        Some(Verdict::Fits(finding)) => finding.spans,
        _ => Vec::new(),
    };
    let folded = spans(verdicts_of_boo(phrase, "regex = 'bo+ you'", "é ＢＯＯ you"));
    assert_eq!(folded, [Span { start: 3, end: 16 }]);
    let raw = "regex = { of = 'Boo', on = 'raw', needs = 'boo' }";
    assert_eq!(spans(verdicts_of_boo(phrase, raw, "é Boo boo")), [Span { start: 3, end: 6 }]);
    assert!(verdicts_of_boo(phrase, raw, "é boo").is_empty());
    assert!(verdicts_of_boo(phrase, "regex = { of = 'boo', needs = 'bamboo' }", "boo").is_empty());
}

#[test]
fn an_allowed_phrase_silences_with_its_reason() {
    let allow = "[[allow]]\nphrase = \"peek a boo\"\nreason = \"A game.\"\n\n[match]";
    let verdicts = verdicts_of_boo("[match]", allow, "peek a boo you");
    assert!(
        matches!(&verdicts[..], [Verdict::Silenced { because: Silence::Allowed(reason), .. }] if reason == "A game."),
        "{verdicts:?}"
    );
}

#[test]
fn a_deprecated_rule_is_kept_and_does_not_scan() {
    assert_eq!(verdicts_of_boo("experimental", "stable", "boo you").len(), 1);
    assert!(verdicts_of_boo("experimental", "deprecated", "boo you").is_empty());
}

#[test]
fn what_has_to_be_there_as_well_may_stand_anywhere_and_in_an_earlier_line() {
    let with = "with = [\"at night\"]\nphrase";
    assert!(verdicts_of_boo("phrase", with, "boo you").is_empty());
    assert_eq!(verdicts_of_boo("phrase", with, "At night. boo you").len(), 1);
    let source =
        RuleSource { path: "harassment/says-boo.toml".to_owned(), text: says_boo().replace("phrase", with) };
    let ruleset = Ruleset::compile(&[source]).unwrap();
    let text = MessageText::from("boo you");
    let findings = scan(&ruleset, &text, &after(&["at night"]));
    assert_eq!(flagged(&findings, "says-boo", &text), ["boo you"]);
    assert!(findings[0].joined);
}

#[test]
fn the_hash_follows_the_content_and_not_the_order_of_the_files() {
    let mut files = patterns::built_in();
    let hash = Ruleset::compile(&files).unwrap().hash();
    files.reverse();
    assert_eq!(Ruleset::compile(&files).unwrap().hash(), hash);
    files[0].text.push('\n');
    assert_ne!(Ruleset::compile(&files).unwrap().hash(), hash);
}

// The command line.

fn answer(command: &RulesCommand) -> (String, String) {
    let mut out = Vec::new();
    let code = run(command, None, &mut out).expect("writing to memory cannot fail");
    (String::from_utf8(out).expect("answers are text"), format!("{code:?}"))
}

fn explain(text: &str, author: Standing, to: Standing, json: bool) -> RulesCommand {
    RulesCommand::Explain { text: vec![text.to_owned()], author, to, json }
}

#[test]
fn check_finds_the_built_in_rules_good() {
    let (text, code) = answer(&RulesCommand::Check { paths: Vec::new() });
    assert!(text.ends_with("examples are good\n"), "{text}");
    assert_eq!(code, format!("{:?}", std::process::ExitCode::SUCCESS));
}

#[test]
fn check_names_the_line_of_an_example_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("harassment")).unwrap();
    let text = says_boo().replace("\"book you\"", "\"boo them all\"");
    fs::write(folder.path().join("harassment/says-boo.toml"), text).unwrap();
    let (text, code) = answer(&RulesCommand::Check { paths: vec![folder.path().to_owned()] });
    let text = text.replace(&folder.path().display().to_string(), "DIR");
    insta::assert_snapshot!(text, @r##"
    DIR/harassment/says-boo.toml:19: the rule fits this clean example; make a phrase narrower, or add an `[[allow]]` phrase
    "##);
    assert_eq!(code, format!("{:?}", std::process::ExitCode::from(1)));
}

#[test]
fn check_of_a_path_that_is_not_there_is_a_usage_error() {
    let (text, code) = answer(&RulesCommand::Check { paths: vec!["nowhere".into()] });
    assert!(text.starts_with("cannot read the rules in nowhere"), "{text}");
    assert_eq!(code, format!("{:?}", std::process::ExitCode::from(2)));
}

#[test]
fn explain_shows_the_words_the_reading_and_what_was_silenced() {
    let (text, code) =
        answer(&explain("Robin, you're such an 1d10t", Standing::Student, Standing::Student, false));
    insta::assert_snapshot!(text, @r##"
    fits      insults-a-person (medium, 2b): insulting a person
              Robin, [you're such an 1d10t]
              read as: you're such an idiot
              Somebody is called names or belittled. Look at what came before: whether it is banter both sides enjoy is for you to judge.
    "##);
    assert_eq!(code, format!("{:?}", std::process::ExitCode::from(1)));
    let (text, code) = answer(&explain("you're not stupid", Standing::Student, Standing::Student, false));
    insta::assert_snapshot!(text, @r##"
    silenced  insults-a-person: the words are negated
              [you're not stupid]
    "##);
    assert_eq!(code, format!("{:?}", std::process::ExitCode::SUCCESS));
    let (text, _) = answer(&explain("see you in the lab", Standing::Staff, Standing::Student, false));
    insta::assert_snapshot!(text, @r##"
    Nothing fits, as staff to student.
    "##);
}

#[test]
fn list_and_explain_speak_json() {
    let (text, _) = answer(&RulesCommand::List { json: true });
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(list["rules"].as_array().unwrap().len(), built_in().rules().len());
    let (text, _) = answer(&explain("dm me", Standing::Staff, Standing::Student, true));
    let verdicts: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(verdicts["verdicts"][0]["rule"], "asks-for-direct-messages");
    assert_eq!(verdicts["verdicts"][0]["spans"][0]["text"], "dm me");
}

// Promises on any text.

/// Any text, and texts made of what rules look for and how it is disguised.
fn any_text() -> impl Strategy<Value = String> {
    let parts = [
        "you are",
        "you",
        "stupid",
        "$tup1d",
        "s t u p i d",
        "st*pid",
        "ѕtuріd",
        "🇸🇹",
        "idiot",
        "kill",
        "yourself",
        "not",
        "\"",
        "'",
        "he said",
        " ",
        "\n",
        ". ",
        "||",
        "**",
        "Emma's",
        "got",
        "43%",
        "403-555-0123",
        "130 692 544",
        "dm me",
        "\u{200B}",
        "e\u{301}",
        "ﷺ",
        "<@1>",
        "https://a.b/c",
        "@",
        "😭",
        "l'examen",
    ];
    let made = proptest::collection::vec(proptest::sample::select(parts.to_vec()), 0..24)
        .prop_map(|parts| parts.join(" "));
    let glued = proptest::collection::vec(proptest::sample::select(parts.to_vec()), 0..24)
        .prop_map(|parts| parts.concat());
    prop_oneof![
        "\\PC{0,80}",
        proptest::collection::vec(any::<char>(), 0..60).prop_map(String::from_iter),
        made,
        glued
    ]
}

fn check_spans(findings: &[Finding], text: &MessageText) -> Result<(), TestCaseError> {
    for finding in findings {
        prop_assert!(!finding.spans.is_empty());
        prop_assert_eq!(finding.spans.len(), finding.explanation.read_as.len());
        let mut end = 0;
        for Span { start, end: its_end } in &finding.spans {
            prop_assert!(end <= *start && start < its_end, "{:?}", finding.spans);
            prop_assert!(text.expose().get(*start..*its_end).is_some(), "{:?}", finding.spans);
            end = *its_end;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn scanning_never_fails_gives_the_same_twice_and_keeps_to_character_boundaries(
        text in any_text(),
        earlier in proptest::collection::vec(any_text(), 0..3),
        staff in any::<bool>(),
    ) {
        let ruleset = ruleset();
        let text = MessageText::new(text);
        let lines: Vec<_> = earlier.iter().map(String::as_str).collect();
        let author = if staff { Standing::Staff } else { Standing::Student };
        let circumstances = Circumstances { author, ..after(&lines) };
        let findings = scan(ruleset, &text, &circumstances);
        check_spans(&findings, &text)?;
        prop_assert_eq!(&scan(ruleset, &text, &circumstances), &findings);
    }

    /// Words that are cut out of a glued one are left aside: alone they may be too short to be taken apart.
    #[test]
    fn flagged_words_are_flagged_and_read_the_same_when_they_stand_alone(text in any_text()) {
        let ruleset = ruleset();
        let text = MessageText::new(text);
        for finding in scan(ruleset, &text, &between_students()).iter().filter(|finding| finding.spans.len() == 1) {
            let Span { start, end } = finding.spans[0];
            let shows_nothing = |letter: char| !letter.is_ascii() && !letter.is_alphanumeric();
            let (before, after) = (&text.expose()[..start], &text.expose()[end..]);
            let is_glued = before.trim_end_matches(shows_nothing).ends_with(char::is_alphanumeric)
                || after.trim_start_matches(shows_nothing).starts_with(char::is_alphanumeric);
            if is_glued {
                continue;
            }
            let words = MessageText::from(finding.spans[0].of(&text));
            let alone = scan(ruleset, &words, &between_students());
            let again = alone.iter().find(|other| other.rule == finding.rule);
            let read_as = again.map(|again| &again.explanation.read_as);
            prop_assert_eq!(read_as, Some(&finding.explanation.read_as), "{}", words.expose());
        }
    }

    #[test]
    fn any_text_as_a_rule_file_is_refused_and_not_a_panic(text in "\\PC{0,200}") {
        let source = RuleSource { path: "contact/any.toml".to_owned(), text };
        prop_assert!(Ruleset::compile(&[source]).is_err());
    }

    #[test]
    fn any_phrase_is_compiled_or_refused_with_a_remedy(phrase in "[a-z{}()\\[\\]<>|.^$0-9 ]{1,30}") {
        let text = says_boo().replace("boo (you | them)", &phrase);
        let source = RuleSource { path: "harassment/any.toml".to_owned(), text };
        if let Err(errors) = Ruleset::compile(&[source, who()]) {
            prop_assert!(errors.0.iter().all(|error| !error.remedy.is_empty()));
        }
    }
}

fn ruleset() -> &'static Ruleset {
    static RULESET: std::sync::LazyLock<Ruleset> = std::sync::LazyLock::new(built_in);
    &RULESET
}
