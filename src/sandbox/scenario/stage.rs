//! A scenario on the stage: its server in a sandbox, and its people doing one step after the other.
//!
//! Whatever Discord or its client would not let somebody do is an error that names the step's line.

use std::collections::BTreeMap;

use super::error::{Complaint, ScenarioError};
use super::step::{Act, Deed, GuildPlan, Scenario, Step};
use crate::domain::{AccountId, MessageId, SpaceId};
use crate::sandbox::world::state::kind;
use crate::sandbox::world::{Snowflake, World};
use crate::sandbox::{Actor, Guild, Reply, Said, Sandbox, Shown, permissions};

/// A scenario's server in a sandbox, with everybody in it.
#[derive(Debug)]
pub struct Stage {
    sandbox: Sandbox,
    guild: Guild,
    file: String,
    said: BTreeMap<String, Said>,
    /// What the bot answered to whom, the newest last.
    answers: BTreeMap<String, Vec<Reply>>,
}

impl Stage {
    /// Builds the scenario's server, with the bot in it, and lets everybody in.
    pub fn build(sandbox: &Sandbox, scenario: &Scenario) -> Self {
        let guild = build(sandbox, &scenario.guild);
        for person in &scenario.people {
            let member =
                person.roles.iter().fold(guild.member(&person.name), |member, role| member.role(role));
            member.join();
        }
        Self {
            sandbox: sandbox.clone(),
            guild,
            file: scenario.file.clone(),
            said: BTreeMap::new(),
            answers: BTreeMap::new(),
        }
    }

    /// Does what a step says. Returns when it is done, and the bot has answered where it was asked.
    ///
    /// # Panics
    /// When the bot does not answer; see [`Sandbox::wait_until`].
    pub async fn perform(&mut self, step: &Step) -> Result<(), ScenarioError> {
        let Act::Deed { who, deed } = &step.act else { return Ok(()) };
        let actor = self.guild.actor(who);
        self.carry_out(who, &actor, deed).await.map_err(|complaint| complaint.at(&self.file, step.line))
    }

    /// Somebody's name.
    pub fn name(&self, account: AccountId) -> String {
        self.sandbox.look(|world| world.name_of(Snowflake(account.get())))
    }

    /// What people call a Space: `#general`, or a thread's name with what it is.
    pub fn space(&self, space: SpaceId) -> String {
        self.sandbox.look(|world| space_name(world, Snowflake(space.get())))
    }

    /// What people call the channel or thread of this name.
    pub fn space_named(&self, name: &str) -> String {
        let guild = Snowflake(self.guild.id().get());
        self.sandbox.look(|world| match world.channel_named(guild, name) {
            Some(channel) => space_name(world, channel.id),
            None => format!("#{name}"),
        })
    }

    /// What a message says now; `None` where it is gone.
    pub fn message(&self, space: SpaceId, message: MessageId) -> Option<String> {
        let key = (Snowflake(space.get()), Snowflake(message.get()));
        self.sandbox.look(|world| world.messages.get(&key).map(|message| message.content.clone()))
    }

    /// A text of the bot as a client shows it, in plain words.
    pub fn as_shown(&self, text: &str) -> String {
        self.sandbox.look(|world| world.as_shown(text))
    }

    /// Who wrote the message with this label.
    pub fn author_of(&self, label: &str) -> Option<String> {
        let key = self.said.get(label)?.key();
        self.sandbox.look(|world| world.messages.get(&key).map(|message| world.name_of(message.author)))
    }

    /// What the bot answered to somebody last; of a form its title and labels.
    pub fn last_answer(&self, who: &str) -> Option<String> {
        Some(self.as_shown(&self.answers.get(who)?.last()?.text()))
    }

    async fn carry_out(&mut self, who: &str, actor: &Actor, deed: &Deed) -> Result<(), Complaint> {
        match deed {
            Deed::Says { place, text, replies_to, label } => {
                let said = self.say(actor, place.as_deref(), replies_to.as_deref(), text)?;
                self.said.extend(label.clone().map(|label| (label, said)));
            }
            Deed::Edits { label, text } => actor.edits(self.own(actor, label, 0)?, text),
            Deed::Deletes { label } => actor.deletes(self.own(actor, label, permissions::MANAGE_MESSAGES)?),
            Deed::OpensThread { place, name, private_with } => {
                open_thread(&self.guild, actor, place, name, private_with.as_deref())?;
            }
            Deed::Runs { command } => {
                if let Some(why) = actor.objection_to(command) {
                    return Err(Complaint::new(
                        format!("{who} cannot use {command}: {why}"),
                        "Write it as it would be typed into Discord",
                    ));
                }
                let answer = actor.runs(command).await;
                self.keep(who, answer);
            }
            Deed::Presses { button } => self.press(who, actor, button).await?,
            Deed::Fills { fields } => self.fill(who, actor, fields).await?,
            Deed::RefusesDms(refuses) => actor.refuses_dms(*refuses),
        }
        Ok(())
    }

    fn say(
        &self,
        actor: &Actor,
        place: Option<&str>,
        replies_to: Option<&str>,
        text: &str,
    ) -> Result<Said, Complaint> {
        let guild = Snowflake(self.guild.id().get());
        let to = replies_to.map(|label| self.message_labelled(label)).transpose()?;
        let may = self.sandbox.look(|world| {
            let channel = match (to, place) {
                (Some(to), _) => world.channels.get(&to.key().0),
                (None, place) => world.channel_named(guild, place.unwrap_or_default()),
            };
            channel.is_some_and(|channel| world.may_write(Snowflake(actor.id().get()), channel))
        });
        if !may {
            return Err(Complaint::new(
                format!("{} may not write there", actor.name()),
                "Give them a role that sees the channel, or add them to the thread",
            ));
        }
        Ok(match to {
            Some(to) => actor.replies(to, text),
            None => actor.says(place.unwrap_or_default(), text),
        })
    }

