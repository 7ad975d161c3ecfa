//! Realms: the name spaces that sessions join. One serves its own handlers, with its own state.
//!
//! # What server code does in one
//!
//! - It calls: [`OutgoingCall`], for [a client](crate::Session::call) or [whatever answers](Realm::call). [`CallFuture`],
//!   [`ProgressiveCall`], [`CallResult`]: how that goes on.
//! - It publishes: [`Publication`]. It subscribes: [`Subscription`], [`Event`].
//! - `upstream`: where all that goes to as well, if the realm has joined another router.
//!
//! # How it is made
//!
//! - [`RealmBuilder`], [`RouterOptions`]: its configuration. [`Realm`]: the realm of a running server. `replacing`: what can be
//!   configured anew while it runs.

mod builder;
mod calling;
pub(crate) mod config;
pub(crate) mod config_auth;
pub(crate) mod meta;
pub(crate) mod options;
pub(crate) mod publication;
mod replacing;
pub(crate) mod state;
mod subscription;
#[cfg_attr(
    not(feature = "client"),
    expect(dead_code, reason = "only clients make it")
)]
pub(crate) mod upstream;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, atomic};

use wamp_proto::codec::EncodeError;
use wamp_proto::id::Id;
use wamp_proto::message::Overflow;

use crate::app::shared::Shared;
use crate::auth::Methods;
use crate::handler::Definition;
use crate::handler::blocking::BlockingPool;
use crate::handler::registered::Registered;
use crate::handler::reply::IntoPayload;
use crate::permission::Authorization;
use crate::router::broker::Broker;
use crate::router::dealer::Dealer;
use crate::router::handlers::Handlers;
use crate::router::registration::Registration;
use crate::session::Session;
use crate::session::hook::MessageHandler;

pub use builder::RealmBuilder;
pub use calling::{CallFuture, CallResult, OutgoingCall, ProgressiveCall};
pub use options::RouterOptions;
pub use publication::{Publication, Published};
pub use subscription::{Subscription, SubscriptionBuilder};
pub use wamp_proto::received::Event;
pub use wamp_uri::UriError;

use self::state::{Factories, States};
use self::upstream::Upstream;

/// A realm of a running server.
///
/// Handlers get it from their session, or as a parameter of type `&Realm`; whoever built the server from
/// [`Server::realm`](crate::Server::realm). Cloning it is cheap.
#[derive(Clone)]
pub struct Realm {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    /// `None` for the default realm, which serves every name that is not configured.
    pub(crate) name: Option<String>,
    pub(crate) procedures: Handlers,
    pub(crate) topics: Arc<Handlers>,
    pub(crate) subscribers: Handlers,
    /// How sessions prove who they are; `None`: they need not.
    pub(crate) auth: RwLock<Option<Arc<Methods>>>,
    pub(crate) authorization: Authorization,
    /// Run in this order when a session opens; what they return is dropped in reverse.
    pub(crate) sessions: Vec<Arc<Registered>>,
    pub(crate) states: States,
    pub(crate) factories: Factories,
    pub(crate) ordering: Ordering,
    pub(crate) overflow: Overflow,
    pub(crate) strict_request_ids: bool,
    pub(crate) message_handler: Option<Arc<dyn MessageHandler>>,
    pub(crate) broker: Broker,
    pub(crate) dealer: Dealer,
    /// Whether sessions may offer procedures and publish events to each other.
    pub(crate) router: Option<RouterOptions>,
    /// The router that the realm has joined.
    pub(crate) upstream: Upstream,
    pub(crate) shared: Arc<Shared>,
}

/// Whether the calls of one session may run at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ordering {
    /// Calls run concurrently, results come in any order.
    #[default]
    Concurrent,
    /// A call starts when the one before it has ended.
    Sequential,
}

