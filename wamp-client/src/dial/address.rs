//! Where to connect to, out of a URL.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::{Host, Url};
use wamp_proto::message::Secret;

use crate::error::ConnectError;

/// A URL that was understood.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) protocol: Protocol,
    pub(crate) place: Place,
    /// WebSocket: what is asked for, with its query.
    pub(crate) resource: String,
    /// WebSocket: user name and password, in the form that `Authorization: Basic` has before its Base64.
    pub(crate) user: Option<Secret>,
}

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    WebSocket,
    RawSocket,
}

/// What is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Network {
        host: Host<String>,
        port: u16,
        secure: bool,
    },
    Unix(PathBuf),
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, ConnectError> {
        parse(text).map_err(|reason| ConnectError::Url {
            url: presentable(text),
            reason: reason.into_owned(),
        })
    }

    /// Whether it is TLS that is spoken there.
    pub(crate) fn is_secure(&self) -> bool {
        matches!(self.place, Place::Network { secure: true, .. })
    }

    /// What the header `Host` says.
    pub(crate) fn authority(&self) -> String {
        match &self.place {
            Place::Network { host, port, secure } if *port == default_port(*secure) => {
                host.to_string()
            }
            Place::Network { host, port, .. } => format!("{host}:{port}"),
            Place::Unix(_) => "localhost".to_owned(),
        }
    }
}