    /// The message with this label, if it is theirs, or they have this permission over others' messages.
    fn own(&self, actor: &Actor, label: &str, or_with: u64) -> Result<Said, Complaint> {
        let said = self.message_labelled(label)?;
        let user = Snowflake(actor.id().get());
        let may = self.sandbox.look(|world| {
            let over_others = or_with != 0
                && world.channels.get(&said.key().0).is_some_and(|channel| world.may(user, channel, or_with));
            over_others || world.messages.get(&said.key()).is_some_and(|message| message.author == user)
        });
        if may {
            return Ok(said);
        }
        let what = format!("the message \"{label}\" is not {}'s", actor.name());
        Err(Complaint::new(what, "Let its author do it"))
    }

    fn message_labelled(&self, label: &str) -> Result<Said, Complaint> {
        let said = self.said.get(label).copied();
        said.filter(|said| self.sandbox.look(|world| world.messages.contains_key(&said.key()))).ok_or_else(
            || Complaint::new(format!("the message \"{label}\" is gone"), "Use it before it is deleted"),
        )
    }

    async fn press(&mut self, who: &str, actor: &Actor, button: &str) -> Result<(), Complaint> {
        let answers = self.answers.get(who).map(Vec::as_slice).unwrap_or_default();
        let answer = if let Some(answer) = answers.iter().rev().find(|answer| shows(*answer, button)) {
            actor.presses(answer, button).await
        } else if let Some(message) = actor.inbox().iter().rev().find(|message| shows(*message, button)) {
            actor.presses(message, button).await
        } else {
            return Err(Complaint::new(
                format!("{who} has no button \"{button}\" to press"),
                "Take a label that an answer or a direct message to them shows at this point",
            ));
        };
        self.keep(who, answer);
        Ok(())
    }

    async fn fill(
        &mut self,
        who: &str,
        actor: &Actor,
        fields: &BTreeMap<String, String>,
    ) -> Result<(), Complaint> {
        let last = self.answers.get(who).and_then(|answers| answers.last());
        let Some((reply, form)) = last.and_then(|reply| Some((reply, reply.modal.as_ref()?))) else {
            return Err(Complaint::new(
                format!("{who} has no form to fill in"),
                "Let them press a button that opens one in the step before",
            ));
        };
        for (name, value) in fields {
            let field = form.fields.iter().find(|field| field.label == *name || field.custom_id == *name);
            let Some(field) = field else {
                let labels = form.fields.iter().map(|field| field.custom_id.as_str());
                return Err(Complaint::unknown("field", name, labels));
            };
            if value.chars().count() as u64 > field.max_length || (field.required && value.is_empty()) {
                let remedy = format!("It takes 1 to {} characters", field.max_length);
                return Err(Complaint::new(format!("the field \"{name}\" does not take this text"), remedy));
            }
        }
        let missing = form.fields.iter().find(|field| {
            field.required
                && field.value.is_empty()
                && !fields.contains_key(&field.label)
                && !fields.contains_key(&field.custom_id)
        });
        if let Some(field) = missing {
            let what = format!("the field \"{}\" must be filled in", field.label);
            return Err(Complaint::new(what, format!("Add `{} = \"…\"`", field.custom_id)));
        }
        let values: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = actor.fills(reply, &values).await;
        self.keep(who, answer);
        Ok(())
    }

    fn keep(&mut self, who: &str, answer: Reply) {
        self.answers.entry(who.to_owned()).or_default().push(answer);
    }
}

fn build(sandbox: &Sandbox, plan: &GuildPlan) -> Guild {
    let mut guild = sandbox.guild(&plan.name).owner(&plan.owner);
    for role in &plan.roles {
        let may = if role.administrator { permissions::ADMINISTRATOR } else { 0 };
        guild = guild.role(&role.name, may);
    }
    for channel in &plan.channels {
        let only: Vec<&str> = channel.only.iter().map(String::as_str).collect();
        let name = channel.name.as_str();
        guild = if only.is_empty() { guild.channel(name) } else { guild.private_channel(name, &only) };
    }
    guild.build()
}

fn open_thread(
    guild: &Guild,
    actor: &Actor,
    place: &str,
    name: &str,
    private_with: Option<&[String]>,
) -> Result<(), Complaint> {
    let wanted = match private_with {
        None => permissions::CREATE_PUBLIC_THREADS,
        Some(_) => permissions::CREATE_PRIVATE_THREADS,
    };
    if actor.permissions_in(place) & wanted == 0 {
        return Err(Complaint::new(
            format!("{} may not open this thread in {place}", actor.name()),
            "Give them a role that sees the channel",
        ));
    }
    match private_with {
        None => actor.opens_thread(place, name),
        Some(with) => {
            let with: Vec<Actor> = with.iter().map(|person| guild.actor(person)).collect();
            actor.opens_private_thread(place, name, &with.iter().collect::<Vec<_>>())
        }
    };
    Ok(())
}

/// Whether something shows a button with this label that can be pressed.
fn shows(shown: &impl Shown, button: &str) -> bool {
    crate::sandbox::world::button_ids(shown.components()).iter().any(|(label, _)| label == button)
}

fn space_name(world: &World, space: Snowflake) -> String {
    let Some(channel) = world.channels.get(&space) else { return String::new() };
    match channel.kind {
        kind::PRIVATE_THREAD => format!("{} (private thread)", channel.name),
        kind::PUBLIC_THREAD => format!("{} (thread)", channel.name),
        _ => format!("#{}", channel.name),
    }
}
