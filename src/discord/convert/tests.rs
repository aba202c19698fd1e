//! Stories of frames and what they mean.

use serde_json::{Value, json};

use super::{Incoming, UnreadableMessage, incoming, read_back};
use crate::discord::frame::RawFrame;
use crate::discord::rest::RestMessage;
use crate::discord::world::World;
use crate::domain::{
    AccountId, AuthorKind, GroupId, MessageId, MessageSeen, Observation, RoleId, Sighting, SpaceId,
    SpaceKind, Timestamp,
};

const NOW: Timestamp = Timestamp::from_millis(42);
const GROUP: GroupId = GroupId::new(1);

fn tell(world: &mut World, kind: &str, content: &Value) -> Incoming {
    incoming(&RawFrame::new(json!({"t": kind, "s": 1, "op": 0, "d": content}).to_string()), world, NOW)
}

fn world() -> World {
    let mut world = World::new();
    let ready = json!({"session_id": "s", "application": {"id": "9"}, "user": {"id": "100"}});
    assert!(matches!(tell(&mut world, "READY", &ready), Incoming::Ready { session, application, bot }
        if session == "s" && application.get() == 9 && bot.get() == 100));
    let group = json!({"id": "1", "roles": [{"id": "1", "permissions": "66560"}, {"id": "2", "permissions": "0"}],
        "channels": [{"id": "10", "type": 0, "name": "general"}],
        "members": [{"user": {"id": "102"}, "roles": ["2"], "nick": "Sam"}]});
    assert!(matches!(tell(&mut world, "GUILD_CREATE", &group), Incoming::GroupArrived(GROUP)));
    world
}

fn message() -> Value {
    json!({"id": "175928847299117063", "channel_id": "10", "guild_id": "1", "type": 0, "content": "hello",
        "author": {"id": "102", "username": "sam", "global_name": "Sammy"},
        "member": {"roles": ["2"], "nick": "Sam"}, "timestamp": "2016-04-30T11:18:25.796000+00:00",
        "edited_timestamp": null, "mentions": [], "embeds": [], "attachments": [], "flags": 0})
}

fn with(mut message: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}

