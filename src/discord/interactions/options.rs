//! From Discord's lists of options and form components to the JSON objects that a command's own types are read from.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::domain::MessageText;

/// Discord's number of a subcommand.
const SUBCOMMAND: u64 = 1;
/// Discord's number of a group of subcommands.
const SUBCOMMAND_GROUP: u64 = 2;
/// How deep the components of a form are looked into; Discord nests them two deep.
const DEEPEST: u8 = 8;

/// Options that do not fit the command, which happens when Discord still has an older form of it.
///
/// Which value does not fit is not said, since it is what somebody typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the answers do not fit this command or form; wait a minute until Discord knows the newest form of it, then try again"
)]
pub struct OptionError;

/// An option that is being typed into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focused {
    /// The names of the subcommand group and subcommand around it, outermost first.
    pub path: Vec<String>,
    /// The option's name.
    pub name: String,
    /// What was typed so far.
    pub typed: MessageText,
}

/// Reads a command's own type from its tree of options.
pub(super) fn read<T: DeserializeOwned>(tree: Value) -> Result<T, OptionError> {
    // The source is left out, since its text quotes the value that does not fit, and so is the name of the form, which
    // a changed client can choose.
    serde_json::from_value(tree).map_err(|_| OptionError)
}

/// Options as an object by their names; a subcommand as an object under its name.
pub(super) fn tree(options: &Value) -> Value {
    let mut object = Map::new();
    for option in options.as_array().into_iter().flatten() {
        let Some(name) = option["name"].as_str() else { continue };
        let value = match option["type"].as_u64() {
            Some(SUBCOMMAND | SUBCOMMAND_GROUP) => tree(&option["options"]),
            _ => option["value"].clone(),
        };
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

/// The option that is being typed into.
pub(super) fn focused(options: &Value) -> Option<Focused> {
    for option in options.as_array()? {
        let name = option["name"].as_str()?;
        if option["focused"].as_bool() == Some(true) {
            let typed = match &option["value"] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            return Some(Focused { path: Vec::new(), name: name.to_owned(), typed: MessageText::new(typed) });
        }
        if let Some(mut inner) = focused(&option["options"]) {
            inner.path.insert(0, name.to_owned());
            return Some(inner);
        }
    }
    None
}

/// The fields of a form as an object by their names.
pub(super) fn fields(components: &Value) -> Value {
    let mut object = Map::new();
    collect_fields(components, &mut object, DEEPEST);
    Value::Object(object)
}

fn collect_fields(component: &Value, into: &mut Map<String, Value>, depth: u8) {
    match component {
        Value::Array(components) if depth > 0 => {
            for component in components {
                collect_fields(component, into, depth - 1);
            }
        }
        Value::Object(object) if depth > 0 => {
            if let Some((name, value)) = component["custom_id"].as_str().zip(answer(object)) {
                into.insert(name.to_owned(), value);
            }
            collect_fields(&component["components"], into, depth - 1);
            collect_fields(&component["component"], into, depth - 1);
        }
        _ => {}
    }
}

/// What was entered; none for a field that was left empty.
fn answer(component: &Map<String, Value>) -> Option<Value> {
    let value = component.get("value").or_else(|| component.get("values"))?;
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(values) if values.is_empty() => None,
        value => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountId, IncidentCode, RoleId};
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Incident {
        Show { code: String },
        List { limit: Option<u8>, by: Option<AccountId> },
        Open {},
        Admin(Admin),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Admin {
        Purge { role: RoleId, sure: bool },
    }

    fn parsed(options: &Value) -> Result<Incident, OptionError> {
        read(tree(options))
    }

    #[test]
    fn subcommands_become_variants_and_options_fields() {
        let show =
            json!([{"name": "show", "type": 1, "options": [{"name": "code", "type": 3, "value": "K7QX3"}]}]);
        assert_eq!(parsed(&show).unwrap(), Incident::Show { code: "K7QX3".to_owned() });
        let list = json!([{"name": "list", "type": 1, "options": [
            {"name": "limit", "type": 4, "value": 5}, {"name": "by", "type": 6, "value": "77"}]}]);
        assert_eq!(parsed(&list).unwrap(), Incident::List { limit: Some(5), by: Some(AccountId::new(77)) });
        let bare = json!([{"name": "list", "type": 1, "options": []}]);
        assert_eq!(parsed(&bare).unwrap(), Incident::List { limit: None, by: None });
        assert_eq!(parsed(&json!([{"name": "open", "type": 1}])).unwrap(), Incident::Open {});
        let purge = json!([{"name": "admin", "type": 2, "options": [{"name": "purge", "type": 1, "options": [
            {"name": "role", "type": 8, "value": "9"}, {"name": "sure", "type": 5, "value": true}]}]}]);
        let expected = Incident::Admin(Admin::Purge { role: RoleId::new(9), sure: true });
        assert_eq!(parsed(&purge).unwrap(), expected);
    }

    #[test]
    fn a_command_without_subcommands_is_read_into_a_struct() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Test {
            text: String,
        }
        let options = json!([{"name": "text", "type": 3, "value": "hello"}]);
        assert_eq!(read::<Test>(tree(&options)).unwrap(), Test { text: "hello".to_owned() });
    }

    #[test]
    fn what_does_not_fit_is_refused_without_being_quoted() {
        for options in [
            json!([{"name": "show", "type": 1, "options": [{"name": "code", "type": 4, "value": "s3cret"}, 7]}]),
            json!([{"name": "s3cret", "type": 1}]),
            json!([{"name": "list", "type": 1, "options": [{"name": "by", "type": 6, "value": "s3cret"}]}]),
            json!([]),
            json!(null),
        ] {
            if let Err(error) = parsed(&options) {
                assert!(!format!("{error} {error:?}").contains("s3cret"));
            } else {
                assert_eq!(options[0]["name"], "show", "{options}");
            }
        }
        assert!("s3cret".parse::<IncidentCode>().is_err());
    }

    #[test]
    fn the_focused_option_is_found_wherever_it_is_and_is_always_text() {
        let options = json!([{"name": "admin", "type": 2, "options": [{"name": "purge", "type": 1, "options": [
            {"name": "a", "type": 3, "value": "x"}, {"name": "n", "type": 4, "value": 12, "focused": true}]}]}]);
        let focused = focused(&options).unwrap();
        assert_eq!((focused.path.join(" ").as_str(), focused.name.as_str()), ("admin purge", "n"));
        assert_eq!(focused.typed.expose(), "12");
        assert_eq!(super::focused(&json!([{"name": "a", "type": 3, "value": "x"}])), None);
    }

    #[test]
    fn form_fields_are_found_in_rows_and_in_labels() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Close {
            note: String,
            reason: Option<Vec<String>>,
            empty: Option<String>,
            told: Option<bool>,
        }
        let components = json!([
            {"type": 1, "components": [{"type": 4, "custom_id": "note", "value": "seen"}]},
            {"type": 18, "component": {"type": 3, "custom_id": "reason", "values": ["false-alarm"]}},
            {"type": 18, "component": {"type": 4, "custom_id": "empty", "value": ""}},
            {"type": 18, "component": {"type": 23, "custom_id": "told", "value": true}},
            {"type": 10, "content": "just text"}
        ]);
        let close: Close = read(fields(&components)).unwrap();
        let reason = Some(vec!["false-alarm".to_owned()]);
        assert_eq!(close, Close { note: "seen".to_owned(), reason, empty: None, told: Some(true) });
    }

    proptest::proptest! {
        #[test]
        fn no_shape_of_options_breaks_the_reader(numbers in proptest::collection::vec(0_u8..8, 0..40)) {
            let mut value = json!({"name": "x", "type": 1, "value": 1, "custom_id": "c"});
            for number in numbers {
                value = match number {
                    0 => json!([value]),
                    1 => json!({"name": "a", "type": 2, "options": value}),
                    2 => json!({"custom_id": "b", "components": value}),
                    3 => json!({"component": value}),
                    4 => json!({"name": 7, "options": [value]}),
                    5 => json!({"focused": true, "name": "f", "value": value}),
                    6 => json!([value, null, 3]),
                    _ => json!({"type": "1", "options": value}),
                };
            }
            let _ = (tree(&value), focused(&value), fields(&value), parsed(&value));
        }
    }
}
