//! Who writes and is addressed in an export, and what the names of their roles make them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::message::{list, part};
use crate::domain::{AccountId, Author, AuthorKind, MessageId, MessageText, RoleId, Standing};

/// How many accounts are remembered, so that a mention without roles is still understood.
const MOST_ACCOUNTS: usize = 50_000;
/// How many messages back a reply is understood.
const MOST_MESSAGES: usize = 20_000;

/// What the names of roles mean.
#[derive(Debug, Default)]
pub struct RoleNames(Vec<RoleName>);

#[derive(Debug)]
struct RoleName {
    given: String,
    folded: String,
    standing: Standing,
    met: AtomicBool,
}

/// Role names that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleNamesError {
    /// A name that says nothing.
    #[error("the name of a role is empty; give it as Discord shows it")]
    Empty,
    /// A name that means two things.
    #[error("the role {0} cannot be both {1} and {2}; give each role once")]
    Twice(String, Standing, Standing),
}

impl RoleNames {
    /// Names, each with what its members are. Case, and an `@` before the name, make no difference.
    pub fn new<'a>(names: impl IntoIterator<Item = (&'a str, Standing)>) -> Result<Self, RoleNamesError> {
        let mut known: Vec<RoleName> = Vec::new();
        for (given, standing) in names {
            let folded = fold(given);
            if folded.is_empty() {
                return Err(RoleNamesError::Empty);
            }
            match known.iter().find(|name| name.folded == folded) {
                Some(name) if name.standing != standing => {
                    return Err(RoleNamesError::Twice(given.to_owned(), name.standing, standing));
                }
                Some(_) => {}
                None => {
                    known.push(RoleName {
                        given: given.to_owned(),
                        folded,
                        standing,
                        met: AtomicBool::new(false),
                    });
                }
            }
        }
        Ok(Self(known))
    }

    /// The names that no role in what was read so far had: probably misspelt.
    pub fn unmet(&self) -> Vec<&str> {
        let unmet = self.0.iter().filter(|name| !name.met.load(Ordering::Relaxed));
        unmet.map(|name| name.given.as_str()).collect()
    }

    fn standing(&self, role: &MessageText) -> Option<Standing> {
        if self.0.is_empty() {
            return None;
        }
        let folded = fold(role.expose());
        let name = self.0.iter().find(|name| name.folded == folded)?;
        name.met.store(true, Ordering::Relaxed);
        Some(name.standing)
    }
}

fn fold(name: &str) -> String {
    name.trim().trim_start_matches('@').trim().to_lowercase()
}

/// Somebody, as a message of an export shows them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User<'a> {
    id: AccountId,
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    nickname: Option<&'a RawValue>,
    #[serde(borrow, default)]
    is_bot: Option<&'a RawValue>,
    #[serde(borrow, default)]
    roles: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Role {
    id: RoleId,
    #[serde(default)]
    name: Option<MessageText>,
}

/// Everybody in one message.
pub(super) struct Told {
    pub(super) author: Author,
    pub(super) addressed: Vec<Author>,
    pub(super) by_role_name: Vec<(AccountId, Standing)>,
}

/// Everybody met in an export so far.
#[derive(Debug)]
pub(super) struct People {
    role_names: Arc<RoleNames>,
    known: HashMap<AccountId, Known>,
    authors: HashMap<MessageId, AccountId>,
    messages: VecDeque<MessageId>,
}

#[derive(Debug, Clone)]
struct Known {
    author: Author,
    by_role_name: Option<Standing>,
}

impl People {
    pub(super) fn new(role_names: Arc<RoleNames>) -> Self {
        Self { role_names, known: HashMap::new(), authors: HashMap::new(), messages: VecDeque::new() }
    }

    /// Everybody in a message: its author, those mentioned, and the one replied to.
    pub(super) fn meet(
        &mut self,
        message: MessageId,
        author: &User<'_>,
        mentions: &[User<'_>],
        reply_to: Option<MessageId>,
    ) -> Told {
        let author = self.know(author);
        let mut addressed: Vec<Known> = mentions.iter().map(|user| self.know(user)).collect();
        let replied_to = reply_to.and_then(|message| self.authors.get(&message));
        addressed.extend(replied_to.and_then(|account| self.known.get(account)).cloned());
        let mut met = vec![author.author.account];
        addressed.retain(|person| {
            let is_new = !met.contains(&person.author.account);
            met.push(person.author.account);
            is_new
        });
        self.remember(message, author.author.account);
        let by_name = |person: &Known| person.by_role_name.map(|standing| (person.author.account, standing));
        Told {
            by_role_name: std::iter::once(&author).chain(&addressed).filter_map(by_name).collect(),
            author: author.author,
            addressed: addressed.into_iter().map(|person| person.author).collect(),
        }
    }

    /// Somebody, with their roles from here or, where a version leaves them out, from where they were told before.
    fn know(&mut self, user: &User<'_>) -> Known {
        let is_app = part::<bool>(user.is_bot).unwrap_or_default();
        let roles = user.roles.map(|roles| list::<Role>(Some(roles)));
        let name = part::<MessageText>(user.nickname).filter(|name| !name.is_empty());
        let name = name.or_else(|| part(user.name)).unwrap_or_default();
        if let (None, Some(known)) = (&roles, self.known.get(&user.id)) {
            return known.clone();
        }
        let roles = roles.unwrap_or_default();
        let role_names = roles.iter().filter_map(|role| role.name.as_ref());
        let by_role_name = role_names.filter_map(|name| self.role_names.standing(name)).min();
        let known = Known {
            author: Author {
                account: user.id,
                kind: if is_app { AuthorKind::App } else { AuthorKind::Person },
                roles: roles.iter().map(|role| role.id).collect(),
                name,
            },
            by_role_name: by_role_name.filter(|_| !is_app),
        };
        if self.known.len() >= MOST_ACCOUNTS {
            self.known.clear();
        }
        self.known.insert(user.id, known.clone());
        known
    }

    fn remember(&mut self, message: MessageId, author: AccountId) {
        if self.messages.len() >= MOST_MESSAGES
            && let Some(oldest) = self.messages.pop_front()
        {
            self.authors.remove(&oldest);
        }
        self.messages.push_back(message);
        self.authors.insert(message, author);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_names_are_read_as_people_type_them() {
        let names = RoleNames::new([("@Staff", Standing::Staff), ("Élèves", Standing::Student)]).unwrap();
        assert_eq!(names.standing(&" staff ".into()), Some(Standing::Staff));
        assert_eq!(names.standing(&"élèves".into()), Some(Standing::Student));
        assert_eq!(names.standing(&"Staffers".into()), None);
        let names = RoleNames::new([("Staff", Standing::Staff), ("Studnets", Standing::Student)]).unwrap();
        names.standing(&"Staff".into());
        assert_eq!(names.unmet(), ["Studnets"]);
    }

    #[test]
    fn a_role_cannot_mean_two_things_or_have_no_name() {
        let twice = RoleNames::new([("Staff", Standing::Staff), ("@staff", Standing::Student)]);
        assert!(matches!(twice, Err(RoleNamesError::Twice(..))));
        assert_eq!(RoleNames::new([(" @ ", Standing::Staff)]).unwrap_err(), RoleNamesError::Empty);
        assert!(RoleNames::new([("Staff", Standing::Staff), ("staff", Standing::Staff)]).is_ok());
    }
}
