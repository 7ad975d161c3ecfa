//! What proxies say about the client: `X-Forwarded-*` and `Forwarded` (RFC 7239).

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};

use super::authority::Authority;
use super::hop::Hop;
use super::proxies::Proxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What a trusted proxy says; nothing where it says nothing.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Forwarded {
    pub(super) client: Client,
    pub(super) secure: Option<bool>,
    pub(super) host: Option<Authority>,
}

/// Whom a proxy connects for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Client {
    /// It does not say.
    #[default]
    Unsaid,
    /// It says that it does not tell, or something that is no address.
    Unknown,
    Known(SocketAddr),
}

/// The headers contradict each other, or cannot be understood.
#[derive(Debug, PartialEq)]
pub(super) struct Unclear;

impl Forwarded {
    /// Reads both kinds of headers. A proxy that sets the one may pass on the other as the client sent it, so they must not disagree.
    pub(super) fn read(headers: &HeaderMap, proxies: &Proxies) -> Result<Self, Unclear> {
        let de_facto = Self::de_facto(headers, proxies)?;
        let standard = Self::standard(headers, proxies)?;
        Ok(Self {
            client: de_facto.client.agreed(standard.client)?,
            secure: agreed(de_facto.secure, standard.secure)?,
            host: agreed(de_facto.host, standard.host)?,
        })
    }

    /// Each proxy appends to the chain. Some append scheme and host to lists of their own, which are as long then; others tell only what
    /// they see themselves. What comes before the last may be the client's invention, unless the chain says otherwise.
    fn de_facto(headers: &HeaderMap, proxies: &Proxies) -> Result<Self, Unclear> {
        let chain = elements(headers, &X_FORWARDED_FOR)?;
        let clients = chain.iter().map(|text| Client::parse(text));
        let nearest = nearest_stranger(clients, proxies);
        let of_client = |name| {
            let list = elements(headers, name)?;
            let element = match nearest {
                Some((index, _)) if list.len() == chain.len() => list.get(index),
                _ => list.last(),
            };
            // Nothing gives way to what the client may have written in the other kind of header.
            match element {
                None if headers.contains_key(name) => Err(Unclear),
                element => Ok(element.copied()),
            }
        };
        let unreadable = || {
            headers
                .contains_key(X_FORWARDED_FOR)
                .then_some(Client::Unknown)
        };
        let client = nearest.map(|(_, client)| client).or_else(unreadable);
        Ok(Self {
            client: client.unwrap_or_default(),
            secure: of_client(&X_FORWARDED_PROTO)?
                .map(parse_scheme)
                .transpose()?,
            host: of_client(&X_FORWARDED_HOST)?.map(parse_host).transpose()?,
        })
    }

    /// Each proxy appends an element; the one that names the client is that of the proxy which the client spoke to.
    fn standard(headers: &HeaderMap, proxies: &Proxies) -> Result<Self, Unclear> {
        let mut hops = Vec::new();
        for line in headers.get_all(FORWARDED) {
            hops.extend(Hop::parse_line(line.to_str().map_err(|_| Unclear)?)?);
        }
        let clients = hops.iter().map(|hop| {
            let client = hop.client.as_deref();
            client.map_or(Client::Unsaid, Client::parse)
        });
        let Some((index, client)) = nearest_stranger(clients, proxies) else {
            return Ok(Self::default());
        };
        let hop = hops.swap_remove(index);
        Ok(Self {
            client,
            secure: hop.scheme.as_deref().map(parse_scheme).transpose()?,
            host: hop.host.as_deref().map(parse_host).transpose()?,
        })
    }
}