fn seen(kind: &str, content: &Value) -> MessageSeen {
    match tell(&mut world(), kind, content) {
        Incoming::Observations(mut seen) => match seen.pop() {
            Some(Observation::Message(message)) if seen.is_empty() => message,
            other => panic!("{other:?} {seen:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn text(changes: &Value) -> String {
    seen("MESSAGE_CREATE", &with(message(), changes)).text.expose().to_owned()
}

#[test]
fn a_message_tells_who_wrote_it_where_and_when() {
    let seen = seen("MESSAGE_CREATE", &message());
    assert_eq!(seen.message, MessageId::new(175_928_847_299_117_063));
    assert_eq!(
        (seen.place.group, seen.place.space, seen.place.kind),
        (GROUP, SpaceId::new(10), SpaceKind::Channel)
    );
    assert_eq!(seen.place.name.expose(), "general");
    assert_eq!((seen.author.account, seen.author.kind), (AccountId::new(102), AuthorKind::Person));
    assert_eq!(
        (seen.author.name.expose(), seen.author.roles.as_slice()),
        ("Sam", [RoleId::new(2)].as_slice())
    );
    assert_eq!((seen.text.expose(), seen.sighting), ("hello", Sighting::Live));
    assert_eq!((seen.sent_at.as_millis(), seen.edited_at), (1_462_015_105_796, None));
    assert!(seen.addressed.is_empty());
}

#[test]
fn an_edit_tells_the_new_text_and_when() {
    let edit = with(message(), &json!({"content": "worse", "edited_timestamp": "2016-04-30T11:20:00+00:00"}));
    let seen = seen("MESSAGE_UPDATE", &edit);
    assert_eq!((seen.text.expose(), seen.revised_at().as_seconds()), ("worse", 1_462_015_200));
}

#[test]
fn an_update_that_does_not_tell_the_text_is_no_revision() {
    let embeds_only =
        json!({"id": "5", "channel_id": "10", "guild_id": "1", "embeds": [{"title": "a link"}]});
    assert!(matches!(tell(&mut world(), "MESSAGE_UPDATE", &embeds_only), Incoming::Other));
    for untold in ["content", "author"] {
        let mut update = message();
        update.as_object_mut().unwrap().remove(untold);
        assert!(matches!(tell(&mut world(), "MESSAGE_UPDATE", &update), Incoming::Other), "without {untold}");
    }
}

#[test]
fn everything_readable_is_in_the_text_and_in_order() {
    let embed = json!({"author": {"name": "e-author"}, "title": "e-title", "description": "e-text",
        "fields": [{"name": "f-name", "value": "f-value"}], "footer": {"text": "e-footer"}});
    let changes = json!({
        "message_snapshots": [{"message": {"content": "forwarded", "embeds": [embed],
            "attachments": [{"filename": "fwd.png", "description": "fwd-alt"}]}}],
        "embeds": [{"title": "own-title"}],
        "poll": {"question": {"text": "which?"}, "answers": [{"poll_media": {"text": "this"}}, {"poll_media": {}}]},
        "attachments": [{"filename": "a_b.txt", "title": "a b", "description": "alt"}],
        "sticker_items": [{"name": "wave"}],
        "components": [
            {"type": 17, "components": [
                {"type": 9, "components": [{"type": 10, "content": "v2 text"}], "accessory": {"label": "press"}}]},
            {"type": 1, "components": [{"type": 3, "placeholder": "choose",
                "options": [{"label": "one", "description": "the first"}]}]},
            {"type": 99, "components": {"content": "not even a list"}}
        ]
    });
    assert_eq!(
        text(&changes).lines().collect::<Vec<_>>(),
        [
            "hello",
            "forwarded",
            "e-author",
            "e-title",
            "e-text",
            "f-name",
            "f-value",
            "e-footer",
            "fwd.png",
            "fwd-alt",
            "own-title",
            "which?",
            "this",
            "a b",
            "alt",
            "wave",
            "v2 text",
            "press",
            "choose",
            "one",
            "the first",
            "not even a list"
        ]
    );
}

#[test]
fn a_message_of_a_strange_shape_still_gives_author_place_and_text() {
    let strange = json!({"member": "gone", "mentions": {"no": "list"}, "embeds": 7, "attachments": null,
        "components": [null, 3, {"type": "new", "content": "from the future"}], "poll": [], "flags": "many",
        "timestamp": 12, "type": "unheard of", "referenced_message": "x", "message_snapshots": [1]});
    let seen = seen("MESSAGE_CREATE", &with(message(), &strange));
    assert_eq!(seen.text.expose(), "hello\nfrom the future");
    assert_eq!(seen.author.roles, [RoleId::new(2)], "from the world");
    assert_eq!(seen.author.name.expose(), "Sam");
    assert_eq!(seen.sent_at.as_millis(), 1_462_015_105_796, "from the id");
    let contentless = with(message(), &json!({"content": null, "embeds": [{"title": "only this"}]}));
    assert_eq!(self::seen("MESSAGE_CREATE", &contentless).text.expose(), "only this");
}

#[test]
fn a_message_without_author_or_place_is_unreadable_and_not_dropped() {
    for missing in ["author", "id", "channel_id"] {
        let mut message = message();
        message.as_object_mut().unwrap().remove(missing);
        let told = tell(&mut world(), "MESSAGE_CREATE", &message);
        assert!(
            matches!(&told, Incoming::Unreadable { kind, .. } if kind == "MESSAGE_CREATE"),
            "{missing}: {told:?}"
        );
    }
    let garbage = incoming(&RawFrame::new("not json"), &mut world(), NOW);
    assert!(matches!(garbage, Incoming::Unreadable { kind, .. } if kind.is_empty()));
}

#[test]
fn a_place_that_is_not_known_is_still_a_place() {
    let seen = seen("MESSAGE_CREATE", &with(message(), &json!({"channel_id": "77"})));
    assert_eq!(
        (seen.place.group, seen.place.space, seen.place.kind),
        (GROUP, SpaceId::new(77), SpaceKind::Other)
    );
}

#[test]
fn own_direct_and_ephemeral_messages_are_no_observations() {
    let mut direct = with(message(), &json!({"channel_id": "88"}));
    direct.as_object_mut().unwrap().remove("guild_id");
    let own = with(message(), &json!({"author": {"id": "100", "bot": true}}));
    let ephemeral = with(message(), &json!({"flags": 1 << 6 | 1 << 15}));
    for (message, why) in [(direct, "direct"), (own, "own"), (ephemeral, "ephemeral")] {
        assert!(matches!(tell(&mut world(), "MESSAGE_CREATE", &message), Incoming::Other), "{why}");
    }
}

#[test]
fn whom_a_message_addresses_comes_from_mentions_and_the_reply() {
    let changes = json!({
        "mentions": [
            {"id": "103", "username": "lee", "member": {"roles": ["2"], "nick": "Ms. Lee"}},
            {"id": "102", "username": "sam"}, {"id": "103", "username": "lee"}, {"broken": true}],
        "referenced_message": {"id": "4", "author": {"id": "104", "username": "max", "bot": true}}
    });
    let addressed = seen("MESSAGE_CREATE", &with(message(), &changes)).addressed;
    let people: Vec<_> = addressed.iter().map(|it| (it.account.get(), it.kind, it.name.expose())).collect();
    assert_eq!(people, [(103, AuthorKind::Person, "Ms. Lee"), (104, AuthorKind::App, "max")]);
    assert_eq!(addressed[0].roles, [RoleId::new(2)]);
}

#[test]
fn a_reply_to_a_member_takes_their_roles_from_the_world() {
    let changes = json!({"author": {"id": "105", "username": "ann"}, "member": {"roles": []},
        "referenced_message": {"author": {"id": "102", "username": "sam"}}});
    let addressed = seen("MESSAGE_CREATE", &with(message(), &changes)).addressed;
    assert_eq!(
        (addressed[0].roles.as_slice(), addressed[0].name.expose()),
        ([RoleId::new(2)].as_slice(), "Sam")
    );
}

#[test]
fn webhooks_and_apps_are_not_taken_for_persons() {
    let kind = |changes: &Value| seen("MESSAGE_CREATE", &with(message(), changes)).author.kind;
    assert_eq!(kind(&json!({"webhook_id": "55"})), AuthorKind::Webhook);
    assert_eq!(kind(&json!({"author": {"id": "102", "bot": true}})), AuthorKind::App);
    let answer = json!({"webhook_id": "55", "application_id": "55", "author": {"id": "55", "bot": true}});
    assert_eq!(kind(&answer), AuthorKind::App);
}

#[test]
fn deletions_are_seen_one_by_one_and_in_bulk() {
    let one = tell(&mut world(), "MESSAGE_DELETE", &json!({"id": "5", "channel_id": "10", "guild_id": "1"}));
    assert!(matches!(one, Incoming::Observations(seen)
        if matches!(&seen[..], [Observation::Deleted(it)] if it.message.get() == 5 && it.at == NOW)));
    let many = json!({"ids": ["5", "6"], "channel_id": "10", "guild_id": "1"});
    let many = tell(&mut world(), "MESSAGE_DELETE_BULK", &many);
    assert!(matches!(many, Incoming::Observations(seen) if seen.len() == 2));
    let direct = tell(&mut world(), "MESSAGE_DELETE", &json!({"id": "5", "channel_id": "10"}));
    assert!(matches!(direct, Incoming::Other));
}

#[test]
fn messages_read_back_are_understood_with_the_worlds_help() {
    let read = |json: &Value| {
        let json = serde_json::value::RawValue::from_string(json.to_string()).unwrap();
        read_back(&RestMessage::from_json(json).unwrap(), GROUP, &world())
    };
    let mut plain = message();
    plain.as_object_mut().unwrap().retain(|name, _| name != "guild_id" && name != "member");
    let seen = read(&plain).unwrap().unwrap();
    assert_eq!(
        (seen.sighting, seen.author.roles.as_slice()),
        (Sighting::ReadBack, [RoleId::new(2)].as_slice())
    );
    assert_eq!((seen.author.name.expose(), seen.place.group), ("Sam", GROUP));
    let own = with(plain.clone(), &json!({"author": {"id": "100"}}));
    assert_eq!(read(&own), Ok(None));
    let authorless = with(plain, &json!({"author": null}));
    assert_eq!(read(&authorless), Err(UnreadableMessage));
}

#[test]
fn interactions_are_read_and_broken_ones_reported() {
    let good = json!({"id": "7", "application_id": "9", "token": "s3cret", "type": 2, "guild_id": "1",
        "channel_id": "10", "member": {"user": {"id": "102"}, "permissions": (1_u64 << 51).to_string(), "roles": []},
        "data": {"name": "incident", "type": 1}, "locale": "fr"});
    let Incoming::Interaction(interaction) = tell(&mut world(), "INTERACTION_CREATE", &good) else {
        panic!("it is an interaction")
    };
    assert_eq!(interaction.invoker_permissions, Some(1 << 51));
    let broken = tell(&mut world(), "INTERACTION_CREATE", &json!({"id": "7", "type": 2}));
    assert!(matches!(broken, Incoming::Unreadable { .. }));
}

#[test]
fn what_is_of_no_concern_stays_so() {
    let mut world = world();
    assert!(matches!(tell(&mut world, "RESUMED", &json!({})), Incoming::Resumed));
    assert!(matches!(tell(&mut world, "TYPING_START", &json!({})), Incoming::Other));
    let ack = incoming(&RawFrame::new(r#"{"t":null,"s":null,"op":11,"d":null}"#), &mut world, NOW);
    assert!(matches!(ack, Incoming::Other));
    assert!(matches!(tell(&mut world, "GUILD_DELETE", &json!({"id": "1"})), Incoming::GroupGone(GROUP)));
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_frame_reader(text in "\\PC{0,40}") {
        let garbage = [text.clone(), format!(r#"{{"t":"MESSAGE_CREATE","s":1,"op":0,"d":{text}}}"#)];
        for garbage in garbage {
            let told = incoming(&RawFrame::new(garbage), &mut World::new(), NOW);
            let is_told = matches!(told, Incoming::Unreadable { .. } | Incoming::Other);
            proptest::prop_assert!(is_told);
        }
    }

    #[test]
    fn no_message_of_any_shape_breaks_the_reader(
        field in "content|author|member|mentions|embeds|attachments|components|poll|message_snapshots|flags|timestamp",
        junk in "\\PC{0,12}", shape in 0..6_u8,
    ) {
        let junk = match shape {
            0 => json!(junk), 1 => json!([junk]), 2 => json!({"content": junk, "id": junk}), 3 => json!(null),
            4 => json!([{"message": {"content": junk, "embeds": junk}, "fields": [junk], "components": [[junk]]}]),
            _ => json!(1.5),
        };
        let is_author = field == "author";
        match tell(&mut world(), "MESSAGE_CREATE", &with(message(), &json!({field: junk}))) {
            Incoming::Observations(seen) => proptest::prop_assert_eq!(seen.len(), 1),
            Incoming::Unreadable { .. } => proptest::prop_assert!(is_author),
            other => proptest::prop_assert!(false, "{:?}", other),
        }
    }
}
