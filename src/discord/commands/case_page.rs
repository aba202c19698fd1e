//! A case file as a page that a principal reads on a phone.

use crate::domain::{
    AccountId, Actor, DeliveryState, Disposition, EvidenceItem, EvidenceKind, EvidenceState, GroupId,
    Incident, IncidentState, Lang, Span,
};
use crate::storage::CaseFile;

use super::custom_id;
use crate::discord::page::{Page, shorten};
use crate::discord::words::{escaped, excerpt};

/// How many lines of the history are shown; the newest.
const HISTORY: usize = 8;
/// How many notes are shown; the newest.
const NOTES: usize = 5;
/// How many revisions are shown; the newest, besides the flagged ones.
const REVISIONS: usize = 4;

/// The dispositions that can be pressed. Confirmed is not among them: nobody is confirmed before they were heard.
pub(super) const CLOSINGS: [Disposition; 3] =
    [Disposition::FalseAlarm, Disposition::HandledElsewhere, Disposition::Unfounded];

/// The page of a case file.
pub(super) fn page(file: &CaseFile, lang: Lang) -> Page {
    let incident = &file.incident;
    let mut page = Page::titled(title(incident, lang))
        .text(words(file, lang))
        .coloured(incident.severity)
        .field(lang.pick("Why it was flagged", "Pourquoi c'est signalé"), why(file, lang))
        .field(lang.pick("Who and where", "Qui et où"), who(incident, &file.evidence, lang))
        .field(lang.pick("State", "État"), state(incident, lang))
        .field(lang.pick("Told", "Avertis"), told(file, lang))
        .field("Notes", notes(file))
        .field(lang.pick("History", "Historique"), history(file, lang))
        .footer(footer(file, lang));
    let (group, code) = (incident.group.to_string(), incident.code.as_str());
    page = page.button(
        lang.pick("Add a note", "Ajouter une note"),
        custom_id(&["incident", "note"], &[&group, code]),
    );
    if incident.state.is_open() {
        for disposition in CLOSINGS {
            let id = custom_id(&["incident", "close"], &[&group, code, disposition.as_str()]);
            page = page.button(disposition.name(lang), id);
        }
    }
    page
}

/// The title of a case: code, severity, clause.
pub(super) fn title(incident: &Incident, lang: Lang) -> String {
    format!(
        "{} · {} · {} {}",
        incident.code,
        incident.severity.name(lang),
        incident.clause,
        incident.clause.subject(lang)
    )
}

/// The group and code that a button of a case carries.
pub(super) fn case_of<'a>(arguments: &[&'a str]) -> Option<(GroupId, &'a str)> {
    let [group, code, ..] = arguments else { return None };
    Some((group.parse().ok()?, code))
}

fn words(file: &CaseFile, lang: Lang) -> String {
    let revisions: Vec<&EvidenceItem> = file.evidence.iter().collect();
    let skipped = revisions.len().saturating_sub(REVISIONS + 1);
    let mut parts = Vec::new();
    for (index, item) in revisions.iter().enumerate() {
        let in_the_middle = index > 0 && index <= skipped;
        if in_the_middle && item.findings.is_empty() {
            continue;
        }
        parts.push(format!(
            "**{}** <t:{}:f>\n{}",
            heading(item, lang),
            item.revised_at.as_seconds(),
            said(item, lang)
        ));
    }
    if let Some(at) = file.incident.message_deleted_at {
        let seconds = at.as_seconds();
        parts.push(lang.pick(
            format!("The message was deleted on Discord (noticed <t:{seconds}:f>). What is kept here stays."),
            format!("Le message a été supprimé sur Discord (constaté <t:{seconds}:f>). Ce qui est conservé ici demeure."),
        ));
    }
    parts.join("\n\n")
}

fn heading(item: &EvidenceItem, lang: Lang) -> &'static str {
    match item.kind {
        EvidenceKind::Message => lang.pick("Message", "Message"),
        EvidenceKind::Revision => lang.pick("Edited to", "Modifié en"),
        EvidenceKind::Earlier => lang.pick("Just before", "Juste avant"),
    }
}

fn said(item: &EvidenceItem, lang: Lang) -> String {
    match &item.state {
        EvidenceState::Held { .. } => {
            let spans: Vec<Span> =
                item.findings.iter().flat_map(|finding| finding.spans.iter().copied()).collect();
            let text = excerpt(&item.text, &spans);
            if text.trim().is_empty() { lang.pick("*(no text)*", "*(sans texte)*").to_owned() } else { text }
        }
        EvidenceState::Unavailable { why } => {
            lang.pick(format!("*cannot be read: {why}*"), format!("*illisible : {why}*"))
        }
    }
}

