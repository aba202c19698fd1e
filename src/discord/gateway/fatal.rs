//! The reasons for which Discord closes a connection for good, each with what to do about it.

/// Why Discord refuses this bot. Trying again changes nothing until somebody has acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FatalClose {
    /// 4004.
    #[error(
        "Discord does not accept the bot token. Open the application in Discord's developer portal, choose Bot, \
         press Reset Token, and give Chaperone the new token"
    )]
    BadToken,
    /// 4010.
    #[error(
        "Discord does not accept the number of this connection. Start one Chaperone only; if it stays, install a newer one"
    )]
    InvalidShard,
    /// 4011.
    #[error(
        "The bot is in too many servers for one connection. Leave servers, or watch some of them with a second application and a second Chaperone"
    )]
    ShardingRequired,
    /// 4012.
    #[error("Discord no longer speaks version 10 of its gateway. Install a newer Chaperone")]
    InvalidVersion,
    /// 4013.
    #[error("Discord does not know one of the intents Chaperone asks for. Install a newer Chaperone")]
    InvalidIntents,
    /// 4014.
    #[error(
        "Discord does not let the bot see members and messages. Open the application in Discord's developer portal, \
         choose Bot, and under Privileged Gateway Intents switch on Server Members Intent and Message Content Intent"
    )]
    DisallowedIntents,
    /// A code newer than this program.
    #[error(
        "Discord closed the connection for good with code {0}. Look the code up in Discord's documentation"
    )]
    Other(u16),
}

impl FatalClose {
    /// From the code of the close frame.
    pub fn from_code(code: u16) -> Self {
        match code {
            4004 => Self::BadToken,
            4010 => Self::InvalidShard,
            4011 => Self::ShardingRequired,
            4012 => Self::InvalidVersion,
            4013 => Self::InvalidIntents,
            4014 => Self::DisallowedIntents,
            other => Self::Other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_says_what_to_do() {
        let says = |code| FatalClose::from_code(code).to_string();
        assert!(says(4004).contains("Reset Token"));
        assert!(
            says(4014).contains("Server Members Intent") && says(4014).contains("Message Content Intent")
        );
        for code in [4010, 4011, 4012, 4013] {
            assert!(["Start", "Install", "Leave"].iter().any(|verb| says(code).contains(verb)), "{code}");
            assert_ne!(FatalClose::from_code(code), FatalClose::Other(code));
        }
        assert!(says(4999).contains("4999"));
    }
}
