//! What the kinds of channels differ in: the fields that only some have, and whether they take messages.

use serde_json::{Map, Value, json};

use super::state::kind;

/// The fields that a new channel of a kind has beyond those of all.
pub(crate) fn usual_fields(kind: u8) -> Map<String, Value> {
    let fields = match kind {
        kind::VOICE | kind::STAGE => json!({
            "bitrate": 64_000, "user_limit": 0, "rtc_region": null, "video_quality_mode": 1,
        }),
        kind::FORUM => json!({
            "available_tags": [], "default_reaction_emoji": null, "default_sort_order": null,
            "default_forum_layout": 0, "default_thread_rate_limit_per_user": 0,
        }),
        kind::MEDIA => json!({
            "available_tags": [], "default_reaction_emoji": null, "default_sort_order": null,
            "default_thread_rate_limit_per_user": 0,
        }),
        _ => json!({}),
    };
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Whether messages can be written in the channel itself; in forums they go into posts.
pub(crate) fn takes_messages(kind: u8) -> bool {
    !matches!(kind, kind::CATEGORY | kind::FORUM | kind::MEDIA)
}

/// Whether people can speak in it.
pub(crate) fn is_vocal(kind: u8) -> bool {
    matches!(kind, kind::VOICE | kind::STAGE)
}

/// Whether its threads are posts.
pub(crate) fn holds_posts(kind: u8) -> bool {
    matches!(kind, kind::FORUM | kind::MEDIA)
}
