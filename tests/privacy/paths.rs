//! Every path that a member's words can take, walked through the sandbox: people, faults and forgeries.

use chaperone::sandbox::{Actor, Message, RestFault, World};
use serde_json::json;

use super::search::{INTERACTION_TOKEN, NAME, TEXT};
use crate::stories::School;
use crate::stories::school::HARMFUL;

/// Walks all paths that need a running bot and a whole database. Everybody who may see the words has seen them after it.
pub(super) async fn walk_all(school: &School) {
    school.discord.quotes_in_errors(&format!("{TEXT} {NAME}"));
    let canary = school.club.member(NAME).nick(NAME).role("Students").join();
    setups(school, &canary).await;
    said_and_seen(school, &canary).await;
    changed(school, &canary).await;
    named_places(school, &canary).await;
    notes(school).await;
    commands(school, &canary).await;
    forgeries(school, &canary).await;
    strange_frames(school, &canary).await;
    refused_messages(school, &canary).await;
    failing_requests(school, &canary).await;
}

/// Something that is flagged and holds the canary.
pub(super) fn harmful() -> String {
    format!("{HARMFUL}, {TEXT}")
}

/// The first alert about an incident after so many notices to the principal.
pub(super) async fn alert_after(school: &School, told: usize) -> Message {
    school
        .discord
        .wait_for("an alert", |world| {
            let mut notices = world.inbox("Priya Principal").into_iter().skip(told);
            notices.find(|notice| notice.button("Open the case").is_some())
        })
        .await
}

/// A setup by somebody who may not, setups that cannot be, and one that is right.
async fn setups(school: &School, canary: &Actor) {
    school.club.renames_role("Parents", TEXT);
    let setup = |staff: &str, second: &str, fallback: &str| {
        format!(
            "/group setup staff:@{staff} students:@Students administrator:@\"Priya Principal\" \
             second-administrator:@\"{second}\" fallback:{fallback} parents:@{TEXT}"
        )
    };
    school.club.permits("Students", chaperone::sandbox::permissions::MANAGE_GUILD);
    canary.runs(&setup("Students", NAME, "#general")).await;
    school.principal.runs(&setup(TEXT, "Tom Teacher", "#general")).await;
    school.principal.runs(&setup("Staff", "Priya Principal", "#office")).await;
    let reply = school.principal.runs(&setup("Staff", "Tom Teacher", "#office")).await.text();
    assert!(reply.contains("Tom Teacher") || reply.contains("<@"), "{reply}");
    canary.runs(&setup("Staff", NAME, "#general")).await;
    school.principal.runs("/group status").await;
}

/// The canary reaches where it should, and this is not vain.
async fn said_and_seen(school: &School, canary: &Actor) {
    let told = school.principal.inbox().len();
    canary.says("#general", &harmful());
    let alert = alert_after(school, told).await;
    assert!(!alert.text().contains(TEXT) && !alert.text().contains(NAME), "{}", alert.text());
    let page = school.principal.presses(&alert, "Open the case").await.text();
    assert!(page.contains(TEXT) && page.contains(NAME), "the administrator sees who wrote what: {page}");
}

async fn changed(school: &School, canary: &Actor) {
    let told = school.principal.inbox().len();
    let said = canary.says("#general", &format!("what about {TEXT}?"));
    canary.edits(said, &harmful());
    school.principal.inbox_until(told + 1).await;
    canary.edits(said, &format!("{TEXT} again"));
    canary.deletes(said);
    for line in [TEXT, "shut up you", TEXT, "worthless", "loser"] {
        canary.says("#lab", line);
    }
    let reply = canary.replies(said, &format!("{TEXT}, {NAME}"));
    canary.posts(
        "#general",
        &json!({"content": harmful(), "embeds": [{"title": TEXT, "description": harmful()}],
            "attachments": [{"id": "1", "filename": format!("{TEXT}.txt"), "size": 1,
                "url": format!("https://cdn.example/{TEXT}"), "proxy_url": format!("https://cdn.example/{TEXT}")}],
            "poll": {"question": {"text": TEXT}, "answers": [{"poll_media": {"text": harmful()}}]}}),
    );
    school.principal.inbox_until(told + 2).await;
    canary.deletes(reply);
    canary.tells_bot(&harmful());
}

