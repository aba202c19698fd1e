//! The words of an incident as sealed bytes.
//!
//! The types here mirror those of the domain for JSON, so that the domain can be renamed without touching what is on
//! disk, and so that no [`MessageText`] ever needs to be serialisable. Fields are only ever added, with a default.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Result, StorageError};
use crate::domain::{
    AccountId, Clause, EvidenceItem, EvidenceKind, EvidenceState, Explanation, Finding, IncidentId, Job,
    MessageId, MessageText, RuleId, Severity, Span, Timestamp,
};
use crate::vault::{DataKey, Fields};

/// Which piece of evidence it is: what its bytes are bound to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) incident: IncidentId,
    pub(super) kind: EvidenceKind,
    pub(super) message: MessageId,
    pub(super) revised_at: Timestamp,
}

impl Piece {
    fn binding(&self) -> Fields {
        Fields::new("evidence")
            .int(self.incident.to_db())
            .text(self.kind.as_str())
            .int(self.message.to_db())
            .int(self.revised_at.as_millis())
    }

    /// Seals the words of `item`.
    pub(super) fn seal(&self, key: &DataKey, item: &EvidenceItem) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(&Words::of(item)).map(Zeroizing::new);
        let plain = plain.map_err(|error| StorageError::Engine(Box::new(error)))?;
        key.seal(&self.binding(), &plain).map_err(StorageError::Key)
    }

    /// Opens what [`Piece::seal`] made; the error says why it does not open, without any of it.
    pub(super) fn open(
        &self,
        key: &DataKey,
        sealed: &[u8],
        until: Timestamp,
    ) -> Result<EvidenceItem, String> {
        let plain = key.open(&self.binding(), sealed).map_err(|error| error.to_string())?;
        let words: Words<'_> = serde_json::from_slice(&plain)
            .map_err(|_| "the words were opened but are not of a form that this program knows".to_owned())?;
        Ok(words.into_item(self, until))
    }

    /// The piece where its words cannot be read.
    pub(super) fn unavailable(&self, why: String) -> EvidenceItem {
        EvidenceItem {
            kind: self.kind,
            message: self.message,
            revised_at: self.revised_at,
            author_name: MessageText::default(),
            space_name: MessageText::default(),
            text: MessageText::default(),
            findings: Vec::new(),
            state: EvidenceState::Unavailable { why },
        }
    }
}

/// What a note is bound to.
pub(super) fn note_binding(incident: IncidentId, number: i64, by: AccountId, at: Timestamp) -> Fields {
    Fields::new("note").int(incident.to_db()).int(number).int(by.to_db()).int(at.as_millis())
}

/// Opens a note; the error says why it does not open.
pub(super) fn open_note(key: &DataKey, binding: &Fields, sealed: &[u8]) -> Result<MessageText, String> {
    let plain = key.open(binding, sealed).map_err(|error| error.to_string())?;
    str::from_utf8(&plain).map(MessageText::new).map_err(|_| "it is not a text".to_owned())
}

#[derive(Serialize, Deserialize)]
struct Words<'a> {
    author_name: Cow<'a, str>,
    space_name: Cow<'a, str>,
    text: Cow<'a, str>,
    findings: Vec<FindingWords<'a>>,
    /// Why the words were not there to be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unavailable: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct FindingWords<'a> {
    rule: Cow<'a, RuleId>,
    job: Job,
    clause: Clause,
    severity: Severity,
    spans: Vec<(usize, usize)>,
    joined: bool,
    title: Cow<'a, [String; 2]>,
    why: Cow<'a, [String; 2]>,
    read_as: Vec<Cow<'a, str>>,
}

impl<'a> Words<'a> {
    fn of(item: &'a EvidenceItem) -> Self {
        Self {
            author_name: item.author_name.expose().into(),
            space_name: item.space_name.expose().into(),
            text: item.text.expose().into(),
            findings: item.findings.iter().map(FindingWords::of).collect(),
            unavailable: match &item.state {
                EvidenceState::Held { .. } => None,
                EvidenceState::Unavailable { why } => Some(why.into()),
            },
        }
    }

