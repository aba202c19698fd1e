//! Goes through a scenario step by step and tells what came of each: the words first, then the cases, then the notices.
//!
//! Nothing waits for a time to pass: a step is over when the bot has handled everything that the box has sent, and its
//! outbox is empty. The pause between lines is for readers only.

use std::time::Duration;

use anyhow::Context;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::clock::StoryClock;
use super::line::{AlertLine, IncidentLine, Line, Words};
use super::show::Show;
use crate::app::ports::{Clock, Recipient};
use crate::app::{Deployment, Happening};
use crate::detection::scan;
use crate::discord::RunningBot;
use crate::domain::{
    Addressees, Circumstances, DeliveryState, Incident, Lang, MessageText, SpaceKind, Span, Standing,
};
use crate::sandbox::scenario::{Act, Deed, Scenario, Stage, Step};
use crate::sandbox::{Sandbox, WorldEvent};

/// How much story time passes between two steps: enough that lines of one person are not read as one.
const BETWEEN_STEPS: Duration = Duration::from_secs(90);
/// How often the outbox is looked at again while it is not empty and nothing is told.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How a play ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All of it was played.
    Played,
    /// It was stopped.
    Interrupted,
}

/// A scenario that is being played.
pub(super) struct Play {
    sandbox: Sandbox,
    stage: Stage,
    bot: RunningBot,
    deployment: Deployment,
    clock: StoryClock,
    pace: Duration,
    world: Receiver<WorldEvent>,
    happenings: Receiver<Happening>,
    /// What was told while the outbox was being watched.
    heard: Vec<Happening>,
    /// The cases that were told.
    known: Vec<String>,
    /// Whether the text of a notice was shown.
    notice_shown: bool,
}

impl Play {
    /// A play that has not begun.
    pub(super) fn new(
        sandbox: Sandbox,
        stage: Stage,
        bot: RunningBot,
        clock: StoryClock,
        pace: Duration,
    ) -> Self {
        let deployment = bot.deployment().clone();
        Self {
            world: sandbox.watch(),
            happenings: deployment.happenings.listen(),
            sandbox,
            stage,
            bot,
            deployment,
            clock,
            pace,
            heard: Vec::new(),
            known: Vec::new(),
            notice_shown: false,
        }
    }

    /// Plays the scenario to its end.
    pub(super) async fn play(&mut self, scenario: &Scenario, show: &mut Show<'_>) -> anyhow::Result<Ending> {
        show.line(&title(scenario))?;
        self.settle().await?;
        self.world = self.sandbox.watch();
        for (number, day) in scenario.days.iter().enumerate() {
            if number > 0 {
                self.clock.next_morning();
            }
            show.line(&Line::Day(day.name.clone()))?;
            for step in &day.steps {
                self.stage.perform(step).await?;
                self.settle().await?;
                for line in self.lines(step)? {
                    if show.line(&line)? && !self.pace.is_zero() {
                        self.clock.sleep(self.pace).await;
                    }
                }
                self.clock.advance(BETWEEN_STEPS);
            }
        }
        Ok(Ending::Played)
    }

    /// Where the Discord in a box listens.
    pub(super) fn address(&self) -> String {
        self.sandbox.base()
    }

