//! What proxies say about the client: `X-Forwarded-*` and `Forwarded` (RFC 7239).

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};

use super::authority::Authority;
use super::proxies::Proxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What a trusted proxy says; nothing where it says nothing.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Forwarded {
    pub(super) client: Option<SocketAddr>,
    pub(super) secure: Option<bool>,
    pub(super) host: Option<Authority>,
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
            client: agreed(de_facto.client, standard.client, |one, other| {
                one.ip() == other.ip()
            })?,
            secure: agreed(de_facto.secure, standard.secure, PartialEq::eq)?,
            host: agreed(de_facto.host, standard.host, PartialEq::eq)?,
        })
    }

    /// Each proxy appends, so the last word is that of the proxy that we trust. What comes before may be the client's invention.
    fn de_facto(headers: &HeaderMap, proxies: &Proxies) -> Result<Self, Unclear> {
        let last = |name| elements(headers, name).map(|it| it.last().copied());
        let chain = elements(headers, &X_FORWARDED_FOR)?;
        let chain = chain.iter().map(|text| parse_node(text));
        let client = nearest_stranger(chain, proxies).map(|(_, client)| client);
        Ok(Self {
            client,
            secure: last(&X_FORWARDED_PROTO)?.map(parse_scheme).transpose()?,
            host: last(&X_FORWARDED_HOST)?.map(parse_host).transpose()?,
        })
    }

    /// Each proxy appends an element; the one that names the client is that of the proxy which the client spoke to.
    fn standard(headers: &HeaderMap, proxies: &Proxies) -> Result<Self, Unclear> {
        let elements = elements(headers, &FORWARDED)?;
        let hops = elements
            .iter()
            .map(|element| Hop::parse(element))
            .collect::<Result<Vec<_>, _>>()?;
        let chain = hops
            .iter()
            .map(|hop| hop.client.as_deref().and_then(parse_node));
        let found = nearest_stranger(chain, proxies);
        let hop = match found {
            Some((index, _)) => hops.get(index),
            None => hops.last(),
        };
        let Some(hop) = hop else {
            return Ok(Self::default());
        };
        Ok(Self {
            client: found.map(|(_, client)| client),
            secure: hop.scheme.as_deref().map(parse_scheme).transpose()?,
            host: hop.host.as_deref().map(parse_host).transpose()?,
        })
    }
}

fn agreed<T>(
    one: Option<T>,
    other: Option<T>,
    same: impl FnOnce(&T, &T) -> bool,
) -> Result<Option<T>, Unclear> {
    match (one, other) {
        (Some(one), Some(other)) if !same(&one, &other) => Err(Unclear),
        (one, other) => Ok(one.or(other)),
    }
}

/// From the right, the first address that is no trusted proxy; if all are, the client is one of them, the first. Whoever is further
/// left than an address that cannot be read is not known.
fn nearest_stranger(
    chain: impl DoubleEndedIterator<Item = Option<SocketAddr>> + ExactSizeIterator,
    proxies: &Proxies,
) -> Option<(usize, SocketAddr)> {
    let mut nearest = None;
    for (index, address) in chain.enumerate().rev() {
        nearest = Some((index, address?));
        if !proxies.trust(address?.ip()) {
            break;
        }
    }
    nearest
}

/// One proxy's element of `Forwarded`.
#[derive(Default)]
struct Hop {
    client: Option<String>,
    scheme: Option<String>,
    host: Option<String>,
}

impl Hop {
    fn parse(element: &str) -> Result<Self, Unclear> {
        let mut hop = Self::default();
        for pair in split(element, ';') {
            let (name, value) = pair.split_once('=').ok_or(Unclear)?;
            let field = match &*name.trim().to_ascii_lowercase() {
                "for" => &mut hop.client,
                "proto" => &mut hop.scheme,
                "host" => &mut hop.host,
                _ => continue,
            };
            if field.replace(unquote(value.trim())).is_some() {
                return Err(Unclear);
            }
        }
        Ok(hop)
    }
}

/// The elements of all headers of that name, in order.
fn elements<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Vec<&'h str>, Unclear> {
    let mut elements = Vec::new();
    for value in headers.get_all(name) {
        elements.extend(split(value.to_str().map_err(|_| Unclear)?, ','));
    }
    Ok(elements)
}

