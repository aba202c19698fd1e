//! Scanning past messages from exports: the same way into the same log as live ones, and no alerts.
//!
//! Where the messages come from is not seen here: they arrive as a stream, and only what is in hand is held.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, Stream, StreamExt};

use crate::domain::{
    AccountId, Actor, Author, Clause, Group, GroupId, Incident, LogAction, LogChain, MessageId, MessageSeen,
    MessageText, Severity, SpaceId, Standing, Timestamp,
};
use crate::storage::{NewLogEntry, Result};

use super::Deployment;
use super::intake::{Assessed, Handled, Intake};

/// How many messages are being recorded at once; they share the commits of the database.
const MOST_IN_HAND: usize = 256;

/// One message of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedMessage {
    /// The message as the export shows it.
    pub seen: MessageSeen,
    /// What people in it are by the names of their roles, where the operator said what the names mean.
    pub by_role_name: Vec<(AccountId, Standing)>,
}

impl ExportedMessage {
    /// What somebody in it is: the stronger of what role names and the Group's settings say.
    fn standing(&self, group: &Group, author: &Author) -> Standing {
        let by_settings = group.standing(author.kind, &author.roles);
        let by_name = self.by_role_name.iter().find(|(account, _)| *account == author.account);
        by_name.map_or(by_settings, |(_, standing)| by_settings.min(*standing))
    }
}

/// Who asked for a scan and why, as far as they said so; kept, sealed, with the log entry of the scan.
#[derive(Debug, Clone, Default)]
pub struct ScanOrder {
    /// Who.
    pub operator: Option<MessageText>,
    /// Why.
    pub reason: Option<MessageText>,
}

impl ScanOrder {
    fn detail(&self) -> Option<MessageText> {
        let line = |what: &str, said: &Option<MessageText>| {
            said.as_ref().map(|words| format!("{what}: {}", words.expose()))
        };
        let lines = [line("operator", &self.operator), line("reason", &self.reason)];
        let lines: Vec<String> = lines.into_iter().flatten().collect();
        (!lines.is_empty()).then(|| MessageText::new(lines.join("\n")))
    }
}

/// An Incident that a scan opened or extended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedIncident {
    /// The Incident, as it is now.
    pub incident: Incident,
    /// When its message was sent.
    pub sent_at: Timestamp,
    /// Whether it was there before and a later revision of its message was added.
    pub extended: bool,
}

/// What a scan came to so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanSummary {
    /// Messages scanned.
    pub messages: u64,
    /// Incidents opened.
    pub incidents: u64,
    /// Incidents to which a later revision was added.
    pub extended: u64,
    /// Messages of Incidents that were known already.
    pub already: u64,
    /// Incidents opened, by clause.
    pub by_clause: BTreeMap<Clause, u64>,
    /// Incidents opened, by severity.
    pub by_severity: BTreeMap<Severity, u64>,
    /// Messages, by what their author is.
    pub by_standing: BTreeMap<Standing, u64>,
}

/// A scan of exports.
#[derive(Debug)]
pub struct Scan {
    deployment: Deployment,
    order: ScanOrder,
    intake: Arc<Intake>,
    last: Option<(SpaceId, MessageId)>,
    groups: BTreeMap<GroupId, Arc<Group>>,
    in_hand: FuturesOrdered<BoxFuture<'static, Result<(Handled, Timestamp)>>>,
    summary: ScanSummary,
}

impl Scan {
    /// A scan into this Deployment.
    pub fn new(deployment: Deployment, order: ScanOrder) -> Self {
        Self {
            intake: Arc::new(Intake::new(deployment.clone())),
            deployment,
            order,
            last: None,
            groups: BTreeMap::new(),
            in_hand: FuturesOrdered::new(),
            summary: ScanSummary::default(),
        }
    }

    /// Scans messages, which come in batches, and tells `found` of each Incident once it is committed. Call it again for
    /// the next file; lines broken over two files of one Space are still read as one.
    ///
    /// After an error, what was told is recorded; scanning the same messages again makes nothing twice.
    pub async fn take<S>(
        &mut self,
        mut batches: S,
        found: &mut (dyn FnMut(&ScannedIncident) + Send),
    ) -> Result<()>
    where
        S: Stream<Item = Vec<ExportedMessage>> + Unpin,
    {
        while let Some(batch) = batches.next().await {
            for message in &batch {
                self.assess(message).await?;
                while self.in_hand.len() >= MOST_IN_HAND {
                    self.settle(found).await?;
                }
            }
            // Sets what was added to work, and takes what is done without waiting for the rest.
            while self.settle(found).now_or_never().transpose()?.is_some_and(|more| more) {}
        }
        while self.settle(found).await? {}
        Ok(())
    }

    /// What it came to so far.
    pub fn summary(&self) -> &ScanSummary {
        &self.summary
    }