async fn named_places(school: &School, canary: &Actor) {
    let told = school.principal.inbox().len();
    school.club.adds_channel(&format!("#{TEXT}"));
    school.club.sets_topic(TEXT, &harmful());
    canary.says(TEXT, &harmful());
    let thread = format!("{TEXT} thread");
    canary.opens_thread("#general", &thread);
    canary.says(&thread, &harmful());
    canary.opens_private_thread("#general", NAME, &[&school.coach]);
    canary.says(NAME, &harmful());
    school.principal.inbox_until(told + 3).await;
    let alert = alert_after(school, told).await;
    let page = school.principal.presses(&alert, "Open the case").await.text();
    assert!(page.contains(TEXT), "{page}");
    school.club.renames_channel(TEXT, &format!("#{NAME}-channel"));
}

async fn notes(school: &School) {
    let alert = alert_after(school, 0).await;
    let page = school.principal.presses(&alert, "Open the case").await;
    let form = school.principal.presses(&page, "Add a note").await;
    school.principal.fills(&form, &[("note", &format!("{TEXT} by {NAME}"))]).await;
    let page = school.principal.presses(&alert, "Open the case").await;
    assert!(page.text().contains(&format!("{TEXT} by {NAME}")), "{}", page.text());
    let form = school.principal.presses(&page, "Handled elsewhere").await;
    let closed = school.principal.fills(&form, &[("note", &format!("closing {TEXT}"))]).await.text();
    assert!(closed.contains("is closed"), "{closed}");
    let page = school.principal.presses(&alert, "Open the case").await.text();
    assert!(page.contains(&format!("closing {TEXT}")), "{page}");
    let form = school
        .principal
        .presses(&school.principal.presses(&alert, "Open the case").await, "Add a note")
        .await;
    school.principal.fills(&form, &[("note", NAME)]).await;
}

async fn commands(school: &School, canary: &Actor) {
    let tested = school.principal.runs_with("/rules test", &[("text", &harmful())]).await.text();
    assert!(tested.contains(TEXT), "{tested}");
    canary.runs_with("/rules test", &[("text", TEXT)]).await;
    for who in [&school.principal, canary] {
        who.runs("/incident show 22222").await;
        who.runs_with("/incident close", &[("code", "22222"), ("as", "false-alarm"), ("note", TEXT)]).await;
    }
    // What no client would send: the fields of each command hold what does not fit them.
    for (root, name) in [
        ("incident", "show"),
        ("incident", "close"),
        ("incident", "note"),
        ("incident", "list"),
        ("rules", "test"),
        ("group", "setup"),
        (TEXT, NAME),
    ] {
        for invoker in [school.principal.id(), canary.id()] {
            let options = ["code", "text", "note", "as", "staff", "administrator", "after", TEXT];
            let options = options.map(|option| json!({"name": option, "type": 3, "value": TEXT}));
            let interaction = json!({
                "id": "1", "application_id": school.discord.application_id().to_string(), "type": 2,
                "token": format!("{INTERACTION_TOKEN}{TEXT}"), "guild_id": school.club.id().to_string(),
                "channel_id": school.club.channel_id("#general").to_string(), "locale": TEXT,
                "member": {"user": {"id": invoker.to_string(), "username": NAME}, "roles": [], "permissions": "8"},
                "data": {"id": "1", "name": root, "type": 1,
                    "options": [{"name": name, "type": 1, "options": options}]},
            });
            school.discord.dispatches("INTERACTION_CREATE", &interaction);
        }
    }
}

async fn forgeries(school: &School, canary: &Actor) {
    for id in [
        TEXT.to_owned(),
        format!("incident.show:{TEXT}"),
        format!("incident.close:{TEXT}:{NAME}"),
        format!("{TEXT}.{NAME}:{TEXT}"),
        format!("incident.note:{TEXT}"),
        format!("group.setup:{TEXT}"),
    ] {
        for who in [&school.principal, canary] {
            who.forges(&id).await;
        }
    }
}

