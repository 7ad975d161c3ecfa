//! Whose requests are upgraded, and whose word about a client is believed.
//!
//! Here is what an application says; `rules` is what a request is held against, with the help of `authority` (Host headers), `origin`,
//! `proxies`, `forwarded` (what proxies say) and `hop` (the syntax of one of their headers).

mod authority;
mod forwarded;
mod hop;
mod origin;
mod proxies;
mod rules;

use http::HeaderName;

use self::authority::Authority;
use self::origin::Origin;
use self::proxies::Proxies;
pub(crate) use self::rules::Rules;
pub(super) use self::rules::{Objection, Request};
use crate::app::Problem;

/// What the HTTP request of a connection is checked for: its Origin, its Host, and which proxies may speak for clients.
///
/// The default suits a server that browsers reach directly: pages of the server's own origin may connect, and so may everything that is
/// no browser. Given by [`App::handshake`](crate::App::handshake); wrong entries are reported by [`App::build`](crate::App::build), all
/// at once.
///
/// ```
/// use wamp_server::{App, Handshake};
///
/// let app = App::empty().procedure("math.add", async |a: i64, b: i64| a + b).handshake(
///     Handshake::new()
///         .origins(["https://shop.example"])
///         .hosts(["api.shop.example"])
///         .trusted_proxies(["10.0.0.2"])
///         .proxy_headers(["x-auth-user"]),
/// );
/// app.build().expect("no mistakes");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it is given to `App::handshake`"]
pub struct Handshake {
    origins: Vec<String>,
    any_origin: bool,
    hosts: Option<Vec<String>>,
    any_host: bool,
    trusted_proxies: Vec<String>,
    proxy_headers: Vec<String>,
    keep_headers: Option<Vec<String>>,
}

impl Handshake {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets web pages of these origins connect, besides those of the server's own: `https://example.com`, with a port unless it is the
    /// scheme's default. Other origins, and `null`, get HTTP 403.
    ///
    /// Scheme, host and port must be equal; there are no patterns. Names outside of ASCII are written in Punycode, as browsers send
    /// them. Requests without an Origin do not come from web pages and are not concerned.
    ///
    /// The server's own origin is the Host of the request with `https` where the connection is TLS, or a trusted proxy says so, and
    /// with `http` otherwise. Where that is not known, both are its own: in a service that is mounted elsewhere, and behind a trusted
    /// proxy that does not say. Behind a TLS proxy that is not trusted, the pages of the server itself are refused: name the proxy with
    /// [`trusted_proxies`](Self::trusted_proxies), or the origin here.
    ///
    /// ```
    /// # use wamp_server::Handshake;
    /// let handshake = Handshake::new().origins(["https://example.com", "http://localhost:3000"]);
    /// ```
    pub fn origins<S: Into<String>>(mut self, origins: impl IntoIterator<Item = S>) -> Self {
        self.origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// Lets every web page connect, with the cookies that the user's browser has for this server. Right where no cookie and no network
    /// address is a credential.
    ///
    /// ```
    /// # use wamp_server::Handshake;
    /// let handshake = Handshake::new().any_origin();
    /// ```
    pub fn any_origin(mut self) -> Self {
        self.any_origin = true;
        self
    }

    /// Answers for these hosts only, besides loopback names on loopback connections; others get HTTP 421. An entry without a port is for
    /// every port, and a list without entries is for no host.
    ///
    /// Without it, connections to a loopback address are answered for `localhost`, names below it, and loopback addresses: web pages
    /// elsewhere that let their own name point to this machine are kept out. Other connections are answered for all hosts. What counts is
    /// the address that a connection leads to, not the one that the listener is bound to; in a service that is mounted elsewhere, the one
    /// that it comes from, if it is told. A trusted proxy on this machine connects for others: its requests are held against this list
    /// only, so give one where such a proxy is trusted.
    ///
    /// ```
    /// # use wamp_server::Handshake;
    /// let handshake = Handshake::new().hosts(["api.example.com", "192.0.2.1:8443"]);
    /// ```
    pub fn hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        let listed = self.hosts.get_or_insert_default();
        listed.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Answers for every host, also on a loopback address.
    ///
    /// ```
    /// # use wamp_server::Handshake;
    /// let handshake = Handshake::new().any_host();
    /// ```
    pub fn any_host(mut self) -> Self {
        self.any_host = true;
        self
    }

    /// Believes these proxies, addresses or networks, what they say about a client. Without it, nobody is believed.
    ///
    /// That is `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`, or `Forwarded` (RFC 7239). The client is the last address
    /// that is no trusted proxy itself; [`TransportInfo::peer`](crate::transport::TransportInfo::peer) is that address. If the proxy names
    /// nobody, or in a way that cannot be understood, the address is not known, and limits are counted for the proxy. Scheme and host are
    /// those that the client's proxy tells if there are as many as addresses, and otherwise the last ones. Headers of both kinds that
    /// contradict each other get HTTP 400.
    ///
    /// The proxy must append to `X-Forwarded-For` and `Forwarded`, or replace them; it must replace the others, or remove them. What it
    /// passes on unchanged is the client's own word. Trust the addresses of proxies, not the network that they are in: whoever is trusted
    /// can say that he is anybody.
    ///
    /// On a connection from a trusted proxy there are never client certificates or a channel binding: those of the proxy are not the
    /// client's. Over RawSocket a proxy has no way to name a client at all: whoever comes through it has no address, and counts as the
    /// proxy.
    ///
    /// A service that is mounted elsewhere knows a request's peer if it is told, by [`PeerAddr`](super::PeerAddr).
    ///
    /// When they come from anybody else they change nothing, and [`TransportInfo`](crate::transport::TransportInfo) does not have them,
    /// nor any other header whose name begins with `x-forwarded-`, nor `x-real-ip`.
    ///
    /// ```
    /// # use wamp_server::Handshake;
    /// let handshake = Handshake::new().trusted_proxies(["10.0.0.2", "127.0.0.1", "::1"]);
    /// ```
    pub fn trusted_proxies<S: Into<String>>(
        mut self,
        proxies: impl IntoIterator<Item = S>,
    ) -> Self {
        self.trusted_proxies
            .extend(proxies.into_iter().map(Into::into));
        self
    }

    /// Headers that only a trusted proxy may set, such as the name of a user whom it has authenticated. When they come from anybody
    /// else, [`TransportInfo`](crate::transport::TransportInfo) does not have them.
    ///
    /// The proxy must replace or remove what the client sends under these names, not add to it: a header that comes twice gets HTTP 400.
    ///
    /// ```
    /// # use wamp_server::Handshake;
    /// let handshake = Handshake::new().trusted_proxies(["10.0.0.2"]).proxy_headers(["x-auth-user"]);
    /// ```
    pub fn proxy_headers<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.proxy_headers.extend(names.into_iter().map(Into::into));
        self
    }

