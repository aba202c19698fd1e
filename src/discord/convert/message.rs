//! From Discord's message to [`MessageSeen`]: who wrote it, where, to whom, and when.

use serde::Deserialize;
use serde_json::Value;

use super::UnreadableMessage;
use super::text::Words;
use crate::discord::lenient;
use crate::discord::world::World;
use crate::domain::{
    AccountId, ApplicationId, Author, AuthorKind, GroupId, MessageId, MessageSeen, MessageText, Place,
    RoleId, Sighting, SpaceId, SpaceKind, Timestamp,
};

/// Set on a message that only one person can see.
const EPHEMERAL: u64 = 1 << 6;

#[derive(Deserialize)]
struct Outline {
    #[serde(default, deserialize_with = "lenient::field")]
    id: Option<MessageId>,
    #[serde(default, deserialize_with = "lenient::field")]
    channel_id: Option<SpaceId>,
    #[serde(default, deserialize_with = "lenient::field")]
    guild_id: Option<GroupId>,
    #[serde(default, deserialize_with = "lenient::field")]
    author: Option<UserData>,
    #[serde(default, deserialize_with = "lenient::field")]
    member: Option<MemberData>,
    #[serde(default, deserialize_with = "lenient::field")]
    webhook_id: Option<AccountId>,
    #[serde(default, deserialize_with = "lenient::field")]
    application_id: Option<ApplicationId>,
    #[serde(default, deserialize_with = "lenient::field")]
    flags: Option<u64>,
    #[serde(default, deserialize_with = "lenient::field")]
    timestamp: Option<String>,
    #[serde(default, deserialize_with = "lenient::field")]
    edited_timestamp: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    mentions: Vec<UserData>,
    #[serde(default, deserialize_with = "lenient::field")]
    referenced_message: Option<Referenced>,
    // The words, as in `text::Words`.
    #[serde(default, deserialize_with = "lenient::text")]
    content: Option<String>,
    #[serde(default, deserialize_with = "lenient::json")]
    message_snapshots: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    embeds: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    poll: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    attachments: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    sticker_items: Value,
    #[serde(default, deserialize_with = "lenient::json")]
    components: Value,
}

#[derive(Deserialize)]
struct Referenced {
    #[serde(default, deserialize_with = "lenient::field")]
    author: Option<UserData>,
    #[serde(default, deserialize_with = "lenient::field")]
    webhook_id: Option<AccountId>,
    #[serde(default, deserialize_with = "lenient::field")]
    application_id: Option<ApplicationId>,
}

#[derive(Deserialize)]
struct UserData {
    id: AccountId,
    #[serde(default, deserialize_with = "lenient::field")]
    bot: Option<bool>,
    #[serde(default, deserialize_with = "lenient::field")]
    username: Option<String>,
    #[serde(default, deserialize_with = "lenient::field")]
    global_name: Option<String>,
    /// Only where somebody is mentioned.
    #[serde(default, deserialize_with = "lenient::field")]
    member: Option<MemberData>,
}

#[derive(Deserialize)]
struct MemberData {
    #[serde(default, deserialize_with = "lenient::field")]
    roles: Option<Vec<RoleId>>,
    #[serde(default, deserialize_with = "lenient::field")]
    nick: Option<String>,
}

/// A new message; none when it is a direct one, the bot's own or for one person's eyes.
pub(super) fn created(json: &str, world: &World) -> Result<Option<MessageSeen>, UnreadableMessage> {
    let outline: Outline = serde_json::from_str(json).map_err(|_| UnreadableMessage)?;
    seen(outline, None, world, Sighting::Live)
}

/// A message as it is after a change; also none when the new text was not told.
pub(super) fn updated(json: &str, world: &World) -> Result<Option<MessageSeen>, UnreadableMessage> {
    let outline: Outline = serde_json::from_str(json).map_err(|_| UnreadableMessage)?;
    if outline.content.is_none() || outline.author.is_none() {
        return Ok(None);
    }
    seen(outline, None, world, Sighting::Live)
}