fn why(file: &CaseFile, lang: Lang) -> String {
    let mut lines: Vec<String> = Vec::new();
    for finding in file.evidence.iter().flat_map(|item| &item.findings) {
        let explanation = &finding.explanation;
        let line = format!("**{}** ({})\n{}", explanation.title(lang), finding.rule, explanation.why(lang));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        lines = file.incident.rules.iter().map(|rule| format!("**{rule}**")).collect();
    }
    lines.join("\n")
}

fn who(incident: &Incident, evidence: &[EvidenceItem], lang: Lang) -> String {
    let known = evidence.iter().rev().find(|item| matches!(item.state, EvidenceState::Held { .. }));
    let shown = |text: &str| escaped(&shorten(text, 100));
    let name = known.map(|item| shown(item.author_name.expose())).unwrap_or_default();
    let space = known.map(|item| shown(item.space_name.expose())).unwrap_or_default();
    let link =
        format!("https://discord.com/channels/{}/{}/{}", incident.group, incident.space, incident.message);
    let author = mention(incident.author);
    let mut lines = vec![
        lang.pick(format!("Written by {author} ({name})"), format!("Écrit par {author} ({name})")),
        lang.pick(
            format!("in <#{}> ({space}) · [message]({link})", incident.space),
            format!("dans <#{}> ({space}) · [message]({link})", incident.space),
        ),
    ];
    if incident.accused != incident.author {
        let accused = mention(incident.accused);
        lines.push(lang.pick(
            format!("About the conduct of {accused}: in a private exchange the adult is answerable, whoever wrote first."),
            format!("Concerne la conduite de {accused} : dans un échange privé, c'est l'adulte qui en est responsable, peu importe qui a écrit en premier."),
        ));
    }
    lines.join("\n")
}

fn state(incident: &Incident, lang: Lang) -> String {
    let name = incident.state.name(lang);
    match &incident.state {
        IncidentState::Open | IncidentState::UnderReview => {
            format!("{name}. {}", incident.severity.advice(lang))
        }
        IncidentState::Closed(closing) => {
            let (disposition, by, at) =
                (closing.disposition.name(lang), mention(closing.by), closing.at.as_seconds());
            lang.pick(
                format!("{name} as **{disposition}** by {by}, <t:{at}:f>"),
                format!("{name} (**{disposition}**) par {by}, <t:{at}:f>"),
            )
        }
    }
}

fn told(file: &CaseFile, lang: Lang) -> String {
    let line = |told: &crate::storage::Told| {
        let how = match told.state {
            DeliveryState::Queued => lang.pick("waiting to be sent", "en attente d'envoi"),
            DeliveryState::Delivered => lang.pick("delivered", "remise"),
            DeliveryState::Refused => lang.pick("refused by their settings", "refusée par leurs réglages"),
            DeliveryState::Failed => lang.pick("could not be delivered", "impossible à remettre"),
        };
        format!("{}: {how}, <t:{}:f>", mention(told.to), told.at.as_seconds())
    };
    file.told.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn notes(file: &CaseFile) -> String {
    let newest = file.notes.iter().rev().take(NOTES).collect::<Vec<_>>();
    let line = |note: &&crate::storage::Note| {
        let text = escaped(&shorten(note.text.expose(), 160));
        format!("{} <t:{}:f>: {text}", mention(note.by), note.at.as_seconds())
    };
    newest.iter().rev().map(line).collect::<Vec<_>>().join("\n")
}

fn history(file: &CaseFile, lang: Lang) -> String {
    let skip = file.history.len().saturating_sub(HISTORY);
    let line = |line: &crate::storage::HistoryLine| {
        let who = match line.actor {
            Actor::Chaperone => "Chaperone".to_owned(),
            Actor::Account(account) => mention(account),
        };
        format!("<t:{}:f> {who}: {}", line.at.as_seconds(), line.action.name(lang))
    };
    file.history.iter().skip(skip).map(line).collect::<Vec<_>>().join("\n")
}

fn footer(file: &CaseFile, lang: Lang) -> String {
    let until = file.evidence.iter().find_map(|item| match item.state {
        EvidenceState::Held { until } => Some(until),
        EvidenceState::Unavailable { .. } => None,
    });
    let kept = until.map(|until| {
        let date = until.to_string();
        let day = date.get(..10).unwrap_or(&date).to_owned();
        lang.pick(
            format!("The words are kept until {day}. "),
            format!("Les mots sont conservés jusqu'au {day}. "),
        )
    });
    let logged = lang.pick("Reading this case was logged.", "La consultation de ce dossier a été consignée.");
    format!("{}{logged}", kept.unwrap_or_default())
}

fn mention(account: AccountId) -> String {
    format!("<@{account}>")
}
