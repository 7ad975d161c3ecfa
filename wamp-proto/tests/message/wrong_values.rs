//! Every message × every field × every kind of value: what does not belong there is refused, by the name of message and field.

use bytes::Bytes;
use serde_json::{Value, json};
use wamp_proto::codec::Format;
use wamp_proto::message::Message;

use crate::table::{Kind, MESSAGES, Spec};
use crate::wire::{FORMATS, encode, list, map, violation};

/// What a value is, as far as fields care.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    Null,
    Bool,
    Zero,
    Id,
    Negative,
    NoId,
    Float,
    /// In a binary format, where JavaScript writes ids like this.
    FloatId,
    Text,
    EmptyList,
    Ids,
    FloatIds,
    Texts,
    Mixed,
    Map,
    Bytes,
    Other,
}

fn values(format: Format) -> Vec<(Class, Bytes)> {
    let mut values: Vec<(Class, Bytes)> = [
        (Class::Null, json!(null)),
        (Class::Bool, json!(true)),
        (Class::Bool, json!(false)),
        (Class::Zero, json!(0)),
        (Class::Id, json!(7)),
        (Class::Id, json!(1_u64 << 53)),
        (Class::Negative, json!(-1)),
        (Class::Negative, json!(i64::MIN)),
        (Class::NoId, json!((1_u64 << 53) + 1)),
        (Class::NoId, json!(u64::MAX)),
        (Class::Float, json!(1.5)),
        (Class::Float, json!(-1.0)),
        (Class::Float, json!(9_007_199_254_740_994.0)),
        (Class::Text, json!("no such word")),
        (Class::Text, json!("")),
        (Class::EmptyList, json!([])),
        (Class::Ids, json!([1, 2])),
        (Class::Texts, json!(["a", "b"])),
        (Class::Mixed, json!([1, "a", null])),
        (Class::Map, json!({})),
        (Class::Map, json!({"_key": 1})),
    ]
    .into_iter()
    .map(|(class, value)| (class, encode(format, &value)))
    .collect();
    let others: &[(Class, &[u8])] = match format {
        Format::Json => &[
            (Class::Float, b"1.0"),
            (Class::Mixed, b"[1.0]"),
            (Class::Other, b"18446744073709551616"),
            (Class::Text, br#""\u0000AA==""#),
        ],
        Format::MsgPack => &[
            (Class::Bytes, b"\xc4\x01\x00"),
            (Class::Other, b"\xd4\x05\x00"),
            (Class::Float, b"\xca\x7f\xc0\0\0"),
            (Class::FloatId, b"\xca\x3f\x80\0\0"),
            (Class::FloatId, b"\xcb\x43\x40\0\0\0\0\0\0"),
            (Class::FloatIds, b"\x92\x01\xcb\x42\x92\x30\x9c\xe5\x40\0\0"),
        ],
        _ => &[
            (Class::Bytes, b"\x41\x00"),
            (Class::Other, b"\xc2\x49\x01\0\0\0\0\0\0\0\0"),
            (Class::Float, b"\xf9\x7e\x00"),
            (Class::FloatId, b"\xf9\x3c\x00"),
            (Class::FloatId, b"\xfb\x43\x40\0\0\0\0\0\0"),
            (Class::FloatIds, b"\x82\x01\xfb\x42\x92\x30\x9c\xe5\x40\0\0"),
            (Class::Other, b"\xf0"),
        ],
    };
    values.extend(
        others
            .iter()
            .map(|&(class, bytes)| (class, Bytes::copy_from_slice(bytes))),
    );
    values
}

/// Whether a field takes such a value. Where it is an option, null is as good as nothing.
fn takes(kind: Kind, class: Class, is_option: bool) -> bool {
    use Class as C;
    if is_option && class == C::Null {
        return !matches!(kind, Kind::Roles);
    }
    match kind {
        Kind::Id | Kind::IdOrZero(_) => matches!(class, C::Id | C::FloatId),
        Kind::Text => class == C::Text,
        Kind::Flag | Kind::Bool => class == C::Bool,
        Kind::Int => matches!(class, C::Zero | C::Id | C::NoId),
        Kind::Any => true,
        Kind::Ids => matches!(class, C::EmptyList | C::Ids | C::FloatIds),
        Kind::Texts => matches!(class, C::EmptyList | C::Texts),
        Kind::Dict(keys) => {
            class == C::Map && !keys.iter().any(|(_, kind)| matches!(kind, Kind::Roles))
        }
        // None of the values is a word, the type of a request, or has a role in it.
        Kind::Word(_) | Kind::RequestType | Kind::Roles => false,
    }
}

fn check(format: Format, frame: &Bytes, takes: bool, path: &str, what: &str) {
    match Message::decode(format, frame) {
        Ok(_) => assert!(takes, "{format}: {path} took {what}"),
        Err(violation) => {
            assert!(!takes, "{format}: {path} refused {what}: {violation}");
            let rest = violation.path().strip_prefix(path);
            let inside = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            assert!(inside, "{format}: {violation} is not about {path}");
            assert!(violation.to_string().starts_with(violation.path()));
        }
    }
}

/// The elements of a message that is valid.
fn valid(spec: &Spec, format: Format) -> Vec<Bytes> {
    let mut elements = vec![json!(spec.code)];
    elements.extend(spec.fields.iter().map(|(_, kind)| match kind {
        Kind::Id | Kind::IdOrZero(_) => json!(7),
        Kind::RequestType => json!(48),
        Kind::Dict(keys) if keys.iter().any(|(_, kind)| matches!(kind, Kind::Roles)) => {
            json!({"roles": {"caller": {}, "dealer": {}}})
        }
        Kind::Dict(_) => json!({}),
        _ => json!("text"),
    }));
    if spec.payload {
        elements.extend([json!([1]), json!({"a": 1})]);
    }
    elements
        .iter()
        .map(|element| encode(format, element))
        .collect()
}

#[test]
fn every_element() {
    for (spec, format) in all() {
        let valid = valid(spec, format);
        check(
            format,
            &list(format, &valid),
            true,
            spec.name,
            "what is valid",
        );
        for (index, (label, kind)) in spec.fields.iter().enumerate() {
            for (class, value) in values(format) {
                // Checked in `revocations`, as the complaint is about another field.
                if class == Class::Zero && matches!(kind, Kind::IdOrZero(_)) {
                    continue;
                }
                let mut elements = valid.clone();
                elements[index + 1] = value;
                let path = format!("{}.{label}", spec.name);
                check(
                    format,
                    &list(format, &elements),
                    takes(*kind, class, false),
                    &path,
                    &format!("{class:?}"),
                );
            }
        }
    }
}

#[test]
fn every_payload() {
    for (spec, format) in all().filter(|(spec, _)| spec.payload) {
        let valid = valid(spec, format);
        for (class, value) in values(format) {
            let is_list = matches!(
                class,
                Class::EmptyList | Class::Ids | Class::FloatIds | Class::Texts | Class::Mixed
            );
            let lists = class == Class::Null || is_list;
            let maps = matches!(class, Class::Null | Class::Map);
            for (from_end, takes, label) in [(2, lists, "Arguments"), (1, maps, "ArgumentsKw")] {
                let mut elements = valid.clone();
                let index = elements.len() - from_end;
                elements[index] = value.clone();
                let path = format!("{}.{label}", spec.name);
                check(
                    format,
                    &list(format, &elements),
                    takes,
                    &path,
                    &format!("{class:?}"),
                );
            }
        }
    }
}

#[test]
fn every_option() {
    let mut cases = 0;
    for (spec, format) in all() {
        for (index, (label, kind)) in spec.fields.iter().enumerate() {
            let Kind::Dict(keys) = kind else { continue };
            for ((key, kind), (class, value)) in keys
                .iter()
                .flat_map(|key| values(format).into_iter().map(move |value| (key, value)))
            {
                let mut elements = valid(spec, format);
                let required = keys.iter().any(|(_, kind)| matches!(kind, Kind::Roles));
                elements[index + 1] = map(format, key, &value);
                // Without roles there is always a complaint about them, too.
                let takes = takes(*kind, class, true);
                if required && takes {
                    continue;
                }
                check(
                    format,
                    &list(format, &elements),
                    takes,
                    &format!("{}.{label}.{key}", spec.name),
                    &format!("{class:?}"),
                );
                cases += 1;
            }
        }
    }
    assert!(cases > 5_000, "only {cases} cases");
}

#[test]
fn every_arity() {
    for (spec, format) in all() {
        let valid = valid(spec, format);
        let required = 1 + spec.fields.len();
        for len in 1..valid.len() {
            let label = spec.fields.get(len - 1).map_or("", |(label, _)| *label);
            let path = format!("{}.{label}", spec.name);
            check(
                format,
                &list(format, &valid[..len]),
                len >= required,
                &path,
                &format!("{len} elements"),
            );
        }
        let mut long = valid;
        long.push(encode(format, &json!({})));
        // Only these two have an element that is optional and not a payload.
        let optional = spec
            .fields
            .iter()
            .any(|(_, kind)| matches!(kind, Kind::IdOrZero(_)));
        check(
            format,
            &list(format, &long),
            optional,
            spec.name,
            "one more",
        );
        long.push(encode(format, &json!({})));
        check(format, &list(format, &long), false, spec.name, "two more");
    }
}

#[test]
fn revocations() {
    for (spec, format) in all() {
        let [(_, Kind::IdOrZero(key))] = spec.fields else {
            continue;
        };
        let frame = |message: Value| encode(format, &message);
        let path = format!("{}.Details.{key}", spec.name);
        check(
            format,
            &frame(json!([spec.code, 0])),
            false,
            &path,
            "nothing",
        );
        check(
            format,
            &frame(json!([spec.code, 0, {}])),
            false,
            &path,
            "nothing",
        );
        check(
            format,
            &frame(json!([spec.code, 0, {*key: 0}])),
            false,
            &path,
            "zero",
        );
        check(
            format,
            &frame(json!([spec.code, 0, {*key: 7}])),
            true,
            &path,
            "an id",
        );
        check(
            format,
            &frame(json!([spec.code, 0, {*key: 7, "reason": 1}])),
            false,
            &format!("{}.Details.reason", spec.name),
            "1",
        );
    }
}

#[test]
fn announcements() {
    let details = |details: Value| json!([1, "realm", details]);
    for (message, path) in [
        (details(json!({})), "HELLO.Details.roles"),
        (details(json!({"roles": null})), "HELLO.Details.roles"),
        (details(json!({"roles": {}})), "HELLO.Details.roles"),
        (
            details(json!({"roles": {"juggler": {}}})),
            "HELLO.Details.roles",
        ),
        (
            details(json!({"roles": {"caller": 1}})),
            "HELLO.Details.roles.caller",
        ),
        (
            details(json!({"roles": {"caller": {"features": []}}})),
            "HELLO.Details.roles.caller.features",
        ),
        (
            details(json!({"roles": {"caller": {"features": {"call_timeout": 1}}}})),
            "HELLO.Details.roles.caller.features.call_timeout",
        ),
    ] {
        for format in FORMATS {
            assert_eq!(violation(format, &encode(format, &message)).path(), path);
        }
    }
}

#[test]
fn texts() {
    let text = |frame: &str| violation(Format::Json, frame.as_bytes()).to_string();
    assert_eq!(
        text(r#"[48,1,{"timeout":"soon"},"a"]"#),
        "CALL.Options.timeout: expected an integer that is not negative, got a string"
    );
    assert_eq!(
        text(r#"[48,0,{},"a"]"#),
        "CALL.Request: expected an id, an integer from 1 to 2^53, got 0"
    );
    assert_eq!(
        text(r#"[48,1,{}]"#),
        "CALL.Procedure: missing, expected a string"
    );
    assert_eq!(
        text(r#"[48,1,{},"a",[],{},3]"#),
        "CALL: has too many elements"
    );
    assert_eq!(
        text(r#"[16,1,{"exclude":[1,"x"]},"a"]"#),
        "PUBLISH.Options.exclude[1]: expected an id, an integer from 1 to 2^53, got a string"
    );
    assert_eq!(
        text(r#"[32,1,{"match":"glob"},"a"]"#),
        "SUBSCRIBE.Options.match: expected `exact`, `prefix` or `wildcard`"
    );
    assert_eq!(text("[7]"), "there is no message of type 7");
    assert_eq!(text("[]"), "a message must not be an empty list");
    assert_eq!(text("{}"), "a message must be a list, got a map");
    assert_eq!(
        text(r#"["CALL"]"#),
        "a message must begin with its type, an integer, got a string"
    );
}

fn all() -> impl Iterator<Item = (&'static Spec, Format)> {
    MESSAGES
        .iter()
        .flat_map(|spec| FORMATS.map(|format| (spec, format)))
}
