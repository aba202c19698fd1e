//! Commands, buttons, menus and forms: asked by people, carried to the bot, answered by it.

use std::time::Duration;

use chaperone::sandbox::{Actor, Guild, Sandbox};
use serde_json::{Value, json};

use super::client::{Gateway, INTENTS, Rest};

fn commands() -> Value {
    let text = |name: &str, required: bool| json!({"type": 3, "name": name, "description": "x", "required": required});
    json!([
        {"name": "incident", "description": "Incidents", "options": [
            {"type": 1, "name": "list", "description": "List"},
            {"type": 1, "name": "note", "description": "Note", "options": [text("code", true), text("text", true)]},
            {"type": 2, "name": "more", "description": "More", "options": [
                {"type": 1, "name": "about", "description": "About", "options": [
                    {"type": 6, "name": "who", "description": "Who", "required": true},
                    {"type": 8, "name": "role", "description": "Role"},
                    {"type": 7, "name": "where", "description": "Where"},
                    {"type": 4, "name": "days", "description": "Days", "max_value": 30},
                    {"type": 3, "name": "how", "description": "How", "choices": [{"name": "In short", "value": "short"}]},
                ]},
            ]},
        ]},
        {"name": "setup", "description": "Set up", "default_member_permissions": "32", "contexts": [0]},
        {"name": "Report to administrators", "type": 3},
        {"name": "Incidents with this person", "type": 2},
    ])
}

struct Story {
    town: Sandbox,
    school: Guild,
    principal: Actor,
    rest: Rest,
    gateway: Gateway,
}

async fn story() -> Story {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").role("Staff", 0).channel("#general").channel("#office").build();
    let principal = school.member("Ms Tremblay").role("Staff").join();
    let rest = Rest::new(&town);
    assert_eq!(rest.registers(commands()).await.status, 200);
    let gateway = Gateway::identified(&town, INTENTS).await;
    Story { town, school, principal, rest, gateway }
}

impl Story {
    async fn next(&mut self) -> Value {
        self.gateway.until("INTERACTION_CREATE").await
    }
}

#[tokio::test]
async fn a_command_is_carried_with_its_options_and_who_and_where() {
    let mut story = story().await;
    story.principal.locale("fr");
    let _asked = story.principal.asks("/incident note K7QX3 they talked; it is settled").await;
    let asked = story.next().await;
    assert_eq!((&asked["type"], &asked["data"]["name"]), (&json!(2), &json!("incident")));
    assert_eq!(
        asked["data"]["options"],
        json!([{"name": "note", "type": 1, "options": [
            {"name": "code", "type": 3, "value": "K7QX3"},
            {"name": "text", "type": 3, "value": "they talked; it is settled"},
        ]}])
    );
    assert_eq!(
        (&asked["locale"], &asked["guild_locale"], &asked["context"]),
        (&json!("fr"), &json!("en-US"), &json!(0))
    );
    assert_eq!(asked["guild_id"], story.school.id().to_string());
    assert_eq!(asked["channel"]["name"], "general");
    assert_eq!(asked["member"]["user"]["id"], story.principal.id().to_string());
    assert!(asked["member"]["permissions"].is_string() && asked["app_permissions"].is_string());
    assert_eq!(asked["authorizing_integration_owners"]["0"], story.school.id().to_string());
    let _again = story.principal.in_channel("#office").asks("/incident note text:\"a: b\" code:K7QX3").await;
    let asked = story.next().await;
    assert_eq!(asked["channel"]["name"], "office");
    assert_eq!(
        asked["data"]["options"][0]["options"],
        json!([
            {"name": "text", "type": 3, "value": "a: b"}, {"name": "code", "type": 3, "value": "K7QX3"},
        ])
    );
}

