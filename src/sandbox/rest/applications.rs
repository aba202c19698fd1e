//! Who the bot is and where the gateway is.

use serde_json::{Value, json};

use super::answer::{Call, Outcome, ok};
use crate::sandbox::world::World;
use crate::sandbox::world::json::merge;
use crate::sandbox::world::permissions::base;

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("GET", ["gateway"]) => ok(json!({"url": world.gateway_url})),
        ("GET", ["gateway", "bot"]) => ok(gateway(world)),
        ("GET", ["users", "@me"]) => {
            let mut me = world.user_json(world.application.bot);
            merge(
                &mut me,
                json!({"mfa_enabled": true, "locale": "en-US", "verified": true, "email": null, "bio": ""}),
            );
            ok(me)
        }
        ("GET", ["users", "@me", "guilds"]) => ok(own_guilds(world)),
        ("GET", ["users", id]) => match id.parse().ok().filter(|id| world.users.contains_key(id)) {
            Some(id) => ok(world.user_json(id)),
            None => Err(super::ApiError::unknown("User")),
        },
        ("GET", ["applications", "@me"] | ["oauth2", "applications", "@me"]) => ok(world.application_json()),
        _ => return None,
    })
}

fn gateway(world: &World) -> Value {
    let (remaining, reset_after) = world.starts.left(world.clock.now_ms());
    json!({
        "url": world.gateway_url, "shards": world.starts.shards,
        "session_start_limit": {
            "total": world.starts.total, "remaining": remaining, "reset_after": reset_after,
            "max_concurrency": world.starts.concurrency,
        },
    })
}

fn own_guilds(world: &World) -> Value {
    let bot = world.application.bot;
    let own = world.guilds.values().filter_map(|guild| Some((guild, guild.members.get(&bot)?)));
    own.map(|(guild, member)| {
        json!({
            "id": guild.id, "name": guild.name, "icon": null, "banner": null, "owner": guild.owner == bot,
            "permissions": base(guild, member).to_string(), "features": ["COMMUNITY"],
        })
    })
    .collect()
}
