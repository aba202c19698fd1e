//! From the text of a scenario file to a [`Scenario`]: every name is looked up, and every error has its line.

use std::collections::BTreeSet;

use toml::Spanned;

use super::error::{Complaint, ScenarioError};
use super::file::{ChannelFile, DayFile, GuildFile, PersonFile, ScenarioFile, StepFile, VERBS};
use super::step::{Act, ChannelPlan, Day, Deed, GuildPlan, Person, RolePlan, Scenario, Step};

/// The longest message that Discord takes, in characters.
const LONGEST_MESSAGE: usize = 2_000;
/// The longest name that Discord takes, in characters; the limit of the strictest kind of name.
const LONGEST_NAME: usize = 32;
/// The bot's own name in the box.
const BOT: &str = "Chaperone";

type Checked<T> = Result<T, Complaint>;

impl Scenario {
    /// Reads a scenario. `file` is what errors call it.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let read: ScenarioFile = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            let what = error.message().trim_end_matches('.').replace('\n', "; ");
            Complaint::new(what, "The top of the built-in science-club.toml explains every key")
                .at(file, line)
        })?;
        let reader = Reader { file, text };
        reader.scenario(read)
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
}

/// The names that steps may use, growing as threads are opened and messages are labelled.
struct Names {
    people: BTreeSet<String>,
    places: BTreeSet<String>,
    labels: BTreeSet<String>,
}

impl Reader<'_> {
    fn scenario(&self, read: ScenarioFile) -> Result<Scenario, ScenarioError> {
        let guild_line = line_of(self.text, read.guild.span().start);
        let guild = self.guild(read.guild.into_inner(), guild_line)?;
        let people = self.people(read.people, &guild)?;
        let mut names = Names {
            people: people.iter().map(|person| person.name.clone()).chain([guild.owner.clone()]).collect(),
            places: guild.channels.iter().map(|channel| channel.name.clone()).collect(),
            labels: BTreeSet::new(),
        };
        let days = read.days.into_iter().map(|day| self.day(day, &mut names)).collect::<Result<_, _>>()?;
        let (title, about) = (read.title, read.about);
        Ok(Scenario { file: self.file.to_owned(), title, about, guild, people, days })
    }

    fn guild(&self, read: GuildFile, line: usize) -> Result<GuildPlan, ScenarioError> {
        let checked = named(&read.name, "server").and_then(|()| named(&read.owner, "owner"));
        checked.map_err(|complaint| complaint.at(self.file, line))?;
        let roles: Vec<RolePlan> = read
            .roles
            .into_iter()
            .map(|role| RolePlan { name: role.name, administrator: role.administrator })
            .collect();
        let mut channels: Vec<ChannelPlan> = Vec::new();
        for channel in read.channels {
            let plan = self.at(channel, |channel| self::channel(channel, &roles, &channels))?;
            channels.push(plan);
        }
        Ok(GuildPlan { name: read.name, owner: read.owner, roles, channels })
    }

    fn people(
        &self,
        read: Vec<Spanned<PersonFile>>,
        guild: &GuildPlan,
    ) -> Result<Vec<Person>, ScenarioError> {
        let mut people: Vec<Person> = Vec::new();
        for person in read {
            let person = self.at(person, |person| self::person(person, guild, &people))?;
            people.push(person);
        }
        Ok(people)
    }

    fn day(&self, day: DayFile, names: &mut Names) -> Result<Day, ScenarioError> {
        let step = |step: Spanned<StepFile>| {
            let line = line_of(self.text, step.span().start);
            let act = self.at(step, |step| act(step, names))?;
            Ok(Step { line, act })
        };
        Ok(Day { name: day.name, steps: day.steps.into_iter().map(step).collect::<Result<_, _>>()? })
    }

    /// Checks something and gives a complaint about it its line.
    fn at<T, R>(&self, read: Spanned<T>, check: impl FnOnce(T) -> Checked<R>) -> Result<R, ScenarioError> {
        let line = line_of(self.text, read.span().start);
        check(read.into_inner()).map_err(|complaint| complaint.at(self.file, line))
    }
}

fn channel(read: ChannelFile, roles: &[RolePlan], before: &[ChannelPlan]) -> Checked<ChannelPlan> {
    if !read.name.starts_with('#') || read.name.contains(char::is_whitespace) {
        let what = format!("the channel \"{}\" is not named as Discord names channels", read.name);
        return Err(Complaint::new(what, "Write it with # and without blanks, such as #general"));
    }
    if before.iter().any(|other| other.name == read.name) {
        return Err(twice("channel", &read.name));
    }
    read.only.iter().try_for_each(|role| role_is_known(role, roles))?;
    Ok(ChannelPlan { name: read.name, only: read.only })
}

fn person(read: PersonFile, guild: &GuildPlan, before: &[Person]) -> Checked<Person> {
    named(&read.name, "person")?;
    if read.name == guild.owner || before.iter().any(|other| other.name == read.name) {
        return Err(twice("person", &read.name));
    }
    read.roles.iter().try_for_each(|role| role_is_known(role, &guild.roles))?;
    Ok(Person { name: read.name, roles: read.roles, about: read.about })
}

fn role_is_known(role: &str, roles: &[RolePlan]) -> Checked<()> {
    if roles.iter().any(|known| known.name == role) {
        return Ok(());
    }
    Err(Complaint::unknown("role", role, roles.iter().map(|known| known.name.as_str())))
}

