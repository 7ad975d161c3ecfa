//! What the application gives.

use std::fmt;
use std::sync::Arc;

use bytestring::ByteString;
use serde::Serialize;
use wamp_proto::auth::cryptosign::SigningKey;
use wamp_proto::auth::scram::Dialect;
use wamp_proto::message::{Challenge, Raw, Secret};

use super::answer::{Answer, encoded};
use super::attempt::Attempt;
use super::method::{ANONYMOUS, Method, TLS};
use crate::error::ConnectError;

/// Who we are, and how we can prove it. Methods are offered in the order in which they were given.
///
/// Without any, no method is offered, and the router may let in whom it wants.
///
/// ```
/// use wamp_client::auth::Credentials;
///
/// let credentials = Credentials::new().authid("joe").scram("pencil");
/// assert_eq!(
///     format!("{credentials:?}"),
///     r#"Credentials { authid: Some("joe"), methods: [scram, wamp-scram], .. }"#
/// );
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Credentials {
    pub(super) authid: Option<ByteString>,
    pub(super) methods: Vec<Method>,
    /// What goes into `HELLO.Details.authextra` beside what the methods put there.
    pub(super) extra: Vec<(ByteString, Raw)>,
    pub(super) bound: bool,
}

impl Credentials {
    /// Nobody in particular.
    pub fn new() -> Self {
        Self::default()
    }

    /// Who we are: `HELLO.Details.authid`.
    pub fn authid(mut self, authid: impl Into<ByteString>) -> Self {
        self.authid = Some(authid.into());
        self
    }

    /// Offers to come in without authentication.
    pub fn anonymous(self) -> Self {
        self.unasked(ANONYMOUS)
    }

    /// Offers a ticket: the secret itself travels to the router, which should be one that is known by TLS.
    pub fn ticket(self, ticket: impl Into<ByteString>) -> Self {
        self.offer(Method::Ticket(Secret::new(ticket)))
    }

    /// Offers WAMP-CRA: a secret that signs what the router asks. If the router sends a salt, it is a password from which the key is
    /// derived.
    pub fn cra(self, secret: impl Into<ByteString>) -> Self {
        self.offer(Method::Cra(Secret::new(secret)))
    }

    /// Offers SCRAM: a password that neither travels nor is stored, and a router that proves that it knows of it. It needs an
    /// [`authid`](Self::authid).
    ///
    /// Both dialects are offered: `scram`, which is Crossbar.io's, in its place, and `wamp-scram`, which is the specification's, after all
    /// other methods: Crossbar.io refuses those who offer something that it does not know before something that it has. With
    /// [channel binding](Self::channel_binding) only the second is offered, since the other has none.
    pub fn scram(self, password: impl Into<ByteString>) -> Self {
        let password = password.into();
        self.scram_dialect(Dialect::Crossbar, password.clone())
            .scram_dialect(Dialect::Wamp, password)
    }

    /// Offers SCRAM in one dialect only.
    pub fn scram_dialect(self, dialect: Dialect, password: impl Into<ByteString>) -> Self {
        self.offer(Method::Scram(dialect, Secret::new(password)))
    }

    /// Offers cryptosign: an Ed25519 key, whose public half the router knows.
    pub fn cryptosign(self, key: SigningKey) -> Self {
        self.offer(Method::Cryptosign(key))
    }

    /// Offers cryptosign with the key that 64 hexadecimal digits are, as they stand in a file of `wamp keygen`.
    ///
    /// # Errors
    ///
    /// When the text is anything else.
    pub fn cryptosign_hex(self, seed: &str) -> Result<Self, ConnectError> {
        let key = SigningKey::from_hex(seed.trim()).map_err(|_| {
            ConnectError::Config(
                "a private key for cryptosign has 64 hexadecimal digits".to_owned(),
            )
        })?;
        Ok(self.cryptosign(key))
    }

    /// Offers `tls`: the client certificate that is shown to the server says who we are.
    pub fn tls(self) -> Self {
        self.unasked(TLS)
    }

    /// Offers a method in which the router asks nothing, because something else tells who we are: a cookie, a proxy.
    pub fn unasked(self, method: impl Into<ByteString>) -> Self {
        self.offer(Method::Unasked(method.into()))
    }

    /// Offers a method of your own: the function is called with each CHALLENGE, and there may be several.
    ///
    /// ```
    /// use wamp_client::auth::{Answer, Credentials};
    ///
    /// let credentials = Credentials::new().custom("riddle", |challenge| async move {
    ///     match challenge.extra.challenge.as_deref() {
    ///         Some("4 + 3") => Ok(Answer::new("7")),
    ///         _ => Err("nobody knows"),
    ///     }
    /// });
    /// ```
    pub fn custom<F, Fut, A, E>(self, method: impl Into<ByteString>, respond: F) -> Self
    where
        F: Fn(Challenge) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A, E>> + Send + 'static,
        A: Into<Answer>,
        E: fmt::Display,
    {
        let respond = Arc::new(move |challenge| {
            let answer = respond(challenge);
            let answer = async move {
                let answer = answer.await;
                answer.map(Into::into).map_err(|error| error.to_string())
            };
            Box::pin(answer) as _
        });
        self.offer(Method::Custom(method.into(), respond))
    }

    /// Adds something to `HELLO.Details.authextra`. What a method puts there itself stands instead of it.
    ///
    /// # Errors
    ///
    /// When it cannot be serialized.
    pub fn extra(
        mut self,
        key: impl Into<ByteString>,
        value: impl Serialize,
    ) -> Result<Self, ConnectError> {
        let key = key.into();
        let value = encoded(&key, &value)?;
        self.extra.retain(|(known, _)| *known != key);
        self.extra.push((key, value));
        Ok(self)
    }

    /// Binds the proofs of cryptosign and SCRAM to the TLS connection, so that nobody between us and the router can use them. Without
    /// TLS there is no session then. The router has to support `tls-exporter` (RFC 9266); Crossbar.io does not.
    pub fn channel_binding(mut self, bound: bool) -> Self {
        self.bound = bound;
        self
    }

    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.authid.is_none() && self.methods.is_empty() && self.extra.is_empty()
    }

    /// Begins to open a session over a connection that is known by `channel_id` to both ends.
    ///
    /// # Errors
    ///
    /// When a method lacks something that it needs.
    pub fn start(&self, channel_id: Option<[u8; 32]>) -> Result<Attempt, ConnectError> {
        Attempt::new(self.clone(), channel_id)
    }

    fn offer(mut self, method: Method) -> Self {
        self.methods.retain(|known| known.name() != method.name());
        self.methods.push(method);
        self
    }
}

/// Without secrets.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("authid", &self.authid.as_deref())
            .field("methods", &self.methods)
            .finish_non_exhaustive()
    }
}
