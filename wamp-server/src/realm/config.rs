//! What a realm is configured with, before it is checked.

use std::future::Future;
use std::panic::Location as Caller;
use std::sync::Arc;

use wamp_proto::message::Overflow;

use super::state::{Factories, States};
use super::{Ordering, RouterOptions};
use crate::auth::Methods;
use crate::handler::function::Handler;
use crate::handler::registered::Run;
use crate::handler::service::Annotated;
use crate::handler::{Call, CallError, Kind, Location, Param};
use crate::permission::{Authorizer, Disclosure, Permissions};
use crate::session::hook::MessageHandler;

/// Everything that [`App`](crate::App) and [`RealmBuilder`](crate::RealmBuilder) have in common.
#[derive(Default)]
pub(crate) struct Config {
    pub(crate) definitions: Vec<Annotated>,
    pub(crate) closures: Vec<Closure>,
    pub(crate) states: States,
    pub(crate) factories: Factories,
    pub(crate) ordering: Option<Ordering>,
    pub(crate) overflow: Option<Overflow>,
    pub(crate) strict_request_ids: Option<bool>,
    pub(crate) message_handler: Option<Arc<dyn MessageHandler>>,
    pub(crate) auth: Methods,
    pub(crate) permissions: Option<Permissions>,
    pub(crate) authorizer: Option<Authorizer>,
    pub(crate) disclosure: Disclosure,
    pub(crate) hidden: bool,
    pub(crate) router: Option<RouterOptions>,
}

/// A handler that is not annotated.
pub(crate) struct Closure {
    pub(crate) kind: Kind,
    /// `None`: takes whatever no other handler does.
    pub(crate) uri: Option<String>,
    pub(crate) location: Location,
    pub(crate) params: &'static [Param],
    pub(crate) run: Run,
}

impl Closure {
    #[track_caller]
    pub(crate) fn new<Signature, H: Handler<Signature>>(
        kind: Kind,
        uri: Option<String>,
        handler: H,
    ) -> Self {
        let handler = Arc::new(handler);
        Self {
            kind,
            uri,
            location: Caller::caller().into(),
            params: H::PARAMS,
            run: Run::Closure(Arc::new(move |call| Arc::clone(&handler).invoke(call))),
        }
    }
}

impl Config {
    /// Whether somebody said who may come in or what they may do.
    pub(crate) fn is_guarded(&self) -> bool {
        !self.auth.is_empty() || self.permissions.is_some() || self.authorizer.is_some()
    }

    #[track_caller]
    pub(crate) fn handler<Signature>(
        &mut self,
        kind: Kind,
        uri: Option<String>,
        handler: impl Handler<Signature>,
    ) {
        self.closures.push(Closure::new(kind, uri, handler));
    }

    pub(crate) fn factory<T, F, Fut>(&mut self, factory: F)
    where
        T: Send + 'static,
        F: Fn(&Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, CallError>> + Send + 'static,
    {
        self.factories.insert(factory);
    }
}

/// Writes the methods that applications and realms have in common.
macro_rules! config_methods {
    () => {
        /// Serves annotated procedures; see [`procedures!`](crate::procedures).
        pub fn procedures(
            self,
            definitions: impl IntoIterator<Item = &'static Definition>,
        ) -> Self {
            self.definitions(definitions)
        }

        /// Serves annotated topics; see [`topics!`](crate::topics).
        pub fn topics(self, definitions: impl IntoIterator<Item = &'static Definition>) -> Self {
            self.definitions(definitions)
        }

        /// Serves annotated subscribers; see [`subscribers!`](crate::subscribers).
        pub fn subscribers(
            self,
            definitions: impl IntoIterator<Item = &'static Definition>,
        ) -> Self {
            self.definitions(definitions)
        }

        /// Runs annotated session handlers; see [`sessions!`](crate::sessions).
        pub fn sessions(self, definitions: impl IntoIterator<Item = &'static Definition>) -> Self {
            self.definitions(definitions)
        }

        /// Serves the methods of a value; see [`#[service]`](macro@crate::service). Who wants to keep a hold of it gives an
        /// [`Arc`](std::sync::Arc).
        pub fn service(self, service: impl $crate::handler::Service) -> Self {
            self.service_at("", service)
        }

        /// The same with `prefix` and a dot before all URIs, so that there can be several of one type.
        ///
        /// ```
        /// use wamp_server::{App, service};
        ///
        /// struct Stock(u32);
        ///
        /// #[service(prefix = "stock")]
        /// impl Stock {
        ///     #[procedure]
        ///     async fn count(&self) -> u32 {
        ///         self.0
        ///     }
        /// }
        ///
        /// // Procedures `eu.stock.count` and `us.stock.count`.
        /// let app = App::empty().service_at("eu", Stock(1)).service_at("us", Stock(2));
        /// ```
        pub fn service_at(mut self, prefix: &str, service: impl $crate::handler::Service) -> Self {
            let methods = $crate::handler::service::Annotated::methods(prefix, service);
            self.config.definitions.extend(methods);
            self
        }

        /// Serves an async closure or function as a procedure; `uri` may have `{captures}`, which make it a pattern.
        ///
        /// ```
        /// use wamp_server::{App, CallError};
        ///
        /// let app = App::empty()
        ///     .procedure("math.add", async |a: i64, b: i64| a + b)
        ///     .procedure("math.div", async |a: i64, b: i64| {
        ///         a.checked_div(b).ok_or_else(|| CallError::new("math.error.division_by_zero"))
        ///     });
        /// ```
        #[track_caller]
        pub fn procedure<Signature>(
            mut self,
            uri: impl Into<String>,
            handler: impl Handler<Signature>,
        ) -> Self {
            self.config
                .handler(Kind::Procedure, Some(uri.into()), handler);
            self
        }

        /// Lets sessions subscribe to a topic; the closure runs for each of them and may refuse with an error.
        #[track_caller]
        pub fn topic<Signature>(
            mut self,
            uri: impl Into<String>,
            handler: impl Handler<Signature>,
        ) -> Self {
            self.config.handler(Kind::Topic, Some(uri.into()), handler);
            self
        }

        /// Runs a closure for every event that clients publish to a topic.
        #[track_caller]
        pub fn subscriber<Signature>(
            mut self,
            uri: impl Into<String>,
            handler: impl Handler<Signature>,
        ) -> Self {
            self.config
                .handler(Kind::Subscriber, Some(uri.into()), handler);
            self
        }

        /// Answers the calls that no procedure answers to, instead of `wamp.error.no_such_procedure`.
        #[track_caller]
        pub fn call_handler<Signature>(mut self, handler: impl Handler<Signature>) -> Self {
            self.config.handler(Kind::Procedure, None, handler);
            self
        }

        /// Decides on the subscriptions to topics that no other handler serves.
        #[track_caller]
        pub fn subscription_handler<Signature>(mut self, handler: impl Handler<Signature>) -> Self {
            self.config.handler(Kind::Topic, None, handler);
            self
        }

        /// Shows every message of an open session to `handler` first.
        pub fn message_handler(mut self, handler: impl MessageHandler) -> Self {
            self.config.message_handler = Some(std::sync::Arc::new(handler));
            self
        }

        /// Gives handlers a value that they take as [`State<'_, T>`](crate::State).
        pub fn state<T: Send + Sync + 'static>(self, value: T) -> Self {
            self.shared_state(std::sync::Arc::new(value))
        }

        /// The same for a value that the application keeps too.
        pub fn shared_state<T: Send + Sync + 'static>(mut self, value: std::sync::Arc<T>) -> Self {
            self.config.states.insert(value);
            self
        }