impl Client {
    /// An address with or without a port; IPv6 in brackets or, as in `X-Forwarded-For`, without.
    fn parse(text: &str) -> Self {
        let with_port = || text.parse::<SocketAddr>().ok();
        let bracketed = || {
            let inner = text.strip_prefix('[')?.strip_suffix(']')?;
            Some(SocketAddr::new(inner.parse::<Ipv6Addr>().ok()?.into(), 0))
        };
        let alone = || Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, 0));
        let address = with_port().or_else(bracketed).or_else(alone);
        address.map_or(Self::Unknown, Self::Known)
    }

    /// What one kind of header says and the other does not contradict. One that cannot be read does not give way to one that can: the
    /// other may be what the client has written.
    fn agreed(self, other: Self) -> Result<Self, Unclear> {
        match (self, other) {
            (Self::Known(one), Self::Known(other))
                if one.ip().to_canonical() != other.ip().to_canonical() =>
            {
                Err(Unclear)
            }
            (Self::Known(_), Self::Unknown) | (Self::Unknown, Self::Known(_)) => Err(Unclear),
            (Self::Unsaid, said) | (said, _) => Ok(said),
        }
    }
}

fn agreed<T: PartialEq>(one: Option<T>, other: Option<T>) -> Result<Option<T>, Unclear> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Err(Unclear),
        (one, other) => Ok(one.or(other)),
    }
}

/// From the right, the first element that does not name a trusted proxy; if all do, the client is one of them, the first. Whoever is
/// further left than an element that cannot be read is not known.
fn nearest_stranger(
    chain: impl DoubleEndedIterator<Item = Client> + ExactSizeIterator,
    proxies: &Proxies,
) -> Option<(usize, Client)> {
    let mut nearest = None;
    for (index, client) in chain.enumerate().rev() {
        nearest = Some((index, client));
        if !matches!(client, Client::Known(address) if proxies.trust(address.ip())) {
            break;
        }
    }
    nearest
}

/// The elements of all lines of that name, in order. Nothing but commas has a meaning, quotes neither; empty elements are nothing.
fn elements<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Vec<&'h str>, Unclear> {
    let mut elements = Vec::new();
    for value in headers.get_all(name) {
        let value = value.to_str().map_err(|_| Unclear)?;
        elements.extend(value.split(',').map(str::trim).filter(|it| !it.is_empty()));
    }
    Ok(elements)
}

fn parse_scheme(text: &str) -> Result<bool, Unclear> {
    // Some proxies tell the scheme of what they forward rather than that of HTTP.
    match &*text.to_ascii_lowercase() {
        "https" | "wss" => Ok(true),
        "http" | "ws" => Ok(false),
        _ => Err(Unclear),
    }
}

