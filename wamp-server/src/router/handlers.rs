//! Which handler answers to a URI: exact, else the longest prefix, else the most specific wildcard, else the first regular expression.

use std::sync::Arc;

use wamp_uri::{Match, Rule};

use super::patterns::Patterns;
use crate::handler::registered::{Matcher, Registered};

/// The handlers of one kind in one realm. It never changes once the realm is built, so looking one up takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Handlers {
    patterns: Patterns<Arc<Registered>>,
    /// In the order of registration.
    regexes: Vec<Arc<Registered>>,
    /// Takes what nobody else does.
    fallback: Option<Arc<Registered>>,
}

impl Handlers {
    /// Adds a handler.
    ///
    /// # Errors
    ///
    /// The handler that has the same URI or pattern already.
    pub(crate) fn register(&mut self, handler: Arc<Registered>) -> Result<(), Arc<Registered>> {
        let (pattern, matching) = match &handler.uri {
            Matcher::Template(template) => (template.pattern(), template.matching()),
            Matcher::Prefix(prefix) => (&**prefix, Match::Prefix),
            Matcher::Regex(regex) => {
                let same = |other: &&Arc<Registered>| matches!(&other.uri, Matcher::Regex(it) if it.as_str() == regex.as_str());
                if let Some(first) = self.regexes.iter().find(same) {
                    return Err(Arc::clone(first));
                }
                self.regexes.push(handler);
                return Ok(());
            }
            Matcher::Any => return self.fallback.replace(handler).map_or(Ok(()), Err),
        };
        let inserted = self
            .patterns
            .insert(pattern.to_owned(), matching, Arc::clone(&handler));
        inserted.map_err(Arc::clone)
    }

    /// The handler that answers to `uri`.
    #[inline]
    pub(crate) fn resolve(&self, uri: &str) -> Option<&Arc<Registered>> {
        self.patterns
            .exact(uri)
            .or_else(|| self.resolve_pattern(uri))
    }

    fn resolve_pattern(&self, uri: &str) -> Option<&Arc<Registered>> {
        if !is_uri(uri) {
            return None;
        }
        self.patterns.pattern(uri).or_else(|| self.last_resort(uri))
    }

    /// Every handler whose URI or pattern matches: events go to all of them.
    pub(crate) fn resolve_all<'a>(
        &'a self,
        uri: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Registered>> {
        let regexes = self.regexes.iter().filter(|handler| is_match(handler, uri));
        self.patterns
            .all(uri)
            .chain(regexes)
            .chain(self.fallback.as_ref())
    }

    /// Whether there is a handler for this URI in particular, not one that takes whatever nobody else does.
    pub(crate) fn has_own(&self, uri: &str) -> bool {
        let found = self
            .patterns
            .exact(uri)
            .or_else(|| self.patterns.pattern(uri));
        found.is_some() || self.regexes.iter().any(|handler| is_match(handler, uri))
    }

    /// The handler that takes whatever nobody else does.
    pub(crate) fn fallback(&self) -> Option<&Arc<Registered>> {
        self.fallback.as_ref()
    }

    /// The handler of exactly this URI.
    #[inline]
    pub(crate) fn exact(&self, uri: &str) -> Option<&Arc<Registered>> {
        self.patterns.exact(uri)
    }

    /// The handler that answers to a URI if nothing that stands in the protocol does.
    pub(crate) fn last_resort(&self, uri: &str) -> Option<&Arc<Registered>> {
        let regex = self.regexes.iter().find(|handler| is_match(handler, uri));
        regex.or(self.fallback.as_ref()).filter(|_| is_uri(uri))
    }

    /// All handlers, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Registered>> {
        self.patterns
            .iter()
            .chain(&self.regexes)
            .chain(self.fallback.as_ref())
    }
}

/// Whoever answers to whatever matches gets URIs only.
pub(super) fn is_uri(uri: &str) -> bool {
    let checked = wamp_uri::check(uri, Rule::Loose);
    checked.and_then(|()| wamp_uri::check_limits(uri)).is_ok()
}

/// A regular expression matches from the start of the URI, not necessarily to its end.
fn is_match(handler: &Registered, uri: &str) -> bool {
    match &handler.uri {
        Matcher::Regex(regex) => regex.find(uri).is_some_and(|found| found.start() == 0),
        Matcher::Template(_) | Matcher::Prefix(_) | Matcher::Any => false,
    }
}
