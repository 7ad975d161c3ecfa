//! Which handler answers to a URI: exact, else the longest prefix, else the most specific wildcard, else the first regular expression.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use wamp_uri::{Match, Rule, specificity};

use crate::handler::registered::{Matcher, Registered};

/// The handlers of one kind in one realm. It never changes once the realm is built, so looking one up takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Dealer {
    /// The URIs are the application's own, so nobody can choose them to collide: a fast hash is safe.
    exact: HashMap<String, Arc<Registered>, RandomState>,
    /// Longest first.
    prefixes: Vec<(&'static str, Arc<Registered>)>,
    /// By number of components; most specific first.
    wildcards: HashMap<usize, Vec<(String, Arc<Registered>)>>,
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
        match &handler.uri {
            Matcher::Template(template) if template.matching() == Match::Exact => {
                let uri = template.pattern().to_owned();
                insert(&mut self.exact, uri, handler)
            }
            Matcher::Template(template) => {
                let pattern = template.pattern().to_owned();
                let group = self.wildcards.entry(components(&pattern)).or_default();
                let rank = specificity(&pattern);
                let at = group.partition_point(|(other, _)| specificity(other) > rank);
                if let Some((_, first)) = group.iter().find(|(other, _)| *other == pattern) {
                    return Err(Arc::clone(first));
                }
                group.insert(at, (pattern, handler));
                Ok(())
            }
            Matcher::Prefix(prefix) => {
                let prefix = *prefix;
                if let Some((_, first)) = self.prefixes.iter().find(|(other, _)| *other == prefix) {
                    return Err(Arc::clone(first));
                }
                let at = self
                    .prefixes
                    .partition_point(|(other, _)| other.len() >= prefix.len());
                self.prefixes.insert(at, (prefix, handler));
                Ok(())
            }
            Matcher::Regex(regex) => {
                let same = |other: &&Arc<Registered>| matches!(&other.uri, Matcher::Regex(it) if it.as_str() == regex.as_str());
                if let Some(first) = self.regexes.iter().find(same) {
                    return Err(Arc::clone(first));
                }
                self.regexes.push(handler);
                Ok(())
            }
            Matcher::Any => self.fallback.replace(handler).map_or(Ok(()), Err),
        }
    }

    /// The handler that answers to `uri`.
    #[inline]
    pub(crate) fn resolve(&self, uri: &str) -> Option<&Arc<Registered>> {
        self.exact.get(uri).or_else(|| self.resolve_pattern(uri))
    }

    fn resolve_pattern(&self, uri: &str) -> Option<&Arc<Registered>> {
        // A handler that answers to whatever matches gets URIs only.
        if wamp_uri::check(uri, Rule::Loose)
            .and_then(|()| wamp_uri::check_limits(uri))
            .is_err()
        {
            return None;
        }
        let prefix = || {
            let found = self.prefixes.iter().find(|(it, _)| uri.starts_with(it));
            found.map(|(_, handler)| handler)
        };
        let wildcard = || {
            let group = self.wildcards.get(&components(uri))?;
            let found = group
                .iter()
                .find(|(pattern, _)| wamp_uri::matches(pattern, Match::Wildcard, uri));
            found.map(|(_, handler)| handler)
        };
        let regex = || self.regexes.iter().find(|handler| is_match(handler, uri));
        prefix()
            .or_else(wildcard)
            .or_else(regex)
            .or(self.fallback.as_ref())
    }

    /// Every handler whose URI or pattern matches: events go to all of them.
    pub(crate) fn resolve_all<'a>(
        &'a self,
        uri: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Registered>> {
        let prefixes = self.prefixes.iter().filter(|(it, _)| uri.starts_with(it));
        let wildcards = self.wildcards.get(&components(uri)).into_iter().flatten();
        let wildcards =
            wildcards.filter(|(pattern, _)| wamp_uri::matches(pattern, Match::Wildcard, uri));
        let regexes = self.regexes.iter().filter(|handler| is_match(handler, uri));
        self.exact
            .get(uri)
            .into_iter()
            .chain(prefixes.map(|(_, handler)| handler))
            .chain(wildcards.map(|(_, handler)| handler))
            .chain(regexes)
            .chain(self.fallback.as_ref())
    }

    /// All handlers, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Registered>> {
        self.exact
            .values()
            .chain(self.prefixes.iter().map(|(_, handler)| handler))
            .chain(
                self.wildcards
                    .values()
                    .flatten()
                    .map(|(_, handler)| handler),
            )
            .chain(&self.regexes)
            .chain(self.fallback.as_ref())
    }
}

fn insert(
    map: &mut HashMap<String, Arc<Registered>, RandomState>,
    uri: String,
    handler: Arc<Registered>,
) -> Result<(), Arc<Registered>> {
    match map.entry(uri) {
        std::collections::hash_map::Entry::Occupied(first) => Err(Arc::clone(first.get())),
        std::collections::hash_map::Entry::Vacant(place) => {
            place.insert(handler);
            Ok(())
        }
    }
}

fn components(uri: &str) -> usize {
    uri.split('.').count()
}

/// A regular expression matches from the start of the URI, not necessarily to its end.
fn is_match(handler: &Registered, uri: &str) -> bool {
    match &handler.uri {
        Matcher::Regex(regex) => regex.find(uri).is_some_and(|found| found.start() == 0),
        Matcher::Template(_) | Matcher::Prefix(_) | Matcher::Any => false,
    }
}