fn parse_host(text: &str) -> Result<Authority, Unclear> {
    Authority::parse(text).ok_or(Unclear)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[(&'static str, &str)]) -> Result<Forwarded, Unclear> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("valid"));
        }
        let proxies = ["10.0.0.0/8", "::1"].map(|it| Proxies::parse_entry(it).expect("valid"));
        Forwarded::read(&headers, &Proxies::new(proxies.to_vec()))
    }

    fn client(lines: &[(&'static str, &str)]) -> String {
        match read(lines).expect("clear").client {
            Client::Unsaid => "unsaid".to_owned(),
            Client::Unknown => "unknown".to_owned(),
            Client::Known(address) => address.to_string(),
        }
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_trusted_proxy() {
        for (header, expected) in [
            ("203.0.113.7", "203.0.113.7:0"),
            ("203.0.113.7:4711", "203.0.113.7:4711"),
            ("1.1.1.1, 203.0.113.7, 10.0.0.1", "203.0.113.7:0"),
            ("1.1.1.1, 203.0.113.7, ::ffff:10.0.0.1", "203.0.113.7:0"),
            ("garbage, 203.0.113.7", "203.0.113.7:0"),
            ("\", 203.0.113.7", "203.0.113.7:0"),
            ("\"1.1.1.1, 203.0.113.7", "203.0.113.7:0"),
            ("10.0.0.1, 10.0.0.2", "10.0.0.1:0"),
            ("2001:db8::1", "[2001:db8::1]:0"),
            ("[2001:db8::1]:80, ::1", "[2001:db8::1]:80"),
        ] {
            assert_eq!(client(&[("x-forwarded-for", header)]), expected, "{header}");
        }
    }

    #[test]
    fn whoever_is_not_named_is_not_known() {
        for header in [
            "unknown",
            "203.0.113.7, garbage",
            "203.0.113.7, garbage, 10.0.0.1",
            "203.0.113.7, \"203.0.113.7\"",
            " , ,",
            "",
        ] {
            let lines = [("x-forwarded-for", header)];
            assert_eq!(client(&lines), "unknown", "{header}");
        }
        for header in [
            "for=unknown",
            "for=1.1.1.1, for=_hidden;proto=https",
            r#"for="a,b;c""#,
        ] {
            assert_eq!(client(&[("forwarded", header)]), "unknown", "{header}");
        }
        for header in ["", "proto=https", "for=1.1.1.1, proto=https"] {
            assert_eq!(client(&[("forwarded", header)]), "unsaid", "{header}");
        }
    }

    #[test]
    fn lines_count_like_elements() {
        let lines = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "203.0.113.7"),
        ];
        assert_eq!(client(&lines), "203.0.113.7:0");
    }

    #[test]
    fn the_standard_header_is_understood() {
        let value = r#"for=1.1.1.1;proto=http;host=evil.test, For="[2001:db8::1]:80";Proto=HTTPS;host="a.test:\8443";by=_x, for=10.0.0.1"#;
        let forwarded = read(&[("forwarded", value)]).expect("clear");
        assert_eq!(
            forwarded,
            Forwarded {
                client: Client::parse("[2001:db8::1]:80"),
                secure: Some(true),
                host: Authority::parse("a.test:8443"),
            }
        );
    }

    #[test]
    fn scheme_and_host_are_those_that_the_client_saw() {
        for (chain, schemes, hosts, secure, host) in [
            ("203.0.113.7", "https", "a.test", true, "a.test"),
            // Each of two proxies has appended.
            (
                "203.0.113.7, 10.0.0.1",
                "https, http",
                "a.test, b",
                true,
                "a.test",
            ),
            (
                "1.1.1.1, 203.0.113.7, 10.0.0.1",
                "http, https, http",
                "evil.test, a.test, b",
                true,
                "a.test",
            ),
            // The client has begun a list that the proxy did not expect.
            (
                "203.0.113.7",
                "https, http",
                "evil.test, a.test",
                false,
                "a.test",
            ),
            (
                "1.1.1.1, 203.0.113.7",
                "https, http",
                "evil.test, a.test",
                false,
                "a.test",
            ),
            // The nearest proxy has replaced.
            ("203.0.113.7, 10.0.0.1", "https", "a.test", true, "a.test"),
            ("", "https, http", "evil.test, a.test", false, "a.test"),
        ] {
            let lines = [
                ("x-forwarded-for", chain),
                ("x-forwarded-proto", schemes),
                ("x-forwarded-host", hosts),
            ];
            let forwarded = read(&lines).expect("clear");
            assert_eq!(forwarded.secure, Some(secure), "{lines:?}");
            assert_eq!(forwarded.host, Authority::parse(host), "{lines:?}");
        }
    }

    #[test]
    fn contradictions_and_nonsense_are_refused() {
        for lines in [
            &[("forwarded", "for")][..],
            &[("forwarded", "for=1.1.1.1;for=2.2.2.2")],
            &[("forwarded", r#"for=1.1.1.1;x=", for=203.0.113.9"#)],
            &[("x-forwarded-proto", "gopher")],
            &[("x-forwarded-proto", "")],
            &[("x-forwarded-host", ","), ("forwarded", "host=a.test")],
            &[("x-forwarded-host", "a/b")],
            &[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "2.2.2.2")],
            &[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "unknown")],
            &[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "")],
            &[("forwarded", "for=_hidden"), ("x-forwarded-for", "1.1.1.1")],
            &[("forwarded", "proto=http"), ("x-forwarded-proto", "https")],
            &[("forwarded", "host=a"), ("x-forwarded-host", "b")],
        ] {
            assert_eq!(read(lines), Err(Unclear), "{lines:?}");
        }
        for (standard, de_facto) in [
            (r#"for="1.1.1.1:80""#, "1.1.1.1"),
            ("for=1.1.1.1", "::ffff:1.1.1.1"),
            ("for=_hidden", "unknown"),
            ("proto=https", "1.1.1.1"),
        ] {
            let lines = [("forwarded", standard), ("x-forwarded-for", de_facto)];
            assert!(read(&lines).is_ok(), "{lines:?}");
        }
    }
}
