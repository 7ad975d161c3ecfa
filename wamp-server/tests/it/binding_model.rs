//! Argument binding against a naive model: parameters are filled from the left, then by name.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;
use wamp_server::{App, Realm, Server, Single, procedure, procedures};

use crate::support::{Client, blocking, build, json};

/// What a parameter whose argument is absent gets by default.
const DEFAULT: i64 = 77;

type Seen = Single<Vec<Option<i64>>>;

fn see(value: impl Into<Option<i64>>) -> Option<i64> {
    value.into()
}

/// Declares a handler for each list of parameters, in a lenient and in a strict realm.
macro_rules! handlers {
    ($($name:ident $uri:literal ($($kind:ident $param:ident),*);)+) => {
        mod lenient {
            use super::*;
            $(handlers!(@ $name [$uri] [] [] $($kind $param)*);)+
        }
        mod strict {
            use super::*;
            $(handlers!(@ $name [$uri, strict, realm = "strict"] [] [] $($kind $param)*);)+
        }
        const SIGNATURES: &[&str] = &[$($uri),+];

        fn server() -> Server {
            let app = App::empty().realm(Realm::new("strict"));
            build(app.procedures(procedures![$(lenient::$name),+]).procedures(procedures![$(strict::$name),+]))
        }
    };
    (@ $name:ident $options:tt [$($done:tt)*] $seen:tt required $param:ident $($rest:tt)*) => {
        handlers!(@ $name $options [$($done)* $param: i64,] [$seen $param] $($rest)*);
    };
    (@ $name:ident $options:tt [$($done:tt)*] $seen:tt optional $param:ident $($rest:tt)*) => {
        handlers!(@ $name $options [$($done)* $param: Option<i64>,] [$seen $param] $($rest)*);
    };
    (@ $name:ident $options:tt [$($done:tt)*] $seen:tt default $param:ident $($rest:tt)*) => {
        handlers!(@ $name $options [$($done)* #[arg(default = DEFAULT)] $param: i64,] [$seen $param] $($rest)*);
    };
    (@ $name:ident [$($options:tt)*] [$($params:tt)*] $seen:tt) => {
        #[procedure($($options)*)]
        pub(super) async fn $name($($params)*) -> Seen {
            Single(handlers!(# $seen))
        }
    };
    (# []) => { Vec::new() };
    (# [$before:tt $param:ident]) => { [handlers!(# $before), vec![see($param)]].concat() };
}

handlers! {
    none "none" ();
    r "r" (required a);
    o "o" (optional a);
    d "d" (default a);
    rr "rr" (required a, required b);
    ro "ro" (required a, optional b);
    rd "rd" (required a, default b);
    or "or" (optional a, required b);
    dr "dr" (default a, required b);
    od "od" (optional a, default b);
    rrr "rrr" (required a, required b, required c);
    rod "rod" (required a, optional b, default c);
    dor "dor" (default a, optional b, required c);
    odo "odo" (optional a, default b, optional c);
    rrod "rrod" (required a, required b, optional c, default d);
    dddd "dddd" (default a, default b, default c, default d);
    oror "oror" (optional a, required b, optional c, required d);
}

/// What a caller may send for an `i64`; null fits an optional one only.
fn value() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![6 => (-9..9_i64).prop_map(Some), 1 => Just(None)]
}

/// Python's rules: what the parameters are, or nothing if the call is to fail.
fn model(
    signature: &str,
    strict: bool,
    args: &[Option<i64>],
    kwargs: &BTreeMap<String, Option<i64>>,
) -> Option<Vec<Option<i64>>> {
    let kinds = if signature == "none" { "" } else { signature };
    let names = &["a", "b", "c", "d"][..kinds.len()];
    if strict {
        let repeated = |name: &str| {
            names
                .iter()
                .position(|it| *it == name)
                .is_none_or(|at| at < args.len())
        };
        if args.len() > kinds.len() || kwargs.keys().any(|name| repeated(name)) {
            return None;
        }
    }
    let mut parameters = Vec::new();
    for (i, (kind, name)) in kinds.chars().zip(names).enumerate() {
        let given = args.get(i).or_else(|| kwargs.get(*name));
        parameters.push(match (kind, given) {
            (_, Some(Some(value))) => Some(*value),
            ('o', Some(None) | None) => None,
            ('d', None) => Some(DEFAULT),
            _ => return None,
        });
    }
    Some(parameters)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arguments_are_bound_as_the_model_says(
        calls in vec((
            proptest::sample::select(SIGNATURES),
            vec(value(), 0..6),
            btree_map(proptest::sample::select(vec!["a", "b", "c", "d", "e", ""]).prop_map(str::to_owned), value(), 0..5),
        ), 1..40),
        strict: bool,
    ) {
        blocking(async {
            let server = server();
            let mut client = Client::connect(&server);
            client.say(json!([1, if strict { "strict" } else { "lenient" }, {"roles": {"caller": {}}}]).to_string()).await;
            client.next().await;
            for (signature, args, kwargs) in calls {
                client.say(json!([48, 1, {}, signature, args, kwargs]).to_string()).await;
                let answer = client.next().await;
                let context = format!("{signature} {strict} {args:?} {kwargs:?}: {answer}");
                match model(signature, strict, &args, &kwargs) {
                    Some(parameters) => assert_eq!(answer[3], json!([parameters]), "{context}"),
                    None => assert_eq!(answer[4], Value::from("wamp.error.invalid_argument"), "{context}"),
                }
            }
        });
    }
}
