//! The REST requests that the whole test run made, held against Discord's own `OpenAPI` description.
//!
//! The description is not part of the checkout: `DISCORD_OPENAPI` names it. The requests are those that the boxes of
//! a run wrote into the folder `CHAPERONE_RECORD_REQUESTS`, child processes included; a run of this test after that
//! one names the same folder in `CHAPERONE_RECORDED_REQUESTS`. Where something is not named, it says so and skips.
#![expect(
    clippy::disallowed_methods,
    reason = "what is not part of the checkout is named by whoever runs the tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// Discord's description.
struct Description {
    document: Value,
    /// Methods and paths with the parts in braces.
    routes: Vec<(String, String)>,
    validators: BTreeMap<String, Validator>,
}

impl Description {
    /// `None`, and a sentence on the terminal, where it is not named.
    fn named() -> Option<Self> {
        let Some(path) = env::var_os("DISCORD_OPENAPI").filter(|path| !path.is_empty()) else {
            skips("DISCORD_OPENAPI does not name Discord's OpenAPI description");
            return None;
        };
        let text = fs::read_to_string(&path).expect("DISCORD_OPENAPI names a file that can be read");
        let mut document: Value = serde_json::from_str(&text).expect("the description is JSON");
        let paths = document["paths"].as_object().expect("it has paths");
        let of_path = |(path, methods): (&String, &Value)| {
            let methods = methods.as_object().into_iter().flat_map(Map::keys);
            methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        };
        let routes = paths.iter().flat_map(of_path).collect();
        correct(&mut document);
        for (name, schema) in document["components"]["schemas"].as_object_mut().expect("it has schemas") {
            if name.contains("Request") {
                refuse_other_fields(schema);
            }
        }
        Some(Self { document, routes, validators: BTreeMap::new() })
    }

    /// The described route that a path means; fixed words go before parts in braces.
    fn route(&self, method: &str, path: &str) -> Option<&(String, String)> {
        let path: Vec<_> = path.split('?').next().unwrap_or_default().split('/').collect();
        let fits = |template: &str| {
            let parts: Vec<_> = template.split('/').collect();
            parts.len() == path.len()
                && parts.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
        };
        self.routes
            .iter()
            .filter(|(known, template)| known == method && fits(template))
            .min_by_key(|(_, template)| template.matches('{').count())
    }

    /// What is wrong with the body of a request.
    fn check_body(&mut self, method: &str, path: &str, body: &Value) -> Vec<String> {
        self.check(method, path, body, "requestBody")
    }

    /// What is wrong with an answer.
    fn check_answer(&mut self, method: &str, path: &str, status: u64, answer: &Value) -> Vec<String> {
        self.check(method, path, answer, &format!("responses/{status}"))
    }

    fn check(&mut self, method: &str, path: &str, value: &Value, part: &str) -> Vec<String> {
        let Some((method, template)) = self.route(method, path).cloned() else {
            return vec![format!("{method} {path}: Discord has no such route")];
        };
        let escaped = template.replace('/', "~1");
        let below = format!("/paths/{escaped}/{}/{part}", method.to_lowercase());
        let place = format!("{below}/content/application~1json/schema");
        if self.document.pointer(&place).is_none() {
            let empty =
                value.is_null() || (part == "requestBody" && value.as_object().is_some_and(Map::is_empty));
            return if empty {
                Vec::new()
            } else {
                vec![format!("{method} {template}: no body is described")]
            };
        }
        // A call that takes its body only where there is one.
        if method == "DELETE" && part == "requestBody" && value.is_null() {
            return Vec::new();
        }
        let document = &self.document;
        let validator = self.validators.entry(place.clone()).or_insert_with(|| {
            let schema = document.pointer(&place).cloned().unwrap_or_default();
            let schema =
                json!({"allOf": [schema], "components": {"schemas": document["components"]["schemas"]}});
            jsonschema::draft202012::new(&schema).expect("the description is a schema")
        });
        let problems = validator.iter_errors(value);
        problems
            .map(|problem| {
                let place = problem.instance_path().to_string();
                format!("{method} {template} {part} {place}: {}", problem.masked())
            })
            .collect()
    }
}

/// Puts right what the description says otherwise than Discord does and its documentation has it.
fn correct(document: &mut Value) {
    write_masks_as_text(document);
    let schemas = &mut document["components"]["schemas"];
    for command in ["ApplicationCommandUpdateRequest", "ApplicationCommandCreateRequest"] {
        let fields = &mut schemas[command]["properties"];
        // Permissions are texts of digits wherever they are written; the description has the number inside.
        fields["default_member_permissions"] =
            json!({"type": ["integer", "string", "null"], "pattern": "^[0-9]+$"});
        fields["nsfw"] = json!({"type": ["boolean", "null"]});
    }
    // discord.js and discord.py send these with every answer, where they mean nothing.
    for answer in
        ["IncomingWebhookInteractionRequest", "IncomingWebhookUpdateForInteractionCallbackRequestPartial"]
    {
        for idle in ["enforce_nonce", "tts"] {
            schemas[answer]["properties"][idle] = json!({"type": "boolean"});
        }
    }
    // Ids that clients write as numbers are read.
    schemas["SnowflakeType"]["type"] = json!(["string", "integer"]);
    // A forward is a reference of type 1 (discord-api-docs, Message resource, "Message Reference Types").
    schemas["MessageReferenceType"] = json!({"type": "integer", "enum": [0, 1]});
    // A deferred answer with its message is answered like a message.
    schemas["CreateMessageInteractionCallbackResponse"]["properties"]["type"]["enum"] = json!([4, 5]);
}

