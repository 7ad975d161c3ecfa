//! Which handler answers to a URI: exact, else the longest prefix, else the most specific wildcard, else the first regular expression.

use std::sync::Arc;

use wamp_uri::{Match, Rule};

use super::patterns::Patterns;
use crate::handler::registered::{Matcher, Registered};

/// The handlers of one kind in one realm. It never changes once the realm is built, so looking one up takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Dealer {
    patterns: Patterns<Arc<Registered>>,
    /// In the order of registration.
    regexes: Vec<Arc<Registered>>,
    /// Takes what nobody else does.
    fallback: Option<Arc<Registered>>,
}

impl Dealer {
    /// Adds a handler.
    ///
    /// # Errors
    ///
    /// The handler that has the same URI or pattern already.
    pub(crate) fn register(&mut self, handler: Arc<Registered>) -> Result<(), Arc<Registered>> {
        let (pattern, matching) = match &handler.uri {
            Matcher::Template(template) => (template.pattern(), template.matching()),
            Matcher::Prefix(prefix) => (*prefix, Match::Prefix),
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
        // A handler that answers to whatever matches gets URIs only.
        if wamp_uri::check(uri, Rule::Loose)
            .and_then(|()| wamp_uri::check_limits(uri))
            .is_err()
        {
            return None;
        }
        self.patterns
            .pattern(uri)
            .or_else(|| self.regexes.iter().find(|handler| is_match(handler, uri)))
            .or(self.fallback.as_ref())
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

    /// All handlers, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Registered>> {
        self.patterns
            .iter()
            .chain(&self.regexes)
            .chain(self.fallback.as_ref())
    }
}

/// A regular expression matches from the start of the URI, not necessarily to its end.
fn is_match(handler: &Registered, uri: &str) -> bool {
    match &handler.uri {
        Matcher::Regex(regex) => regex.find(uri).is_some_and(|found| found.start() == 0),
        Matcher::Template(_) | Matcher::Prefix(_) | Matcher::Any => false,
    }
}
