//! Tables of patterns whose entries come and go, against a list of them.

use std::hash::RandomState;

use bytestring::ByteString;
use proptest::prelude::*;
use wamp_uri::{Match, matches};

use super::super::index::Index;
use super::super::patterns::Patterns;
use super::super::wildcards::Wildcards;
use super::reference_offers::rank;

const COMPONENTS: [&str; 4] = ["", "a", "b", "ab"];
const MATCHES: [Match; 3] = [Match::Exact, Match::Prefix, Match::Wildcard];

/// A pattern, whether it is put in or taken out, and a URI that is looked up then.
type Step = ((String, Match), bool, String);

/// One to four components out of few, so that patterns meet.
fn texts(components: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(components), 1..=4)
        .prop_map(|it| it.join("."))
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let patterns = (texts(&COMPONENTS), proptest::sample::select(&MATCHES[..]));
    let step = (
        patterns,
        proptest::bool::weighted(0.6),
        texts(&COMPONENTS[1..]),
    );
    proptest::collection::vec(step, 1..40)
}

/// The rule, by searching a list.
#[derive(Default)]
struct Listed(Vec<((String, Match), usize)>);

impl Listed {
    fn get(&self, pattern: &(String, Match)) -> Option<usize> {
        let mut all = self.0.iter();
        all.find(|(it, _)| it == pattern).map(|(_, value)| *value)
    }

    fn insert(&mut self, pattern: &(String, Match), value: usize) -> Result<(), usize> {
        if let Some(first) = self.get(pattern) {
            return Err(first);
        }
        self.0.push((pattern.clone(), value));
        Ok(())
    }

    fn remove(&mut self, pattern: &(String, Match)) -> Option<usize> {
        let at = self.0.iter().position(|(it, _)| it == pattern)?;
        Some(self.0.remove(at).1)
    }

    /// Those that fit, the best first.
    fn all(&self, uri: &str) -> Vec<usize> {
        let all = self.0.iter();
        let mut all = all
            .filter(|((pattern, matching), _)| matches(pattern, *matching, uri))
            .collect::<Vec<_>>();
        all.sort_by_key(|((pattern, matching), _)| rank(pattern, *matching));
        all.into_iter().map(|(_, value)| *value).collect()
    }

    /// The best, but for the exact one.
    fn pattern(&self, uri: &str) -> Option<usize> {
        let exact = self.get(&(uri.to_owned(), Match::Exact));
        self.all(uri).into_iter().find(|it| Some(*it) != exact)
    }

    fn values(&self) -> Vec<usize> {
        let mut values = self.0.iter().map(|(_, value)| *value).collect::<Vec<_>>();
        values.sort_unstable();
        values
    }
}

fn sorted(values: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut values = values.into_iter().collect::<Vec<_>>();
    values.sort_unstable();
    values
}

proptest! {
    #[test]
    fn patterns_come_and_go(steps in steps()) {
        let mut table = Patterns::<usize, RandomState>::default();
        let mut listed = Listed::default();
        for (value, (pattern, is_new, uri)) in steps.iter().enumerate() {
            let (text, matching) = pattern;
            if *is_new {
                let inserted = table.insert(text.clone(), *matching, value);
                prop_assert_eq!(inserted.map_err(|it| *it), listed.insert(pattern, value));
            } else {
                prop_assert_eq!(table.remove(text, *matching), listed.remove(pattern));
            }
            prop_assert_eq!(table.get(text, *matching).copied(), listed.get(pattern));
            prop_assert_eq!(table.all(uri).copied().collect::<Vec<_>>(), listed.all(uri));
            prop_assert_eq!(table.pattern(uri).copied(), listed.pattern(uri));
            prop_assert_eq!(sorted(table.iter().copied()), listed.values());
        }
        for ((text, matching), value) in listed.0 {
            prop_assert_eq!(table.remove(&text, matching), Some(value));
        }
        let empty = Patterns::<usize, RandomState>::default();
        prop_assert_eq!(format!("{table:?}"), format!("{empty:?}"));
    }

    #[test]
    fn wildcards_come_and_go(steps in steps()) {
        let mut wildcards = Wildcards::<usize, RandomState>::default();
        let mut listed = Listed::default();
        for (value, ((text, _), is_new, uri)) in steps.iter().enumerate() {
            let pattern = &(text.clone(), Match::Wildcard);
            if *is_new {
                let inserted = wildcards.insert(text.clone(), value);
                prop_assert_eq!(inserted.map_err(|it| *it), listed.insert(pattern, value));
            } else {
                prop_assert_eq!(wildcards.remove(text), listed.remove(pattern));
            }
            prop_assert_eq!(wildcards.get(text).copied(), listed.get(pattern));
            prop_assert_eq!(wildcards.matches(uri).copied().collect::<Vec<_>>(), listed.all(uri));
            prop_assert_eq!(sorted(wildcards.iter().copied()), listed.values());
        }
        for ((text, _), value) in listed.0 {
            prop_assert_eq!(wildcards.remove(&text), Some(value));
        }
        let empty = Wildcards::<usize, RandomState>::default();
        prop_assert_eq!(format!("{wildcards:?}"), format!("{empty:?}"));
    }

    #[test]
    fn indexed_values_come_and_go(steps in steps()) {
        let index = Index::new();
        let mut listed = Listed::default();
        for (value, (pattern, is_new, uri)) in steps.iter().enumerate() {
            let (text, matching) = pattern;
            if !*is_new {
                index.remove(text, *matching);
                listed.remove(pattern);
            } else if listed.insert(pattern, value).is_ok() {
                index.insert(&ByteString::from(text.as_str()), *matching, value);
            }
            prop_assert_eq!(index.get(text, *matching), listed.get(pattern));
            prop_assert_eq!(index.all(uri).into_vec(), listed.all(uri));
            prop_assert_eq!(index.exact(uri), listed.get(&(uri.clone(), Match::Exact)));
            prop_assert_eq!(index.pattern(uri), listed.pattern(uri));
            prop_assert_eq!(sorted(index.values()), listed.values());
            prop_assert_eq!(index.values().len(), listed.0.len());
        }
        for ((text, matching), _) in listed.0 {
            index.remove(&text, matching);
        }
        prop_assert_eq!(index.values().len(), 0);
        prop_assert!(index.values().is_empty());
    }
}
