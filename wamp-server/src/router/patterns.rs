//! Values by URI and pattern: the exact URI, else the longest prefix, else the most specific wildcard.
//!
//! What a look-up costs depends on the URI and on how different the patterns are, not on how many there are: a URI is looked up once, each of
//! its beginnings that is as long as some prefix once, and once what is left of it for each shape of [`Wildcards`].

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use wamp_uri::Match;

use super::wildcards::Wildcards;

/// A table of values. `S` hashes: where URIs are the application's own, nobody can choose them to collide, and a fast one is safe.
#[derive(Debug)]
pub(crate) struct Patterns<T, S = RandomState> {
    exact: HashMap<String, T, S>,
    prefixes: HashMap<String, T, S>,
    /// Of the prefixes, each with how many there are of it; the longest first.
    lengths: Vec<(usize, usize)>,
    wildcards: Wildcards<T, S>,
}

impl<T, S: Default> Default for Patterns<T, S> {
    fn default() -> Self {
        Self {
            exact: HashMap::default(),
            prefixes: HashMap::default(),
            lengths: Vec::new(),
            wildcards: Wildcards::default(),
        }
    }
}

impl<T, S: BuildHasher + Default> Patterns<T, S> {
    /// Adds a value.
    ///
    /// # Errors
    ///
    /// The value that has the same pattern already.
    pub(crate) fn insert(&mut self, pattern: String, matching: Match, value: T) -> Result<(), &T> {
        match matching {
            Match::Exact => insert(&mut self.exact, pattern, value),
            Match::Prefix => {
                let len = pattern.len();
                insert(&mut self.prefixes, pattern, value)?;
                let at = self.lengths.partition_point(|(other, _)| *other > len);
                match self.lengths.get_mut(at) {
                    Some((same, count)) if *same == len => *count += 1,
                    _ => self.lengths.insert(at, (len, 1)),
                }
                Ok(())
            }
            Match::Wildcard => self.wildcards.insert(pattern, value),
        }
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, pattern: &str, matching: Match) -> Option<T> {
        match matching {
            Match::Exact => self.exact.remove(pattern),
            Match::Prefix => {
                let removed = self.prefixes.remove(pattern)?;
                let longer = |(other, _): &(usize, usize)| *other > pattern.len();
                let at = self.lengths.partition_point(longer);
                if let Some((_, count)) = self.lengths.get_mut(at) {
                    *count -= 1;
                    if *count == 0 {
                        self.lengths.remove(at);
                    }
                }
                Some(removed)
            }
            Match::Wildcard => self.wildcards.remove(pattern),
        }
    }

    /// Whether a peer may add this pattern, as far as looking up is concerned.
    pub(crate) fn takes(&self, pattern: &str, matching: Match) -> bool {
        matching != Match::Wildcard || self.wildcards.takes(pattern)
    }

    /// The value of exactly this pattern.
    pub(crate) fn get(&self, pattern: &str, matching: Match) -> Option<&T> {
        match matching {
            Match::Exact => self.exact.get(pattern),
            Match::Prefix => self.prefixes.get(pattern),
            Match::Wildcard => self.wildcards.get(pattern),
        }
    }

    /// The value of exactly this URI.
    #[inline]
    pub(crate) fn exact(&self, uri: &str) -> Option<&T> {
        self.exact.get(uri)
    }

    /// The value whose pattern fits best.
    pub(crate) fn pattern(&self, uri: &str) -> Option<&T> {
        self.prefixes_of(uri)
            .next()
            .or_else(|| self.wildcards.matches(uri).next())
    }

    /// All values whose URI or pattern fits, the best first.
    pub(crate) fn all<'a>(&'a self, uri: &'a str) -> impl Iterator<Item = &'a T> + use<'a, T, S> {
        let exact = self.exact.get(uri).into_iter();
        exact
            .chain(self.prefixes_of(uri))
            .chain(self.wildcards.matches(uri))
    }

    /// The best of the values whose pattern fits every URI that the given one does.
    pub(crate) fn covering(&self, pattern: &str, matching: Match) -> Option<&T> {
        match matching {
            Match::Exact => self.exact(pattern).or_else(|| self.pattern(pattern)),
            Match::Prefix => self.prefixes_of(pattern).next(),
            Match::Wildcard => {
                let Some(open) = pattern.split('.').position(str::is_empty) else {
                    return self.covering(pattern, Match::Exact);
                };
                // What all its URIs begin with.
                let fixed = pattern.split_inclusive('.').take(open);
                let head = pattern.get(..fixed.map(str::len).sum());
                let prefix = self.prefixes_of(head.unwrap_or_default()).next();
                // An empty component is one that only an empty one fits.
                prefix.or_else(|| self.wildcards.matches(pattern).next())
            }
        }
    }

    /// All values, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.exact
            .values()
            .chain(self.prefixes.values())
            .chain(self.wildcards.iter())
    }

    /// The longest comes first.
    fn prefixes_of<'a, 'u>(
        &'a self,
        uri: &'u str,
    ) -> impl Iterator<Item = &'a T> + use<'a, 'u, T, S> {
        let beginnings = self.lengths.iter().filter_map(|&(len, _)| uri.get(..len));
        beginnings.filter_map(|it| self.prefixes.get(it))
    }
}

