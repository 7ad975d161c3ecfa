//! A request, held against what the application has said.

use std::net::IpAddr;

use http::Uri;
use http::header::{FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};

use super::authority::Authority;
use super::forwarded::{Client, Forwarded};
use super::origin::Origin;
use super::proxies::Proxies;
use crate::transport::peer::Peer;
use crate::transport::{ConnectionInfo, TransportInfo};

/// What [`Handshake`](super::Handshake) says, parsed.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(super) origins: Vec<Origin>,
    pub(super) any_origin: bool,
    /// `None` if nobody has said which.
    pub(super) hosts: Option<Vec<Authority>>,
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
    pub(crate) connection: &'r ConnectionInfo,
}

/// Whom a connection comes from.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) peer: Peer,
    pub(crate) secure: bool,
    /// Whether the connection is that of a trusted proxy. What TLS knows of it concerns the proxy, whoever it connects for: headers that
    /// are missing prove nothing.
    pub(crate) trusted: bool,
}

impl Visitor {
    /// What sessions may know of it, by its connection.
    pub(crate) fn info(&self, connection: ConnectionInfo) -> TransportInfo {
        let info = TransportInfo::of_peer(self.peer);
        let info = if self.secure {
            info.with_security()
        } else {
            info
        };
        if self.trusted {
            info
        } else {
            info.with_credentials(connection.credentials)
        }
    }
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
    /// The same, but it is the server's own with another scheme or port.
    NearlyOwnOrigin,
}

impl Rules {
    /// Whether this address is a proxy's, which connects for others.
    pub(crate) fn trust(&self, address: IpAddr) -> bool {
        self.proxies.trust(address)
    }

    pub(crate) fn examine(&self, request: &Request<'_>) -> Result<Visitor, Objection> {
        let Request {
            headers,
            connection,
            ..
        } = *request;
        let host = host(request).ok_or(Objection::NoHost)?;
        let proxy = self.proxy(connection);
        let forwarded = match proxy {
            Some(_) if self.is_repeated(headers) => return Err(Objection::Unclear),
            Some(_) => Forwarded::read(headers, &self.proxies).map_err(|_| Objection::Unclear)?,
            None => Forwarded::default(),
        };
        // It speaks for somebody else, whether it says for whom or not: our own connection to it says nothing about the client's.
        let peer = match (forwarded.client, proxy) {
            (Client::Known(address), _) => Peer::At(address),
            (_, Some(proxy)) => Peer::Behind(proxy),
            (_, None) => connection.peer.into(),
        };
        let secure = match proxy {
            Some(_) => forwarded.secure,
            None => connection.secure,
        };
        let host = forwarded.host.unwrap_or(host);
        // A proxy on this machine connects for others, who do not reach it by a loopback name.
        let loopback = proxy.is_none() && connection.is_loopback();
        if !self.answers_for(&host, loopback) {
            return Err(Objection::WrongHost);
        }
        self.admit_origin(headers, &host, secure)?;
        Ok(Visitor {
            peer,
            secure: secure == Some(true),
            trusted: proxy.is_some(),
        })
    }

    /// Whom a connection comes from where no request can tell: a proxy names nobody.
    pub(crate) fn unnamed(&self, connection: &ConnectionInfo) -> Visitor {
        let proxy = self.proxy(connection);
        Visitor {
            peer: proxy.map_or(connection.peer.into(), Peer::Behind),
            secure: proxy.is_none() && connection.secure == Some(true),
            trusted: proxy.is_some(),
        }
    }

    /// The trusted proxy that a connection comes from, if it does.
    fn proxy(&self, connection: &ConnectionInfo) -> Option<IpAddr> {
        let address = connection.peer.map(|it| it.ip());
        address.filter(|address| self.trust(*address))
    }

    /// Whether a header that only proxies may set is there more than once: one of them may be the client's.
    fn is_repeated(&self, headers: &HeaderMap) -> bool {
        let mut names = self.proxy_headers.iter();
        names.any(|name| headers.get_all(name).iter().nth(1).is_some())
    }

    fn answers_for(&self, host: &Authority, loopback: bool) -> bool {
        let listed = |entry: &Authority| {
            entry.host == host.host && (entry.port.is_none() || entry.port == host.port)
        };
        let is_own = match &self.hosts {
            Some(hosts) => hosts.iter().any(listed),
            None => !loopback,
        };
        self.any_host || is_own || loopback && host.host.is_loopback()
    }

    fn admit_origin(
        &self,
        headers: &HeaderMap,
        host: &Authority,
        secure: Option<bool>,
    ) -> Result<(), Objection> {
        if self.any_origin || !headers.contains_key(ORIGIN) {
            return Ok(());
        }
        let origin = only(headers, &ORIGIN).and_then(Origin::parse);
        let origin = origin.ok_or(Objection::WrongOrigin)?;
        let is_own = |secure| origin == Origin::of_server(secure, host.clone());
        let own = secure.map_or_else(|| is_own(true) || is_own(false), is_own);
        if own || self.origins.contains(&origin) {
            Ok(())
        } else if origin.is_of(&host.host) {
            Err(Objection::NearlyOwnOrigin)
        } else {
            Err(Objection::WrongOrigin)
        }
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
