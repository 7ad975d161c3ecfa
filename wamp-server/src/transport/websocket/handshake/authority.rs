//! A host with or without a port: what a Host header is, and what an origin ends with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Parsed, so that comparing it is comparing what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) host: Host,
    pub(super) port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Address(IpAddr),
    /// In lower case, and ASCII: other names travel in Punycode.
    Name(Box<str>),
}

/// Characters of a domain name (RFC 1035).
const MAX_NAME: usize = 255;

impl Authority {
    /// Nothing but host and port: no user, no path, no space around it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix('[') {
            let (address, rest) = rest.split_once(']')?;
            let host = Host::Address(IpAddr::V6(address.parse::<Ipv6Addr>().ok()?));
            let port = match rest.strip_prefix(':') {
                Some(port) => Some(parse_port(port)?),
                None if rest.is_empty() => None,
                None => return None,
            };
            return Some(Self { host, port });
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(parse_port(port)?)),
            None => (text, None),
        };
        let host = Host::parse(host)?;
        Some(Self { host, port })
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Self::Address(address.into()));
        }
        let is_name = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
        let mut labels = text.strip_suffix('.').unwrap_or(text).split('.');
        let valid = text.len() <= MAX_NAME
            && labels.all(|label| !label.is_empty() && label.bytes().all(is_name));
        valid.then(|| Self::Name(text.to_ascii_lowercase().into()))
    }

    /// Whether it means this machine, without asking anybody.
    pub(super) fn is_loopback(&self) -> bool {
        match self {
            Self::Address(address) => address.to_canonical().is_loopback(),
            Self::Name(name) => &**name == "localhost" || name.ends_with(".localhost"),
        }
    }
}

/// Digits only, where `parse` would take a sign.
fn parse_port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|it| it.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_the_same() {
        for (one, other) in [
            ("Example.COM", "example.com"),
            ("[::1]:80", "[0:0:0:0:0:0:0:1]:80"),
            ("127.0.0.1:080", "127.0.0.1:80"),
        ] {
            let parsed = Authority::parse(one);
            assert!(parsed.is_some(), "{one}");
            assert_eq!(parsed, Authority::parse(other), "{one}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            ".",
            ":80",
            "a..b",
            ".a",
            "a:",
            "a:+80",
            "a:65536",
            "a:b",
            "a:80:80",
            "::1",
            "[::1",
            "[::1]80",
            "[127.0.0.1]",
            "user@a",
            "a/",
            "a b",
            "a?",
            "a#",
            "a%20b",
            "bücher.example",
        ] {
            assert_eq!(Authority::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_by_number() {
        for (text, expected) in [
            ("localhost", true),
            ("APP.localhost", true),
            ("127.9.9.9", true),
            ("[::1]", true),
            ("[::ffff:127.0.0.1]", true),
            ("localhost.evil.test", false),
            ("notlocalhost", false),
            ("127.0.0.1.evil.test", false),
            ("10.0.0.1", false),
            ("[::2]", false),
        ] {
            let host = Authority::parse(text).expect("valid").host;
            assert_eq!(host.is_loopback(), expected, "{text}");
        }
    }
}
