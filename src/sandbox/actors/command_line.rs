//! From what a person types to what Discord sends: the command and its options. Whom and what names mean is
//! in `named`.

use serde_json::{Map, Value, json};

use super::named::{Typist, named, option, resolve_user};
use super::using::picked_from_list;
use crate::sandbox::world::interactions::list;
use crate::sandbox::world::permissions::bits;
use crate::sandbox::world::{Snowflake, World};

/// Reads a typed slash command. With `focus`, the last option is still being typed. The error is the client's
/// complaint.
pub(super) fn parse(world: &World, typist: &Typist, typed: &str, focus: bool) -> Result<Value, String> {
    let (command, words) = find_command(world, typist, typed)?;
    let descent = Descent::new(&command, words)?;
    let mut reader = Reader::new(world, typist, &descent.options);
    reader.read(&descent.rest, focus)?;
    finish(&command, &descent.path, reader, focus)
}

/// The data of a slash command whose options are given apart.
pub(super) fn given(
    world: &World,
    typist: &Typist,
    typed: &str,
    options: &[(&str, &str)],
) -> Result<Value, String> {
    let (command, words) = find_command(world, typist, typed)?;
    let descent = Descent::new(&command, words)?;
    let mut reader = Reader::new(world, typist, &descent.options);
    for (name, value) in options {
        reader.take_named(name, value)?;
    }
    finish(&command, &descent.path, reader, false)
}

/// The data of a message command used on a message.
pub(super) fn on_message(
    world: &World,
    typist: &Typist,
    name: &str,
    key: (Snowflake, Snowflake),
) -> Result<Value, String> {
    let command = offered_command(world, typist, name, 3)?;
    let message = world.messages.get(&key).ok_or("the message is gone")?;
    let mut resolved = Map::new();
    resolved.insert(key.1.to_string(), world.message_json(message));
    Ok(json!({
        "id": command["id"], "name": name, "type": 3, "target_id": key.1, "resolved": {"messages": resolved},
    }))
}

/// The data of a user command used on a member.
pub(super) fn on_member(
    world: &World,
    typist: &Typist,
    name: &str,
    user: Snowflake,
) -> Result<Value, String> {
    let command = offered_command(world, typist, name, 2)?;
    let mut resolved = Map::new();
    resolve_user(world, typist, user, &mut resolved);
    Ok(json!({"id": command["id"], "name": name, "type": 2, "target_id": user, "resolved": resolved}))
}

/// The data of a select menu in which something was picked.
pub(super) fn picked(world: &World, typist: &Typist, menu: &Value, picks: &[&str]) -> Result<Value, String> {
    let (least, most) = (menu["min_values"].as_u64().unwrap_or(1), menu["max_values"].as_u64().unwrap_or(1));
    if !(least..=most).contains(&(picks.len() as u64)) {
        return Err(format!("the menu takes {least} to {most} picks"));
    }
    let mut resolved = Map::new();
    let kind = match menu["type"].as_u64() {
        Some(3) => None,
        Some(5) => Some(option::USER),
        Some(6) => Some(option::ROLE),
        Some(7) => Some(option::MENTIONABLE),
        _ => Some(option::CHANNEL),
    };
    let values = match kind {
        None => picked_from_list(menu, picks)?,
        Some(kind) => {
            let one = |pick: &&str| {
                named(world, typist, kind, pick, &mut resolved)
                    .ok_or_else(|| format!("nothing is named {pick}"))
            };
            picks.iter().map(one).collect::<Result<_, _>>()?
        }
    };
    Ok(json!({
        "custom_id": menu["custom_id"], "component_type": menu["type"], "id": menu["id"],
        "values": values, "resolved": resolved,
    }))
}

/// The names of the commands that a client offers here.
pub(super) fn offered(world: &World, typist: &Typist) -> Vec<String> {
    let commands = world.application.commands.iter().filter(|command| may_use(world, typist, command));
    commands.filter_map(|command| command["name"].as_str()).map(ToOwned::to_owned).collect()
}

fn find_command<'a>(
    world: &World,
    typist: &Typist,
    typed: &'a str,
) -> Result<(Value, Vec<Word<'a>>), String> {
    let mut words = words(typed.trim_start().strip_prefix('/').ok_or("a slash command begins with /")?);
    if words.is_empty() {
        return Err("there is no command here".to_owned());
    }
    let name = words.remove(0);
    Ok((offered_command(world, typist, &name.text, 1)?, words))
}