impl Realm {
    /// Begins the configuration of a realm; [`App::realm`](crate::App::realm) adds it to an application.
    ///
    /// ```
    /// use wamp_server::{App, Realm};
    ///
    /// let app = App::empty().realm(Realm::new("admins").procedure("server.uptime", async || 7_u32));
    /// ```
    #[expect(
        clippy::new_ret_no_self,
        reason = "a realm exists once the server is built"
    )]
    pub fn new(name: impl Into<String>) -> RealmBuilder {
        RealmBuilder::new(name.into())
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The configured name; `None` for the default realm, which serves every name that is not configured.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }

    /// Publishes an event to all sessions that are subscribed to `topic`.
    ///
    /// The event is encoded once for each serializer in use. Nobody is waited for: see
    /// [`Limits::outbound_hard`](crate::Limits) for what happens to those who do not read.
    ///
    /// ```
    /// # fn f(realm: &wamp_server::Realm) -> Result<(), Box<dyn std::error::Error>> {
    /// let published = realm.publish("weather.vienna", ("sunny", 21))?;
    /// println!("{} sessions know", published.receivers);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the value cannot be serialized.
    pub fn publish<Via>(
        &self,
        topic: &str,
        value: impl IntoPayload<Via>,
    ) -> Result<Published, EncodeError> {
        self.publication(topic).send(value)
    }

    /// Begins an event that says more than its arguments: whom it is for, who publishes it, whether it is retained.
    pub fn publication<'a>(&'a self, topic: &'a str) -> Publication<'a> {
        Publication::new(self, topic)
    }

    /// The session with that id, if it is open and in this realm.
    #[must_use]
    pub fn session(&self, id: Id) -> Option<Session> {
        let session = self.inner.shared.sessions.get(id)?;
        self.contains(&session).then_some(session)
    }

    /// The sessions that are open now, in no particular order.
    #[must_use]
    pub fn sessions(&self) -> Vec<Session> {
        let mut sessions = self.inner.shared.sessions.all();
        sessions.retain(|session| self.contains(session));
        sessions
    }

    /// Whether a session is in this realm. One whose peer is not authenticated is in none.
    fn contains(&self, session: &Session) -> bool {
        session.is_authenticated() && Arc::ptr_eq(&session.realm().inner, &self.inner)
    }

    /// The number of topics and patterns that some session, or the server itself, is subscribed to.
    #[must_use]
    pub fn topics(&self) -> usize {
        self.inner.broker.len()
    }

    /// What the annotated functions of this realm say about themselves, sorted by where they stand in the source.
    #[must_use]
    pub fn definitions(&self) -> Vec<&'static Definition> {
        let handlers = self.annotated();
        handlers.iter().filter_map(|it| it.definition).collect()
    }

    /// The annotated functions and methods, sorted by where they stand in the source.
    pub(crate) fn annotated(&self) -> Vec<&Registered> {
        let Inner {
            procedures,
            topics,
            subscribers,
            sessions,
            ..
        } = &*self.inner;
        let handlers = procedures
            .iter()
            .chain(topics.iter())
            .chain(subscribers.iter());
        let mut handlers = handlers
            .chain(sessions)
            .map(|handler| &**handler)
            .filter(|handler| handler.definition.is_some())
            .collect::<Vec<_>>();
        handlers.sort_by_key(|it| (it.location.file, it.location.line));
        handlers
    }

    /// The state of that type, its own or the application's: for authenticators and authorizers, which have no parameters that are
    /// supplied. Whether there is one is not checked when the server is built.
    ///
    /// ```
    /// use wamp_server::auth::Principal;
    /// use wamp_server::{Realm, Session};
    ///
    /// struct Tokens(Vec<(String, Principal)>);
    ///
    /// let realm = Realm::new("admins").state(Tokens(Vec::new())).ticket(async |session: Session, ticket| {
    ///     let Tokens(tokens) = session.realm().state()?;
    ///     let mut found = None;
    ///     for (token, principal) in tokens {
    ///         if ticket.is_same(token) {
    ///             found = Some(principal.clone());
    ///         }
    ///     }
    ///     found
    /// });
    /// ```
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.states().get()
    }

    /// Forgets what the authorizer has decided so far, in all sessions of the realm: it is asked again. What it has allowed and has begun
    /// goes on, subscriptions included.
    pub fn purge_authorizations(&self) {
        let generation = &self.inner.authorization.generation;
        generation.fetch_add(1, atomic::Ordering::Release);
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn states(&self) -> &States {
        &self.inner.states
    }

    pub(crate) fn factories(&self) -> &Factories {
        &self.inner.factories
    }

    pub(crate) fn blocking_pool(&self) -> &BlockingPool {
        &self.inner.shared.blocking
    }
}

/// What answers to a call.
pub(crate) enum Target {
    /// A function of the application.
    Here(Arc<Registered>),
    /// Callees elsewhere.
    Elsewhere(Arc<Registration>),
}

impl Inner {
    /// How sessions prove who they are that begin now.
    pub(crate) fn methods(&self) -> Option<Arc<Methods>> {
        let auth = self.auth.read();
        auth.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What answers to calls of a URI: exact, else the longest prefix, else the most specific wildcard, whoever offers it; else the
    /// functions that the protocol knows no pattern for.
    #[inline]
    pub(crate) fn resolve(&self, uri: &str) -> Option<Target> {
        if let Some(handler) = self.procedures.exact(uri) {
            return Some(Target::Here(Arc::clone(handler)));
        }
        if self.router.is_none() {
            let handler = self.procedures.resolve(uri)?;
            return Some(Target::Here(Arc::clone(handler)));
        }
        self.resolve_routed(uri)
    }

    /// Whether the application has functions in it.
    #[cfg(feature = "client")]
    pub(crate) fn has_functions(&self) -> bool {
        let offered = self.procedures.iter().chain(self.topics.iter());
        let mut offered = offered.chain(self.subscribers.iter());
        offered.any(|it| {
            it.pattern()
                .is_none_or(|(uri, _)| !wamp_uri::is_reserved(uri))
        })
    }

    fn resolve_routed(&self, uri: &str) -> Option<Target> {
        if let Some(registration) = self.dealer.resolve(uri) {
            return Some(match &registration.local {
                Some(handler) => Target::Here(Arc::clone(handler)),
                None => Target::Elsewhere(registration),
            });
        }
        let handler = self.procedures.last_resort(uri)?;
        Some(Target::Here(Arc::clone(handler)))
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realm")
            .field("name", &self.inner.name)
            .finish_non_exhaustive()
    }
}
