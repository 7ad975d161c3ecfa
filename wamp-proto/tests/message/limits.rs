//! What is well formed but too much.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use wamp_proto::codec::{Format, MAX_DEPTH};
use wamp_proto::message::Message;

use crate::wire::{FORMATS, encode, violation};

#[test]
fn at_most_64_options() {
    let call = |count: usize| {
        let options: Map<String, Value> = (0..count)
            .map(|key| (format!("_key{key}"), json!(key)))
            .collect();
        json!([48, 1, options, "a"])
    };
    for format in FORMATS {
        assert!(Message::decode(format, &encode(format, &call(64))).is_ok());
        assert_eq!(
            violation(format, &encode(format, &call(65))).to_string(),
            "CALL.Options: has more than 64 keys"
        );
    }
}

#[test]
fn at_most_16_kib_of_options() {
    for format in FORMATS {
        let call = |len: usize| encode(format, &json!([48, 1, {"_key": "x".repeat(len)}, "a"]));
        assert!(Message::decode(format, &call(16_000)).is_ok());
        assert_eq!(
            violation(format, &call(16_400)).to_string(),
            "CALL.Options: is longer than 16384 bytes"
        );
        let publish = encode(
            format,
            &json!([16, 1, {"exclude_authid": vec![""; 20_000]}, "a"]),
        );
        assert!(
            violation(format, &publish)
                .path()
                .starts_with("PUBLISH.Options")
        );
    }
}

#[test]
fn keys_occur_once() {
    for options in [
        r#"{"timeout":1,"timeout":2}"#,
        r#"{"_custom":1,"_custom":1}"#,
        r#"{"timeout":1,"\u0074imeout":2}"#,
        r#"{"timeout":null,"timeout":2}"#,
    ] {
        let text =
            violation(Format::Json, format!("[48,1,{options},\"a\"]").as_bytes()).to_string();
        assert!(
            text.starts_with("CALL.Options: the key ") && text.ends_with(" occurs twice"),
            "{text}"
        );
    }
    let msgpack = b"\x94\x30\x01\x82\xa7timeout\x01\xa7timeout\x02\xa1a";
    assert!(
        violation(Format::MsgPack, msgpack)
            .problem()
            .contains("occurs twice")
    );
    // In keyword arguments that is the callee's business.
    assert!(
        Message::decode(
            Format::Json,
            &Bytes::from_static(br#"[48,1,{},"a",[],{"x":1,"x":2}]"#)
        )
        .is_ok()
    );
}

#[test]
fn keys_are_strings() {
    for (format, frame) in [
        (
            Format::MsgPack,
            b"\x95\x30\x01\x80\xa1a\x81\x01\x02".as_slice(),
        ),
        (Format::MsgPack, b"\x96\x30\x01\x80\xa1a\x90\x81\x01\x02"),
        (Format::Cbor, b"\x86\x18\x30\x01\xa0\x61a\x80\xa1\x01\x02"),
        (Format::MsgPack, b"\x94\x30\x01\x81\x01\x02\xa1a"),
        (Format::Cbor, b"\x84\x18\x30\x01\xa1\x41a\x02\x61a"),
    ] {
        violation(format, frame);
    }
}

#[test]
fn payloads_are_not_too_deep() {
    let nested = |depth: usize| {
        format!(
            "[48,1,{{}},\"a\",{}{}]",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    // The message itself is one level.
    assert!(Message::decode(Format::Json, &Bytes::from(nested(MAX_DEPTH - 1))).is_ok());
    assert!(
        violation(Format::Json, nested(MAX_DEPTH).as_bytes())
            .path()
            .starts_with("CALL.Arguments")
    );
    violation(Format::Json, nested(1_000_000).as_bytes());
}

#[test]
fn one_message_and_nothing_else() {
    for format in FORMATS {
        let frame = encode(format, &json!([48, 1, {}, "a"]));
        violation(format, &[&frame[..], b"\0"].concat());
        violation(format, &[&frame[..], &frame[..]].concat());
        for len in 0..frame.len() {
            violation(format, &frame[..len]);
        }
    }
    let many = format!("[48,1,{{}},\"a\"{}]", ",0".repeat(1_000_000));
    violation(Format::Json, many.as_bytes());
}
