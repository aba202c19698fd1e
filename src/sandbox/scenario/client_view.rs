//! What a Discord client makes of a text of the bot, as plain words: names for mentions, times for timestamps, and no
//! markup. Flagged words, which the bot underlines in bold, stand in brackets.

use crate::sandbox::world::{Snowflake, World};

impl World {
    /// A text as a client shows it.
    pub(super) fn as_shown(&self, text: &str) -> String {
        let text = without_links(text);
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find('<') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let token = rest.find('>').and_then(|end| Some((self.token(&rest[1..end])?, end)));
            if let Some((shown, end)) = token {
                out.push_str(&shown);
                rest = &rest[end + 1..];
            } else {
                out.push('<');
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
        without_markup(&out)
    }

    /// What stands for the inside of `<…>`, where that is a mention or a time.
    fn token(&self, inside: &str) -> Option<String> {
        if let Some(id) = inside.strip_prefix("@&") {
            let id = Snowflake(id.parse().ok()?);
            let roles = self.guilds.values().flat_map(|guild| &guild.roles);
            return roles.into_iter().find(|role| role.id == id).map(|role| format!("@{}", role.name));
        }
        if let Some(id) = inside.strip_prefix('@') {
            return Some(self.name_of(Snowflake(id.parse().ok()?))).filter(|name| !name.is_empty());
        }
        if let Some(id) = inside.strip_prefix('#') {
            let channel = self.channels.get(&Snowflake(id.parse().ok()?))?;
            return Some(format!("#{}", channel.name));
        }
        let seconds: i64 = inside.strip_prefix("t:")?.split(':').next()?.parse().ok()?;
        let at = jiff::Timestamp::from_second(seconds).ok()?;
        Some(at.strftime("%a %H:%M").to_string())
    }
}

/// `[words](address)` as its words.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](https://") {
        let (Some(open), Some(close)) = (before.rfind('['), after.find(')')) else { break };
        out.push_str(&before[..open]);
        out.push_str(&before[open + 1..]);
        rest = &after[close + 1..];
    }
    out.push_str(rest);
    out
}

fn without_markup(text: &str) -> String {
    let text = text.replace("__**", "[").replace("**__", "]").replace("**", "");
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{200B}' => {}
            '\\' if letters.peek().is_some_and(char::is_ascii_punctuation) => out.extend(letters.next()),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_links_and_escapes_are_gone_and_flagged_words_stand_in_brackets() {
        let world = World::new(String::new());
        let shown = world.as_shown(
            "**Message** <t:1700000000:f>\nyou __**lo\\*ser**__ · [message](https://discord.com/x) <b> <@9>",
        );
        assert_eq!(shown, "Message Tue 22:13\nyou [lo*ser] · message <b> <@9>");
    }

    #[test]
    fn people_and_roles_are_called_by_their_names() {
        let mut world = World::new(String::new());
        let ava = world.user("Ava");
        let guild = world.add_guild("Club", ava, 0);
        let role = world.add_role(guild, "Staff", 0, None);
        assert_eq!(world.as_shown(&format!("<@{ava}> is <@&{role}>")), "Ava is @Staff");
    }
}
