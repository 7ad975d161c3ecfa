//! Where a peer is and how it came in.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use sha2::{Digest as _, Sha256};

use super::connection::Credentials;
use super::peer::Peer;

/// What is known about the connection of a session: headers, cookies, path, query, addresses, and what TLS knows.
///
/// Path, query, headers and cookies are what the peer sent. The rest was seen by this server, or told by a proxy that it trusts
/// ([`Handshake::trusted_proxies`](crate::Handshake::trusted_proxies)). It is kept for as long as the connection lasts, so it is stored
/// compactly; clones share it.
#[derive(Clone, Default)]
pub struct TransportInfo {
    peer: Peer,
    path: Arc<str>,
    query: Option<Arc<str>>,
    /// Name and value, in the order sent; names in lower case, as HTTP compares them.
    headers: Arc<[Header]>,
    credentials: Credentials,
    secure: bool,
}

/// Name and value.
type Header = (Box<str>, Box<[u8]>);

impl TransportInfo {
    /// What an HTTP request tells.
    #[must_use]
    pub fn from_request(uri: &Uri, headers: &HeaderMap, peer: Option<SocketAddr>) -> Self {
        Self::of_peer(peer.into()).with_request(uri, headers.iter())
    }

    /// What is known where there is no request.
    pub(crate) fn of_peer(peer: Peer) -> Self {
        Self {
            peer,
            ..Self::default()
        }
    }

    pub(crate) fn with_request<'h>(
        mut self,
        uri: &Uri,
        headers: impl Iterator<Item = (&'h HeaderName, &'h HeaderValue)>,
    ) -> Self {
        self.path = uri.path().into();
        self.query = uri.query().map(Into::into);
        self.headers = headers
            .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
            .collect();
        self
    }

    /// Says that nobody on the way can read or change what is sent, as over TLS.
    #[must_use]
    pub fn with_security(mut self) -> Self {
        self.secure = true;
        self
    }

    /// Adds the value that only the two ends of this connection know; see [`channel_binding`](Self::channel_binding).
    #[must_use]
    pub fn with_channel_binding(mut self, value: [u8; 32]) -> Self {
        self.credentials.channel_binding = Some(Arc::new(value));
        self
    }

    /// Adds the certificate that the peer has proved to own, in DER; see [`certificate`](Self::certificate).
    #[must_use]
    pub fn with_certificate(mut self, certificate: impl Into<Vec<u8>>) -> Self {
        self.credentials.certificate = Some(certificate.into().into());
        self
    }

    pub(crate) fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// The address that the connection comes from; `None` where there is none, as in memory or over a Unix socket.
    ///
    /// Behind a proxy that is trusted, it is the client's address, as the proxy tells it; its port is 0 if the proxy does not tell it.
    /// `None` if the proxy connects for somebody whose address it does not tell, or tells in a way that cannot be understood.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer.address()
    }

    /// The address that limits are counted for. `None` only where there is no address at all: whoever comes through a proxy that does
    /// not name him counts as the proxy.
    pub(crate) fn counted(&self) -> Option<IpAddr> {
        self.peer.counted()
    }

    /// The path of the request, percent-encoded as sent; empty where there was no request.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What follows the `?` of the request, percent-encoded as sent.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The first header of that name, if it is text; names are compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers()
            .find(|(it, _)| it.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// All headers, in the order sent, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The value of a cookie, as sent (RFC 6265, 5.4).
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let (_, value) = self.cookies().find(|(it, _)| *it == name)?;
        Some(value)
    }

    /// All cookies, in the order sent.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers()
            .filter(|(name, _)| *name == "cookie")
            .filter_map(|(_, value)| std::str::from_utf8(value).ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
    }

    /// The SHA-256 of the [`certificate`](Self::certificate), as `openssl x509 -noout -fingerprint -sha256` shows it.
    #[must_use]
    pub fn fingerprint(&self) -> Option<[u8; 32]> {
        self.certificate().map(|it| Sha256::digest(it).into())
    }

    /// The first value of that name in the query, decoded.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut pairs = form_urlencoded::parse(self.query()?.as_bytes());
        pairs.find(|(it, _)| it == name).map(|(_, value)| value)
    }

    /// The certificate that the peer has proved to own in the TLS handshake, in DER, if there is one.
    ///
    /// It is signed by one of the authorities of `ClientCertificates`, or by somebody whom they have authorized.
    /// By whom is not told: what else the peer has sent may be anybody's.
    ///
    /// Never there on a connection from a trusted proxy, even if the proxy says nothing of a client: its certificate is not the client's.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        self.credentials.certificate.as_deref()
    }

    /// Whether nobody on the way can read or change what is sent: the connection is TLS. Behind a trusted proxy: whether the proxy says
    /// that the client's connection is.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The `tls-exporter` value of RFC 9266, which binds a proof of identity to this very connection: a proof made for another
    /// connection, by whoever stands in between, does not fit.
    ///
    /// Only where TLS ends in this server: on a connection from a trusted proxy there is none.
    #[must_use]
    pub fn channel_binding(&self) -> Option<&[u8; 32]> {
        self.credentials.channel_binding.as_deref()
    }
}

