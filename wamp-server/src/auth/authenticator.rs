//! Methods of authentication, and what tells who somebody is without asking.

use std::sync::Arc;

use bytestring::ByteString;
use futures_util::future::BoxFuture;

use super::exchange::Exchange;
use super::found::IntoFound;
use super::principal::Principal;
use crate::Session;
use crate::handler::CallError;

/// A method of authentication of the application's own.
///
/// It sees what the peer said in HELLO, may challenge it as often as it likes, look up what it needs, and then says who the peer is:
/// `Ok(Some(…))`, that it is not what it claims: `Ok(None)`, or why it is refused: an error.
///
/// ```
/// use wamp_server::auth::{Authenticator, Exchange, Principal};
/// use wamp_server::proto::message::details::ChallengeExtra;
/// use wamp_server::{CallError, Realm};
///
/// /// A ticket, then a code from the user's telephone.
/// struct TwoFactors;
///
/// impl Authenticator for TwoFactors {
///     fn method(&self) -> &str {
///         "ticket"
///     }
///
///     async fn authenticate(&self, mut exchange: Exchange) -> Result<Option<Principal>, CallError> {
///         let ticket = exchange.ticket().await?;
///         let code = exchange.challenge_as("code", ChallengeExtra::default()).await?.signature;
///         let right = ticket.is_same("open sesame") & code.is_same("123456");
///         Ok(right.then(|| Principal::new("joe", "customer")))
///     }
/// }
///
/// let realm = Realm::new("customers").authenticator(TwoFactors);
/// ```
pub trait Authenticator: Send + Sync + 'static {
    /// Its name: what clients offer in `HELLO.Details.authmethods`.
    fn method(&self) -> &str;

    /// Finds out who the peer is.
    ///
    /// # Errors
    ///
    /// An error that is meant for the peer, such as [`CallError::new`], is its ABORT; anything else is logged, and the peer gets
    /// `wamp.error.authentication_failed`.
    fn authenticate(
        &self,
        exchange: Exchange,
    ) -> impl Future<Output = Result<Option<Principal>, CallError>> + Send;
}

/// What a method says in the end.
pub(super) type Verdict = Result<Option<Principal>, CallError>;

/// A method of authentication, whatever type it has.
#[derive(Clone)]
pub(crate) struct Method {
    pub(super) name: ByteString,
    run: Arc<dyn Fn(Exchange) -> BoxFuture<'static, Verdict> + Send + Sync>,
}

impl Method {
    pub(crate) fn new(authenticator: impl Authenticator) -> Self {
        let authenticator = Arc::new(authenticator);
        Self {
            name: authenticator.method().into(),
            run: Arc::new(move |exchange| {
                let authenticator = Arc::clone(&authenticator);
                Box::pin(async move { authenticator.authenticate(exchange).await })
            }),
        }
    }

    /// A method whose whole dialogue is one function.
    pub(crate) fn from_fn<F, Fut>(name: &'static str, authenticate: F) -> Self
    where
        F: Fn(Exchange) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Verdict> + Send + 'static,
    {
        Self {
            name: ByteString::from_static(name),
            run: Arc::new(move |exchange| Box::pin(authenticate(exchange))),
        }
    }

    pub(super) fn authenticate(&self, exchange: Exchange) -> BoxFuture<'static, Verdict> {
        (self.run)(exchange)
    }
}

/// Tells who somebody is by how it came in: headers, cookies, address, certificate. No questions are asked.
#[derive(Clone)]
pub(crate) struct Recognizer(Arc<dyn Fn(Session) -> BoxFuture<'static, Verdict> + Send + Sync>);

impl Recognizer {
    pub(crate) fn new<F, Fut>(recognize: F) -> Self
    where
        F: Fn(Session) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoFound<Principal>> + Send + 'static,
    {
        Self(Arc::new(move |session| {
            let found = recognize(session);
            Box::pin(async move { found.await.into_found() })
        }))
    }

    pub(super) fn recognize(&self, session: Session) -> BoxFuture<'static, Verdict> {
        (self.0)(session)
    }
}
