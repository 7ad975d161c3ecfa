//! Where a browser says that a script comes from (RFC 6454).

use super::authority::{Authority, Host};

/// Scheme, host and port, the latter always there if the scheme has a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    scheme: Box<str>,
    host: Host,
    port: Option<u16>,
}

impl Origin {
    /// An Origin header. `null`, what has no host, and what is more than an origin are none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_scheme =
            |it: u8| it.is_ascii_alphanumeric() || it == b'+' || it == b'-' || it == b'.';
        if !scheme.starts_with(|it: char| it.is_ascii_alphabetic())
            || !scheme.bytes().all(is_scheme)
        {
            return None;
        }
        let authority = Authority::parse(rest)?;
        Some(Self::new(&scheme.to_ascii_lowercase(), authority))
    }

    /// The origin that the server itself has, for a request to this host.
    pub(super) fn of_server(secure: bool, authority: Authority) -> Self {
        Self::new(if secure { "https" } else { "http" }, authority)
    }

    /// Whether it is of this host, in whatever scheme of the web and on whatever port.
    pub(super) fn is_of(&self, host: &Host) -> bool {
        matches!(&*self.scheme, "http" | "https") && self.host == *host
    }

    fn new(scheme: &str, Authority { host, port }: Authority) -> Self {
        let default = match scheme {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        Self {
            scheme: scheme.into(),
            host,
            port: port.or(default),
        }
    }

    /// An entry of a list that somebody has written.
    pub(super) fn parse_entry(text: &str) -> Result<Self, &'static str> {
        let origin = Self::parse(text).ok_or(
            "is not an origin: scheme, `://`, host and, unless it is the default, port, and nothing after that, as in `https://example.com`",
        )?;
        if matches!(&*origin.scheme, "ws" | "wss") {
            return Err(
                "is the server's address: an origin is that of the web page, as in `https://example.com`",
            );
        }
        Ok(origin)
    }
}