/// A message that was asked for by REST.
pub(super) fn read_back(
    json: &str,
    group: GroupId,
    world: &World,
) -> Result<Option<MessageSeen>, UnreadableMessage> {
    let outline: Outline = serde_json::from_str(json).map_err(|_| UnreadableMessage)?;
    seen(outline, Some(group), world, Sighting::ReadBack)
}

fn seen(
    outline: Outline,
    group: Option<GroupId>,
    world: &World,
    sighting: Sighting,
) -> Result<Option<MessageSeen>, UnreadableMessage> {
    let (message, space) = outline.id.zip(outline.channel_id).ok_or(UnreadableMessage)?;
    let Some(group) = group.or(outline.guild_id).or_else(|| world.group_of(space)) else { return Ok(None) };
    let author = outline.author.ok_or(UnreadableMessage)?;
    let is_own = world.bot() == Some(author.id);
    if is_own || outline.flags.unwrap_or_default() & EPHEMERAL != 0 {
        return Ok(None);
    }
    let words = Words {
        content: outline.content,
        message_snapshots: outline.message_snapshots,
        embeds: outline.embeds,
        poll: outline.poll,
        attachments: outline.attachments,
        sticker_items: outline.sticker_items,
        components: outline.components,
    };
    let people = People { group, world };
    let kind = author_kind(author.bot, outline.webhook_id, outline.application_id);
    let author = people.author(author, outline.member, kind);
    let addressed = people.addressed(outline.mentions, outline.referenced_message, author.account);
    Ok(Some(MessageSeen {
        message,
        place: world.place(space).unwrap_or_else(|| Place {
            group,
            space,
            kind: SpaceKind::Other,
            name: MessageText::default(),
        }),
        author,
        text: words.into_text(),
        addressed,
        sent_at: outline.timestamp.as_deref().and_then(timestamp).unwrap_or_else(|| message.created_at()),
        edited_at: outline.edited_timestamp.as_deref().and_then(timestamp),
        sighting,
    }))
}

/// Puts together what the event tells about people with what the world knows.
struct People<'a> {
    group: GroupId,
    world: &'a World,
}

impl People<'_> {
    fn author(&self, user: UserData, member: Option<MemberData>, kind: AuthorKind) -> Author {
        let (roles, nick) = member.or(user.member).map_or((None, None), |member| (member.roles, member.nick));
        let known_nick = || self.world.nick_of(self.group, user.id).cloned();
        let own_name = user.global_name.or(user.username).unwrap_or_default();
        Author {
            account: user.id,
            kind,
            roles: roles.unwrap_or_else(|| self.world.roles_of(self.group, user.id)),
            name: nick
                .map(MessageText::new)
                .or_else(known_nick)
                .unwrap_or_else(|| MessageText::new(own_name)),
        }
    }

    /// Those mentioned and the one replied to, each once and without the author.
    fn addressed(
        &self,
        mentions: Vec<UserData>,
        reply_to: Option<Referenced>,
        author: AccountId,
    ) -> Vec<Author> {
        let mut addressed: Vec<Author> = mentions
            .into_iter()
            .map(|user| {
                let kind = author_kind(user.bot, None, None);
                self.author(user, None, kind)
            })
            .collect();
        if let Some(referenced) = reply_to {
            let kind_of = |bot| author_kind(bot, referenced.webhook_id, referenced.application_id);
            addressed.extend(referenced.author.map(|user| {
                let kind = kind_of(user.bot);
                self.author(user, None, kind)
            }));
        }
        let mut known = vec![author];
        addressed.retain(|person| {
            let is_new = !known.contains(&person.account);
            known.push(person.account);
            is_new
        });
        addressed
    }
}

/// An app that answers a command writes through a webhook of its own, whose id is the application's.
fn author_kind(
    is_bot: Option<bool>,
    webhook: Option<AccountId>,
    application: Option<ApplicationId>,
) -> AuthorKind {
    match (webhook, application) {
        (Some(webhook), Some(application)) if webhook.get() == application.get() => AuthorKind::App,
        (Some(_), _) => AuthorKind::Webhook,
        (None, _) if is_bot == Some(true) => AuthorKind::App,
        (None, _) => AuthorKind::Person,
    }
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}
