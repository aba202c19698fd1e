//! The addresses Chaperone may talk to: TLS anywhere, plain text on this machine only, and never a silent fallback.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

/// An address that Chaperone does not talk to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text is not an absolute address.
    #[error("this is not an address; write it like {example}")]
    NotAnAddress {
        /// What a good one looks like.
        example: &'static str,
    },
    /// The address would send the token unprotected over a network.
    #[error("{scheme}:// is accepted for this machine only (127.0.0.1, ::1, localhost); use {scheme}s://")]
    Unprotected {
        /// The unprotected scheme.
        scheme: &'static str,
    },
    /// The address carries a user, a query or a fragment.
    #[error("leave out the user, everything after `?` and everything after `#` of the address")]
    TooMuch,
}

/// The one base address for everything that is asked of Discord.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiBase {
    base: String,
    local: bool,
}

impl ApiBase {
    /// The address of version 10 of the REST interface, without a closing slash.
    pub fn rest(&self) -> String {
        format!("{}/api/v10", self.base)
    }

    /// Whether the address is on this machine.
    pub fn is_local(&self) -> bool {
        self.local
    }
}

impl Default for ApiBase {
    /// Discord itself.
    fn default() -> Self {
        Self { base: "https://discord.com".to_owned(), local: false }
    }
}

impl fmt::Display for ApiBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

impl FromStr for ApiBase {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (base, local) = checked(text, ["https", "http"], "https://discord.com")?;
        Ok(Self { base, local })
    }
}

/// The address of a gateway, as `GET /gateway/bot` and READY name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayUrl {
    url: String,
    local: bool,
}

impl GatewayUrl {
    /// The address without a closing slash or query.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The address at which a session of this gateway goes on, where Chaperone may talk to it: a gateway on this
    /// machine leads nowhere else, and one elsewhere does not lead back.
    pub(super) fn resume_at(&self, text: &str) -> Option<Self> {
        text.parse().ok().filter(|url: &Self| url.local == self.local)
    }
}

impl FromStr for GatewayUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        checked(text, ["wss", "ws"], "wss://gateway.discord.gg").map(|(url, local)| Self { url, local })
    }
}

/// Reads an address of one of two schemes, the protected one first; says whether it is on this machine.
fn checked(
    text: &str,
    [safe, plain]: [&'static str; 2],
    example: &'static str,
) -> Result<(String, bool), AddressError> {
    let url = Url::parse(text.trim()).map_err(|_| AddressError::NotAnAddress { example })?;
    let host = url.host_str().ok_or(AddressError::NotAnAddress { example })?;
    let local = is_loopback(host);
    if url.scheme() == plain {
        if !local {
            return Err(AddressError::Unprotected { scheme: plain });
        }
    } else if url.scheme() != safe {
        return Err(AddressError::NotAnAddress { example });
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user || url.query().is_some() || url.fragment().is_some() {
        return Err(AddressError::TooMuch);
    }
    Ok((url.as_str().trim_end_matches('/').to_owned(), local))
}

/// Whether a host, as `Url` normalises it, is this machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_for_this_machine_only() {
        for good in
            ["http://127.0.0.1:8080", "http://[::1]:9/", "http://localhost:1", "https://example.org/proxy/"]
        {
            assert!(good.parse::<ApiBase>().is_ok(), "{good}");
        }
        for bad in [
            "http://discord.com",
            "http://192.168.0.7",
            "http://127.0.0.1.example.org",
            "http://localhost.example",
        ] {
            assert_eq!(bad.parse::<ApiBase>(), Err(AddressError::Unprotected { scheme: "http" }), "{bad}");
        }
        assert_eq!(
            "ws://gateway.discord.gg".parse::<GatewayUrl>(),
            Err(AddressError::Unprotected { scheme: "ws" })
        );
        assert!("ws://127.0.0.1:4000/?v=10".parse::<GatewayUrl>().is_err());
    }

    #[test]
    fn a_session_goes_on_only_on_the_same_side_of_this_machine() {
        let local: GatewayUrl = "ws://127.0.0.1:4000".parse().unwrap();
        let remote: GatewayUrl = "wss://gateway.discord.gg".parse().unwrap();
        assert!(local.resume_at("ws://localhost:4001").is_some());
        assert!(remote.resume_at("wss://gateway-us-east1-b.discord.gg").is_some());
        for (from, to) in
            [(&local, "wss://gateway.discord.gg"), (&remote, "ws://127.0.0.1:4"), (&remote, "ws://a.example")]
        {
            assert_eq!(from.resume_at(to), None, "{to}");
        }
    }

    #[test]
    fn an_unfit_address_is_refused_and_never_repeated_in_the_error() {
        for bad in [
            "",
            "discord.com",
            "ftp://discord.com",
            "https://",
            "https://u:s3cret@discord.com",
            "https://d.c/?a=s3cret",
        ] {
            let error = bad.parse::<ApiBase>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{bad}");
        }
    }

    #[test]
    fn the_rest_address_follows_the_base() {
        assert_eq!(ApiBase::default().rest(), "https://discord.com/api/v10");
        assert_eq!("http://127.0.0.1:81/".parse::<ApiBase>().unwrap().rest(), "http://127.0.0.1:81/api/v10");
        assert!("http://127.0.0.1:81/".parse::<ApiBase>().unwrap().is_local());
    }
}
