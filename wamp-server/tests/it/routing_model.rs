//! Precedence of handlers against a naive model that looks at all of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::ready;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use regex::Regex;
use wamp_server::{App, Definition, procedure, procedures};

use crate::support::{Client, blocking, build, json};

/// Declares procedures that answer to a prefix or regular expression, and return what they are.
macro_rules! patterns {
    ($($name:ident $kind:ident $pattern:literal;)+) => {
        $(
            #[procedure($kind = $pattern)]
            fn $name() -> &'static str {
                concat!(stringify!($kind), " ", $pattern)
            }
        )+
        fn pool() -> Vec<(Rule, &'static Definition)> {
            vec![$((Rule::$kind($pattern.to_owned()), procedures![$name][0])),+]
        }
    };
}

patterns! {
    everything prefix "";
    a prefix "a";
    a_dot prefix "a.";
    ab prefix "a.b";
    ab_dot prefix "a.b.";
    bb prefix "b.b";
    starts_with_a regex "^a";
    ends_with_b regex ".*b$";
    has_b regex "b";
    two_components regex r"^\w\.\w$";
}

#[derive(Clone, Debug)]
#[expect(non_camel_case_types, reason = "named as the options of the attribute")]
enum Rule {
    exact(String),
    wildcard(Vec<Option<&'static str>>),
    prefix(String),
    regex(String),
}

impl Rule {
    /// What the handler says about itself.
    fn name(&self) -> String {
        match self {
            Self::exact(uri) => format!("exact {uri}"),
            Self::wildcard(parts) => format!("wildcard {parts:?}"),
            Self::prefix(prefix) => format!("prefix {prefix}"),
            Self::regex(regex) => format!("regex {regex}"),
        }
    }

    fn matches(&self, uri: &str) -> bool {
        match self {
            Self::exact(it) => it == uri,
            Self::prefix(prefix) => uri.starts_with(prefix),
            Self::wildcard(parts) => {
                let components = uri.split('.').collect::<Vec<_>>();
                let fits = |(part, it): (&Option<&str>, &&str)| part.is_none_or(|part| part == *it);
                components.len() == parts.len() && parts.iter().zip(&components).all(fits)
            }
            Self::regex(text) => REGEXES.with(|it| {
                it.borrow_mut()
                    .entry(text.clone())
                    .or_insert_with(|| anchored(text))
                    .is_match(uri)
            }),
        }
    }

    /// Larger is stronger.
    fn strength(&self, position: usize) -> (u8, Vec<bool>, usize) {
        match self {
            Self::exact(_) => (4, vec![], 0),
            Self::prefix(prefix) => (3, vec![], prefix.len()),
            Self::wildcard(parts) => (2, parts.iter().map(Option::is_some).collect(), 0),
            Self::regex(_) => (1, vec![], usize::MAX - position),
        }
    }
}

thread_local! {
    /// Compiling them takes longer than everything else.
    static REGEXES: RefCell<HashMap<String, Regex>> = RefCell::default();
}

fn anchored(text: &str) -> Regex {
    Regex::new(&format!("^(?:{text})")).expect("a regular expression")
}

fn component() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["a", "b", "c"])
}

/// A wildcard has at least one component of each kind.
fn wildcard() -> impl Strategy<Value = Vec<Option<&'static str>>> {
    vec(prop_oneof![component().prop_map(Some), Just(None)], 1..4)
        .prop_filter("a wildcard", |it| it.contains(&None))
}

fn template(parts: &[Option<&'static str>]) -> String {
    let parts = parts
        .iter()
        .enumerate()
        .map(|(i, part)| part.map_or(format!("{{p{i}}}"), str::to_owned));
    parts.collect::<Vec<_>>().join(".")
}

fn uris() -> Vec<String> {
    let names = ["a", "b", "c"];
    let mut uris = names.map(str::to_owned).to_vec();
    for _ in 0..2 {
        let longer = uris
            .iter()
            .flat_map(|it| names.map(|name| format!("{it}.{name}")))
            .collect::<Vec<_>>();
        uris.extend(longer);
    }
    uris.extend(["ab", "aa.b", "a.bb.c", "bb"].map(str::to_owned));
    uris
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_strongest_match_answers(
        exact in btree_set(vec(component(), 1..4).prop_map(|it| it.join(".")), 0..6),
        wildcards in btree_set(wildcard(), 0..6),
        chosen in proptest::sample::subsequence((0..pool().len()).collect::<Vec<_>>(), 0..10).prop_shuffle(),
    ) {
        blocking(async {
            let pool = pool();
            let mut rules = Vec::new();
            let mut app = App::empty();
            for index in chosen {
                let (rule, definition) = &pool[index];
                rules.push(rule.clone());
                app = app.procedures([*definition]);
            }
            for rule in exact.into_iter().map(Rule::exact).chain(wildcards.into_iter().map(Rule::wildcard)) {
                let uri = match &rule {
                    Rule::wildcard(parts) => template(parts),
                    Rule::exact(uri) => uri.clone(),
                    Rule::prefix(_) | Rule::regex(_) => unreachable!("chosen from the pool"),
                };
                let name = rule.name();
                app = app.procedure(uri, move || ready(name.clone()));
                rules.push(rule);
            }
            let server = build(app);
            let mut client = Client::join(&server).await;
            for uri in uris() {
                client.say(json!([48, 1, {}, uri]).to_string()).await;
                let answer = client.next().await;
                let matching = rules.iter().enumerate().filter(|(_, rule)| rule.matches(&uri));
                let strongest = matching.max_by_key(|(i, rule)| rule.strength(*i));
                match strongest {
                    Some((_, rule)) => assert_eq!(answer[3][0], rule.name(), "{uri}: {rules:?}"),
                    None => assert_eq!(answer[4], "wamp.error.no_such_procedure", "{uri}: {rules:?}"),
                }
            }
        });
    }
}