#[tokio::test]
async fn people_roles_and_channels_are_resolved() {
    let mut story = story().await;
    let ava = story.school.member("Ava Li").join();
    let _asked = story.principal.asks("/incident more about @Ava Li @Staff #office 7 In short").await;
    let data = story.next().await["data"].take();
    let id = ava.id().to_string();
    let office = story.school.channel_id("#office").to_string();
    let staff = story.school.role_id("Staff").to_string();
    assert_eq!(
        data["options"][0]["options"][0]["options"],
        json!([
            {"name": "who", "type": 6, "value": id}, {"name": "role", "type": 8, "value": staff},
            {"name": "where", "type": 7, "value": office}, {"name": "days", "type": 4, "value": 7},
            {"name": "how", "type": 3, "value": "short"},
        ])
    );
    assert_eq!(data["resolved"]["users"][&id]["global_name"], "Ava Li");
    assert!(data["resolved"]["members"][&id]["permissions"].is_string());
    assert_eq!(data["resolved"]["roles"][&staff]["name"], "Staff");
    assert_eq!(data["resolved"]["channels"][&office]["name"], "office");
}

#[tokio::test]
async fn an_answer_is_seen_by_who_asked_and_given_once() {
    let mut story = story().await;
    let asked = story.principal.asks("/incident list").await;
    let carried = story.next().await;
    assert!(!asked.is_acknowledged());
    let answer = json!({"type": 4, "data": {"content": "None.", "flags": 64, "embeds": [{"title": "A", "fields": [
        {"name": "b", "value": "c"}]}]}});
    assert_eq!(story.rest.answers(&carried, answer.clone()).await.status, 204);
    assert_eq!(story.rest.answers(&carried, answer).await.refusal(), (400, 40060));
    let reply = asked.answer().await;
    assert!(reply.ephemeral);
    assert_eq!(reply.text(), "None.\nA\nb: c");
    assert!(story.town.channel_messages("#general").is_empty(), "ephemeral answers are nobody else's");
    assert!(!story.gateway.drain().await.contains(&"MESSAGE_CREATE".to_owned()));
}

