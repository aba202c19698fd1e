//! Discord's limits on what a bot sends, with the refusals it gives.

use serde_json::{Map, Value, json};

use super::answer::ApiError;
use crate::sandbox::world::interactions::list;

/// The flag of a message that is made of Components V2.
const COMPONENTS_V2: u64 = 1 << 15;

/// What is wrong, by path.
#[derive(Default)]
struct Problems(Value);

impl Problems {
    fn add(&mut self, path: &[&str], code: &str, message: &str) {
        let mut place = &mut self.0;
        for part in path {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[*part];
        }
        *place = json!({"_errors": [{"code": code, "message": message}]});
    }

    fn longest(&mut self, path: &[&str], value: &Value, most: usize) {
        if value.as_str().is_some_and(|text| text.chars().count() > most) {
            self.add(path, "BASE_TYPE_MAX_LENGTH", &format!("Must be {most} or fewer in length."));
        }
    }

    fn length(&mut self, path: &[&str], value: &Value, most: usize) {
        if value.as_str().unwrap_or_default().is_empty() {
            self.add(path, "BASE_TYPE_REQUIRED", "This field is required");
        }
        self.longest(path, value, most);
    }

    fn count(&mut self, path: &[&str], items: usize, most: usize) {
        if items > most {
            self.add(path, "BASE_TYPE_BAD_LENGTH", &format!("Must be between 1 and {most} in length."));
        }
    }

    fn done(self) -> Result<(), ApiError> {
        if self.0.is_null() { Ok(()) } else { Err(ApiError::invalid_form(self.0)) }
    }
}

/// A message to be sent: within the limits and not empty.
pub(super) fn message(body: &Value) -> Result<(), ApiError> {
    edit(body)?;
    let empty = body["content"].as_str().unwrap_or_default().trim().is_empty()
        && ["embeds", "components", "attachments", "sticker_ids"]
            .iter()
            .all(|part| list(body, part).is_empty())
        && body["poll"].is_null();
    if empty { Err(ApiError::new(400, 50006, "Cannot send an empty message")) } else { Ok(()) }
}

/// A change of a message: within the limits.
pub(super) fn edit(body: &Value) -> Result<(), ApiError> {
    let mut problems = Problems::default();
    problems.longest(&["content"], &body["content"], 2_000);
    problems.longest(&["nonce"], &body["nonce"], 25);
    let embeds = list(body, "embeds");
    problems.count(&["embeds"], embeds.len(), 10);
    let mut total = 0;
    for (place, embed) in embeds.iter().enumerate() {
        total += check_embed(&mut problems, &place.to_string(), embed);
    }
    if total > 6_000 {
        problems.add(&["embeds"], "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000");
    }
    if body["flags"].as_u64().unwrap_or(0) & COMPONENTS_V2 == 0 {
        check_rows(&mut problems, &list(body, "components"));
    }
    problems.done()
}

/// Returns how many characters count towards the limit of all embeds.
fn check_embed(problems: &mut Problems, place: &str, embed: &Value) -> usize {
    let mut total = 0;
    let mut check = |path: &[&str], value: &Value, most: usize| {
        total += value.as_str().map_or(0, |text| text.chars().count());
        problems.longest(path, value, most);
    };
    check(&["embeds", place, "title"], &embed["title"], 256);
    check(&["embeds", place, "description"], &embed["description"], 4_096);
    check(&["embeds", place, "footer", "text"], &embed["footer"]["text"], 2_048);
    check(&["embeds", place, "author", "name"], &embed["author"]["name"], 256);
    let fields = list(embed, "fields");
    for (number, field) in fields.iter().enumerate() {
        let number = number.to_string();
        check(&["embeds", place, "fields", &number, "name"], &field["name"], 256);
        check(&["embeds", place, "fields", &number, "value"], &field["value"], 1_024);
    }
    problems.count(&["embeds", place, "fields"], fields.len(), 25);
    for (number, field) in fields.iter().enumerate() {
        let number = number.to_string();
        problems.length(&["embeds", place, "fields", &number, "name"], &field["name"], 256);
        problems.length(&["embeds", place, "fields", &number, "value"], &field["value"], 1_024);
    }
    total
}

fn check_rows(problems: &mut Problems, rows: &[Value]) {
    problems.count(&["components"], rows.len(), 5);
    let mut ids: Vec<&str> = Vec::new();
    for (row_number, row) in rows.iter().enumerate() {
        let row_number = row_number.to_string();
        let Some(parts) = row["components"].as_array().filter(|_| row["type"] == 1) else {
            problems.add(
                &["components", &row_number],
                "UNION_TYPE_CHOICES",
                "Value of field \"type\" must be one of (1,).",
            );
            continue;
        };
        problems.count(&["components", &row_number, "components"], parts.len(), 5);
        for (number, part) in parts.iter().enumerate() {
            let number = number.to_string();
            let path = |field| ["components", &row_number, "components", &number, field];
            let is_link = part["type"] == 2 && matches!(part["style"].as_u64(), Some(5 | 6));
            if !is_link {
                problems.length(&path("custom_id"), &part["custom_id"], 100);
            }
            problems.longest(&path("label"), &part["label"], 80);
            problems.longest(&path("placeholder"), &part["placeholder"], 150);
            problems.count(&path("options"), list(part, "options").len(), 25);
            if let Some(id) = part["custom_id"].as_str() {
                if ids.contains(&id) {
                    problems.add(
                        &path("custom_id"),
                        "COMPONENT_CUSTOM_ID_DUPLICATED",
                        "Component custom id cannot be duplicated",
                    );
                }
                ids.push(id);
            }
        }
    }
}