    /// Stops the bot in order.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        Ok(self.bot.stop().await?)
    }

    /// Waits until the bot has handled everything and told everybody; an error where it ends before that.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let progress = self.bot.progress().clone();
        let (sandbox, deployment) = (&self.sandbox, &self.deployment);
        let (happenings, heard) = (&mut self.happenings, &mut self.heard);
        let work = async {
            let handled = async || {
                sandbox.wait_until_all_sent().await;
                progress.settled(sandbox.last_seq() as u64).await;
            };
            handled().await;
            while !outbox_is_empty(deployment).await? {
                tokio::select! {
                    happening = happenings.recv() => heard.push(told(happening)?),
                    () = deployment.clock.sleep(LOOK_AGAIN) => {}
                }
            }
            handled().await;
            anyhow::Ok(())
        };
        tokio::select! {
            settled = work => settled,
            ended = self.bot.finished() => Err(ended.err().map_or_else(
                || anyhow::anyhow!("the bot ended before the scenario did"),
                anyhow::Error::from,
            )),
        }
    }

    /// What came of a step, in the order in which it is told.
    fn lines(&mut self, step: &Step) -> anyhow::Result<Vec<Line>> {
        let mut events = drain(&mut self.world)?;
        let mut happenings = std::mem::take(&mut self.heard);
        happenings.extend(drain(&mut self.happenings)?);
        let mut lines: Vec<Line> = unspoken(step).into_iter().collect();
        let incidents: Vec<&Incident> = happenings
            .iter()
            .filter_map(|happening| match happening {
                Happening::Incident(incident) => Some(incident),
                Happening::Alert { .. } | Happening::SetUp(_) => None,
            })
            .collect();
        let bot = self.stage.name(self.sandbox.bot_id());
        let by_bot = |event: &WorldEvent| matches!(event, WorldEvent::Said { author, .. } if *author == bot);
        let posts: Vec<_> = events.extract_if(.., |event| by_bot(event)).collect();
        lines.extend(events.iter().filter_map(|event| self.event(event, step, &incidents)));
        let incidents: Vec<_> = incidents.into_iter().cloned().collect();
        lines.extend(incidents.iter().map(|incident| self.incident(incident)));
        lines.extend(posts.iter().filter_map(|event| self.event(event, step, &[])));
        lines.extend(happenings.iter().filter_map(|happening| self.alert(happening, &events, &posts)));
        Ok(lines)
    }

    fn event(&self, event: &WorldEvent, step: &Step, incidents: &[&Incident]) -> Option<Line> {
        let words = |channel: &str, author: &str, text: &str| Words {
            who: author.to_owned(),
            place: self.stage.space_named(channel),
            text: text.to_owned(),
            reply_to: None,
            flagged: Vec::new(),
        };
        let flagged = |words: Words| Words { flagged: self.flagged(&words.text, incidents), ..words };
        Some(match event {
            WorldEvent::Said { channel, author, text, .. } => {
                let said = flagged(words(channel, author, text));
                Line::Said(Words { reply_to: self.replies_to(step), ..said })
            }
            WorldEvent::Edited { guild, channel, author, text } if !guild.is_empty() => {
                Line::Edited(flagged(words(channel, author, text)))
            }
            WorldEvent::Deleted { guild, channel, author, text } if !guild.is_empty() => {
                Line::Deleted(words(channel, author, text))
            }
            WorldEvent::Asked { who, what } => Line::Asked { who: who.clone(), what: asked(what, step) },
            // A form has no text of its own in the world.
            WorldEvent::Answered { who, text, .. } if text.is_empty() => {
                let form = self.stage.last_answer(who).unwrap_or_default();
                Line::Answered { who: who.clone(), text: form }
            }
            WorldEvent::Answered { who, text, .. } => {
                Line::Answered { who: who.clone(), text: self.stage.as_shown(text) }
            }
            _ => return None,
        })
    }

    fn replies_to(&self, step: &Step) -> Option<String> {
        match &step.act {
            Act::Deed { deed: Deed::Says { replies_to: Some(label), .. }, .. } => self.stage.author_of(label),
            _ => None,
        }
    }

    /// The flagged stretches of a text: where the rules of its cases fit it. Cases carry no words, so that they are
    /// found once more here, where everything is made up.
    fn flagged(&self, text: &str, incidents: &[&Incident]) -> Vec<Span> {
        let text = MessageText::new(text);
        let mut spans: Vec<Span> = [Standing::Staff, Standing::Student]
            .into_iter()
            .flat_map(|author| {
                let circumstances = Circumstances {
                    author,
                    addressees: Addressees::Room,
                    space: SpaceKind::Channel,
                    earlier: Vec::new(),
                };
                scan(&self.deployment.ruleset, &text, &circumstances)
            })
            .filter(|finding| incidents.iter().any(|incident| incident.rules.contains(&finding.rule)))
            .flat_map(|finding| finding.spans)
            .collect();
        spans.sort();
        spans.dedup();
        spans
    }

    fn incident(&mut self, incident: &Incident) -> Line {
        let titles = incident.rules.iter().filter_map(|rule| self.deployment.ruleset.rule(rule));
        let line = IncidentLine {
            code: incident.code.to_string(),
            rules: incident.rules.iter().map(ToString::to_string).collect(),
            clause: incident.clause.to_string(),
            severity: incident.severity.to_string(),
            space: self.stage.space(incident.space),
            author: self.stage.name(incident.author),
            titles: titles.map(|rule| rule.title()[0].clone()).collect(),
            weight: incident.severity.name(Lang::En),
        };
        if self.known.contains(&line.code) {
            return Line::IncidentExtended(line);
        }
        self.known.push(line.code.clone());
        Line::Incident(line)
    }

    fn alert(&mut self, happening: &Happening, events: &[WorldEvent], posts: &[WorldEvent]) -> Option<Line> {
        let Happening::Alert { incident, to, state } = happening else { return None };
        let (to, posted) = match to {
            Recipient::Account(account) => (self.stage.name(*account), false),
            Recipient::Space(space) => (self.stage.space(*space), true),
        };
        let delivered = *state == DeliveryState::Delivered;
        let text = if posted {
            posts.iter().find_map(|event| match event {
                WorldEvent::Said { text, .. } => Some(text.clone()),
                _ => None,
            })
        } else if delivered && incident.is_some() && !std::mem::replace(&mut self.notice_shown, true) {
            events.iter().find_map(|event| match event {
                WorldEvent::DirectMessage { to: reader, text, .. } if *reader == to => {
                    Some(self.stage.as_shown(text))
                }
                _ => None,
            })
        } else {
            None
        };
        let incident = incident.as_ref().map(ToString::to_string);
        Some(Line::Alert(AlertLine { incident, to, state: state.as_str(), posted, text }))
    }
}

