//! A handler, ready to run in one realm.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use regex::Regex;
use tokio::sync::Semaphore;
use wamp_proto::uri;
use wamp_uri::{Match, Template};

use super::argument::Requirements;
use super::{Call, CallError, Definition, Instance, Invoke, Kind, Location, Param};

/// A handler with everything that one call of it needs to know.
pub(crate) struct Registered {
    pub(crate) kind: Kind,
    pub(crate) uri: Matcher,
    /// The same for people.
    pub(crate) shown: String,
    pub(crate) location: Location,
    pub(crate) timeout: Option<Duration>,
    pub(crate) needs: Needs,
    pub(crate) definition: Option<&'static Definition>,
    /// What a method is called on.
    pub(crate) service: Option<Instance>,
    pub(crate) run: Run,
    /// The roles that it is for; empty: all.
    pub(crate) roles: &'static [&'static str],
    /// Whether its callers are disclosed.
    pub(crate) discloses_caller: bool,
    /// Session handlers: whether it waits for authentication.
    pub(crate) authenticated: bool,
    /// Limits how many calls run at once.
    pub(crate) concurrency: Option<Arc<Semaphore>>,
}

/// What a handler answers to.
#[derive(Debug)]
pub(crate) enum Matcher {
    Template(Template),
    Prefix(Cow<'static, str>),
    Regex(Box<Regex>),
    /// Session handlers, and the handlers that take whatever nobody else does.
    Any,
}

/// What a handler takes besides its arguments; calls are prepared accordingly.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needs {
    pub(crate) token: bool,
    pub(crate) progress: bool,
    pub(crate) input: bool,
    pub(crate) args: bool,
    pub(crate) kwargs: bool,
}

/// How a handler is run: annotated functions are plain function pointers, closures are shared.
#[derive(Clone)]
pub(crate) enum Run {
    Function(fn(Call) -> Invoke),
    Closure(Arc<dyn Fn(Call) -> Invoke + Send + Sync>),
}

impl Run {
    #[inline(always)]
    pub(crate) fn start(&self, call: Call) -> Invoke {
        match self {
            Self::Function(run) => run(call),
            Self::Closure(run) => run(call),
        }
    }
}

impl Registered {
    /// What answers where there is no handler, if that is not to be seen at once.
    pub(crate) fn nobody(kind: Kind, run: fn(Call) -> Invoke) -> Self {
        Self {
            kind,
            uri: Matcher::Any,
            shown: String::new(),
            location: std::panic::Location::caller().into(),
            timeout: None,
            needs: Needs::default(),
            definition: None,
            service: None,
            run: Run::Function(run),
            roles: &[],
            discloses_caller: false,
            authenticated: true,
            concurrency: None,
        }
    }

    /// What it answers to, for people.
    #[cfg(feature = "client")]
    pub(crate) fn name(&self) -> &str {
        &self.shown
    }

    /// What it answers to, where something in the protocol stands for that.
    pub(crate) fn pattern(&self) -> Option<(&str, Match)> {
        match &self.uri {
            Matcher::Template(template) => Some((template.pattern(), template.matching())),
            Matcher::Prefix(prefix) => Some((prefix, Match::Prefix)),
            Matcher::Regex(_) | Matcher::Any => None,
        }
    }

    /// Whether it answers to a URI that a pattern of the protocol has found which covers its own.
    #[cfg(feature = "client")]
    pub(crate) fn is_for(&self, uri: &str) -> bool {
        match &self.uri {
            Matcher::Regex(regex) => regex.find(uri).is_some_and(|found| found.start() == 0),
            Matcher::Template(_) | Matcher::Prefix(_) | Matcher::Any => true,
        }
    }

    /// Whether it is for sessions in this role.
    pub(crate) fn admits(&self, role: &str) -> bool {
        self.roles.is_empty() || self.roles.contains(&role)
    }

    /// The URI captures of this handler's pattern.
    pub(crate) fn capture<'u>(&self, uri: &'u str, name: &str) -> Option<&'u str> {
        match &self.uri {
            Matcher::Template(template) => template
                .captures()
                .position(|capture| capture == name)
                .and_then(|i| template.capture(uri, i)),
            Matcher::Regex(regex) => regex.captures(uri)?.name(name).map(|it| it.as_str()),
            Matcher::Prefix(_) | Matcher::Any => None,
        }
    }

    /// Starts one run: within the handler's own limit of concurrent calls, if it has one.
    #[inline(always)]
    pub(crate) fn start(&self, call: Call) -> Invoke {
        match &self.concurrency {
            None => self.run.start(call),
            Some(concurrency) => limited(Arc::clone(concurrency), self.run.clone(), call),
        }
    }
}

fn limited(concurrency: Arc<Semaphore>, run: Run, call: Call) -> Invoke {
    Box::pin(async move {
        let Ok(_permit) = concurrency.acquire().await else {
            return Err(CallError::new(uri::UNAVAILABLE));
        };
        run.start(call).await
    })
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered")
            .field("kind", &self.kind)
            .field("uri", &self.uri)
            .field("location", &format_args!("{}", self.location))
            .finish_non_exhaustive()
    }
}

impl Needs {
    /// Whether a call must be prepared for more than its arguments.
    pub(crate) fn any(self) -> bool {
        self.token || self.progress || self.input
    }

    pub(crate) fn of(params: &[Param]) -> (Self, Requirements) {
        let mut requirements = Requirements::default();
        for param in params {
            (param.requires)(&mut requirements);
        }
        let Requirements {
            token,
            progress,
            input,
            args,
            kwargs,
            ..
        } = requirements;
        let needs = Self {
            token,
            progress,
            input,
            args,
            kwargs,
        };
        (needs, requirements)
    }
}
