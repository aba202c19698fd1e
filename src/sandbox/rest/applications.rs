//! Who the bot is and where the gateway is.

use serde_json::json;

use super::answer::{Call, Outcome, ok};
use crate::sandbox::world::World;
use crate::sandbox::world::json::merge;

pub(super) fn route(world: &mut World, call: &Call<'_>) -> Option<Outcome> {
    Some(match (call.method, call.path.as_slice()) {
        ("GET", ["gateway"]) => ok(json!({"url": world.gateway_url})),
        ("GET", ["gateway", "bot"]) => ok(json!({
            "url": world.gateway_url, "shards": 1,
            "session_start_limit": {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 16},
        })),
        ("GET", ["users", "@me"]) => {
            let mut me = world.user_json(world.application.bot);
            merge(
                &mut me,
                json!({"mfa_enabled": true, "locale": "en-US", "verified": true, "email": null, "bio": ""}),
            );
            ok(me)
        }
        ("GET", ["users", id]) => match id.parse().ok().filter(|id| world.users.contains_key(id)) {
            Some(id) => ok(world.user_json(id)),
            None => Err(super::ApiError::unknown("User")),
        },
        ("GET", ["applications", "@me"] | ["oauth2", "applications", "@me"]) => ok(world.application_json()),
        _ => return None,
    })
}