/// Whether nothing waits to be sent, and everything that was sent has been told of.
async fn outbox_is_empty(deployment: &Deployment) -> crate::storage::Result<bool> {
    let _no_notice_is_on_its_way = deployment.happenings.pause_sending().await;
    Ok(deployment.storage.next_alert_at().await?.is_none())
}

/// What a step is that leaves no words in the world.
fn unspoken(step: &Step) -> Option<Line> {
    let (who, deed) = match &step.act {
        Act::Aside(text) => return Some(Line::Aside(text.clone())),
        Act::Deed { who, deed } => (who.clone(), deed),
    };
    let what = match deed {
        Deed::OpensThread { place, name, private_with: None } => {
            format!("opens the thread \"{name}\" under {place}")
        }
        Deed::OpensThread { place, name, private_with: Some(with) } => {
            let with = if with.is_empty() { "nobody else".to_owned() } else { with.join(", ") };
            format!("opens the private thread \"{name}\" under {place} with {with}")
        }
        Deed::RefusesDms(true) => "stops accepting direct messages from the server".to_owned(),
        Deed::RefusesDms(false) => "accepts direct messages again".to_owned(),
        _ => return None,
    };
    Some(Line::Did { who, what })
}

fn title(scenario: &Scenario) -> Line {
    let people = scenario.people.iter().map(|person| (person.name.clone(), person.about.clone())).collect();
    Line::Title { title: scenario.title.clone(), about: scenario.about.clone(), people }
}

/// What somebody asked of the bot: typed, pressed or filled in.
fn asked(what: &str, step: &Step) -> String {
    let Act::Deed { deed, .. } = &step.act else { return what.to_owned() };
    match deed {
        Deed::Presses { .. } => format!("presses [{what}]"),
        Deed::Fills { fields } => {
            let fields: Vec<_> = fields.values().map(|value| format!("\"{value}\"")).collect();
            format!("fills in \"{what}\": {}", fields.join(", "))
        }
        _ => what.to_owned(),
    }
}

fn drain<T: Clone>(from: &mut Receiver<T>) -> anyhow::Result<Vec<T>> {
    let mut all = Vec::new();
    loop {
        match from.try_recv() {
            Ok(one) => all.push(one),
            Err(TryRecvError::Lagged(lost)) => anyhow::bail!("{lost} lines of the play were lost"),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(all),
        }
    }
}

fn told(happening: Result<Happening, RecvError>) -> anyhow::Result<Happening> {
    happening.context("the play cannot be followed any more")
}
