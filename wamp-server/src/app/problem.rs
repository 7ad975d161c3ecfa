//! What can be wrong with an application.

use std::fmt;

use thiserror::Error;

use crate::handler::{Kind, Location};

/// Why an application cannot be served: every mistake, each with the places in the source that it is about.
#[derive(Debug, Error)]
pub struct BuildError {
    problems: Vec<Problem>,
}

impl BuildError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// The mistakes, in no particular order.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the application cannot be built:")?;
        let mut problems = self.problems.iter();
        problems.try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

/// One mistake in an application.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Two handlers of one realm answer to the same URI.
    #[error("{kind} `{uri}` is registered at {first} and again at {second}")]
    DuplicateUri {
        /// What the handlers are for.
        kind: Kind,
        /// What they answer to.
        uri: String,
        /// Where the one is.
        first: Location,
        /// Where the other is.
        second: Location,
    },
    /// A handler takes a state that nobody gave.
    #[error(
        "{kind} `{uri}` at {location} takes `State<{type_name}>`, which was not given: call `.state(…)`"
    )]
    MissingState {
        /// What the handler is for.
        kind: Kind,
        /// What it answers to.
        uri: String,
        /// Where it is.
        location: Location,
        /// The type of the state.
        type_name: &'static str,
    },
    /// A handler takes a value that nobody said how to make.
    #[error(
        "{kind} `{uri}` at {location} takes `Provided<{type_name}>`, which nobody provides: call `.provide_with(…)`"
    )]
    MissingFactory {
        /// What the handler is for.
        kind: Kind,
        /// What it answers to.
        uri: String,
        /// Where it is.
        location: Location,
        /// The type of the value.
        type_name: &'static str,
    },
    /// A handler names a realm that does not exist.
    #[error(
        "{kind} `{uri}` at {location} belongs to the realm `{realm}`, which does not exist: call `.realm(Realm::new(\"{realm}\"))`"
    )]
    UnknownRealm {
        /// What the handler is for.
        kind: Kind,
        /// What it answers to.
        uri: String,
        /// Where it is.
        location: Location,
        /// The realm.
        realm: String,
    },
    /// A handler belongs to the default realm, which is turned off.
    #[error("{kind} `{uri}` at {location} belongs to the default realm, which is turned off")]
    NoDefaultRealm {
        /// What the handler is for.
        kind: Kind,
        /// What it answers to.
        uri: String,
        /// Where it is.
        location: Location,
    },
    /// A URI or pattern that the grammar does not allow.
    #[error("{kind} `{uri}` at {location}: {reason}")]
    InvalidUri {
        /// What the handler is for.
        kind: Kind,
        /// What it should answer to.
        uri: String,
        /// Where it is.
        location: Location,
        /// What is wrong with it.
        reason: String,
    },
    /// A handler is for roles that nobody can have.
    #[error(
        "{kind} `{uri}` at {location} is for {roles}, which nobody in its realm can be: add an authenticator, or rules for that role"
    )]
    NobodyInRole {
        /// What the handler is for.
        kind: Kind,
        /// What it answers to.
        uri: String,
        /// Where it is.
        location: Location,
        /// The roles.
        roles: String,
    },
    /// A realm lets everybody in, while another one of the same application does not.
    #[error(
        "nobody has to authenticate in {realm}, while others of the same application ask for it: add an authenticator, or say `.anonymous(\"…\")` if that is meant"
    )]
    UnguardedRealm {
        /// The realm.
        realm: String,
    },
    /// A reason that the grammar of URIs does not allow.
    #[error("`denied_as(\"{reason}\")` in {realm}: {mistake}")]
    InvalidReason {
        /// The realm.
        realm: String,
        /// The reason.
        reason: String,
        /// What is wrong with it.
        mistake: String,
    },
    /// Unknown users cannot be asked as it was said.
    #[error("`Decoys` of {realm}: {reason}")]
    BadDecoys {
        /// The realm.
        realm: String,
        /// What is wrong with them.
        reason: String,
    },
    /// A handler asks for its callers in a realm that discloses nobody.
    #[error(
        "{kind} `{uri}` at {location} asks who its callers are, but its realm refuses to disclose them"
    )]
    NothingDisclosed {
        /// What the handler is for.
        kind: Kind,
        /// What it answers to.
        uri: String,
        /// Where it is.
        location: Location,
    },
    /// Authenticators or permissions of the default realm, which is turned off.
    #[error(
        "authenticators or permissions belong to the default realm, which is turned off: give them to a `Realm`"
    )]
    GuardedNothing,
    /// Two authenticators of one realm have the same name.
    #[error("the authentication method `{method}` is configured twice for {realm}")]
    DuplicateAuthMethod {
        /// The realm.
        realm: String,
        /// The method.
        method: String,
    },
    /// A rule that cannot be used.
    #[error("the rule `{uri}` of the role `{role}` in {realm}: {reason}")]
    BadRule {
        /// The realm.
        realm: String,
        /// The role.
        role: String,
        /// What the rule is about.
        uri: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A realm cannot go on with rules where it began without, or the other way round.
    #[error("{realm} began {} rules, so it cannot go on {} them", if *had { "with" } else { "without" }, if *had { "without" } else { "with" })]
    RulesComeAndGo {
        /// The realm.
        realm: String,
        /// Whether it had some.
        had: bool,
    },
    /// Two realms have the same name.
    #[error("the realm `{0}` is configured twice")]
    DuplicateRealm(String),
    /// A realm's name is not a URI.
    #[error("the realm name `{name}` is not a URI: {reason}")]
    InvalidRealm {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing was discovered.
    #[error(
        "no annotated function is linked into the program where some were expected; name the crates that have them, as in `use my_handlers as _;`"
    )]
    NothingDiscovered,
    /// No serializer is offered.
    #[error("no subprotocol is offered, so no client could connect")]
    NoSubprotocol,
    /// An entry of [`Handshake`](crate::Handshake) that is not what it should be.
    #[error("the entry `{entry}` of `Handshake::{list}` {reason}")]
    BadHandshake {
        /// The list that it is in.
        list: &'static str,
        /// The entry.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Parts of [`Handshake`](crate::Handshake) that make no sense together.
    #[error("`Handshake`: {reason}")]
    ContradictoryHandshake {
        /// Which, and what to do about it.
        reason: &'static str,
    },
    /// Something that events cannot be kept of, because it is no topic or pattern.
    #[error("`{topic}`, whose events are to be kept, is not valid: {reason}")]
    InvalidHistory {
        /// What was given.
        topic: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An option of a router that has no effect without another one.
    #[error("`{option}` has no effect without `{needs}`")]
    UselessOption {
        /// The method of [`RouterOptions`](crate::RouterOptions).
        option: &'static str,
        /// The one that it needs.
        needs: &'static str,
    },
    /// A limit that cannot work.
    #[error("the limit `{name}` {reason}")]
    BadLimit {
        /// The field of [`Limits`](crate::Limits).
        name: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Why a server ended, or never began.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The application has mistakes.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The address cannot be listened on.
    #[error("the address cannot be listened on")]
    Listen(#[source] std::io::Error),
    /// The application has not joined a router, or has lost it.
    #[cfg(feature = "client")]
    #[error(transparent)]
    Join(#[from] crate::JoinError),
}