fn offered_command(world: &World, typist: &Typist, name: &str, kind: u64) -> Result<Value, String> {
    let known =
        || {
            world.application.commands.iter().filter(move |command| {
                command["name"] == *name && command["type"].as_u64().unwrap_or(1) == kind
            })
        };
    let found = known().find(|command| may_use(world, typist, command));
    match found {
        Some(command) => Ok(command.clone()),
        None if known().next().is_some() => {
            Err("the client does not offer it here, or not to them".to_owned())
        }
        None => Err("there is no such command of this kind".to_owned()),
    }
}

/// Whether a client offers a command: guild, context, and the permissions that the command asks for.
fn may_use(world: &World, typist: &Typist, command: &Value) -> bool {
    let of_guild =
        command.get("guild_id").is_none_or(|guild| typist.guild.is_some_and(|own| *guild == json!(own)));
    let context = u64::from(typist.guild.is_none());
    let in_context = match command["contexts"].as_array() {
        Some(contexts) => contexts.iter().any(|one| one.as_u64() == Some(context)),
        None => typist.guild.is_some() || command["dm_permission"] != false,
    };
    let wanted = command["default_member_permissions"].as_str().and_then(|bits| bits.parse::<u64>().ok());
    let may =
        world.channels.get(&typist.channel).map_or(0, |channel| world.permissions(typist.user, channel));
    let allowed = typist.guild.is_none()
        || may & bits::USE_APPLICATION_COMMANDS != 0
            && wanted
                .is_none_or(|wanted| may & bits::ADMINISTRATOR != 0 || wanted != 0 && may & wanted == wanted);
    of_guild && in_context && allowed
}

/// A word of what was typed.
#[derive(Clone)]
struct Word<'a> {
    /// Without the quotes around it.
    text: String,
    /// All that was typed from its beginning on, so that what follows can be taken as it is.
    from: &'a str,
    quoted: bool,
}

/// Splits at blanks; double quotes keep words together.
fn words(typed: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut in_word = false;
    let mut in_quotes = false;
    for (at, letter) in typed.char_indices() {
        if letter.is_whitespace() && !in_quotes {
            in_word = false;
            continue;
        }
        if !in_word {
            words.push(Word { text: String::new(), from: &typed[at..], quoted: letter == '"' });
            in_word = true;
        }
        if letter == '"' {
            in_quotes = !in_quotes;
        } else if let Some(word) = words.last_mut() {
            word.text.push(letter);
        }
    }
    words
}

/// The way from a command through its groups to the options that are to be filled.
struct Descent<'a> {
    path: Vec<Value>,
    options: Vec<Value>,
    rest: Vec<Word<'a>>,
}

impl<'a> Descent<'a> {
    fn new(command: &Value, words: Vec<Word<'a>>) -> Result<Self, String> {
        let mut descent = Self { path: Vec::new(), options: list(command, "options"), rest: words };
        while descent.options.iter().any(is_nested) {
            let names: Vec<_> = descent.options.iter().filter_map(|one| one["name"].as_str()).collect();
            let wanted = descent.rest.first().map(|word| word.text.clone());
            let step = descent.options.iter().find(|one| wanted.as_deref() == one["name"].as_str()).cloned();
            let step = step.ok_or_else(|| format!("what follows must be one of {}", names.join(", ")))?;
            descent.rest.remove(0);
            descent.options = list(&step, "options");
            descent.path.push(step);
        }
        Ok(descent)
    }
}

fn is_nested(option: &Value) -> bool {
    matches!(option["type"].as_u64(), Some(option::SUB_COMMAND | option::SUB_COMMAND_GROUP))
}

/// Fills options with values.
struct Reader<'a> {
    world: &'a World,
    typist: &'a Typist,
    options: &'a [Value],
    values: Vec<Value>,
    resolved: Map<String, Value>,
}

impl<'a> Reader<'a> {
    fn new(world: &'a World, typist: &'a Typist, options: &'a [Value]) -> Self {
        Self { world, typist, options, values: Vec::new(), resolved: Map::new() }
    }