    /// Keeps only these headers in [`TransportInfo`](crate::transport::TransportInfo), which a connection holds for as long as it
    /// lasts; cookies too only if `cookie` is among them. Without it, all are kept.
    ///
    /// ```
    /// # use wamp_server::Handshake;
    /// let handshake = Handshake::new().keep_headers(["authorization", "cookie"]);
    /// ```
    pub fn keep_headers<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let kept = self.keep_headers.get_or_insert_default();
        kept.extend(names.into_iter().map(Into::into));
        self
    }

    /// What requests are held against; entries that are wrong are added to the problems.
    pub(crate) fn rules(&self, problems: &mut Vec<Problem>) -> Rules {
        let host = |text: &str| {
            Authority::parse(text)
                .ok_or("is not a host: a name or an address and, if it matters, a port")
        };
        let header = |text: &str| {
            HeaderName::from_bytes(text.as_bytes()).map_err(|_| "is not the name of a header")
        };
        self.check(problems);
        let mut parse = Parser { problems };
        Rules {
            origins: parse.list("origins", &self.origins, Origin::parse_entry),
            any_origin: self.any_origin,
            hosts: self
                .hosts
                .as_ref()
                .map(|hosts| parse.list("hosts", hosts, host)),
            any_host: self.any_host,
            proxies: Proxies::new(parse.list(
                "trusted_proxies",
                &self.trusted_proxies,
                Proxies::parse_entry,
            )),
            proxy_headers: parse.list("proxy_headers", &self.proxy_headers, header),
            keep_headers: self
                .keep_headers
                .as_ref()
                .map(|names| parse.list("keep_headers", names, header)),
        }
    }

    /// What makes no sense together.
    fn check(&self, problems: &mut Vec<Problem>) {
        let contradictions = [
            (
                self.any_origin && !self.origins.is_empty(),
                "`any_origin` lets all web pages in, those of `origins` and others: say one of them",
            ),
            (
                self.any_host && self.hosts.is_some(),
                "`any_host` answers for all hosts, those of `hosts` and others: say one of them",
            ),
            (
                self.trusted_proxies.is_empty() && !self.proxy_headers.is_empty(),
                "`proxy_headers` are believed of trusted proxies only, and there are none: name them with `trusted_proxies`",
            ),
        ];
        let found = contradictions.into_iter().filter(|(found, _)| *found);
        problems.extend(found.map(|(_, reason)| Problem::ContradictoryHandshake { reason }));
    }
}

struct Parser<'p> {
    problems: &'p mut Vec<Problem>,
}

impl Parser<'_> {
    fn list<T>(
        &mut self,
        list: &'static str,
        entries: &[String],
        parse: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Vec<T> {
        let parsed = entries.iter().filter_map(|entry| match parse(entry) {
            Ok(parsed) => Some(parsed),
            Err(reason) => {
                self.problems.push(Problem::BadHandshake {
                    list,
                    entry: entry.clone(),
                    reason,
                });
                None
            }
        });
        parsed.collect()
    }
}