fn act(step: StepFile, names: &mut Names) -> Checked<Act> {
    let verb = only_verb(&step)?;
    let StepFile { who, place, label, replies_to, to, with, .. } = step;
    if let Some(text) = step.aside {
        return Ok(Act::Aside(text));
    }
    let who = person_of(who, verb, names)?;
    let deed = if let Some(text) = step.says {
        says(message(text)?, place, replies_to, label, names)?
    } else if let Some(label) = step.edits {
        known(&names.labels, "message labelled", &label)?;
        Deed::Edits { label, text: message(needed(to, "to", verb)?)? }
    } else if let Some(label) = step.deletes {
        known(&names.labels, "message labelled", &label)?;
        Deed::Deletes { label }
    } else if let Some(name) = step.opens_thread {
        opens(name, needed(place, "in", verb)?, None, names)?
    } else if let Some(name) = step.opens_private_thread {
        opens(name, needed(place, "in", verb)?, Some(with.unwrap_or_default()), names)?
    } else if let Some(command) = step.runs {
        Deed::Runs { command }
    } else if let Some(button) = step.presses {
        Deed::Presses { button }
    } else if let Some(fields) = step.fills {
        Deed::Fills { fields }
    } else {
        Deed::RefusesDms(step.refuses_dms.unwrap_or(true))
    };
    Ok(Act::Deed { who, deed })
}

/// The one verb of a step; nothing that does not go with it may stand beside it.
fn only_verb(step: &StepFile) -> Checked<&'static str> {
    let keys = step.keys();
    let verbs: Vec<_> = VERBS.iter().filter(|(verb, _)| keys.contains(verb)).collect();
    let [(verb, with)] = verbs[..] else {
        let all = VERBS.iter().map(|(verb, _)| *verb).collect::<Vec<_>>().join(", ");
        let what = match verbs.len() {
            0 => "nothing happens in this step".to_owned(),
            _ => format!("`{}` and `{}` are two steps", verbs[0].0, verbs[1].0),
        };
        return Err(Complaint::new(what, format!("Give each step one of {all}")));
    };
    match keys.iter().find(|key| *key != verb && !with.contains(key)) {
        Some(key) => {
            let remedy = if with.is_empty() {
                "It stands alone".to_owned()
            } else {
                format!("What goes with it: {}", with.join(", "))
            };
            Err(Complaint::new(format!("`{key}` does not go with `{verb}`"), remedy))
        }
        None => Ok(verb),
    }
}

fn says(
    text: String,
    place: Option<String>,
    replies_to: Option<String>,
    label: Option<String>,
    names: &mut Names,
) -> Checked<Deed> {
    match (&place, &replies_to) {
        (None, None) => {
            return Err(Complaint::new(
                "`says` does not say where",
                "Add `in = \"#channel\"`, or `replies_to` with the label of a message",
            ));
        }
        (Some(_), Some(_)) => {
            return Err(Complaint::new(
                "`in` and `replies_to` both say where",
                "A reply is where its message is; leave `in` out",
            ));
        }
        (Some(place), None) => known(&names.places, "channel or thread", place)?,
        (None, Some(label)) => known(&names.labels, "message labelled", label)?,
    }
    if let Some(label) = &label
        && !names.labels.insert(label.clone())
    {
        return Err(twice("label", label));
    }
    Ok(Deed::Says { place, text, replies_to, label })
}

fn opens(name: String, place: String, private_with: Option<Vec<String>>, names: &mut Names) -> Checked<Deed> {
    known(&names.places, "channel", &place)?;
    if !place.starts_with('#') {
        return Err(Complaint::new(
            format!("\"{place}\" is a thread itself"),
            "Open threads under a channel",
        ));
    }
    named(&name, "thread")?;
    if name.starts_with('#') || names.places.contains(&format!("#{name}")) {
        let what = format!("the thread \"{name}\" would be taken for a channel");
        return Err(Complaint::new(what, "Give it a name without # that no channel has"));
    }
    for person in private_with.iter().flatten() {
        known(&names.people, "person", person)?;
    }
    if !names.places.insert(name.clone()) {
        return Err(twice("channel or thread", &name));
    }
    Ok(Deed::OpensThread { place, name, private_with })
}

fn person_of(who: Option<String>, verb: &str, names: &Names) -> Checked<String> {
    let who = needed(who, "who", verb)?;
    known(&names.people, "person", &who)?;
    Ok(who)
}

fn known(names: &BTreeSet<String>, what: &str, name: &str) -> Checked<()> {
    if names.contains(name) {
        return Ok(());
    }
    Err(Complaint::unknown(what, name, names.iter().map(String::as_str)))
}

fn needed(value: Option<String>, key: &str, verb: &str) -> Checked<String> {
    value.ok_or_else(|| Complaint::new(format!("`{verb}` needs `{key}`"), format!("Add `{key} = \"…\"`")))
}

fn message(text: String) -> Checked<String> {
    if text.trim().is_empty() {
        return Err(Complaint::new("the message is empty", "Write what is said"));
    }
    if text.chars().count() > LONGEST_MESSAGE {
        let remedy = format!("Discord takes {LONGEST_MESSAGE} characters; split it");
        return Err(Complaint::new("the message is too long", remedy));
    }
    Ok(text)
}

fn named(name: &str, what: &str) -> Checked<()> {
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        let remedy = format!("Give it one of 1 to {LONGEST_NAME} characters");
        return Err(Complaint::new(format!("the {what} has no name that Discord would take"), remedy));
    }
    if name == BOT {
        return Err(Complaint::new(format!("the {what} is named like the bot"), "Choose another name"));
    }
    Ok(())
}

fn twice(what: &str, name: &str) -> Complaint {
    Complaint::new(format!("the {what} \"{name}\" is there twice"), "Give one of them another name")
}

/// The line, from 1, of a byte of the text.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