        /// Gives handlers a value made for each call, which they take as [`Provided<T>`](crate::Provided).
        ///
        /// ```
        /// use std::time::Instant;
        ///
        /// use wamp_server::{App, Provided};
        ///
        /// struct Started(Instant);
        ///
        /// let app = App::empty()
        ///     .provide_with(|_| async { Ok(Started(Instant::now())) })
        ///     .procedure("trace.age", async |started: Provided<Started>| started.0.0.elapsed().as_secs());
        /// ```
        pub fn provide_with<T, F, Fut>(mut self, factory: F) -> Self
        where
            T: Send + 'static,
            F: Fn(&Call) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<T, CallError>> + Send + 'static,
        {
            self.config.factory(factory);
            self
        }

        /// Whether the ids of a client's requests have to be 1, 2, 3 and so on, as the specification wants it. Many clients in use choose
        /// others, so any id will do that no open call has, unless this is turned on; then a wrong one ends the session with ABORT
        /// `wamp.error.protocol_violation`. Named realms do as the application does, unless they say otherwise. WAMP, "Identifiers: IDs".
        pub fn strict_request_ids(mut self, strict: bool) -> Self {
            self.config.strict_request_ids = Some(strict);
            self
        }

        /// What becomes of events that a session does not read in time, unless the session or its subscription says something else. Without
        /// it, a session that lets [`Limits::outbound_hard`](crate::Limits) bytes wait is disconnected. Events that are left out are
        /// counted, and the next event of the subscription tells how many they were: `_dropped` in its details. Named realms do as the
        /// application does, unless they say otherwise.
        pub fn overflow(mut self, overflow: $crate::Overflow) -> Self {
            self.config.overflow = Some(overflow);
            self
        }

        /// Lets clients offer procedures to each other and publish events for each other, beside what is served here. Without it, they can
        /// call, subscribe to and publish to what is served here, and nothing else.
        ///
        /// Where a function and a client offer the same URI, whoever was first keeps it, and functions are first. A call goes to the exact
        /// URI, else to the longest prefix, else to the most specific wildcard pattern, whoever offers it.
        ///
        /// The default realm is one realm, whatever names its clients know it by: give realms a name whose clients are not to meet.
        ///
        /// A topic that a function decides on (`#[topic]`) is only for those who subscribe to that very topic: its events are not for those
        /// who are subscribed to a pattern. Where [`subscription_handler`](Self::subscription_handler) decides on all topics, there are no
        /// subscriptions to patterns.
        ///
        /// As with Crossbar.io, whoever may register a procedure may take it from others by `force_reregister` in the options of REGISTER,
        /// though not from a function.
        ///
        /// It is for this realm only: named realms are routers if they say so themselves.
        ///
        /// What a callee says of its procedure by `_description` in the options of REGISTER is kept, and told by `wamp.registration.get`.
        pub fn router(mut self, options: $crate::RouterOptions) -> Self {
            self.config.router = Some(options);
            self
        }

        /// Whether the calls of one session may run at the same time.
        pub fn ordering(mut self, ordering: Ordering) -> Self {
            self.config.ordering = Some(ordering);
            self
        }

        fn definitions(
            mut self,
            definitions: impl IntoIterator<Item = &'static Definition>,
        ) -> Self {
            let annotated = definitions
                .into_iter()
                .map($crate::handler::service::Annotated::from);
            self.config.definitions.extend(annotated);
            self
        }
    };
}
pub(crate) use config_methods;