/// Without user name, password and query, which may be secret.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.resource.split('?').next().unwrap_or_default();
        match (&self.place, self.protocol) {
            (Place::Network { host, port, secure }, protocol) => {
                let scheme = match (protocol, secure) {
                    (Protocol::WebSocket, false) => "ws",
                    (Protocol::WebSocket, true) => "wss",
                    (Protocol::RawSocket, false) => "rs",
                    (Protocol::RawSocket, true) => "rss",
                };
                write!(f, "{scheme}://{host}:{port}{path}")
            }
            (Place::Unix(socket), Protocol::RawSocket) => {
                write!(f, "rs+unix://{}", socket.display())
            }
            (Place::Unix(socket), Protocol::WebSocket) if path == "/" => {
                write!(f, "ws+unix://{}", socket.display())
            }
            (Place::Unix(socket), Protocol::WebSocket) => {
                write!(f, "ws+unix://{}:{path}", socket.display())
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

type Reason = Cow<'static, str>;

fn parse(text: &str) -> Result<Address, Reason> {
    let Some((scheme, rest)) = text.split_once(':') else {
        return Err(format!("it has no scheme; try `ws://{}`", presentable(text)).into());
    };
    match scheme.to_ascii_lowercase().as_str() {
        "ws" => network(Protocol::WebSocket, false, rest),
        "wss" => network(Protocol::WebSocket, true, rest),
        "rs" | "tcp" => network(Protocol::RawSocket, false, rest),
        "rss" | "tcps" => network(Protocol::RawSocket, true, rest),
        "ws+unix" => unix(Protocol::WebSocket, rest),
        "rs+unix" | "unix" => unix(Protocol::RawSocket, rest),
        "http" => Err("it is one of HTTP; WebSocket's is `ws://…`".into()),
        "https" => Err("it is one of HTTP; WebSocket's is `wss://…`".into()),
        _ => Err(
            "its scheme is none of `ws`, `wss`, `rs`, `rss`, `ws+unix`, `rs+unix`; does it lack `ws://`?"
                .into(),
        ),
    }
}

fn network(protocol: Protocol, secure: bool, rest: &str) -> Result<Address, Reason> {
    if !rest.starts_with("//") {
        return Err("there must be `//` after the scheme".into());
    }
    // The rules for hosts hold for schemes that are known to the standard, so all are read as if they were one of those.
    let scheme = if secure { "wss" } else { "ws" };
    let url = Url::parse(&format!("{scheme}:{rest}")).map_err(|error| error.to_string())?;
    let host = url.host().ok_or("it has no host")?.to_owned();
    let port = url.port().unwrap_or_else(|| default_port(secure));
    if port == 0 {
        return Err("nobody listens on port 0".into());
    }
    refuse_fragment(&url)?;
    let user = user(&url);
    if protocol == Protocol::RawSocket {
        refuse_in_rawsocket(user.is_some(), "user name or password")?;
        refuse_in_rawsocket(url.path() != "/", "path")?;
        refuse_in_rawsocket(url.query().is_some(), "query")?;
    }
    Ok(Address {
        protocol,
        place: Place::Network { host, port, secure },
        resource: resource(url.path(), url.query()),
        user,
    })
}

/// In WebSocket's, what follows a `:` is the path of the request.
fn unix(protocol: Protocol, rest: &str) -> Result<Address, Reason> {
    // Read as something that has no host and no rules for one.
    let url = Url::parse(&format!("unix:{rest}")).map_err(|error| error.to_string())?;
    if url.host_str().is_some_and(|host| !host.is_empty()) {
        return Err(
            "a Unix socket has no host: there must be three slashes, as in `unix:///run/wamp.sock`"
                .into(),
        );
    }
    refuse_fragment(&url)?;
    let (socket, path) = match (protocol, url.path().split_once(':')) {
        (Protocol::WebSocket, Some((socket, path))) => (socket, path),
        _ => (url.path(), "/"),
    };
    if protocol == Protocol::RawSocket {
        refuse_in_rawsocket(url.query().is_some(), "query")?;
    }
    if !path.starts_with('/') {
        return Err("after the `:` there must be the path of a request, as in `:/ws`".into());
    }
    if socket.len() < 2 || !socket.starts_with('/') {
        return Err("there is no path to a socket in it".into());
    }
    Ok(Address {
        protocol,
        place: Place::Unix(file(socket)?),
        resource: resource(path, url.query()),
        user: None,
    })
}

#[cfg(unix)]
fn file(encoded: &str) -> Result<PathBuf, Reason> {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    let bytes = percent_decode_str(encoded).collect::<Vec<_>>();
    if bytes.contains(&0) {
        return Err("the path of a file cannot have a zero in it".into());
    }
    Ok(OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn file(_: &str) -> Result<PathBuf, Reason> {
    Err("there are no Unix sockets on this system".into())
}

fn resource(path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

fn user(url: &Url) -> Option<Secret> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (name, password) = (url.username(), url.password().unwrap_or_default());
    Some(Secret::new(format!(
        "{}:{}",
        decoded(name),
        decoded(password)
    )))
}

fn refuse_fragment(url: &Url) -> Result<(), Reason> {
    match url.fragment() {
        Some(_) => Err("what follows a `#` is never sent to a server; write it `%23`".into()),
        None => Ok(()),
    }
}

fn refuse_in_rawsocket(is_there: bool, what: &str) -> Result<(), Reason> {
    if is_there {
        return Err(format!("RawSocket has no {what}").into());
    }
    Ok(())
}

/// RawSocket has none of its own. Routers speak both on one port, so it has WebSocket's.
const fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// What may be shown of something that need not be a URL.
pub(crate) fn presentable(text: &str) -> String {
    const LONGEST: usize = 200;

    let shown = match (text.rsplit_once('@'), text.split_once(':')) {
        // Where a password begins and ends is unknown.
        (Some(_), Some((scheme, _))) => format!("{scheme}:…"),
        (Some(_), None) => "…".to_owned(),
        (None, _) => text.split(['?', '#']).next().unwrap_or_default().to_owned(),
    };
    let printable = shown.chars().filter(|it| !it.is_control());
    printable.take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Address::parse(text) {
            Ok(it) => format!("{it} {} {}", it.authority(), it.resource),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn urls_are_understood() {
        for (url, expected) in [
            ("ws://localhost", "ws://localhost:80/ localhost /"),
            ("ws://localhost:80", "ws://localhost:80/ localhost /"),
            (
                "ws://localhost:8080",
                "ws://localhost:8080/ localhost:8080 /",
            ),
            (
                "WS://LOCALHOST:8080/Ws",
                "ws://localhost:8080/Ws localhost:8080 /Ws",
            ),
            (
                "wss://example.com/ws?a=b&c",
                "wss://example.com:443/ws example.com /ws?a=b&c",
            ),
            (
                "wss://example.com:80",
                "wss://example.com:80/ example.com:80 /",
            ),
            (
                "ws://bücher.example/ä",
                "ws://xn--bcher-kva.example:80/%C3%A4 xn--bcher-kva.example /%C3%A4",
            ),
            ("ws://[::1]:9000/", "ws://[::1]:9000/ [::1]:9000 /"),
            (
                "rss://[2001:DB8::1]",
                "rss://[2001:db8::1]:443/ [2001:db8::1] /",
            ),
            (
                "rs://LocalHost:9000",
                "rs://localhost:9000/ localhost:9000 /",
            ),
            ("rs://127.0.0.1:80/", "rs://127.0.0.1:80/ 127.0.0.1 /"),
            ("tcp://127.1:9", "rs://127.0.0.1:9/ 127.0.0.1:9 /"),
            ("tcps://example.com", "rss://example.com:443/ example.com /"),
            (
                "unix:///run/wamp.sock",
                "rs+unix:///run/wamp.sock localhost /",
            ),
            (
                "unix:/run/wamp.sock",
                "rs+unix:///run/wamp.sock localhost /",
            ),
            ("rs+unix:///run/a%20b:c", "rs+unix:///run/a b:c localhost /"),
            (
                "ws+unix:///run/wamp.sock",
                "ws+unix:///run/wamp.sock localhost /",
            ),
            (
                "ws+unix:///run/wamp.sock:/ws?x",
                "ws+unix:///run/wamp.sock:/ws localhost /ws?x",
            ),
            (
                "ws+unix:///run/a%3Ab:/ws",
                "ws+unix:///run/a:b:/ws localhost /ws",
            ),
        ] {
            assert_eq!(shown(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (url, reason) in [
            ("", "no scheme"),
            ("localhost", "try `ws://localhost`"),
            ("localhost:8080", "does it lack `ws://`?"),
            ("http://localhost", "`ws://"),
            ("https://localhost", "`wss://"),
            ("ftp://localhost", "scheme is none of"),
            ("ws:localhost", "`//`"),
            ("ws://", "empty host"),
            ("ws://:80", "empty host"),
            ("ws://localhost:0", "port 0"),
            ("ws://localhost:65536", "invalid port"),
            ("ws://localhost:http", "invalid port"),
            ("ws://[::1", "invalid IPv6"),
            ("ws://a b/", "invalid international domain name"),
            ("ws://localhost/#a", "`%23`"),
            ("rs://localhost/ws", "no path"),
            ("rs://localhost?a", "no query"),
            ("rs://joe:pw@localhost", "no user name"),
            ("unix://run/wamp.sock", "three slashes"),
            ("unix:///", "no path to a socket"),
            ("unix:run/wamp.sock", "no path to a socket"),
            ("ws+unix:///run/wamp.sock:ws", "path of a request"),
            ("unix:///a%00b", "zero"),
            ("unix:///a?b", "no query"),
        ] {
            let error = Address::parse(url).expect_err(url).to_string();
            assert!(error.contains(reason), "{url}: {error}");
        }
    }

    #[test]
    fn a_user_is_for_websocket() {
        let address = Address::parse("ws://jo%65:a%3Ab@localhost/").expect("an address");
        let user = address.user.as_ref().expect("there is one");
        assert_eq!(user.expose(), "joe:a:b");
        let address = Address::parse("wss://token@localhost/").expect("an address");
        assert_eq!(address.user.expect("there is one").expose(), "token:");
    }

    #[test]
    fn secrets_are_not_shown() {
        for url in [
            "ws://joe:hunter2@localhost/?token=hunter2",
            "ws://joe:hun?ter2@localhost:x/",
            "ws://joe:hun#ter2@localhost:x/",
            "ws:joe:hunter2@localhost/",
            "rs://hunter2@localhost/?hunter2",
            "rs://localhost/?hunter2",
            "joe:hunter2@localhost",
            "hunter2@localhost",
            "localhost?hunter2",
            "ws+unix:///run/wamp.sock:/?hunter2",
            "ws://localhost/#hunter2",
            "nothing://joe:hunter2@localhost/?hunter2",
        ] {
            let said = match Address::parse(url) {
                Ok(address) => format!("{address} {address:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            for part in ["hun", "ter2"] {
                assert!(!said.contains(part), "{url}: {said}");
            }
        }
    }
}
