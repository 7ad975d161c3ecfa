//! What one rule permits.

use std::fmt;

use wamp_uri::Match;

/// What a session may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "WAMP has these four")]
pub enum Action {
    /// Call a procedure.
    Call,
    /// Offer a procedure.
    Register,
    /// Publish to a topic.
    Publish,
    /// Subscribe to a topic.
    Subscribe,
}

impl Action {
    const fn flag(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call => "call",
            Self::Register => "register",
            Self::Publish => "publish to",
            Self::Subscribe => "subscribe to",
        })
    }
}

/// What may be done with the URIs that match. A rule that allows nothing forbids everything.
///
/// ```
/// use wamp_server::permission::Rule;
///
/// let rules = [
///     Rule::prefix("shop.").call().subscribe(),
///     Rule::exact("shop.orders"), // but not this one
///     Rule::wildcard("chat..message").publish().disclose(),
/// ];
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Rule {
    pub(super) uri: String,
    pub(super) matching: Match,
    pub(super) grant: Grant,
}

/// What a session is granted for one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grant {
    actions: u8,
    /// Others are told who it is.
    pub(crate) disclose: bool,
    pub(crate) trust_level: Option<u64>,
    /// Whether it is for `wamp.` in particular.
    pub(super) names_router: bool,
}

impl Rule {
    /// A rule for one URI.
    pub fn exact(uri: impl Into<String>) -> Self {
        Self::new(uri.into(), Match::Exact)
    }

    /// A rule for all URIs that begin with this; the empty one is a rule for all URIs.
    pub fn prefix(prefix: impl Into<String>) -> Self {
        Self::new(prefix.into(), Match::Prefix)
    }

    /// A rule for all URIs that have these components and any others where this has empty ones.
    pub fn wildcard(pattern: impl Into<String>) -> Self {
        Self::new(pattern.into(), Match::Wildcard)
    }

    fn new(uri: String, matching: Match) -> Self {
        Self {
            uri,
            matching,
            grant: Grant::default(),
        }
    }

    /// Allows these.
    pub fn allow(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        for action in actions {
            self.grant = self.grant.with(action);
        }
        self
    }

    /// Allows to call.
    pub fn call(self) -> Self {
        self.allow([Action::Call])
    }

    /// Allows to register, where clients can: see [`App::router`](crate::App::router).
    pub fn register(self) -> Self {
        self.allow([Action::Register])
    }

    /// Allows to publish.
    pub fn publish(self) -> Self {
        self.allow([Action::Publish])
    }

    /// Allows to subscribe.
    pub fn subscribe(self) -> Self {
        self.allow([Action::Subscribe])
    }

    /// Allows everything.
    pub fn all(self) -> Self {
        self.call().register().publish().subscribe()
    }

    /// Tells callees and subscribers who calls and publishes, whether those want it or not. WAMP, "Caller Identification" and
    /// "Publisher Identification".
    pub fn disclose(mut self) -> Self {
        self.grant.disclose = true;
        self
    }

    /// Tells callees and subscribers how much those who call and publish are trusted. WAMP, "Call Trust Levels" and "Publication
    /// Trust Levels".
    pub fn trust_level(mut self, level: u64) -> Self {
        self.grant.trust_level = Some(level);
        self
    }
}

impl Grant {
    pub(super) fn with(self, action: Action) -> Self {
        Self {
            actions: self.actions | action.flag(),
            ..self
        }
    }

    pub(crate) fn allows(self, action: Action) -> bool {
        self.actions & action.flag() != 0
    }
}