#[tokio::test]
async fn a_deferred_answer_counts_once_it_is_given() {
    let mut story = story().await;
    for (way, ephemeral) in [("PATCH", true), ("POST", false)] {
        let asked = story.principal.asks("/incident list").await;
        let carried = story.next().await;
        let flags = if ephemeral { 64 } else { 0 };
        let callback = format!("{}/callback?with_response=1", Rest::interaction(&carried));
        let deferred = story.rest.post(&callback, json!({"type": 5, "data": {"flags": flags}})).await;
        assert_eq!(deferred.body["interaction"]["response_message_ephemeral"], ephemeral);
        assert_eq!(deferred.body["resource"]["message"]["flags"], flags | 1 << 7, "it is thinking");
        asked.acknowledged().await;
        let path = story.rest.webhook(&carried, if way == "PATCH" { "/messages/@original" } else { "" });
        assert_eq!(story.rest.call(way, &path, json!({"content": "Done."})).await.status, 200);
        let reply = asked.answer().await;
        assert_eq!((reply.content.as_str(), reply.ephemeral), ("Done.", ephemeral));
        let original = story.rest.webhook(&carried, "/messages/@original");
        let flags = story.rest.get(&original).await.body["flags"].as_u64().unwrap();
        assert_eq!(flags, if ephemeral { 64 } else { 0 }, "it is not loading any more");
        let more = story.rest.webhook(&carried, "");
        story.rest.post(&more, json!({"content": "And more.", "flags": 64})).await;
        assert_eq!(asked.followups_until(1).await[0].content, "And more.");
        assert_eq!(story.rest.get(&original).await.body["content"], "Done.");
        assert_eq!(story.rest.call("DELETE", &original, Value::Null).await.status, 204);
        assert_eq!(story.rest.get(&original).await.refusal(), (404, 10008));
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_refused() {
    let mut story = story().await;
    story.town.insists_on_deadline(true);
    let _asked = story.principal.asks("/incident list").await;
    let carried = story.next().await;
    story.town.advances_clock(Duration::from_secs(4));
    assert_eq!(story.rest.answers(&carried, json!({"type": 5})).await.refusal(), (404, 10062));
    story.town.insists_on_deadline(false);
    assert_eq!(story.rest.answers(&carried, json!({"type": 5})).await.status, 204);
    story.town.advances_clock(Duration::from_mins(15));
    let original = story.rest.webhook(&carried, "/messages/@original");
    assert_eq!(story.rest.call("PATCH", &original, json!({"content": "x"})).await.refusal(), (401, 50027));
}

#[tokio::test]
async fn a_button_changes_its_message_and_a_form_comes_back_filled() {
    let mut story = story().await;
    let button = |label: &str, id: &str| json!({"type": 2, "style": 2, "label": label, "custom_id": id});
    let rows = json!([{"type": 1, "components": [button("Close", "close:1"), button("Note", "note:1")]}]);
    let asked = story.principal.asks("/incident list").await;
    let carried = story.next().await;
    story
        .rest
        .answers(&carried, json!({"type": 4, "data": {"content": "One.", "flags": 64, "components": rows}}))
        .await;
    let reply = asked.answer().await;
    assert_eq!(
        (reply.text().as_str(), reply.button("Close").as_deref()),
        ("One.\n[Close] [Note]", Some("close:1"))
    );

    let asked = story.principal.press(&reply, "Note");
    let carried = story.next().await;
    assert_eq!((&carried["type"], &carried["data"]["custom_id"]), (&json!(3), &json!("note:1")));
    assert_eq!(carried["message"]["content"], "One.");
    assert_eq!(
        carried["data"]["id"], 3,
        "Discord numbers components that have no id: the row, then its buttons"
    );
    let field = json!({"type": 4, "custom_id": "note", "label": "Your note", "style": 2, "max_length": 20});
    let form = json!({"title": "Note", "custom_id": "form:1", "components": [
        {"type": 1, "components": [field]},
        {"type": 18, "label": "Why", "component": {"type": 4, "custom_id": "why", "style": 1, "required": false}},
    ]});
    let answered = story.rest.answers(&carried, json!({"type": 9, "data": form})).await;
    assert_eq!(answered.status, 204, "{}", answered.body);
    let form = asked.answer().await;
    assert_eq!(form.text(), "Note\nYour note:\nWhy:");

    let principal = story.principal.clone();
    let filling =
        tokio::spawn(async move { principal.fills(&form, &[("Your note", "Spoke to both.")]).await });
    let carried = story.next().await;
    assert_eq!((&carried["type"], &carried["data"]["custom_id"]), (&json!(5), &json!("form:1")));
    assert_eq!(carried["data"]["components"][0]["components"][0]["value"], "Spoke to both.");
    assert_eq!(carried["data"]["components"][1]["component"]["value"], "");
    story
        .rest
        .answers(&carried, json!({"type": 7, "data": {"content": "One, noted.", "components": []}}))
        .await;
    assert_eq!(filling.await.unwrap().text(), "One, noted.");

    let asked = story.principal.press(&reply, "Close");
    let carried = story.next().await;
    story.rest.answers(&carried, json!({"type": 6})).await;
    story
        .rest
        .call("PATCH", &story.rest.webhook(&carried, "/messages/@original"), json!({"content": "Closed."}))
        .await;
    assert_eq!(asked.answer().await.content, "Closed.");
}

#[tokio::test]
async fn a_button_in_a_dm_is_pressed_there() {
    let mut story = story().await;
    let dm = story
        .rest
        .post("/users/@me/channels", json!({"recipient_id": story.principal.id().to_string()}))
        .await
        .body;
    let row =
        json!([{"type": 1, "components": [{"type": 2, "style": 1, "label": "Open", "custom_id": "open:1"}]}]);
    let path = format!("/channels/{}/messages", dm["id"].as_str().unwrap());
    story.rest.post(&path, json!({"content": "An incident.", "components": row})).await;
    let inbox = story.principal.inbox_until(1).await;
    let asked = story.principal.press(&inbox[0], "Open");
    let carried = story.next().await;
    assert_eq!(
        (&carried["context"], &carried["user"]["id"]),
        (&json!(1), &json!(story.principal.id().to_string()))
    );
    assert!(carried.get("member").is_none() && carried.get("guild_id").is_none());
    story.rest.answers(&carried, json!({"type": 4, "data": {"content": "Here.", "flags": 64}})).await;
    assert_eq!(asked.answer().await.text(), "Here.");
    assert_eq!(story.principal.inbox().len(), 1, "answers are not DMs");
}

#[tokio::test]
async fn menus_of_messages_and_members_carry_their_target() {
    let story = story().await;
    let ava = story.school.member("Ava").join();
    let said = ava.says("#general", "the words");
    let Story { principal, rest, mut gateway, .. } = story;
    let answer = || json!({"type": 4, "data": {"content": "Thank you.", "flags": 64}});
    let bot = async {
        let on_message = gateway.until("INTERACTION_CREATE").await;
        rest.answers(&on_message, answer()).await;
        let on_member = gateway.until("INTERACTION_CREATE").await;
        rest.answers(&on_member, answer()).await;
        (on_message, on_member)
    };
    let people = async {
        let first = principal.uses_on("Report to administrators", said).await;
        (first, principal.uses_on_member("Incidents with this person", &ava).await)
    };
    let ((on_message, on_member), (first, second)) = tokio::join!(bot, people);
    let (message, member) = (said.id.to_string(), ava.id().to_string());
    assert_eq!((&on_message["data"]["type"], &on_message["data"]["target_id"]), (&json!(3), &json!(message)));
    assert_eq!(on_message["data"]["resolved"]["messages"][&message]["content"], "the words");
    assert_eq!(on_member["data"]["resolved"]["users"][&member]["global_name"], "Ava");
    assert_eq!((first.text().as_str(), second.text().as_str()), ("Thank you.", "Thank you."));
}

#[tokio::test]
async fn what_is_being_typed_is_completed() {
    let story = story().await;
    let Story { principal, rest, mut gateway, .. } = story;
    let bot = async {
        let carried = gateway.until("INTERACTION_CREATE").await;
        let message = json!({"type": 4, "data": {"content": "x"}});
        assert_eq!(rest.answers(&carried, message).await.refusal(), (400, 50035), "a message does not fit");
        rest.answers(
            &carried,
            json!({"type": 8, "data": {"choices": [{"name": "K7QX3 · High", "value": "K7QX3"}]}}),
        )
        .await;
        carried
    };
    let (carried, offered) = tokio::join!(bot, principal.completes("/incident note K7"));
    assert_eq!(carried["type"], 4);
    assert_eq!(
        carried["data"]["options"][0]["options"][0],
        json!({"name": "code", "type": 3, "value": "K7", "focused": true})
    );
    assert_eq!(offered, ["K7QX3 · High"]);
}

#[tokio::test]
async fn a_menu_is_picked_from() {
    let mut story = story().await;
    let asked = story.principal.asks("/incident list").await;
    let carried = story.next().await;
    let list = json!({"type": 3, "custom_id": "why", "placeholder": "Why", "options": [{"label": "It was a joke", "value": "joke"}]});
    let people = json!({"type": 5, "custom_id": "who", "placeholder": "Who"});
    let rows: Vec<_> =
        [list, people].into_iter().map(|menu| json!({"type": 1, "components": [menu]})).collect();
    story.rest.answers(&carried, json!({"type": 4, "data": {"content": "Close?", "components": rows}})).await;
    let reply = asked.answer().await;
    let Story { principal, rest, mut gateway, .. } = story;
    let bot = async {
        let mut all = Vec::new();
        for _ in 0..2 {
            let carried = gateway.until("INTERACTION_CREATE").await;
            rest.answers(&carried, json!({"type": 7, "data": {"content": "Closed."}})).await;
            all.push(carried);
        }
        all
    };
    let people = async {
        principal.selects(&reply, "Why", &["It was a joke"]).await;
        principal.selects(&reply, "Who", &["@Ms Tremblay"]).await
    };
    let (carried, reply) = tokio::join!(bot, people);
    assert_eq!(
        (&carried[0]["data"]["component_type"], &carried[0]["data"]["values"]),
        (&json!(3), &json!(["joke"]))
    );
    let id = principal.id().to_string();
    assert_eq!(carried[1]["data"]["values"], json!([id]));
    assert!(carried[1]["data"]["resolved"]["users"][&id].is_object());
    assert_eq!(reply.text().lines().next(), Some("Closed."));
}

#[tokio::test]
async fn commands_are_offered_by_permission_and_place() {
    let story = story().await;
    let everybody = ["incident", "Report to administrators", "Incidents with this person"];
    assert_eq!(story.principal.commands_offered(), everybody);
    assert!(story.school.owner().commands_offered().contains(&"setup".to_owned()));
    story.school.permits("Staff", 32);
    assert!(story.principal.commands_offered().contains(&"setup".to_owned()));
    assert!(!story.principal.in_dm().commands_offered().contains(&"setup".to_owned()));
}

#[tokio::test]
async fn commands_are_registered_changed_and_removed() {
    let town = Sandbox::start().await;
    let school = town.guild("Science Club").channel("#general").build();
    let rest = Rest::new(&town);
    let global = format!("/applications/{}/commands", rest.application);
    let own = format!("/applications/{}/guilds/{}/commands", rest.application, school.id());
    let first = rest.registers(json!([{"name": "one", "description": "1"}])).await.body;
    let again = rest
        .registers(json!([{"name": "one", "description": "2"}, {"name": "two", "description": "2"}]))
        .await
        .body;
    assert_eq!(first[0]["id"], again[0]["id"], "a command keeps its id");
    let made = rest.post(&own, json!({"name": "here", "description": "x"})).await;
    assert_eq!((made.status, &made.body["guild_id"]), (201, &json!(school.id().to_string())));
    assert_eq!(rest.get(&global).await.body.as_array().unwrap().len(), 2);
    let one = format!("{own}/{}", made.body["id"].as_str().unwrap());
    assert_eq!(rest.call("PATCH", &one, json!({"description": "y"})).await.body["description"], "y");
    assert_eq!(rest.call("DELETE", &one, Value::Null).await.status, 204);
    assert_eq!(rest.get(&one).await.refusal(), (404, 10063));
    for bad in [
        json!([{"name": "With Blanks", "description": "x"}]),
        json!([{"name": "x"}]),
        json!([{"name": "x", "description": "x"}, {"name": "x", "description": "x"}]),
        json!([{"name": "x", "description": "x", "options": [
            {"type": 3, "name": "a", "description": "x"}, {"type": 3, "name": "b", "description": "x", "required": true}]}]),
        json!([{"name": "Menu", "type": 3, "description": "not allowed"}]),
    ] {
        assert_eq!(rest.registers(bad.clone()).await.refusal(), (400, 50035), "{bad}");
    }
    assert_eq!(rest.get(&global).await.body.as_array().unwrap().len(), 2, "a refused set changes nothing");
}

#[tokio::test]
#[should_panic(expected = "text must be given")]
async fn a_command_without_what_it_needs_is_not_sent() {
    story().await.principal.runs("/incident note K7QX3").await;
}

#[tokio::test]
#[should_panic(expected = "there is no \"Erase\" here")]
async fn a_button_that_is_not_there_cannot_be_pressed() {
    let story = story().await;
    let said = story.principal.says("#general", "no buttons");
    let message = story.town.channel_messages("#general").remove(0);
    assert_eq!(message.id, said.id);
    story.principal.presses(&message, "Erase").await;
}

#[tokio::test]
#[should_panic(expected = "Ava does not see the message")]
async fn what_only_one_person_sees_nobody_else_can_press() {
    let mut story = story().await;
    let asked = story.principal.asks("/incident list").await;
    let carried = story.next().await;
    let button = json!({"type": 2, "style": 2, "label": "Close", "custom_id": "close:1"});
    let rows = json!([{"type": 1, "components": [button]}]);
    let answer = json!({"type": 4, "data": {"content": "One.", "flags": 64, "components": rows}});
    story.rest.answers(&carried, answer).await;
    let reply = asked.answer().await;
    let _never = story.school.member("Ava").join().press(&reply, "Close");
}