/// Frames that hold the canary and are not what they should be.
async fn strange_frames(school: &School, canary: &Actor) {
    let discord = &school.discord;
    let shapes = [
        json!({"id": 7, "channel_id": {}, "content": [TEXT], "author": {"username": NAME}}),
        json!({"id": TEXT, "guild_id": TEXT, "channel_id": TEXT, "author": NAME, "content": TEXT}),
        json!({"id": TEXT, "name": TEXT, "type": NAME, "guild_id": school.club.id().to_string(), "channels": TEXT,
            "roles": [{"id": TEXT, "name": TEXT}], "members": NAME, "user": {"id": NAME, "username": NAME}}),
        json!({"id": "1", "application_id": "1", "type": 2, "token": format!("{INTERACTION_TOKEN}{TEXT}"),
            "member": {"user": {"id": "5", "username": NAME}}, "guild_id": school.club.id().to_string(),
            "data": {"name": TEXT, "options": [{"name": TEXT, "type": 3, "value": TEXT}]}}),
        json!({"id": TEXT, "type": TEXT, "token": format!("{INTERACTION_TOKEN}{TEXT}"), "data": {"custom_id": TEXT}}),
        json!([TEXT, NAME]),
        json!(TEXT),
    ];
    for event in [
        "MESSAGE_CREATE",
        "MESSAGE_UPDATE",
        "MESSAGE_DELETE",
        "MESSAGE_DELETE_BULK",
        "INTERACTION_CREATE",
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "THREAD_CREATE",
        "THREAD_UPDATE",
        "THREAD_LIST_SYNC",
        "GUILD_UPDATE",
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_UPDATE",
        "GUILD_MEMBER_ADD",
        "GUILD_MEMBER_UPDATE",
        "GUILD_MEMBERS_CHUNK",
        "VOICE_STATE_UPDATE",
        "AUTO_MODERATION_ACTION_EXECUTION",
        TEXT,
    ] {
        for shape in &shapes {
            discord.dispatches(event, shape);
        }
    }
    let told = school.principal.inbox().len();
    canary.says("#general", &harmful());
    school.principal.inbox_until(told + 1).await;
    for raw in [
        format!(r#"{{"op":0,"t":"{TEXT}","d":{{}}}}"#),
        format!(r#"{{"op":0,"t":"MESSAGE_CREATE","s":"{TEXT}","d":{{"content":"{TEXT}"}}}}"#),
        format!(r#"{{"op":"{TEXT}","d":"{NAME}"}}"#),
        format!(r#"{{"op":200,"d":"{NAME}"}}"#),
        format!("{TEXT} is no frame at all"),
    ] {
        discord.sends_raw(&raw);
    }
    canary.says("#general", &harmful());
    school.principal.inbox_until(told + 2).await;
}

async fn refused_messages(school: &School, canary: &Actor) {
    let told = school.principal.inbox().len();
    school.teacher.refuses_dms(true);
    canary.says("#general", &harmful());
    school.principal.inbox_until(told + 1).await;
    school
        .discord
        .wait_until("the fallback line", |world| !world.channel_messages("#office").is_empty())
        .await;
    school.teacher.refuses_dms(false);
}

/// Every kind of refusal, each with a body that quotes the canary, on alerts and on answers.
async fn failing_requests(school: &School, canary: &Actor) {
    let rate_limit = |global| RestFault::RateLimited { seconds: 0.01, global };
    let told = school.principal.inbox().len();
    let passing = [
        RestFault::Status(502),
        RestFault::Garbled,
        RestFault::DoneButStatus(500),
        rate_limit(true),
        rate_limit(false),
    ];
    let final_ones = [400, 401, 403, 404, 409].map(RestFault::Status);
    for fault in passing.into_iter().chain(final_ones) {
        after_fault(school, "POST /channels/", fault, || {
            canary.says("#general", &harmful());
        })
        .await;
    }
    canary.says("#general", &harmful());
    school.principal.inbox_until(told + 1).await;
    for fault in passing.into_iter().chain(final_ones) {
        for path in ["POST /interactions/", "PATCH /webhooks/"] {
            let before = count(school, path);
            school.discord.fails(path, fault, 1);
            let asked = school.principal.asks("/incident list").await;
            school.discord.wait_until("the answer to fail", |world| counted(world, path) > before).await;
            drop(asked);
        }
    }
    school.discord.fails_no_more();
    school.principal.runs("/group status").await;
}

/// Does something that asks for this path, and waits until the request was made and failed.
async fn after_fault(school: &School, path: &str, fault: RestFault, cause: impl FnOnce()) {
    let before = count(school, path);
    school.discord.fails(path, fault, 1);
    cause();
    school.discord.wait_until("the request to fail", |world| counted(world, path) > before).await;
}

fn count(school: &School, path: &str) -> usize {
    school.discord.look(|world| counted(world, path))
}

/// How many requests of this path were answered.
fn counted(world: &World, path: &str) -> usize {
    let of = |method: &str, of: &str| format!("{method} {of}").starts_with(path);
    world
        .requests()
        .iter()
        .filter(|request| request.status != 0 && of(&request.method, &request.path))
        .count()
}
