//! What is read in any format is written in any format without a loss.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use wamp_proto::message::{Feature, Message};

use crate::table::{Kind, MESSAGES, Spec};
use crate::wire::{FORMATS, decode, encode, written};

/// Any message of any type, as other people's libraries see it.
pub(crate) fn any_message() -> impl Strategy<Value = Value> {
    (0..MESSAGES.len()).prop_flat_map(|index| message(&MESSAGES[index]))
}

fn message(spec: &'static Spec) -> BoxedStrategy<Value> {
    let mut elements: Vec<BoxedStrategy<Vec<Value>>> = vec![Just(vec![json!(spec.code)]).boxed()];
    elements.extend(spec.fields.iter().map(|(_, kind)| element(*kind)));
    if spec.payload {
        elements.push(payload().boxed());
    }
    elements
        .prop_map(|elements| Value::from(elements.concat()))
        .boxed()
}

/// One element; two for a revocation.
fn element(kind: Kind) -> BoxedStrategy<Vec<Value>> {
    match kind {
        Kind::IdOrZero(key) => prop_oneof![
            id().prop_map(|id| vec![id]),
            id().prop_map(move |id| vec![json!(0), json!({key: id, "reason": "why"})]),
        ]
        .boxed(),
        kind => value(kind).prop_map(|value| vec![value]).boxed(),
    }
}

fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Id | Kind::IdOrZero(_) => id().boxed(),
        Kind::RequestType => select(vec![16, 32, 34, 48, 64, 66, 68])
            .prop_map(Value::from)
            .boxed(),
        Kind::Text => text().boxed(),
        Kind::Dict(keys) => dictionary(keys),
        Kind::Flag => Just(json!(true)).boxed(),
        Kind::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Int => any::<u64>().prop_map(Value::from).boxed(),
        Kind::Any => any_value()
            .prop_filter("null is absent", |value| !value.is_null())
            .boxed(),
        Kind::Word(words) => select(words).prop_map(Value::from).boxed(),
        Kind::Ids => vec(id(), 0..3).prop_map(Value::from).boxed(),
        Kind::Texts => vec(text(), 1..3).prop_map(Value::from).boxed(),
        Kind::Roles => roles().boxed(),
    }
}

/// Any of the keys, and some that are unknown.
fn dictionary(keys: &'static [(&'static str, Kind)]) -> BoxedStrategy<Value> {
    let entries: Vec<_> = keys
        .iter()
        .map(|(key, kind)| {
            let required = matches!(kind, Kind::Roles);
            (
                Just(*key),
                value(*kind),
                any::<bool>().prop_map(move |there| there || required),
            )
        })
        .collect();
    (entries, unknown())
        .prop_map(|(entries, mut all)| {
            all.extend(
                entries
                    .into_iter()
                    .filter(|(_, _, there)| *there)
                    .map(|(key, value, _)| (key.to_owned(), value)),
            );
            Value::from(all)
        })
        .boxed()
}

fn unknown() -> impl Strategy<Value = Map<String, Value>> {
    btree_map("_[a-zé]{2,5}", any_value(), 0..3).prop_map(|entries| entries.into_iter().collect())
}

fn roles() -> impl Strategy<Value = Value> {
    let names = select(vec![
        "caller",
        "callee",
        "publisher",
        "subscriber",
        "broker",
        "dealer",
    ]);
    let features = (vec(select(Feature::ALL), 0..4), unknown()).prop_map(|(known, mut all)| {
        all.extend(
            known
                .into_iter()
                .map(|feature| (feature.name().to_owned(), json!(true))),
        );
        Value::from(all)
    });
    let features = features.boxed();
    let role = prop_oneof![
        Just(json!({})),
        features
            .clone()
            .prop_map(|features| json!({"features": features})),
        features.prop_map(|features| json!({"features": features, "reflection": true})),
    ];
    (btree_map(names, role, 1..4), unknown()).prop_map(|(known, mut all)| {
        all.extend(
            known
                .into_iter()
                .map(|(name, role)| (name.to_owned(), role)),
        );
        Value::from(all)
    })
}

/// Up to two elements, none of them superfluous.
fn payload() -> impl Strategy<Value = Vec<Value>> {
    let args = vec(any_value(), 0..3);
    let kwargs = btree_map("[a-z\"\u{0}é]{1,4}", any_value(), 0..3);
    (args, kwargs).prop_map(
        |(args, kwargs)| match (args.is_empty(), kwargs.is_empty()) {
            (true, true) => vec![],
            (false, true) => vec![Value::from(args)],
            _ => vec![
                Value::from(args),
                kwargs.into_iter().collect::<Map<_, _>>().into(),
            ],
        },
    )
}

fn id() -> impl Strategy<Value = Value> {
    prop_oneof![1..300_u64, 1..=1_u64 << 53].prop_map(Value::from)
}

fn text() -> impl Strategy<Value = Value> {
    // Without NUL, which makes binary data of text in JSON.
    "[a-z.\"\\\\\n\u{1f600}é]{0,12}".prop_map(Value::from)
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| json!(f64::from(number) / 8.0)),
        text(),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            btree_map("[a-z]{1,3}", inner, 0..3)
                .prop_map(|map| Value::from(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn from_any_format_to_any_format(expected in any_message()) {
        for source in FORMATS {
            let frame = encode(source, &expected);
            let message = match Message::decode(source, &frame) {
                Ok(message) => message,
                Err(violation) => return Err(TestCaseError::fail(format!("{source}: {violation} in {expected}"))),
            };
            prop_assert_eq!(expected.get(0), Some(&json!(message.code())));
            for target in FORMATS {
                let bytes = written(&message, target);
                prop_assert_eq!(&decode(target, &bytes), &expected, "{} to {}", source, target);
                // And once more: what we write we read, and write the same.
                let again = Message::decode(target, &bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert_eq!(written(&again, target), bytes);
            }
        }
    }
}

#[test]
fn empty_arguments_are_left_out() {
    for format in FORMATS {
        for (given, expected) in [
            (json!([50, 1, {}, []]), json!([50, 1, {}])),
            (json!([50, 1, {}, [], {}]), json!([50, 1, {}])),
            (json!([50, 1, {}, [1], {}]), json!([50, 1, {}, [1]])),
            (json!([50, 1, {}, null, null]), json!([50, 1, {}])),
            (
                json!([50, 1, {}, null, {"a": 1}]),
                json!([50, 1, {}, [], {"a": 1}]),
            ),
        ] {
            let message = Message::decode(format, &encode(format, &given)).unwrap();
            assert_eq!(decode(format, &written(&message, format)), expected);
        }
    }
}

#[test]
fn names_that_features_also_go_by() {
    let hello = json!([1, "r", {"roles": {"caller": {"features": {"call_cancelling": true, "call_timeout": false}}}}]);
    for format in FORMATS {
        let Message::Hello(hello) = Message::decode(format, &encode(format, &hello)).unwrap()
        else {
            panic!()
        };
        let caller = hello.details.roles.caller.unwrap();
        assert_eq!(caller.iter().collect::<Vec<_>>(), [Feature::CallCanceling]);
    }
}

#[test]
fn the_table_is_complete() {
    assert_eq!(MESSAGES.len(), 25);
    for spec in MESSAGES {
        let example = Message::decode(
            wamp_proto::codec::Format::Json,
            &format!("[{}]", spec.code).into(),
        );
        assert!(example.unwrap_err().path().starts_with(spec.name));
    }
}
