//! Deciding by a function.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytestring::ByteString;
use futures_util::future::BoxFuture;
use wamp_proto::message::details::{
    CallOptions, PublishOptions, RegisterOptions, SubscribeOptions,
};
use wamp_uri::Match;

use super::disclosure::Disclosure;
use super::roles::Roles;
use super::rule::{Action, Grant};
use crate::Session;
use crate::handler::{CallError, IntoError};

/// What a session wants to do; an authorizer decides on it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Access {
    /// What it is.
    pub action: Action,
    /// What it is to be done with: a URI, or a pattern.
    pub uri: ByteString,
    /// What kind of pattern it is.
    pub matching: Match,
    /// The options of the request.
    pub options: AccessOptions,
}

/// The options of a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AccessOptions {
    /// Of a CALL.
    Call(Box<CallOptions>),
    /// Of a REGISTER.
    Register(Box<RegisterOptions>),
    /// Of a PUBLISH.
    Publish(Box<PublishOptions>),
    /// Of a SUBSCRIBE.
    Subscribe(Box<SubscribeOptions>),
}

/// No decision is remembered for longer.
const MAX_CACHE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What an authorizer decides.
///
/// ```
/// use std::time::Duration;
///
/// use wamp_server::Realm;
/// use wamp_server::permission::{Action, Decision};
///
/// let realm = Realm::new("shop").authorizer(async |session, access| {
///     let own = format!("shop.basket.{}", session.auth().id);
///     if access.action == Action::Call && access.uri == own {
///         Decision::allow().cache_for(Duration::from_secs(60))
///     } else {
///         Decision::deny()
///     }
/// });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Decision {
    allowed: bool,
    grant: Grant,
    cache_for: Duration,
}

impl Decision {
    /// It may do it.
    pub fn allow() -> Self {
        true.into()
    }

    /// It may not.
    pub fn deny() -> Self {
        false.into()
    }

    /// Others are told who calls or publishes, whether it wants that or not.
    pub fn disclose(mut self) -> Self {
        self.grant.disclose = true;
        self
    }

    /// Others are told how much it is trusted.
    pub fn trust_level(mut self, level: u64) -> Self {
        self.grant.trust_level = Some(level);
        self
    }

    /// The decision holds for this long, at most a year, for this session, action and URI, whatever the options of the request. Without
    /// it, it holds once.
    ///
    /// [`Realm::purge_authorizations`](crate::Realm::purge_authorizations) ends it before.
    pub fn cache_for(mut self, time: Duration) -> Self {
        self.cache_for = time.min(MAX_CACHE);
        self
    }

    pub(super) fn grant(self) -> Option<Grant> {
        self.allowed.then_some(self.grant)
    }

    pub(super) fn holds_for(self) -> Duration {
        self.cache_for
    }
}

impl From<bool> for Decision {
    fn from(allowed: bool) -> Self {
        Self {
            allowed,
            grant: Grant::default(),
            cache_for: Duration::ZERO,
        }
    }
}

/// What an authorizer returns: a `bool`, a [`Decision`], or a `Result` of one of these.
///
/// An error is logged, and the peer gets `wamp.error.authorization_failed`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what an authorizer returns",
    note = "return a `bool`, a `Decision`, or a `Result` of one of these"
)]
pub trait IntoDecision {
    /// The decision.
    ///
    /// # Errors
    ///
    /// Why there is none.
    fn into_decision(self) -> Result<Decision, CallError>;
}

impl IntoDecision for bool {
    fn into_decision(self) -> Result<Decision, CallError> {
        Ok(self.into())
    }
}

impl IntoDecision for Decision {
    fn into_decision(self) -> Result<Decision, CallError> {
        Ok(self)
    }
}

impl<T: Into<Decision>, E: IntoError> IntoDecision for Result<T, E> {
    fn into_decision(self) -> Result<Decision, CallError> {
        self.map(Into::into).map_err(IntoError::into_error)
    }
}

/// The application's function, whatever type it has.
#[derive(Clone)]
pub(crate) struct Authorizer(
    #[expect(clippy::type_complexity, reason = "it is named here and nowhere else")]
    Arc<dyn Fn(Session, Access) -> BoxFuture<'static, Result<Decision, CallError>> + Send + Sync>,
);

impl Authorizer {
    pub(crate) fn new<F, Fut>(authorize: F) -> Self
    where
        F: Fn(Session, Access) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoDecision> + Send + 'static,
    {
        Self(Arc::new(move |session, access| {
            let decision = authorize(session, access);
            Box::pin(async move { decision.await.into_decision() })
        }))
    }

    pub(super) fn ask(
        &self,
        session: Session,
        access: Access,
    ) -> BoxFuture<'static, Result<Decision, CallError>> {
        (self.0)(session, access)
    }
}

/// What a realm knows about the rights of its sessions.
#[derive(Default)]
pub(crate) struct Authorization {
    /// `None`: there are no rules.
    pub(crate) roles: Option<Roles>,
    pub(crate) authorizer: Option<Authorizer>,
    pub(crate) disclosure: Disclosure,
    /// Whether what a session may not use does not exist for it.
    pub(crate) hidden: bool,
    /// Counts purges: decisions from before the last one do not hold.
    pub(crate) generation: AtomicU64,
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("roles", &self.roles)
            .field("disclosure", &self.disclosure)
            .finish_non_exhaustive()
    }
}
