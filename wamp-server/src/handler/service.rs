//! Services: values whose methods are handlers.
//!
//! A method has a [`Definition`] like a function. Which value it is a method of is not known to the definition, but to what is registered:
//! so one service can be served several times, under different prefixes.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::{Call, CallError, Definition};

/// A type with methods that clients can call, subscribe to or publish to. Written by [`#[service]`](macro@crate::service).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "it has no methods that clients can call",
    note = "annotate a block of its methods: `#[service] impl {Self} {{ … }}`, or `#[service] impl Api for {Self} {{ … }}`"
)]
pub trait Service: Send + Sync + Sized + 'static {
    /// Tells all methods.
    #[doc(hidden)]
    fn methods(methods: &mut Methods);

    /// What the methods are called on.
    #[doc(hidden)]
    fn share(self) -> Instance {
        Arc::new(self)
    }
}

/// A service that its maker keeps a hold of.
impl<S: Service> Service for Arc<S> {
    fn methods(methods: &mut Methods) {
        S::methods(methods);
    }

    fn share(self) -> Instance {
        self
    }
}

/// What the methods of a service are called on, of any type.
pub type Instance = Arc<dyn Any + Send + Sync>;

/// The methods of a service as they are told.
#[derive(Debug, Default)]
pub struct Methods {
    /// What all that follow begin with: `eu.`, or nothing.
    prefix: String,
    pub(crate) found: Vec<(String, &'static Definition)>,
}

impl Methods {
    /// Those of a service whose URIs have `prefix` in front of them; empty: they are as they are.
    pub(crate) fn of<S: Service>(prefix: &str) -> Self {
        let mut methods = Self::default();
        methods.under(prefix, S::methods);
        methods
    }

    /// Adds one.
    pub fn add(&mut self, definition: &'static Definition) {
        self.found.push((self.prefix.clone(), definition));
    }

    /// Adds some with one more prefix.
    pub fn under(&mut self, prefix: &str, add: impl FnOnce(&mut Self)) {
        let length = self.prefix.len();
        self.prefix.push_str(prefix);
        if !prefix.is_empty() {
            self.prefix.push('.');
        }
        add(self);
        self.prefix.truncate(length);
    }
}

/// The service that a call is for, and what the method that is called says about itself.
///
/// # Errors
///
/// None that can happen: whoever registers a method gives its service.
#[inline]
pub fn instance<S: Service>(call: &Call) -> Result<(&S, &'static Definition), CallError> {
    let service = call.target.service.as_deref();
    let service = service.and_then(|it| it.downcast_ref::<S>());
    match (service, call.target.definition) {
        (Some(service), Some(definition)) => Ok((service, definition)),
        _ => Err(misplaced()),
    }
}

#[cold]
fn misplaced() -> CallError {
    CallError::internal("a method was called without its service")
}

/// An annotated function or method before it is registered.
#[derive(Clone)]
pub(crate) struct Annotated {
    pub(crate) definition: &'static Definition,
    /// What its URI has in front of it.
    pub(crate) prefix: String,
    pub(crate) service: Option<Instance>,
}

impl From<&'static Definition> for Annotated {
    fn from(definition: &'static Definition) -> Self {
        Self {
            definition,
            prefix: String::new(),
            service: None,
        }
    }
}

impl Annotated {
    /// All methods of a service.
    pub(crate) fn methods<S: Service>(prefix: &str, service: S) -> impl Iterator<Item = Self> {
        let service = service.share();
        let found = Methods::of::<S>(prefix).found.into_iter();
        found.map(move |(prefix, definition)| Self {
            definition,
            prefix,
            service: Some(Arc::clone(&service)),
        })
    }

    /// Its URI, or the name of a function that has none.
    pub(crate) fn uri(&self) -> String {
        match self.definition.uri {
            super::UriSpec::None => self.definition.name.to_owned(),
            uri => format!("{}{uri}", self.prefix),
        }
    }
}

impl fmt::Debug for Annotated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotated")
            .field("uri", &self.uri())
            .finish_non_exhaustive()
    }
}
