//! Which Rust types bind to which values.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use bytes::BytesMut;
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_bytes::{ByteBuf, Bytes};
use wamp_proto::codec::{Format, from_slice, from_slice_at_path, to_bytes};

use super::types::Choice;
use super::{FORMATS, encode};

fn binds<T: DeserializeOwned + PartialEq + Debug>(json: &str, expected: &T) {
    for format in FORMATS {
        let mut raw = BytesMut::new();
        wamp_proto::codec::transcode(Format::Json, json.as_bytes(), format, &mut raw).unwrap();
        assert_eq!(
            &from_slice::<T>(format, &raw).unwrap(),
            expected,
            "{json} in {format}"
        );
    }
}

fn refuses<T: DeserializeOwned + Debug>(json: &str, message: &str) {
    for format in FORMATS {
        let mut raw = BytesMut::new();
        wamp_proto::codec::transcode(Format::Json, json.as_bytes(), format, &mut raw).unwrap();
        let error = from_slice::<T>(format, &raw).unwrap_err();
        assert_eq!(error.message(), message, "{json} in {format}");
    }
}

#[test]
fn numbers() {
    binds("1.0", &1_i64);
    binds("1.0", &1_u8);
    binds("-3.0", &-3_i8);
    binds("-0.0", &0_u8);
    binds("1e15", &1_000_000_000_000_000_u64);
    binds("9223372036854774784.0", &9_223_372_036_854_774_784_i64);
    binds("1.0", &1_u128);
    binds("7", &7_f64);
    binds("-7", &-7_f32);
    binds("7", &7_i128);
    refuses::<i64>("1.5", "invalid type: floating point `1.5`, expected i64");
    refuses::<u8>("256", "invalid value: integer `256`, expected u8");
    refuses::<u8>("256.0", "invalid value: integer `256`, expected u8");
    refuses::<u8>("-1", "invalid value: integer `-1`, expected u8");
    refuses::<u64>(
        "1e20",
        "invalid type: floating point `100000000000000000000.0`, expected u64",
    );
    refuses::<i64>("\"1\"", "invalid type: string \"1\", expected i64");
    refuses::<i64>("true", "invalid type: boolean `true`, expected i64");
    refuses::<f64>("\"1\"", "invalid type: string \"1\", expected f64");
    refuses::<bool>("1", "invalid type: integer `1`, expected a boolean");
    refuses::<String>("1", "invalid type: integer `1`, expected a string");
    refuses::<Vec<u8>>("{}", "invalid type: map, expected a sequence");
    refuses::<u8>("null", "invalid type: unit value, expected u8");
}

#[test]
fn integers_beyond_64_bits() {
    for format in [Format::Json, Format::Cbor] {
        for number in [
            i128::MIN,
            -(1 << 64),
            i64::MIN.into(),
            -1,
            0,
            u64::MAX.into(),
            1 << 64,
            i128::MAX,
        ] {
            assert_eq!(
                from_slice::<i128>(format, &encode(format, &number)).unwrap(),
                number,
                "{format}"
            );
        }
        assert_eq!(
            from_slice::<u128>(format, &encode(format, &u128::MAX)).unwrap(),
            u128::MAX
        );
        let error = from_slice::<i64>(format, &encode(format, &i128::MAX)).unwrap_err();
        assert!(
            error
                .message()
                .starts_with("invalid type: integer `170141183460469231731687303715884105727`"),
            "{error}"
        );
        #[expect(clippy::cast_precision_loss, reason = "what is being tested")]
        let float = u128::MAX as f64;
        assert_eq!(
            from_slice::<f64>(format, &encode(format, &u128::MAX))
                .unwrap()
                .to_bits(),
            float.to_bits()
        );
    }
    let error = to_bytes(Format::MsgPack, &u128::MAX, &mut BytesMut::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "MessagePack has no integers beyond 64 bits"
    );
}