    fn into_item(self, piece: &Piece, until: Timestamp) -> EvidenceItem {
        EvidenceItem {
            kind: piece.kind,
            message: piece.message,
            revised_at: piece.revised_at,
            author_name: MessageText::new(self.author_name),
            space_name: MessageText::new(self.space_name),
            text: MessageText::new(self.text),
            findings: self.findings.into_iter().map(FindingWords::into_finding).collect(),
            state: match self.unavailable {
                None => EvidenceState::Held { until },
                Some(why) => EvidenceState::Unavailable { why: why.into_owned() },
            },
        }
    }
}

impl<'a> FindingWords<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            rule: Cow::Borrowed(&finding.rule),
            job: finding.job,
            clause: finding.clause,
            severity: finding.severity,
            spans: finding.spans.iter().map(|span| (span.start, span.end)).collect(),
            joined: finding.joined,
            title: Cow::Borrowed(&finding.explanation.title),
            why: Cow::Borrowed(&finding.explanation.why),
            read_as: finding.explanation.read_as.iter().map(|text| text.expose().into()).collect(),
        }
    }

    fn into_finding(self) -> Finding {
        Finding {
            rule: self.rule.into_owned(),
            job: self.job,
            clause: self.clause,
            severity: self.severity,
            spans: self.spans.into_iter().map(|(start, end)| Span { start, end }).collect(),
            joined: self.joined,
            explanation: Explanation {
                title: self.title.into_owned(),
                why: self.why.into_owned(),
                read_as: self.read_as.into_iter().map(MessageText::new).collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items() -> impl Strategy<Value = EvidenceItem> {
        let word = || any::<String>().prop_map(MessageText::new);
        let finding = (any::<[String; 4]>(), prop::collection::vec(word(), 0..3), any::<(usize, usize)>())
            .prop_map(|([title, titre, why, pourquoi], read_as, (start, end))| Finding {
                rule: RuleId::new("asks-to-move-to-dm").unwrap(),
                job: Job::Contact,
                clause: Clause::C3b,
                severity: Severity::High,
                spans: vec![Span { start, end }],
                joined: start > end,
                explanation: Explanation { title: [title, titre], why: [why, pourquoi], read_as },
            });
        let state = prop_oneof![
            any::<i64>().prop_map(|until| EvidenceState::Held { until: Timestamp::from_millis(until) }),
            any::<String>().prop_map(|why| EvidenceState::Unavailable { why }),
        ];
        let kind = prop::sample::select(&EvidenceKind::ALL);
        let words = (word(), word(), word());
        (kind, any::<(u64, i64)>(), words, prop::collection::vec(finding, 0..3), state).prop_map(
            |(kind, (message, revised_at), (author_name, space_name, text), findings, state)| EvidenceItem {
                kind,
                message: MessageId::new(message),
                revised_at: Timestamp::from_millis(revised_at),
                author_name,
                space_name,
                text,
                findings,
                state,
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn evidence_comes_back_as_it_was_and_only_for_its_own_incident(item in items(), incident in any::<i64>()) {
            let key = DataKey::random().unwrap();
            let piece = |incident| Piece {
                incident: IncidentId::from_db(incident),
                kind: item.kind,
                message: item.message,
                revised_at: item.revised_at,
            };
            let until = match item.state {
                EvidenceState::Held { until } => until,
                EvidenceState::Unavailable { .. } => Timestamp::from_millis(0),
            };
            let sealed = piece(incident).seal(&key, &item).unwrap();
            prop_assert_eq!(piece(incident).open(&key, &sealed, until).unwrap(), item.clone());
            prop_assert!(piece(incident.wrapping_add(1)).open(&key, &sealed, until).is_err());
        }
    }
}