    async fn assess(&mut self, message: &ExportedMessage) -> Result<()> {
        let seen = &message.seen;
        let group = self.enter(seen.place.group).await?;
        self.follow(seen);
        let standing = |author: &Author| message.standing(&group, author);
        self.summary.messages += 1;
        *self.summary.by_standing.entry(standing(&seen.author)).or_default() += 1;
        let assessed = self.intake.assess(seen, &group, &standing);
        if !matches!(assessed, Assessed::Nothing) {
            let (intake, sent_at) = (Arc::clone(&self.intake), seen.sent_at);
            let commit = async move { Ok((intake.commit(assessed).await?, sent_at)) };
            self.in_hand.push_back(commit.boxed());
        }
        Ok(())
    }

    /// The Group, Pending if it was never seen; the first time in this scan, its log is told of the scan.
    async fn enter(&mut self, id: GroupId) -> Result<Arc<Group>> {
        if let Some(group) = self.groups.get(&id) {
            return Ok(Arc::clone(group));
        }
        let group = self.intake.group(id).await?;
        let entry = NewLogEntry {
            chain: LogChain::Group(id),
            at: self.deployment.clock.now(),
            actor: Actor::Chaperone,
            action: LogAction::ExportScanned,
            incident: None,
            detail: self.order.detail(),
        };
        self.deployment.storage.log(entry).await?;
        self.groups.insert(id, Arc::clone(&group));
        Ok(group)
    }

    /// Forgets the lines of the last minute where this message does not come after the one before it.
    fn follow(&mut self, seen: &MessageSeen) {
        let follows =
            self.last.is_some_and(|(space, last)| space == seen.place.space && last <= seen.message);
        if !follows {
            self.intake = Arc::new(Intake::new(self.deployment.clone()));
        }
        self.last = Some((seen.place.space, seen.message));
    }

    /// Waits for the first of what is in hand; answers whether there was anything.
    async fn settle(&mut self, found: &mut (dyn FnMut(&ScannedIncident) + Send)) -> Result<bool> {
        let Some(settled) = self.in_hand.next().await else { return Ok(false) };
        let (handled, sent_at) = settled?;
        let (incident, extended) = match handled {
            Handled::Nothing => return Ok(true),
            Handled::Known => {
                self.summary.already += 1;
                return Ok(true);
            }
            Handled::Opened(incident) => {
                self.summary.incidents += 1;
                *self.summary.by_clause.entry(incident.clause).or_default() += 1;
                *self.summary.by_severity.entry(incident.severity).or_default() += 1;
                (*incident, false)
            }
            Handled::Extended(incident) => {
                self.summary.extended += 1;
                (*incident, true)
            }
        };
        found(&ScannedIncident { incident, sent_at, extended });
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AuthorKind, GroupSettings, GroupState, Place, RoleId, Sighting, SpaceKind};

    #[test]
    fn the_stronger_of_role_names_and_settings_says_what_somebody_is() {
        let author = |role| Author {
            account: AccountId::new(7),
            kind: AuthorKind::Person,
            roles: vec![RoleId::new(role)],
            name: MessageText::default(),
        };
        let group = Group {
            id: GroupId::new(1),
            first_seen: Timestamp::from_millis(0),
            state: GroupState::Pending,
            settings: Some(GroupSettings {
                version: 1,
                staff_roles: vec![RoleId::new(10)],
                student_roles: vec![RoleId::new(11)],
                parent_roles: Vec::new(),
                administrators: [AccountId::new(1), AccountId::new(2)],
                fallback: SpaceId::new(1),
            }),
        };
        let standing = |role, by_name: Option<Standing>| {
            let message = ExportedMessage {
                seen: MessageSeen {
                    message: MessageId::new(1),
                    place: Place {
                        group: group.id,
                        space: SpaceId::new(1),
                        kind: SpaceKind::Channel,
                        name: MessageText::default(),
                    },
                    author: author(role),
                    text: MessageText::default(),
                    addressed: Vec::new(),
                    sent_at: Timestamp::from_millis(0),
                    edited_at: None,
                    sighting: Sighting::Exported,
                },
                by_role_name: by_name.map(|standing| (AccountId::new(7), standing)).into_iter().collect(),
            };
            message.standing(&group, &message.seen.author)
        };
        assert_eq!(standing(10, Some(Standing::Student)), Standing::Staff);
        assert_eq!(standing(11, Some(Standing::Staff)), Standing::Staff);
        assert_eq!(standing(11, None), Standing::Student);
        assert_eq!(standing(12, Some(Standing::Parent)), Standing::Parent);
        assert_eq!(standing(12, None), Standing::Unverified);
    }

    #[test]
    fn operator_and_reason_are_kept_only_where_they_were_given() {
        assert_eq!(ScanOrder::default().detail(), None);
        let order = ScanOrder { operator: None, reason: Some("a complaint".into()) };
        assert_eq!(order.detail().unwrap().expose(), "reason: a complaint");
    }
}