/// What all URIs that the pattern matches begin with.
pub(crate) fn fixed_head(pattern: &str, matching: Match) -> &str {
    if matching != Match::Wildcard {
        return pattern;
    }
    // An empty component stands for any.
    let fixed = pattern.split_inclusive('.').take_while(|it| *it != ".");
    let len = fixed.map(str::len).sum();
    pattern.get(..len).unwrap_or_default()
}

fn insert<T, S: BuildHasher>(
    map: &mut HashMap<String, T, S>,
    key: String,
    value: T,
) -> Result<(), &T> {
    match map.entry(key) {
        Entry::Occupied(first) => Err(first.into_mut()),
        Entry::Vacant(place) => {
            place.insert(value);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMPONENTS: [&str; 3] = ["", "a", "b"];

    /// Every text of one to three components out of few.
    fn texts() -> impl Strategy<Value = String> {
        proptest::collection::vec(proptest::sample::select(&COMPONENTS), 1..=3)
            .prop_map(|it| it.join("."))
    }

    const MATCHES: [Match; 3] = [Match::Exact, Match::Prefix, Match::Wildcard];

    fn patterns() -> impl Strategy<Value = (String, Match)> {
        (texts(), proptest::sample::select(&MATCHES))
    }

    /// All URIs that a pattern of those can tell apart.
    fn uris() -> Vec<String> {
        let mut uris = Vec::new();
        let mut longest = vec![String::new()];
        for _ in 0..4 {
            let longer = longest.iter().flat_map(|head| {
                ["a", "b", "ab", "c"].map(|it| {
                    if head.is_empty() {
                        it.to_owned()
                    } else {
                        format!("{head}.{it}")
                    }
                })
            });
            longest = longer.collect();
            uris.extend_from_slice(&longest);
        }
        uris
    }

    fn matches((pattern, matching): &(String, Match), uri: &str) -> bool {
        match matching {
            Match::Exact => pattern == uri,
            Match::Prefix => uri.starts_with(pattern.as_str()),
            Match::Wildcard => wamp_uri::matches(pattern, Match::Wildcard, uri),
        }
    }

    proptest! {
        /// What covers a pattern fits all its URIs, and what fits all of them covers it.
        #[test]
        fn covering_is_fitting_all(rule in patterns(), asked in patterns()) {
            let mut table = Patterns::<_>::default();
            table.insert(rule.0.clone(), rule.1, ()).expect("the first");
            let asked_for = uris().into_iter().filter(|uri| matches(&asked, uri)).collect::<Vec<_>>();
            let covered = asked_for.iter().all(|uri| matches(&rule, uri));
            let found = table.covering(&asked.0, asked.1).is_some();
            if !asked_for.is_empty() {
                prop_assert_eq!(found, covered, "{:?} {:?}", rule, asked);
            }
        }

        /// Exact before prefix before wildcard; among prefixes the longest.
        #[test]
        fn the_best_comes_first(rules in proptest::collection::vec(patterns(), 0..6), asked in 0..84_usize) {
            let mut table = Patterns::<_>::default();
            for rule in &rules {
                let _ = table.insert(rule.0.clone(), rule.1, rule.clone());
            }
            let uri = uris().swap_remove(asked);
            let best = rules.iter().filter(|rule| matches(rule, &uri)).map(|rule| match rule.1 {
                Match::Exact => (2, 0),
                Match::Prefix => (1, rule.0.len()),
                Match::Wildcard => (0, 0),
            }).max();
            let found = table.covering(&uri, Match::Exact);
            let rank = found.map(|rule| match rule.1 {
                Match::Exact => (2, 0),
                Match::Prefix => (1, rule.0.len()),
                Match::Wildcard => (0, 0),
            });
            prop_assert_eq!(rank, best);
            prop_assert!(found.is_none_or(|rule| matches(rule, &uri)));
        }
    }
}
