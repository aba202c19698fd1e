//! What is read from an export, and what is said where it cannot be read.

use std::sync::atomic::Ordering;

use chaperone::app::ExportedMessage;
use chaperone::domain::{AuthorKind, MessageId, Sighting, SpaceKind, Standing};
use chaperone::export::{ExportError, Forward, Position};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::exports::*;

fn texts(messages: &[ExportedMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.seen.text.expose()).collect()
}

/// Reads a sound export.
fn sound(bytes: &[u8]) -> Vec<ExportedMessage> {
    let (messages, errors) = read(bytes);
    assert!(errors.is_empty(), "{errors:?}");
    messages
}

/// What is wrong with a file in which nothing but this can be wrong.
fn only_error(bytes: &[u8]) -> ExportError {
    let (_, mut errors) = read(bytes);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

#[test]
fn an_export_of_2022_is_read_without_roles() {
    let messages = sound(&sample("general-2022.json"));
    assert_eq!(
        texts(&messages),
        [
            "Welcome to the science club! First lab is on Thursday at noon.",
            "can we do the volcano one again?\nvolcano.png",
            "shut up you worthless loser",
            "Pinned a message.",
            "Ben, we talk about that after class.",
            "Bus leaves at 8:45.\nField trip\nBring boots and a lunch.\nCost\nnone",
        ]
    );
    let insult = &messages[2].seen;
    assert_eq!(insult.place.group.get(), 500_000_000_000_000_001);
    assert_eq!((insult.place.kind, insult.place.name.expose()), (SpaceKind::Channel, "general"));
    assert_eq!((insult.author.name.expose(), insult.author.kind), ("Ben", AuthorKind::Person));
    assert_eq!(insult.addressed.len(), 1);
    assert_eq!(insult.sent_at, insult.message.created_at());
    assert_eq!(insult.sighting, Sighting::Exported);
    assert!(messages.iter().all(|message| message.by_role_name.is_empty()));
    assert_eq!(messages[4].seen.edited_at.unwrap().to_string(), "2022-09-13T10:01:30Z");
}

#[test]
fn an_export_of_2025_is_read_with_roles_replies_forwards_polls_and_buttons() {
    let messages = sound(&sample("lab-day-2025.json"));
    let all = texts(&messages);
    assert_eq!(all[7], "nobody likes you, you pathetic loser");
    assert_eq!(all[8], "Reminder\nReminder\nPermission slips are due on Friday.\nscience club\nGot it");
    assert_eq!(all[9], "which day is better?\nWhich day?\nTuesday\nThursday\nBeaker");
    assert_eq!(all[10], "thursday, café first 🙂");
    assert_eq!(messages[8].seen.author.kind, AuthorKind::App);
    assert_eq!(messages[0].seen.place.kind, SpaceKind::PublicThread);

    let reply = &messages[2];
    let (coach, student) = (reply.seen.author.account, reply.seen.addressed[0].account);
    assert_eq!(reply.by_role_name, [(coach, Standing::Staff), (student, Standing::Student)]);
    assert_eq!(messages[3].seen.addressed[0].account, student, "mentioned by name");
}

#[test]
fn fields_of_another_shape_are_left_out_and_the_rest_is_read() {
    let mut strange = message(1, 7, "still here");
    strange["timestamp"] = json!({"newer": true});
    strange["mentions"] = json!([7, {"id": "8", "roles": "none"}, null]);
    strange["embeds"] = json!("later");
    strange["reference"] = json!({"messageId": null});
    strange["author"]["nickname"] = json!(["?"]);
    strange["unheard_of"] = json!([[{}]]);
    let messages = sound(export(&[strange]).to_string().as_bytes());
    let seen = &messages[0].seen;
    assert_eq!((seen.text.expose(), seen.author.name.expose()), ("still here", "member7"));
    assert_eq!(seen.sent_at, MessageId::new(id(1)).created_at());
    assert_eq!(seen.addressed[0].account.get(), 8);
}

#[test]
fn forwards_and_embeds_without_end_are_read_without_end_of_the_stack() {
    let depth = 50_000;
    let nested = |open: &str, close: &str| [open.repeat(depth), "1".to_owned(), close.repeat(depth)].concat();
    let parts =
        [("forwardedMessage", "{\"content\":\"deep\",\"forwardedMessage\":", "}"), ("components", "[", "]")];
    for (name, open, close) in parts {
        let mut text = message(1, 7, "top").to_string();
        text.truncate(text.len() - 1);
        let text = format!("{text},\"{name}\":{}}}", nested(open, close));
        let whole = format!("{{\"guild\":{{\"id\":1}},\"channel\":{{\"id\":2}},\"messages\":[{text}]}}");
        assert!(sound(whole.as_bytes())[0].seen.text.expose().starts_with("top"), "{name}");
    }
}

#[test]
fn a_mark_of_byte_order_a_comma_too_many_and_half_characters_do_no_harm() {
    let mut text = export(&[message(1, 7, "HALF")]).to_string();
    text = text.replace("HALF", r"half \ud83d here");
    assert!(sound(format!("\u{feff}{text}").as_bytes())[0].seen.text.expose().ends_with(" here"));
    let comma = "{\"guild\":{\"id\":\"1\"},\"channel\":{\"id\":2},\"messages\":[{\"id\":\"4194304\",\"author\":{\"id\":\"3\"}},]}";
    assert_eq!(sound(comma.as_bytes()).len(), 1);
}

#[test]
fn what_is_no_export_is_refused_with_what_is_expected() {
    let dm = export(&[]).to_string().replace("\"500\"", "\"0\"");
    for (bytes, expected) in [
        (
            b"".as_slice(),
            "line 1, column 1 (byte 0): expected an export as JSON, which begins with `{`, but the file ends here",
        ),
        (b"<!DOCTYPE html>", "looks like HTML; export again with the format Json"),
        (b"\xFF\xFE{\x00", "looks like UTF-16"),
        (b"\x1F\x8B\x08", "unpack it first"),
        (b"[1]", "which begins with `{`"),
        (b"{}", "expected `guild`, `channel` and `messages`"),
        (b"{\"a\" 1}", "line 1, column 6 (byte 5): expected `:` and a value"),
        (b"{\"guild\":{\"name\":\"x\"}}", "line 1, column 10 (byte 9): expected a server with its `id`"),
        (b"{\"messages\":[]}", "expected `guild` and `channel` to stand before `messages`"),
        (
            b"{\"guild\":{\"id\":\"1\"},\"channel\":{\"id\":\"2\"},\"messages\":{}}",
            "expected a list of messages",
        ),
        (b"{\"guild\":{\"id\":\"1\"}} x", "expected nothing behind the end of the export"),
        (dm.as_bytes(), "direct messages belong to none"),
    ] {
        let error = only_error(bytes).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_message_that_cannot_be_read_loses_itself_alone_and_says_where() {
    let good = message(1, 7, "first");
    let mut nobody = message(2, 7, "SECRETWORDS");
    nobody["author"] = json!({"name": "SECRETNAME"});
    let mut no_id = message(3, 7, "SECRETWORDS");
    no_id["id"] = json!("SECRETID");
    let last = message(5, 7, "last");
    let odd = [
        b"{\"id\":\"1\",\"content\":\"\xC3\x28 SECRETWORDS\"}".as_slice(),
        b"{\"id\":\"1\" \"SECRETWORDS\"}",
        b"7",
    ];
    let mut bytes = b"{\"guild\":{\"id\":\"1\"},\"channel\":{\"id\":\"2\"},\"messages\":[\n".to_vec();
    let mut starts = Vec::new();
    let written = [&good, &nobody, &no_id].map(|value| value.to_string().into_bytes());
    for element in written.iter().map(Vec::as_slice).chain(odd) {
        starts.push(bytes.len() as u64);
        bytes.extend_from_slice(element);
        bytes.extend_from_slice(b",\n");
    }
    bytes.extend_from_slice(last.to_string().as_bytes());
    bytes.extend_from_slice(b"],\"messageCount\":7}");

    let (messages, errors) = read(bytes.as_slice());
    assert_eq!(texts(&messages), ["first", "last"]);
    assert!(errors.iter().all(ExportError::goes_on), "{errors:?}");
    let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 5);
    for (said, expected) in said.iter().zip([
        "line 3, column 1 (byte ",
        "expected a message with its `id`",
        "expected UTF-8",
        "expected sound JSON",
        "expected a message",
    ]) {
        assert!(said.contains(expected) && !said.contains("SECRET"), "{said}");
    }
    assert_eq!(errors[0].at(), Position { line: 3, column: 1, offset: starts[1] });
    assert_eq!(errors[2].at().offset, starts[3] + 21, "where the byte stands");
}

#[test]
fn a_number_of_messages_that_does_not_fit_is_told() {
    let mut short = export(&[message(1, 7, "one"), message(2, 7, "two")]);
    short["messageCount"] = json!(3);
    let text = short.to_string();
    let (messages, errors) = read(text.as_bytes());
    assert_eq!(messages.len(), 2);
    assert!(errors[0].to_string().contains("some are missing or were added"), "{errors:?}");
    assert_eq!(errors[0].at().offset, text.find(":3,").unwrap() as u64 + 1);
}

#[test]
fn a_disk_that_fails_in_the_middle_keeps_what_came_before() {
    let whole = export(&[message(1, 7, "one"), message(2, 7, "two")]).to_string();
    let cut = whole.find("two").unwrap();
    let (messages, errors) = read(Breaks(&whole.as_bytes()[..cut]));
    assert_eq!(texts(&messages), ["one"]);
    assert!(matches!(&errors[..], [ExportError::Unreadable { .. }]), "{errors:?}");
}

#[test]
fn an_export_of_any_length_is_read_while_it_comes_and_never_held() {
    let count = 40_000;
    let (file, given) = Endless::new(count);
    let mut read = 0;
    let mut done_with = 0;
    for message in chaperone::export::ExportReader::new(file, role_names()) {
        let message = message.unwrap();
        read += 1;
        done_with += message.seen.text.len() as u64;
        // A message takes some 400 bytes; what was given out and not told yet fits into the buffer.
        assert!(given.load(Ordering::Relaxed) < read * 600 + 512 * 1024, "after {read} messages");
    }
    assert_eq!(read, count);
    assert!(done_with > 0 && given.load(Ordering::Relaxed) > 10_000_000);
}

#[test]
fn lines_of_a_file_with_the_newest_first_come_in_the_order_they_were_written() {
    let seconds = [900, 500, 470, 450, 390, 100, 20];
    let messages: Vec<Value> =
        seconds.iter().map(|second| message(*second, 7, &second.to_string())).collect();
    let text = export(&messages).to_string();
    let reader = chaperone::export::ExportReader::new(text.as_bytes(), role_names());
    let turned: Vec<ExportedMessage> = Forward::new(reader).map(Result::unwrap).collect();
    assert_eq!(texts(&turned), ["900", "390", "450", "470", "500", "100", "20"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_truncation_keeps_what_came_before_and_says_that_the_file_ends(cut in any::<Index>(), old in any::<bool>()) {
        let bytes = sample(if old { "general-2022.json" } else { "lab-day-2025.json" });
        let whole = sound(&bytes);
        let cut = cut.index(bytes.len());
        let (messages, errors) = read(&bytes[..cut]);
        prop_assert_eq!(&messages[..], &whole[..messages.len()]);
        let complete = ends(&bytes).iter().filter(|end| **end <= cut).count();
        prop_assert_eq!(messages.len(), complete);
        let at_end = matches!(&errors[..], [ExportError::Damaged { at, ends: true, .. }] if at.offset == cut as u64);
        prop_assert!(at_end, "{:?}", errors);
    }

    #[test]
    fn any_damage_keeps_what_came_before_and_never_panics(
        at in any::<Index>(), damage in prop::collection::vec(any::<u8>(), 1..6), instead in any::<bool>(),
    ) {
        let bytes = sample("lab-day-2025.json");
        let whole = sound(&bytes);
        let at = at.index(bytes.len());
        let mut damaged = bytes.clone();
        let until = if instead { (at + damage.len()).min(damaged.len()) } else { at };
        damaged.splice(at..until, damage);
        let (messages, _) = read(damaged.as_slice());
        let before = ends(&bytes).iter().filter(|end| **end < at).count();
        prop_assert!(messages.len() >= before, "{} of {before} messages", messages.len());
        if before > 0 {
            prop_assert_eq!(&messages[..before], &whole[..before]);
        }
    }

    #[test]
    fn any_bytes_at_all_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), sound_head in any::<bool>()) {
        let head: &[u8] = b"{\"guild\":{\"id\":\"1\"},\"channel\":{\"id\":\"2\"},\"messages\":[";
        let (messages, errors) = read([if sound_head { head } else { b"" }, &bytes].concat().as_slice());
        prop_assert!(messages.is_empty());
        prop_assert!(!errors.is_empty());
    }

    #[test]
    fn it_makes_no_difference_how_much_the_disk_gives_at_once(most in 1_usize..5_000) {
        let bytes = sample("lab-day-2025.json");
        prop_assert_eq!(read(Drops(&bytes, most)).0, sound(&bytes));
    }

    #[test]
    fn turning_round_loses_and_doubles_nothing(seconds in prop::collection::vec(1_u64..400, 0..40)) {
        let messages: Vec<Value> = seconds.iter().map(|second| message(*second, 7, "x")).collect();
        let text = export(&messages).to_string();
        let reader = chaperone::export::ExportReader::new(text.as_bytes(), role_names());
        let mut turned: Vec<u64> = Forward::new(reader).map(|message| message.unwrap().seen.message.get()).collect();
        let mut ids: Vec<u64> = seconds.iter().map(|second| id(*second)).collect();
        turned.sort_unstable();
        ids.sort_unstable();
        prop_assert_eq!(turned, ids);
    }
}

/// Where each message of a sample ends: its closing bracket stands behind four blanks.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.match_indices("\n    }").map(|(at, end)| at + end.len()).collect()
}
