//! Which client it is to be.

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use wamp_client::{Builder, Credentials};
use wamp_proto::subprotocol::Subprotocol;

use crate::transport::TransportInfo;

/// A client that differs from others; see [`TestRealm::client_as`](super::TestRealm::client_as).
///
/// ```
/// use wamp_server::client::Credentials;
/// use wamp_server::proto::codec::Format;
/// use wamp_server::test::ClientOptions;
///
/// let options = ClientOptions::new()
///     .realm("admins")
///     .format(Format::Cbor)
///     .header("cookie", "session=4711")
///     .credentials(Credentials::new().authid("joe").ticket("secret"));
/// ```
#[must_use = "options do nothing by themselves"]
#[derive(Default)]
pub struct ClientOptions {
    pub(super) subprotocol: Subprotocol,
    info: TransportInfo,
    uri: Uri,
    headers: HeaderMap,
    describe: Vec<Box<dyn FnOnce(Builder) -> Builder + Send>>,
}

impl ClientOptions {
    /// One like others.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the realm to join; `realm1` without it.
    pub fn realm(self, realm: &str) -> Self {
        let realm = realm.to_owned();
        self.describe(move |it| it.realm(realm))
    }

    /// Sets who it is.
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.describe(move |it| it.credentials(credentials))
    }

    /// Sets the serializer; JSON without it. One message in each frame.
    pub fn format(self, format: wamp_proto::codec::Format) -> Self {
        self.subprotocol(Subprotocol::new(format))
    }

    /// Sets the serializer, and whether a frame holds any number of messages.
    pub fn subprotocol(mut self, subprotocol: Subprotocol) -> Self {
        self.subprotocol = subprotocol;
        self
    }

    /// Sets what is known of the connection: where it comes from, its certificate.
    pub fn info(mut self, info: TransportInfo) -> Self {
        self.info = info;
        self
    }

    /// Sets path and query of the request that the connection came in by.
    ///
    /// # Panics
    ///
    /// When that is none.
    #[track_caller]
    pub fn path(mut self, path: &str) -> Self {
        self.uri = match path.parse() {
            Ok(uri) => uri,
            Err(error) => panic!("`{path}` is no path: {error}"),
        };
        self
    }

    /// Adds a header of that request.
    ///
    /// # Panics
    ///
    /// When that is none.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => drop(self.headers.append(name, value)),
            _ => panic!("`{name}: {value}` is no header"),
        }
        self
    }

    /// Describes the client further: [`call_timeout`](Builder::call_timeout), [`no_reconnect`](Builder::no_reconnect) and so on.
    pub fn describe(mut self, describe: impl FnOnce(Builder) -> Builder + Send + 'static) -> Self {
        self.describe.push(Box::new(describe));
        self
    }

    /// What the server knows of the connection.
    pub(super) fn transport_info(&self) -> TransportInfo {
        let info = self.info.clone();
        match self.headers.is_empty() && self.uri == Uri::default() {
            true => info,
            false => info.with_request(&self.uri, self.headers.iter()),
        }
    }

    pub(super) fn apply(self, builder: Builder) -> Builder {
        let steps = self.describe.into_iter();
        steps.fold(builder, |builder, step| step(builder))
    }
}

impl std::fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientOptions")
            .field("subprotocol", &self.subprotocol)
            .field("info", &self.transport_info())
            .finish_non_exhaustive()
    }
}
