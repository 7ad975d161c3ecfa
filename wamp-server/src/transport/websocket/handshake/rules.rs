//! A request, held against what the application has said.

use std::net::{IpAddr, SocketAddr};

use http::Uri;
use http::header::{FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};

use super::authority::Authority;
use super::forwarded::Forwarded;
use super::origin::Origin;
use super::proxies::Proxies;

/// What [`Handshake`](super::Handshake) says, parsed.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(super) origins: Vec<Origin>,
    pub(super) any_origin: bool,
    pub(super) hosts: Vec<Authority>,
    pub(super) any_host: bool,
    pub(super) proxies: Proxies,
    pub(super) proxy_headers: Vec<HeaderName>,
    pub(super) keep_headers: Option<Vec<HeaderName>>,
}

/// A request, and what is known of its connection.
#[derive(Clone, Copy)]
pub(crate) struct Request<'r> {
    pub(crate) uri: &'r Uri,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) peer: Option<SocketAddr>,
    /// Whether the listener is bound to a loopback address.
    pub(crate) loopback: bool,
    /// Whether the connection is TLS; `None` where that is not known.
    pub(crate) secure: Option<bool>,
}

/// Whom a request comes from.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) secure: bool,
    /// Whether the connection is that of a proxy which speaks for it.
    pub(crate) by_proxy: bool,
    /// Whether the connection is that of a proxy, be it for its own sake.
    trusted: bool,
}

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Objection {
    /// There is no Host header, or more than one, or it is none.
    NoHost,
    /// The headers of proxies cannot be understood.
    Unclear,
    /// The Host is not one that is answered for.
    WrongHost,
    /// The Origin is not one that may connect.
    WrongOrigin,
}

impl Rules {
    /// Whether this address is a proxy's, which connects for others.
    pub(crate) fn trust(&self, address: IpAddr) -> bool {
        self.proxies.trust(address)
    }

    pub(crate) fn examine(&self, request: &Request<'_>) -> Result<Visitor, Objection> {
        let host = host(request).ok_or(Objection::NoHost)?;
        let trusted = request.peer.is_some_and(|peer| self.trust(peer.ip()));
        let forwarded = if trusted {
            Forwarded::read(request.headers, &self.proxies).map_err(|_| Objection::Unclear)?
        } else {
            Forwarded::default()
        };
        // Our own connection to a proxy says nothing about the client's.
        let by_proxy = forwarded != Forwarded::default();
        let secure = if by_proxy {
            forwarded.secure
        } else {
            request.secure
        };
        let host = forwarded.host.unwrap_or(host);
        if !self.answers_for(&host, request.loopback) {
            return Err(Objection::WrongHost);
        }
        if !self.admits_origin(request.headers, &host, secure) {
            return Err(Objection::WrongOrigin);
        }
        Ok(Visitor {
            peer: forwarded.client.or(request.peer),
            secure: secure == Some(true),
            by_proxy,
            trusted,
        })
    }

    fn answers_for(&self, host: &Authority, loopback: bool) -> bool {
        if self.any_host {
            return true;
        }
        let listed = |entry: &Authority| {
            entry.host == host.host && (entry.port.is_none() || entry.port == host.port)
        };
        if loopback {
            host.host.is_loopback() || self.hosts.iter().any(listed)
        } else {
            self.hosts.is_empty() || self.hosts.iter().any(listed)
        }
    }

    fn admits_origin(&self, headers: &HeaderMap, host: &Authority, secure: Option<bool>) -> bool {
        if self.any_origin || !headers.contains_key(ORIGIN) {
            return true;
        }
        let Some(origin) = only(headers, &ORIGIN).and_then(Origin::parse) else {
            return false;
        };
        let is_own = |secure| origin == Origin::of_server(secure, host.clone());
        secure.map_or_else(|| is_own(true) || is_own(false), is_own)
            || self.origins.contains(&origin)
    }

    /// The headers that are kept of a visitor's request.
    pub(crate) fn kept<'h>(
        &self,
        headers: &'h HeaderMap,
        visitor: &Visitor,
    ) -> impl Iterator<Item = (&'h HeaderName, &'h HeaderValue)> {
        let trusted = visitor.trusted;
        headers.iter().filter(move |(name, _)| {
            let believed = trusted || !(says_who(name) || self.proxy_headers.contains(name));
            let wanted = self.keep_headers.as_ref();
            believed && wanted.is_none_or(|names| names.contains(name))
        })
    }
}

/// Whether a header says on whose behalf a request comes.
fn says_who(name: &HeaderName) -> bool {
    *name == FORWARDED || name.as_str() == "x-real-ip" || name.as_str().starts_with("x-forwarded-")
}

/// The host that a request is for (RFC 9112, 3.2.2): a host in the request's target goes before the header.
fn host(request: &Request<'_>) -> Option<Authority> {
    let header = only(request.headers, &HOST)?;
    let target = request.uri.authority().map(http::uri::Authority::as_str);
    Authority::parse(target.unwrap_or(header))
}

/// The value of a header that is there once, and is text.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    value.to_str().ok()
}
