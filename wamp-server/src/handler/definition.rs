//! What an annotated function says about itself.

use std::fmt;
use std::time::Duration;

use super::argument::{Argument, Requirements, Sent, Source, Supplied, via};
use super::{Call, Invoke};

/// One annotated function: `'static` and not generic, therefore collectable by the linker.
///
/// The attribute macros write one for each function; [`procedures!`](crate::procedures), [`topics!`](crate::topics) and their
/// siblings name them, [`App::new`](crate::App::new) discovers them.
pub struct Definition {
    /// What the function is for.
    pub kind: Kind,
    /// The URIs it answers to, as written.
    pub uri: UriSpec,
    /// The function's own name.
    pub name: &'static str,
    /// Its doc comment, one line of source a line.
    pub docs: &'static str,
    /// The module that it stands in.
    pub module: &'static str,
    /// Where it is written.
    pub location: Location,
    /// The realm that serves it; `None` is the default realm.
    pub realm: Option<&'static str>,
    /// Whether surplus and repeated arguments are refused.
    pub strict: bool,
    /// How long one call may take.
    pub timeout: Timeout,
    /// How many calls may run at once, in the whole realm; further ones wait.
    pub concurrency: Option<u32>,
    /// The roles that it is for; empty: all.
    pub roles: &'static [&'static str],
    /// Whether its callers may be passed on to others without asking for it; see [`Call::is_disclosed`].
    pub disclose_caller: bool,
    /// Session handlers: whether it runs once the peer is authenticated, or as soon as it asks to come in.
    pub authenticated: bool,
    /// The parameters in the order of the signature.
    pub params: &'static [Param],
    /// Runs the function.
    #[doc(hidden)]
    pub invoke: fn(Call) -> Invoke,
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definition")
            .field("kind", &self.kind)
            .field("uri", &self.uri)
            .field("location", &format_args!("{}", self.location))
            .finish_non_exhaustive()
    }
}

/// What a function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Answers calls: `#[procedure]`.
    Procedure,
    /// Runs when a session subscribes: `#[topic]`.
    Topic,
    /// Runs for every event that a client publishes: `#[subscriber]`.
    Subscriber,
    /// Runs when a session opens: `#[session]`.
    Session,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Procedure => "procedure",
            Self::Topic => "topic",
            Self::Subscriber => "subscriber",
            Self::Session => "session handler",
        })
    }
}

/// The URIs that a function answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UriSpec {
    /// One URI, or a pattern with `{name}` in place of components.
    Template(&'static str),
    /// Every URI that begins with this string.
    Prefix(&'static str),
    /// Every URI that this regular expression matches from the start.
    Regex(&'static str),
    /// None: session handlers.
    None,
}

impl fmt::Display for UriSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(uri) => f.write_str(uri),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::Regex(regex) => write!(f, "/{regex}/"),
            Self::None => Ok(()),
        }
    }
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, as the compiler was told it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl From<&'static std::panic::Location<'static>> for Location {
    fn from(location: &'static std::panic::Location<'static>) -> Self {
        Self {
            file: location.file(),
            line: location.line(),
        }
    }
}

/// How long one call may take before the caller gets `wamp.error.timeout`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timeout {
    /// As [`Limits::handler_timeout`](crate::Limits) says.
    #[default]
    Default,
    /// For ever, unless the caller asks for less.
    None,
    /// This long, unless the caller asks for less.
    After(Duration),
}

/// One parameter of an annotated function.
#[derive(Debug)]
pub struct Param {
    /// The keyword it can be passed by; empty for a pattern without `#[arg(name = "…")]`.
    pub name: &'static str,
    /// Where its value comes from.
    pub source: Source,
    /// The Rust type, as the compiler names it.
    pub type_name: fn() -> &'static str,
    /// Whether the attribute gives a default.
    pub has_default: bool,
    /// Whether a call without it succeeds even without a default, as for `Option`.
    pub may_be_absent: fn() -> bool,
    /// What it needs from the realm.
    #[doc(hidden)]
    pub requires: fn(&mut Requirements),
}

impl Param {
    /// Describes a parameter: the caller sends it or the server supplies it, as its type says. Written by the macros.
    #[doc(hidden)]
    #[must_use]
    pub const fn of<'c, T: Argument<'c, Via>, Via>(name: &'static str) -> Self {
        Self {
            name,
            source: T::SOURCE,
            type_name: std::any::type_name::<T>,
            has_default: false,
            may_be_absent: T::may_be_absent,
            requires: T::requires,
        }
    }

    /// Describes a parameter with `#[arg(default)]`. Written by the macros.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_default<'c, T: Sent<'c>>(name: &'static str) -> Self {
        Self {
            has_default: true,
            ..Self::of::<T, via::Wire>(name)
        }
    }

    /// Describes a parameter that is bound to the component `{name}` of the URI. Written by the macros.
    #[doc(hidden)]
    #[must_use]
    pub const fn capture<'c, T: Sent<'c>>(name: &'static str) -> Self {
        Self {
            source: Source::Capture,
            ..Self::of::<T, via::Wire>(name)
        }
    }

    /// Describes a parameter of a function that runs without anyone sending arguments. Written by the macros.
    #[doc(hidden)]
    #[must_use]
    pub const fn supplied<'c, T: Supplied<'c>>(name: &'static str) -> Self {
        Self::of::<T, via::Context>(name)
    }

    /// Whether a caller may leave it out.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.has_default || (self.may_be_absent)()
    }
}