/// Splits where the separator is not in a quoted string; empty parts are nothing.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |it: char| {
        let end = it == separator && !quoted;
        quoted ^= it == '"' && !escaped;
        escaped = quoted && it == '\\' && !escaped;
        end
    })
    .map(str::trim)
    .filter(|it| !it.is_empty())
}

fn unquote(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let Some(inner) = inner else {
        return text.to_owned();
    };
    let mut escaped = false;
    inner
        .chars()
        .filter(|it| {
            escaped = *it == '\\' && !escaped;
            !escaped
        })
        .collect()
}

/// An address with or without a port; IPv6 in brackets or, as in `X-Forwarded-For`, without.
fn parse_node(text: &str) -> Option<SocketAddr> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address);
    }
    let bracketed = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let ip = match bracketed {
        Some(inner) => inner.parse::<Ipv6Addr>().ok()?.into(),
        None => text.parse::<IpAddr>().ok()?,
    };
    Some(SocketAddr::new(ip, 0))
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

    fn client(lines: &[(&'static str, &str)]) -> Option<String> {
        let client = read(lines).expect("clear").client;
        client.map(|it| it.to_string())
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_trusted_proxy() {
        for (header, expected) in [
            ("203.0.113.7", Some("203.0.113.7:0")),
            ("203.0.113.7:4711", Some("203.0.113.7:4711")),
            ("1.1.1.1, 203.0.113.7, 10.0.0.1", Some("203.0.113.7:0")),
            ("garbage, 203.0.113.7", Some("203.0.113.7:0")),
            ("203.0.113.7, garbage", None),
            ("10.0.0.1, 10.0.0.2", Some("10.0.0.1:0")),
            ("2001:db8::1", Some("[2001:db8::1]:0")),
            ("[2001:db8::1]:80, ::1", Some("[2001:db8::1]:80")),
            (" , ,", None),
        ] {
            let expected = expected.map(ToOwned::to_owned);
            assert_eq!(client(&[("x-forwarded-for", header)]), expected, "{header}");
        }
    }

    #[test]
    fn lines_count_like_elements() {
        let lines = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "203.0.113.7"),
        ];
        assert_eq!(client(&lines), Some("203.0.113.7:0".to_owned()));
    }

    #[test]
    fn the_standard_header_is_understood() {
        let value = r#"for=1.1.1.1;proto=http;host=evil.test, For="[2001:db8::1]:80";Proto=HTTPS;host="a.test:\8443";by=_x, for=10.0.0.1"#;
        let forwarded = read(&[("forwarded", value)]).expect("clear");
        assert_eq!(
            forwarded,
            Forwarded {
                client: Some("[2001:db8::1]:80".parse().expect("valid")),
                secure: Some(true),
                host: Authority::parse("a.test:8443"),
            }
        );
        for hidden in ["for=unknown", "for=_hidden;proto=https", r#"for="a,b;c""#] {
            assert_eq!(client(&[("forwarded", hidden)]), None, "{hidden}");
        }
    }

    #[test]
    fn the_last_word_is_that_of_the_nearest_proxy() {
        let lines = [
            ("x-forwarded-proto", "https, http"),
            ("x-forwarded-host", "evil.test, a.test"),
        ];
        let forwarded = read(&lines).expect("clear");
        assert_eq!(forwarded.secure, Some(false));
        assert_eq!(forwarded.host, Authority::parse("a.test"));
    }

    #[test]
    fn contradictions_and_nonsense_are_refused() {
        for lines in [
            &[("forwarded", "for")][..],
            &[("forwarded", "for=1.1.1.1;for=2.2.2.2")],
            &[("x-forwarded-proto", "gopher")],
            &[("x-forwarded-host", "a/b")],
            &[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "2.2.2.2")],
            &[("forwarded", "proto=http"), ("x-forwarded-proto", "https")],
            &[("forwarded", "host=a"), ("x-forwarded-host", "b")],
        ] {
            assert_eq!(read(lines), Err(Unclear), "{lines:?}");
        }
        let same = [
            ("forwarded", r#"for="1.1.1.1:80""#),
            ("x-forwarded-for", "1.1.1.1"),
        ];
        assert_eq!(client(&same), Some("1.1.1.1:0".to_owned()));
    }
}