/// Permissions are texts of digits wherever they are written (discord-api-docs, Permissions, "Permission Overwrites"): the
/// description has the number inside.
fn write_masks_as_text(schema: &mut Value) {
    if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for mask in ["permissions", "allow", "deny"] {
            if let Some(field) =
                fields.get_mut(mask).filter(|field| field["type"] == json!(["integer", "null"]))
            {
                *field = json!({"type": ["integer", "string", "null"], "pattern": "^[0-9]+$"});
            }
        }
    }
    match schema {
        Value::Object(parts) => parts.values_mut().for_each(write_masks_as_text),
        Value::Array(parts) => parts.iter_mut().for_each(write_masks_as_text),
        _ => {}
    }
}

/// Makes a misspelt field a mistake: the description itself lets every further field pass.
fn refuse_other_fields(schema: &mut Value) {
    let plain =
        !["allOf", "anyOf", "oneOf", "additionalProperties"].iter().any(|key| schema.get(key).is_some());
    if plain && schema.get("properties").is_some() {
        schema["additionalProperties"] = json!(false);
    }
}

#[expect(clippy::print_stderr, reason = "who runs the tests should know what did not run")]
fn skips(why: &str) {
    eprintln!("skipped: {why}");
}

/// The requests of a run; `None`, and a sentence, where no folder is named.
fn recorded() -> Option<Vec<Value>> {
    let Some(folder) = env::var_os("CHAPERONE_RECORDED_REQUESTS").filter(|folder| !folder.is_empty()) else {
        skips("CHAPERONE_RECORDED_REQUESTS does not name the record of an earlier run");
        return None;
    };
    let files = fs::read_dir(Path::new(&folder)).expect("the folder of the record can be read");
    let mut requests = Vec::new();
    for file in files {
        let text = fs::read_to_string(file.expect("a file of the record").path()).expect("it can be read");
        // A process that is killed may leave half a line, which is its last.
        requests.extend(text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()));
    }
    Some(requests)
}

fn text<'a>(request: &'a Value, field: &str) -> &'a str {
    request[field].as_str().expect("the record has it")
}

#[test]
fn every_request_body_of_the_run_is_as_discord_describes_it() {
    let (Some(mut description), Some(requests)) = (Description::named(), recorded()) else { return };
    let mut problems = BTreeSet::new();
    let mut routes = BTreeMap::<String, usize>::new();
    for request in &requests {
        let (method, path, status) =
            (text(request, "method"), text(request, "path"), request["status"].as_u64());
        // What is refused is wrong on purpose or was never read, unless it is only not permitted; and a table of calls
        // that are not permitted gives each the same body, which a DELETE does not read.
        if !matches!(status, Some(200..=299 | 403)) || (method == "DELETE" && status == Some(403)) {
            continue;
        }
        problems.extend(description.check_body(method, path, &request["body"]));
        if let Some((method, template)) = description.route(method, path) {
            *routes.entry(format!("{method} {template}")).or_default() += 1;
        }
    }
    assert!(problems.is_empty(), "{} mistakes:\n{}", problems.len(), Vec::from_iter(problems).join("\n"));
    for route in [
        "POST /channels/{channel_id}/messages",
        "POST /interactions/{interaction_id}/{interaction_token}/callback",
        "PUT /applications/{application_id}/commands",
        "POST /users/@me/channels",
    ] {
        assert!(routes.contains_key(route), "the record of the run holds no {route}, but {routes:?}");
    }
}

#[test]
fn every_answer_of_the_run_is_as_discord_describes_it() {
    let (Some(mut description), Some(requests)) = (Description::named(), recorded()) else { return };
    let mut problems = BTreeSet::new();
    let mut answers = 0;
    for request in requests.iter().filter(|request| matches!(request["status"].as_u64(), Some(200..=299))) {
        let status = request["status"].as_u64().unwrap_or_default();
        let found = description.check_answer(
            text(request, "method"),
            text(request, "path"),
            status,
            &request["answer"],
        );
        answers += 1;
        problems.extend(found);
    }
    assert!(answers > 0, "the record of the run holds no answer");
    assert!(problems.is_empty(), "{} mistakes:\n{}", problems.len(), Vec::from_iter(problems).join("\n"));
}

#[test]
fn the_check_finds_what_is_wrong() {
    let Some(mut description) = Description::named() else { return };
    let sends = "/channels/1/messages";
    assert_eq!(description.check_body("POST", sends, &json!({"content": "hello"})), Vec::<String>::new());
    for wrong in [
        json!({"content": 7}),
        json!({"content": "hello", "contents": "misspelt"}),
        json!({"embeds": [{"title": "x".repeat(300)}]}),
        json!({"components": [{"type": 1, "components": [{"type": 2, "style": 99, "custom_id": "a"}]}]}),
        json!([]),
    ] {
        assert_ne!(description.check_body("POST", sends, &wrong), Vec::<String>::new(), "{wrong} passes");
    }
    assert_ne!(description.check_body("POST", "/nowhere", &Value::Null), Vec::<String>::new());
    assert_ne!(description.check_body("GET", "/users/@me", &json!({"a": 1})), Vec::<String>::new());
    assert_ne!(description.check_answer("GET", "/gateway", 200, &json!({"uri": "x"})), Vec::<String>::new());
    assert_eq!(
        description.check_answer("GET", "/gateway", 200, &json!({"url": "ws://x/"})),
        Vec::<String>::new()
    );
}