/// Headers and cookies may be credentials: they are counted, not shown.
impl fmt::Debug for TransportInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportInfo")
            .field("peer", &self.peer)
            .field("secure", &self.secure)
            .field("path", &self.path)
            .field("headers", &self.headers.len())
            .field("certificate", &self.credentials.certificate.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info() -> TransportInfo {
        let mut headers = HeaderMap::new();
        headers.append("Cookie", "a=1; b=two=2".parse().expect("valid"));
        headers.append("cookie", "c=3".parse().expect("valid"));
        headers.append("X-Raw", HeaderValue::from_bytes(b"\xff").expect("valid"));
        let uri = Uri::from_static("/ws/a%20b?x=1&y&token=a%20b+c&token=d");
        TransportInfo::from_request(&uri, &headers, None)
    }

    #[test]
    fn cookies_of_all_headers_are_found() {
        let info = info();
        assert_eq!(info.cookie("b"), Some("two=2"));
        assert_eq!(info.cookie("c"), Some("3"));
        assert_eq!(info.cookie("d"), None);
        assert_eq!(info.cookies().count(), 3);
    }

    #[test]
    fn path_query_and_headers_are_as_sent() {
        let info = info();
        assert_eq!(info.path(), "/ws/a%20b");
        assert_eq!(info.query(), Some("x=1&y&token=a%20b+c&token=d"));
        assert_eq!(info.query_value("x").as_deref(), Some("1"));
        assert_eq!(info.query_value("y").as_deref(), Some(""));
        assert_eq!(info.query_value("token").as_deref(), Some("a b c"));
        assert_eq!(info.query_value("z"), None);
        assert_eq!(info.header("COOKIE"), Some("a=1; b=two=2"));
        assert_eq!(info.header("x-raw"), None, "not text");
        assert_eq!(info.headers().count(), 3);
    }

    #[test]
    fn a_fingerprint_is_the_sha256_of_the_certificate() {
        assert_eq!(info().fingerprint(), None);
        let info = info().with_certificate(*b"abc");
        let fingerprint = info.fingerprint().expect("there is one");
        // FIPS 180-2, B.1.
        assert_eq!(fingerprint[..4], [0xba, 0x78, 0x16, 0xbf]);
    }

    #[test]
    fn debug_output_hides_what_may_be_secret() {
        let info = info().with_channel_binding([222; 32]);
        let text = format!("{info:?}");
        assert!(!text.contains("two") && !text.contains("222"), "{text}");
    }

    #[test]
    fn it_is_compact() {
        assert!(size_of::<TransportInfo>() <= 112);
    }
}