/// A form: title, 1 to 5 components.
pub(super) fn modal(data: &Value) -> Result<(), ApiError> {
    let mut problems = Problems::default();
    problems.length(&["data", "title"], &data["title"], 45);
    problems.length(&["data", "custom_id"], &data["custom_id"], 100);
    let components = list(data, "components");
    if components.is_empty() {
        problems.add(&["data", "components"], "BASE_TYPE_REQUIRED", "This field is required");
    }
    problems.count(&["data", "components"], components.len(), 5);
    for (number, row) in components.iter().enumerate() {
        let number = number.to_string();
        let field = if row["component"].is_object() { &row["component"] } else { &row["components"][0] };
        problems.length(&["data", "components", &number, "custom_id"], &field["custom_id"], 100);
        let label = if row["label"].is_string() { &row["label"] } else { &field["label"] };
        problems.length(&["data", "components", &number, "label"], label, 45);
        problems.longest(&["data", "components", &number, "placeholder"], &field["placeholder"], 100);
    }
    problems.done()
}

/// What is offered while somebody types.
pub(super) fn choices(choices: &[Value]) -> Result<(), ApiError> {
    let mut problems = Problems::default();
    problems.count(&["data", "choices"], choices.len(), 25);
    for (number, choice) in choices.iter().enumerate() {
        let number = number.to_string();
        problems.length(&["data", "choices", &number, "name"], &choice["name"], 100);
        problems.longest(&["data", "choices", &number, "value"], &choice["value"], 100);
    }
    problems.done()
}

/// A whole set of commands.
pub(super) fn commands(commands: &[Value]) -> Result<(), ApiError> {
    let mut errors = Map::new();
    for (number, one) in commands.iter().enumerate() {
        if let Err(problem) = command(one) {
            errors.insert(number.to_string(), problem);
        }
        let same = |other: &&Value| other["name"] == one["name"] && other["type"] == one["type"];
        if commands.iter().filter(same).count() > 1 {
            let message = "Application command names must be unique";
            let problem = json!({"code": "APPLICATION_COMMANDS_DUPLICATE_NAME", "message": message});
            errors.insert(number.to_string(), json!({"name": {"_errors": [problem]}}));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(ApiError::invalid_form(Value::Object(errors))) }
}

/// Leaves out what options do not say: Discord shows no empty lists and no nulls in them.
pub(super) fn drop_empty(options: &mut Value) {
    match options {
        Value::Array(options) => options.iter_mut().for_each(drop_empty),
        Value::Object(fields) => {
            fields
                .retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
            fields.values_mut().for_each(drop_empty);
        }
        _ => {}
    }
}

/// One command; the error holds what is wrong by path.
pub(super) fn command(command: &Value) -> Result<(), Value> {
    let mut problems = Problems::default();
    problems.length(&["name"], &command["name"], 32);
    if command["type"].as_u64().unwrap_or(1) == 1 {
        check_name(&mut problems, &["name"], &command["name"]);
        problems.length(&["description"], &command["description"], 100);
        check_options(&mut problems, &["options"], &list(command, "options"));
    } else if !list(command, "options").is_empty()
        || !command["description"].as_str().unwrap_or_default().is_empty()
    {
        problems.add(
            &["options"],
            "APPLICATION_COMMAND_CONTEXT_MENU",
            "Context menu commands cannot have options or a description",
        );
    }
    problems.done().map_err(|error| error.errors.unwrap_or_default())
}

fn check_name(problems: &mut Problems, path: &[&str], name: &Value) {
    let name = name.as_str().unwrap_or_default();
    let good = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '\''))
        && name.to_lowercase() == name;
    if !good {
        problems.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
}

fn check_options(problems: &mut Problems, path: &[&str], options: &[Value]) {
    problems.count(path, options.len(), 25);
    let mut optional_seen = false;
    for (number, option) in options.iter().enumerate() {
        let number = number.to_string();
        let at = |field: &'static str| [path, &[number.as_str(), field]].concat();
        problems.length(&at("name"), &option["name"], 32);
        check_name(problems, &at("name"), &option["name"]);
        problems.length(&at("description"), &option["description"], 100);
        problems.count(&at("choices"), list(option, "choices").len(), 25);
        if matches!(option["type"].as_u64(), Some(1 | 2)) {
            check_options(problems, &at("options"), &list(option, "options"));
        } else if option["required"] == true && optional_seen {
            problems.add(
                &at("required"),
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            );
        }
        optional_seen |= option["required"] != true;
    }
}
