//! What a server's administrators change, over the control API: `POST /sandbox/guilds/{guild}/{verb}`, and founding one
//! by `POST /sandbox/guilds`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Outcome, Problem};
use super::find;
use super::mask::Mask;
use super::people::Nothing;
use super::verb::{Verb, now};
use crate::sandbox::Sandbox;
use crate::sandbox::actors::Guild;

/// Founding a server.
pub(super) const FOUND: Verb<Sandbox> = Verb {
    name: "guilds",
    does: "Founds a server with roles and channels, with the bot in it.",
    fields: &[
        ("name", "its name"),
        ("owner?", "who owns it; otherwise somebody named Division IT"),
        ("roles?", "the lowest first: [{\"name\": \"Staff\", \"permissions\": [\"MANAGE_MESSAGES\"]}]"),
        ("channels?", "[{\"name\": \"#general\", \"only\": [\"Staff\"]}]; without `only` everybody sees it"),
        ("bot?", "false: the bot is not in it yet"),
    ],
    perform: |town, body| now(town, body, found),
};

/// Everything that can be done to a server.
pub(super) const VERBS: &[Verb<Guild>] = &[
    Verb {
        name: "join",
        does: "Lets somebody in; an account of this name is made where there is none.",
        fields: &[("person", "the name"), ("nick?", "a nickname"), ("roles?", "names of roles")],
        perform: |guild, body| now(guild, body, join),
    },
    Verb {
        name: "remove",
        does: "Removes somebody.",
        fields: &[("person", "whom")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &Whom| guild.removes(&guild.actor(&body.person)))
        },
    },
    Verb {
        name: "grant",
        does: "Gives somebody a role.",
        fields: &[("person", "whom"), ("role", "its name")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &Grant| guild.grants(&guild.actor(&body.person), &body.role))
        },
    },
    Verb {
        name: "revoke",
        does: "Takes a role from somebody.",
        fields: &[("person", "whom"), ("role", "its name")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &Grant| guild.revokes(&guild.actor(&body.person), &body.role))
        },
    },
    Verb {
        name: "nickname",
        does: "Gives somebody a nickname.",
        fields: &[("person", "whom"), ("nick", "the nickname")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &Nick| guild.nicknames(&guild.actor(&body.person), &body.nick))
        },
    },
    Verb {
        name: "time-out",
        does: "Times somebody out.",
        fields: &[("person", "whom"), ("seconds", "for how long; 0 ends it")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &TimeOut| {
                guild.times_out(&guild.actor(&body.person), Duration::from_secs(body.seconds));
            })
        },
    },
    Verb {
        name: "rename",
        does: "Renames the server.",
        fields: &[("name", "the new name")],
        perform: |guild, body| now(guild, body, |guild, body: &Named| guild.renames(&body.name)),
    },
    Verb {
        name: "pass-to",
        does: "Makes somebody the owner.",
        fields: &[("person", "whom")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &Whom| guild.passes_to(&guild.actor(&body.person)))
        },
    },
    Verb {
        name: "add-role",
        does: "Adds a role on top of the others.",
        fields: &[("name", "its name"), ("permissions?", "names such as VIEW_CHANNEL, or a mask as text")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &NewRole| {
                Ok(json!({"role": guild.adds_role(&body.name, body.permissions.0).get().to_string()}))
            })
        },
    },
    Verb {
        name: "permit",
        does: "Sets what a role may do; @everyone is a role, too.",
        fields: &[("role", "its name"), ("permissions", "names such as VIEW_CHANNEL, or a mask as text")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &Permit| guild.permits(&body.role, body.permissions.0))
        },
    },
    Verb {
        name: "rename-role",
        does: "Renames a role.",
        fields: &[("role", "its name"), ("name", "the new name")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &RenameRole| guild.renames_role(&body.role, &body.name))
        },
    },
    Verb {
        name: "remove-role",
        does: "Removes a role.",
        fields: &[("name", "its name")],
        perform: |guild, body| now(guild, body, |guild, body: &Named| guild.removes_role(&body.name)),
    },
    Verb {
        name: "add-channel",
        does: "Adds a text channel.",
        fields: &[
            ("name", "its name"),
            ("only?", "the roles that see it, beside the bot; otherwise everybody does"),
            ("hidden?", "true: the bot does not see it; needs `only`"),
        ],
        perform: |guild, body| now(guild, body, add_channel),
    },
    Verb {
        name: "rename-channel",
        does: "Renames a channel or thread.",
        fields: &[("channel", "its name"), ("name", "the new name")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &RenameChannel| guild.renames_channel(&body.channel, &body.name))
        },
    },
    Verb {
        name: "topic",
        does: "Sets a channel's topic.",
        fields: &[("channel", "its name"), ("topic", "the topic")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &Topic| guild.sets_topic(&body.channel, &body.topic))
        },
    },
    Verb {
        name: "overwrite",
        does: "Sets what a role or a person gains and loses in a channel.",
        fields: &[
            ("channel", "its name"),
            ("role?", "the role, or"),
            ("person?", "the person"),
            ("allow?", "what they gain: names such as VIEW_CHANNEL, or a mask as text"),
            ("deny?", "what they lose"),
        ],
        perform: |guild, body| now(guild, body, overwrite),
    },
    Verb {
        name: "remove-channel",
        does: "Removes a channel or thread with everything in it.",
        fields: &[("name", "its name")],
        perform: |guild, body| now(guild, body, |guild, body: &Named| guild.removes_channel(&body.name)),
    },
    Verb {
        name: "archive",
        does: "Archives a thread, or takes it out of the archive.",
        fields: &[("thread", "its name"), ("on", "true or false")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &ThreadSwitch| guild.archives(&body.thread, body.on))
        },
    },
    Verb {
        name: "lock",
        does: "Locks a thread, or unlocks it.",
        fields: &[("thread", "its name"), ("on", "true or false")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &ThreadSwitch| guild.locks(&body.thread, body.on))
        },
    },
    Verb {
        name: "invite-bot",
        does: "Adds the bot with these permissions.",
        fields: &[("permissions", "names such as VIEW_CHANNEL, or a mask as text")],
        perform: |guild, body| {
            now(guild, body, |guild, body: &Permissions| guild.invites_bot(body.permissions.0))
        },
    },
    Verb {
        name: "remove-bot",
        does: "Throws the bot out.",
        fields: &[],
        perform: |guild, body| now(guild, body, |guild, Nothing {}: &Nothing| guild.removes_bot()),
    },
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    name: String,
    owner: Option<String>,
    #[serde(default)]
    roles: Vec<NewRole>,
    #[serde(default)]
    channels: Vec<NewChannel>,
    bot: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRole {
    name: String,
    #[serde(default)]
    permissions: Mask,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewChannel {
    name: String,
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    hidden: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Join {
    person: String,
    nick: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whom {
    person: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grant {
    person: String,
    role: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nick {
    person: String,
    nick: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeOut {
    person: String,
    seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Permit {
    role: String,
    permissions: Mask,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenameRole {
    role: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenameChannel {
    channel: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Topic {
    channel: String,
    topic: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverwriteOf {
    channel: String,
    role: Option<String>,
    person: Option<String>,
    #[serde(default)]
    allow: Mask,
    #[serde(default)]
    deny: Mask,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThreadSwitch {
    thread: String,
    on: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Permissions {
    permissions: Mask,
}

fn found(town: &Sandbox, body: &Found) -> Value {
    let mut plan = town.guild(&body.name);
    if let Some(owner) = &body.owner {
        plan = plan.owner(owner);
    }
    for role in &body.roles {
        plan = plan.role(&role.name, role.permissions.0);
    }
    for channel in &body.channels {
        let only: Vec<_> = channel.only.iter().map(String::as_str).collect();
        plan = match (channel.hidden, only.is_empty()) {
            (true, _) => plan.hidden_channel(&channel.name, &only),
            (false, true) => plan.channel(&channel.name),
            (false, false) => plan.private_channel(&channel.name, &only),
        };
    }
    if body.bot == Some(false) {
        plan = plan.without_bot();
    }
    json!({"guild": plan.build().id().get().to_string()})
}

fn join(guild: &Guild, body: &Join) -> Value {
    let mut member = guild.member(&body.person);
    if let Some(nick) = &body.nick {
        member = member.nick(nick);
    }
    let member = body.roles.iter().fold(member, |member, role| member.role(role)).join();
    json!({"person": member.id().get().to_string()})
}

fn add_channel(guild: &Guild, body: &NewChannel) -> Value {
    let only: Vec<_> = body.only.iter().map(String::as_str).collect();
    let id = match (body.hidden, only.is_empty()) {
        (true, _) => guild.adds_hidden_channel(&body.name, &only),
        (false, true) => guild.adds_channel(&body.name),
        (false, false) => guild.adds_private_channel(&body.name, &only),
    };
    json!({"channel": id.get().to_string()})
}

fn overwrite(guild: &Guild, body: &OverwriteOf) -> Outcome {
    let (allow, deny) = (body.allow.0, body.deny.0);
    match (&body.role, &body.person) {
        (Some(role), None) => guild.overwrites_role(&body.channel, role, allow, deny),
        (None, Some(person)) => {
            let person = find::person(guild.town(), person, None)?;
            guild.overwrites_member(&body.channel, &person, allow, deny);
        }
        _ => return Err(Problem::unreadable(&"give either `role` or `person`")),
    }
    Ok(json!({}))
}