#[test]
fn borrowed_where_the_input_allows_it() {
    for format in FORMATS {
        let raw = encode(format, &("plain", "ümlaut"));
        assert_eq!(
            from_slice::<(&str, &str)>(format, &raw).unwrap(),
            ("plain", "ümlaut")
        );
    }
    let error = from_slice::<&str>(Format::Json, br#""\n""#).unwrap_err();
    assert_eq!(
        error.message(),
        "invalid type: string \"\\n\", expected a borrowed string"
    );
    assert_eq!(
        from_slice::<Cow<'_, str>>(Format::Json, br#""\n""#).unwrap(),
        "\n"
    );

    for format in [Format::MsgPack, Format::Cbor] {
        let raw = encode(format, Bytes::new(&[1, 2]));
        assert_eq!(from_slice::<&[u8]>(format, &raw).unwrap(), [1, 2]);
        assert_eq!(
            from_slice::<ByteBuf>(format, &encode(format, &[1_u8, 2])).unwrap(),
            [1, 2],
            "{format}: a list will do"
        );
    }
}

#[test]
fn lists_must_have_the_length_of_the_tuple() {
    for format in FORMATS {
        let three = encode(format, &(1, 2, 3));
        assert_eq!(
            from_slice::<(u8, u8, u8)>(format, &three).unwrap(),
            (1, 2, 3)
        );
        let error = from_slice::<(u8, u8)>(format, &three).unwrap_err();
        assert_eq!(error.message(), "the list has more elements than expected");
        let error = from_slice::<(u8, u8, u8, u8)>(format, &three).unwrap_err();
        assert_eq!(
            error.message(),
            "invalid length 3, expected a tuple of size 4"
        );
    }
}

#[test]
fn options() {
    for format in FORMATS {
        let list = vec![None, Some(1), None];
        assert_eq!(
            from_slice::<Vec<Option<u8>>>(format, &encode(format, &list)).unwrap(),
            list
        );
        assert_eq!(
            from_slice::<Option<Option<u8>>>(format, &encode(format, &Some(Some(1)))).unwrap(),
            Some(Some(1))
        );
    }
}

#[test]
fn enums() {
    binds("\"Unit\"", &Choice::Unit);
    binds(r#"{"Unit":null}"#, &Choice::Unit);
    binds(r#"{"Newtype":1}"#, &Choice::Newtype(1));
    binds(
        r#"{"Struct":{"b":2,"a":1}}"#,
        &Choice::Struct { a: 1, b: Some(2) },
    );
    refuses::<Choice>("{}", "an empty map for an enum");
    refuses::<Choice>(
        r#"{"Unit":null,"Newtype":1}"#,
        "more than one entry in the map of an enum",
    );
    refuses::<Choice>(
        "\"Other\"",
        "unknown variant `Other`, expected one of `Unit`, `Newtype`, `Tuple`, `Struct`",
    );
    refuses::<Choice>(
        "\"Newtype\"",
        "invalid type: unit variant, expected newtype variant",
    );
    refuses::<Choice>("1", "invalid type: integer `1`, expected enum Choice");
}

#[test]
fn keys() {
    binds(r#"{"1":2,"-3":4}"#, &HashMap::from([(1_i64, 2), (-3, 4)]));
    binds(r#"{"true":1}"#, &HashMap::from([(true, 1)]));
    refuses::<HashMap<u8, u8>>(r#"{"x":1}"#, "invalid type: string \"x\", expected u8");
    refuses::<HashMap<u8, u8>>(r#"{"300":1}"#, "invalid value: integer `300`, expected u8");

    let by_number = BTreeMap::from([(1, 2)]);
    assert_eq!(&encode(Format::Json, &by_number)[..], br#"{"1":2}"#);
    assert_eq!(&encode(Format::MsgPack, &by_number)[..], b"\x81\x01\x02");

    let by_pair = BTreeMap::from([((1, 2), 3)]);
    assert!(to_bytes(Format::Json, &by_pair, &mut BytesMut::new()).is_err());
    assert_eq!(
        from_slice::<BTreeMap<(u8, u8), u8>>(Format::Cbor, &encode(Format::Cbor, &by_pair))
            .unwrap(),
        by_pair
    );
}

#[test]
fn nothing_may_follow() {
    assert!(from_slice::<u8>(Format::Json, b"1 ").is_ok());
    for (format, raw) in [
        (Format::Json, &b"1 2"[..]),
        (Format::Json, b"[]]"),
        (Format::MsgPack, b"\x01\x00"),
        (Format::Cbor, b"\x01\x00"),
    ] {
        let error = from_slice_at_path::<serde::de::IgnoredAny>(format, raw).unwrap_err();
        assert_eq!(error.to_string(), "expected nothing more");
    }
}

#[test]
fn errors_say_where() {
    #[derive(Debug, Deserialize)]
    struct Order {
        #[expect(dead_code, reason = "only its type matters")]
        items: Vec<Item>,
    }
    #[derive(Debug, Deserialize)]
    struct Item {
        #[expect(dead_code, reason = "only its type matters")]
        qty: u32,
    }
    for format in FORMATS {
        let mut raw = BytesMut::new();
        let json = br#"{"items": [{"qty": 1}, {"qty": "two"}]}"#;
        wamp_proto::codec::transcode(Format::Json, json, format, &mut raw).unwrap();
        let error = from_slice_at_path::<Order>(format, &raw).unwrap_err();
        assert_eq!(
            error.to_string(),
            "items[1].qty: invalid type: string \"two\", expected u32"
        );
        let error = from_slice_at_path::<u8>(format, &raw).unwrap_err();
        assert_eq!(
            (error.path.as_str(), error.message.as_str()),
            ("", "invalid type: map, expected u8")
        );
        assert_eq!(error.to_string(), error.message);
    }
    let error = from_slice::<Vec<u8>>(Format::Json, b"[1, x]").unwrap_err();
    assert_eq!(
        (error.offset(), error.to_string().as_str()),
        (4, "expected a value at byte 4")
    );
}

#[test]
fn what_json_cannot_say_is_an_error() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut out = BytesMut::from("before");
        let error = to_bytes(Format::Json, &(1, number), &mut out).unwrap_err();
        assert_eq!(error.to_string(), "JSON has neither NaN nor infinity");
        assert_eq!(&out[..], b"before");
        for format in [Format::MsgPack, Format::Cbor] {
            let back: f64 = from_slice(format, &encode(format, &number)).unwrap();
            assert!(back == number || back.is_nan() && number.is_nan());
        }
    }
}

proptest! {
    #[test]
    fn every_number_survives_every_format(float in any::<f64>(), single in any::<f32>(), unsigned: u64, signed: i64) {
        prop_assume!(float.is_finite() && single.is_finite());
        for format in FORMATS {
            prop_assert_eq!(from_slice::<f64>(format, &encode(format, &float)).unwrap().to_bits(), float.to_bits());
            prop_assert_eq!(from_slice::<f32>(format, &encode(format, &single)).unwrap().to_bits(), single.to_bits());
            prop_assert_eq!(from_slice::<u64>(format, &encode(format, &unsigned)).unwrap(), unsigned);
            prop_assert_eq!(from_slice::<i64>(format, &encode(format, &signed)).unwrap(), signed);
        }
    }
}
