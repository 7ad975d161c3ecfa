//! How a realm routes between its sessions.

use std::fmt;
use std::sync::Arc;

use wamp_uri::Match;

use crate::Retention;
use crate::history::EventStore;

/// What a router does beside the minimum. See [`App::router`](crate::App::router).
///
/// ```
/// use wamp_server::{App, RouterOptions};
///
/// let app = App::empty().router(RouterOptions::new().meta_api(false));
/// ```
#[derive(Clone)]
#[must_use]
pub struct RouterOptions {
    pub(crate) meta_api: bool,
    pub(crate) meta_control: bool,
    pub(crate) strict: bool,
    pub(crate) retention: Retention,
    pub(crate) history: Option<EventHistory>,
}

/// Where events are kept, and which.
#[derive(Clone)]
pub(crate) struct EventHistory {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) topics: Vec<(String, Match)>,
}

impl Default for RouterOptions {
    fn default() -> Self {
        Self {
            meta_api: true,
            meta_control: false,
            strict: false,
            retention: Retention::default(),
            history: None,
        }
    }
}

impl RouterOptions {
    /// A router as the specification describes it, lenient towards clients that are in use.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether clients can ask for sessions, registrations and subscriptions, and are told of changes: `wamp.session.*`,
    /// `wamp.registration.*`, `wamp.subscription.*`. They can, unless this is turned off. WAMP, "WAMP Meta API".
    ///
    /// In a realm with rules, these procedures and topics are subject to them like all others. Those that change the fate of other
    /// sessions are for nobody who was not named: see [`meta_control`](Self::meta_control).
    ///
    /// What is told of a session is its id, its `authid`, `authrole`, `authmethod` and `authprovider`, and never where it is or how it
    /// came in. Testaments (`wamp.session.add_testament`) reach sessions that are subscribed, but no functions (`#[subscriber]`): those
    /// run in the session that publishes, which is over.
    pub fn meta_api(mut self, serve: bool) -> Self {
        self.meta_api = serve;
        self
    }

    /// Whether everybody may end the sessions of others and take their registrations and subscriptions away, in a realm without rules and
    /// authorizer: `wamp.session.kill`, `kill_by_authid`, `kill_by_authrole`, `kill_all`, `wamp.registration.remove_callee` and
    /// `wamp.subscription.remove_subscriber`. Nobody may, unless this is turned on.
    ///
    /// Elsewhere it changes nothing: there those may to whom a rule allows it that begins with `wamp.`, or an authorizer. See
    /// [`Permissions`](crate::permission::Permissions).
    pub fn meta_control(mut self, allow: bool) -> Self {
        self.meta_control = allow;
        self
    }

    /// Holds clients to the letter of the specification where many in use do not keep it: progressive results are for callees only that
    /// announce `call_canceling` too, and whoever calls in parts without having announced `progressive_call_invocations` breaks the
    /// protocol. WAMP, "Progressive Call Results" and "Progressive Call Invocations".
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// How many events are retained whose publishers want that, and for how long. WAMP, "Event Retention".
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Keeps the events of these topics and patterns in `store`. Clients that are subscribed to some of them get those of the past by
    /// `wamp.subscription.get_events`, which is a part of the [`meta_api`](Self::meta_api). WAMP, "Event History".
    ///
    /// Nobody else gets them, except for the server itself ([`Realm::call`](crate::Realm::call)). What a subscriber would not have been
    /// sent is left out, and does not count.
    ///
    /// An answer may hold fewer events than were asked for, because it would be too long (about 1 MiB). So whoever wants all of them asks
    /// again after the last one (`after_publication`; with `reverse`, `before_publication`), until there are none in the answer.
    ///
    /// ```
    /// use wamp_server::history::{Match, MemoryStore};
    /// use wamp_server::{App, RouterOptions};
    ///
    /// let router = RouterOptions::new().history(MemoryStore::default(), [("sensors.", Match::Prefix)]);
    /// let app = App::empty().router(router);
    /// ```
    pub fn history<S: Into<String>>(
        mut self,
        store: impl EventStore,
        topics: impl IntoIterator<Item = (S, Match)>,
    ) -> Self {
        let topics = topics.into_iter().map(|(topic, it)| (topic.into(), it));
        self.history = Some(EventHistory {
            store: Arc::new(store),
            topics: topics.collect(),
        });
        self
    }
}

impl fmt::Debug for RouterOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterOptions")
            .field("meta_api", &self.meta_api)
            .field("meta_control", &self.meta_control)
            .field("strict", &self.strict)
            .field("retention", &self.retention)
            .field("history", &self.history.as_ref().map(|it| &it.topics))
            .finish()
    }
}
