//! Permissions in a body: a list of names, or a mask as text or number.

use serde::Deserialize;
use serde_json::Value;

use crate::sandbox::world::permissions::bits;

/// Permissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Mask(pub(super) u64);

/// The permissions that have names here.
const NAMES: &[(&str, u64)] = &[
    ("CREATE_INSTANT_INVITE", bits::CREATE_INSTANT_INVITE),
    ("KICK_MEMBERS", bits::KICK_MEMBERS),
    ("BAN_MEMBERS", bits::BAN_MEMBERS),
    ("ADMINISTRATOR", bits::ADMINISTRATOR),
    ("MANAGE_CHANNELS", bits::MANAGE_CHANNELS),
    ("MANAGE_GUILD", bits::MANAGE_GUILD),
    ("ADD_REACTIONS", bits::ADD_REACTIONS),
    ("VIEW_AUDIT_LOG", bits::VIEW_AUDIT_LOG),
    ("VIEW_CHANNEL", bits::VIEW_CHANNEL),
    ("SEND_MESSAGES", bits::SEND_MESSAGES),
    ("SEND_TTS_MESSAGES", bits::SEND_TTS_MESSAGES),
    ("MANAGE_MESSAGES", bits::MANAGE_MESSAGES),
    ("EMBED_LINKS", bits::EMBED_LINKS),
    ("ATTACH_FILES", bits::ATTACH_FILES),
    ("READ_MESSAGE_HISTORY", bits::READ_MESSAGE_HISTORY),
    ("MENTION_EVERYONE", bits::MENTION_EVERYONE),
    ("MANAGE_NICKNAMES", bits::MANAGE_NICKNAMES),
    ("MANAGE_ROLES", bits::MANAGE_ROLES),
    ("USE_APPLICATION_COMMANDS", bits::USE_APPLICATION_COMMANDS),
    ("MANAGE_THREADS", bits::MANAGE_THREADS),
    ("CREATE_PUBLIC_THREADS", bits::CREATE_PUBLIC_THREADS),
    ("CREATE_PRIVATE_THREADS", bits::CREATE_PRIVATE_THREADS),
    ("SEND_MESSAGES_IN_THREADS", bits::SEND_MESSAGES_IN_THREADS),
    ("MODERATE_MEMBERS", bits::MODERATE_MEMBERS),
    ("PIN_MESSAGES", bits::PIN_MESSAGES),
];

impl TryFrom<Value> for Mask {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        if let Some(mask) = number(&value) {
            return Ok(Self(mask));
        }
        let Value::Array(names) = value else {
            return Err("permissions are a list of names, such as [\"VIEW_CHANNEL\"], or a mask".to_owned());
        };
        names.iter().try_fold(Self(0), |Self(sum), name| {
            let known = NAMES.iter().find(|(known, _)| *name == **known);
            known.map(|(_, bit)| Self(sum | bit)).ok_or_else(|| {
                let known = NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                format!("there is no permission {name}; there are {known}; others go into a mask")
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn permissions_are_read_from_names_texts_and_numbers() {
        for (written, meant) in [
            (json!(["VIEW_CHANNEL", "SEND_MESSAGES"]), bits::VIEW_CHANNEL | bits::SEND_MESSAGES),
            (json!([]), 0),
            (json!("3072"), 3072),
            (json!(8), bits::ADMINISTRATOR),
        ] {
            assert_eq!(Mask::try_from(written), Ok(Mask(meant)));
        }
    }

    #[test]
    fn what_is_no_permission_is_refused() {
        for written in [json!(["VIEW_CHANNELS"]), json!("many"), json!(-1), json!(null), json!({})] {
            assert!(Mask::try_from(written).is_err());
        }
    }
}