    fn read(&mut self, words: &[Word<'_>], focus: bool) -> Result<(), String> {
        let named = |word: &Word<'_>| {
            let (name, _) = word.text.split_once(':')?;
            (!word.quoted && self.options.iter().any(|option| option["name"] == *name))
                .then(|| name.to_owned())
        };
        let first_named = words.iter().position(|word| named(word).is_some()).unwrap_or(words.len());
        let starts: Vec<(usize, String)> =
            words.iter().enumerate().filter_map(|(at, word)| named(word).map(|name| (at, name))).collect();
        let after = words.get(first_named).map_or(0, |word| word.from.len());
        self.read_placed(&words[..first_named], after, focus)?;
        for (number, (at, name)) in starts.iter().enumerate() {
            let until = starts.get(number + 1).map_or(words.len(), |(next, _)| *next);
            let joined = join(&words[*at..until]);
            self.take_named(name, joined[name.len() + 1..].trim_start())?;
        }
        Ok(())
    }

    /// Options by place: names of people, roles and channels take as many words as they have. `after` is the
    /// length of what comes after these words.
    fn read_placed(&mut self, words: &[Word<'_>], after: usize, focus: bool) -> Result<(), String> {
        let mut rest = words;
        let options = self.options;
        for (number, one) in options.iter().enumerate() {
            if rest.is_empty() {
                return Ok(());
            }
            let last_text = one["type"] == option::STRING && number + 1 == options.len();
            let longest = match one["type"].as_u64() {
                _ if last_text => rest.len(),
                Some(option::USER | option::ROLE | option::CHANNEL | option::MENTIONABLE) => rest.len(),
                _ => 1,
            };
            let taken = (1..=longest).rev().find(|count| {
                let text = if last_text && !rest[0].quoted {
                    rest[0].from[..rest[0].from.len() - after].trim_end().to_owned()
                } else {
                    join(&rest[..*count])
                };
                self.take(one, &text).is_ok()
            });
            match taken {
                Some(count) => rest = &rest[count..],
                None if focus && rest.len() == 1 => {
                    let typed = json!({"name": one["name"], "type": one["type"], "value": rest[0].text});
                    self.values.push(typed);
                    return Ok(());
                }
                None => {
                    return Err(format!(
                        "\"{}\" is not a {}",
                        rest[0].text,
                        one["name"].as_str().unwrap_or("value")
                    ));
                }
            }
        }
        if rest.is_empty() { Ok(()) } else { Err(format!("there is no option for \"{}\"", rest[0].text)) }
    }

    fn take_named(&mut self, name: &str, value: &str) -> Result<(), String> {
        let options = self.options;
        let option = options
            .iter()
            .find(|option| option["name"] == *name)
            .ok_or_else(|| format!("there is no option {name}"))?;
        self.take(option, value)
    }

    fn take(&mut self, option: &Value, text: &str) -> Result<(), String> {
        let name = option["name"].as_str().unwrap_or_default();
        if self.values.iter().any(|value| value["name"] == *name) {
            return Err(format!("{name} is given twice"));
        }
        let bad = || format!("\"{text}\" does not fit {name}");
        let kind = option["type"].as_u64().unwrap_or(0);
        let choices = list(option, "choices");
        let chosen = choices
            .iter()
            .find(|choice| choice["name"] == *text || choice["value"].to_string().trim_matches('"') == text);
        let value = match (kind, chosen) {
            (_, Some(choice)) => choice["value"].clone(),
            (_, None) if !choices.is_empty() => return Err(bad()),
            (option::STRING, None) => json!(text),
            (option::INTEGER, None) => json!(text.parse::<i64>().map_err(|_| bad())?),
            (option::NUMBER, None) => json!(text.parse::<f64>().map_err(|_| bad())?),
            (option::BOOLEAN, None) => match text.to_lowercase().as_str() {
                "true" | "yes" => json!(true),
                "false" | "no" => json!(false),
                _ => return Err(bad()),
            },
            (kind, None) => named(self.world, self.typist, kind, text, &mut self.resolved).ok_or_else(bad)?,
        };
        within_bounds(option, &value).then_some(()).ok_or_else(bad)?;
        self.values.push(json!({"name": name, "type": kind, "value": value}));
        Ok(())
    }
}

fn within_bounds(option: &Value, value: &Value) -> bool {
    let length = value.as_str().map(|text| text.chars().count() as u64);
    let number = value.as_f64();
    length.is_none_or(|length| {
        option["min_length"].as_u64().is_none_or(|least| length >= least)
            && length <= option["max_length"].as_u64().unwrap_or(6_000)
    }) && number.is_none_or(|number| {
        option["min_value"].as_f64().is_none_or(|least| number >= least)
            && option["max_value"].as_f64().is_none_or(|most| number <= most)
    })
}

fn join(words: &[Word<'_>]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Wraps the values in the groups they are in.
fn finish(command: &Value, path: &[Value], mut reader: Reader<'_>, focus: bool) -> Result<Value, String> {
    let missing = reader.options.iter().find(|option| {
        option["required"] == true && !reader.values.iter().any(|value| value["name"] == option["name"])
    });
    if let Some(option) = missing.filter(|_| !focus) {
        return Err(format!("{} must be given", option["name"].as_str().unwrap_or_default()));
    }
    if focus {
        if reader.values.is_empty()
            && let Some(first) = reader.options.first()
        {
            reader.values.push(json!({"name": first["name"], "type": first["type"], "value": ""}));
        }
        if let Some(last) = reader.values.last_mut() {
            last["focused"] = json!(true);
            last["value"] =
                json!(last["value"].as_str().map_or_else(|| last["value"].to_string(), ToOwned::to_owned));
        }
    }
    let mut options = reader.values;
    for step in path.iter().rev() {
        options = vec![json!({"name": step["name"], "type": step["type"], "options": options})];
    }
    let mut data = json!({"id": command["id"], "name": command["name"], "type": 1, "options": options});
    if !reader.resolved.is_empty() {
        data["resolved"] = Value::Object(reader.resolved);
    }
    if let Some(guild) = command.get("guild_id") {
        data["guild_id"] = guild.clone();
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A world with a guild, a channel, somebody who types, and the command `/note code text`.
    fn world() -> (World, Typist) {
        let mut world = World::new(String::new());
        let user = world.user("Ava");
        let guild = world.add_guild("Science Club", user, bits::EVERYONE);
        let channel = world.next_id();
        let kind = crate::sandbox::world::state::kind::TEXT;
        world.add_channel(crate::sandbox::world::state::Channel::new(channel, kind, Some(guild), "#general"));
        let option = |name: &str, required: bool| json!({"type": 3, "name": name, "required": required});
        let options = json!([option("code", true), option("text", false)]);
        world.application.commands.push(json!({"id": "1", "name": "note", "type": 1, "options": options}));
        (world, Typist { user, guild: Some(guild), channel })
    }

    fn values(typed: &str) -> Result<Vec<(String, String)>, String> {
        let (world, typist) = world();
        let data = parse(&world, &typist, typed, false)?;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Ok(list(&data, "options").iter().map(|one| (text(&one["name"]), text(&one["value"]))).collect())
    }

    #[test]
    fn options_go_by_place_or_by_name_in_any_order() {
        for typed in [
            "/note K7QX3 spoke to  both: done",
            "/note K7QX3 text:\"spoke to  both: done\"",
            "/note code:K7QX3 text:\"spoke to  both: done\"",
        ] {
            let text = "spoke to  both: done".to_owned();
            assert_eq!(
                values(typed).unwrap(),
                [("code".into(), "K7QX3".into()), ("text".into(), text)],
                "{typed}"
            );
        }
        let turned = values("/note text:a b code:K7QX3").unwrap();
        assert_eq!(turned, [("text".into(), "a b".into()), ("code".into(), "K7QX3".into())]);
    }

    #[test]
    fn what_the_client_would_not_send_is_refused_with_its_complaint() {
        for (typed, complaint) in [
            ("note K7QX3", "a slash command begins with /"),
            ("/", "there is no command here"),
            ("/erase", "there is no such command of this kind"),
            ("/note text:x", "code must be given"),
            ("/note K7QX3 code:K7QX4", "code is given twice"),
        ] {
            assert_eq!(values(typed).unwrap_err(), complaint);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_or_refused(typed in "/note (code:|text:|\"|[ a-zé💬:]){0,12}") {
            let _either = values(&typed);
        }

        #[test]
        fn the_last_text_arrives_as_it_was_typed(text in "[a-zé💬,.!?']+( +[a-zé💬,.!?']+){0,5}") {
            let read = values(&format!("/note K7QX3 {text}")).unwrap();
            prop_assert_eq!(&read[1].1, &text);
        }

        #[test]
        fn a_value_given_apart_arrives_as_it_is(text in any::<String>()) {
            let (world, typist) = world();
            prop_assume!(text.chars().count() <= 6_000);
            let data = given(&world, &typist, "/note", &[("code", &text)]).unwrap();
            prop_assert_eq!(data["options"][0]["value"].as_str(), Some(text.as_str()));
        }
    }
}
