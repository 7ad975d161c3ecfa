//! Which arguments values become, and payloads between formats.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_bytes::ByteBuf;
use wamp_proto::codec::{Format, from_slice};
use wamp_proto::payload::{Payload, PayloadBuilder, Single, write_value};

use super::{FORMATS, skip};

#[derive(Serialize)]
struct Point {
    x: i32,
    y: i32,
}
#[derive(Serialize)]
struct Pair(i32, i32);
#[derive(Serialize)]
struct Wrapper<T>(T);
#[derive(Serialize)]
struct Unit;
#[derive(Serialize)]
struct Hollow {}
#[derive(Serialize)]
enum Choice {
    Unit,
    Newtype(i32),
    Tuple(i32, i32),
    Struct { a: i32 },
}

/// Checks what `value` becomes: the tail of a message in JSON.
#[track_caller]
fn becomes<T: Serialize + ?Sized>(value: &T, tail: &str) {
    let mut message = BytesMut::from("[50,1,{}");
    let written = write_value(Format::Json, value, &mut message).unwrap();
    message.extend_from_slice(b"]");
    assert_eq!(
        str::from_utf8(&message).unwrap(),
        format!("[50,1,{{}}{tail}]")
    );

    let elements = Payload::new(Format::Json, Some(message.freeze()), None)
        .elements()
        .count();
    assert_eq!(written, elements - 3);

    for format in FORMATS {
        // In every format the payload and the tail are the same.
        let payload = Payload::from_value(format, value).unwrap();
        let mut out = BytesMut::from(if format == Format::Json { "[0" } else { "\x01" });
        assert_eq!(write_value(format, value, &mut out).unwrap(), written);
        let parts = match (payload.args_raw(), payload.kwargs_raw()) {
            (None, None) => vec![],
            (Some(args), None) => vec![args.clone()],
            (None, Some(kwargs)) => {
                vec![super::encode(format, &[0_u8; 0]).freeze(), kwargs.clone()]
            }
            (Some(_), Some(_)) => panic!("never both"),
        };
        let mut expected = BytesMut::from(if format == Format::Json { "[0" } else { "\x01" });
        for part in parts {
            skip(format, &part).unwrap();
            if format == Format::Json {
                expected.extend_from_slice(b",");
            }
            expected.extend_from_slice(&part);
        }
        assert_eq!(out, expected, "{format}");
        assert_eq!(
            payload.transcode(Format::Json).unwrap(),
            Payload::from_value(Format::Json, value).unwrap()
        );
    }
}

#[test]
fn the_rule() {
    becomes(&42, ",[42]");
    becomes(&-1.0, ",[-1.0]");
    becomes("text", r#",["text"]"#);
    becomes(&'c', r#",["c"]"#);
    becomes(&true, ",[true]");
    becomes(&ByteBuf::from([0, 1, 255]), r#",["\u0000AAH/"]"#);

    becomes(&(1, "two"), r#",[1,"two"]"#);
    becomes(&[1, 2, 3], ",[1,2,3]");
    becomes(&Pair(1, 2), ",[1,2]");
    becomes(&vec![vec![1], vec![]], ",[[1],[]]");
    becomes(&(Unit, None::<u8>), ",[null,null]");

    becomes(&Point { x: 1, y: 2 }, r#",[],{"x":1,"y":2}"#);
    becomes(&BTreeMap::from([("a", vec![1])]), r#",[],{"a":[1]}"#);
    becomes(&BTreeMap::from([(1, 2)]), r#",[],{"1":2}"#);

    becomes(&(), "");
    becomes(&Unit, "");
    becomes(&None::<u8>, "");
    becomes(&Vec::<u8>::new(), "");
    becomes(&Hollow {}, "");
    becomes(&BTreeMap::<String, u8>::new(), "");

    becomes(&Some(42), ",[42]");
    becomes(&Some((1, 2)), ",[1,2]");
    becomes(&Wrapper(42), ",[42]");
    becomes(&Wrapper(vec![1, 2]), ",[1,2]");
    becomes(&Wrapper(Some(Point { x: 1, y: 2 })), r#",[],{"x":1,"y":2}"#);

    becomes(&Choice::Unit, r#",["Unit"]"#);
    becomes(&Choice::Newtype(1), r#",[{"Newtype":1}]"#);
    becomes(&Choice::Tuple(1, 2), r#",[{"Tuple":[1,2]}]"#);
    becomes(&Choice::Struct { a: 1 }, r#",[{"Struct":{"a":1}}]"#);

    becomes(&Single([1, 2]), ",[[1,2]]");
    becomes(&Single(Point { x: 1, y: 2 }), r#",[{"x":1,"y":2}]"#);
    becomes(&Single(()), ",[null]");
    becomes(&Some(Single(None::<u8>)), ",[null]");
    becomes(&(Single([1]), 2), ",[[1],2]");
}

/// Fails halfway.
struct Broken;

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("broken"))
    }
}

#[test]
fn nothing_is_left_of_what_failed() {
    for format in FORMATS {
        for value in [
            &(1, Broken, 2) as &dyn ErasedValue,
            &Broken,
            &BTreeMap::from([("a", Broken)]),
            &Single(Broken),
        ] {
            let mut out = BytesMut::from("before");
            assert_eq!(value.write(format, &mut out).unwrap_err(), "broken");
            assert_eq!(&out[..], b"before");
        }
    }
    assert!(Payload::from_value(Format::Json, &f64::NAN).is_err());
}

trait ErasedValue {
    fn write(&self, format: Format, out: &mut BytesMut) -> Result<usize, String>;
}

impl<T: Serialize> ErasedValue for T {
    fn write(&self, format: Format, out: &mut BytesMut) -> Result<usize, String> {
        write_value(format, self, out).map_err(|error| error.to_string())
    }
}

#[test]
fn parts() {
    for format in FORMATS {
        let payload = Payload::from_value(format, &(1, [2, 3], "four")).unwrap();
        let elements: Vec<_> = payload.elements().collect();
        assert_eq!(elements.len(), 3);
        assert_eq!(from_slice::<Vec<u8>>(format, elements[1]).unwrap(), [2, 3]);

        let payload = Payload::from_value(format, &BTreeMap::from([("a\n", 1), ("b", 2)])).unwrap();
        let entries: Vec<_> = payload
            .entries()
            .map(|(key, value)| (key.into_owned(), from_slice::<u8>(format, value).unwrap()))
            .collect();
        assert_eq!(entries, [("a\n".to_owned(), 1), ("b".to_owned(), 2)]);

        let payload = Payload::empty(format);
        assert_eq!(
            (
                payload.elements().count(),
                payload.entries().count(),
                payload.len()
            ),
            (0, 0, 0)
        );
        assert!(payload.decode_args::<Vec<u8>>().unwrap().is_empty());
        payload.decode_args::<()>().unwrap_err();
        assert_eq!(
            payload.decode_args::<(u8,)>().unwrap_err().message(),
            "invalid length 0, expected a tuple of size 1"
        );
        assert_eq!(
            payload.decode_kwargs::<BTreeMap<String, u8>>().unwrap(),
            BTreeMap::new()
        );
    }
    // Nothing of this can come out of a message, but it must not panic.
    let nonsense = Payload::new(
        Format::Json,
        Some(Bytes::from("[1,")),
        Some(Bytes::from("{1:2}")),
    );
    assert_eq!(nonsense.elements().collect::<Vec<_>>(), [b"1"]);
    assert_eq!(nonsense.entries().count(), 0);
}

#[test]
fn debug_shows_no_secrets() {
    let payload = Payload::from_value(Format::Json, "secret").unwrap();
    assert_eq!(
        format!("{payload:?}"),
        "Payload { format: Json, args: 10 bytes, kwargs: 0 bytes }"
    );
    assert!(!format!("{:?}", payload.elements()).contains("secret"));
    let mut builder = PayloadBuilder::new();
    builder.arg("secret");
    assert_eq!(
        format!("{builder:?}"),
        "PayloadBuilder { args: 1, kwargs: 0, error: None }"
    );
}

#[test]
fn built_one_by_one() {
    for format in FORMATS {
        let mut builder = PayloadBuilder::new();
        builder
            .arg(&1)
            .arg(&BTreeMap::from([(1, 2)]))
            .arg(&(Single(()), ByteBuf::from([1])))
            .kwarg("key", &[1.0]);
        let payload = builder.clone().build(format).unwrap();
        let json = payload.transcode(Format::Json);
        if format == Format::Json {
            let json = json.unwrap();
            assert_eq!(
                json.args_raw().unwrap(),
                &br#"[1,{"1":2},[null,"\u0000AQ=="]]"#[..]
            );
            assert_eq!(json.kwargs_raw().unwrap(), &br#"{"key":[1.0]}"#[..]);
        } else {
            let (one, map, _): (u8, BTreeMap<u8, u8>, serde::de::IgnoredAny) =
                payload.decode_args().unwrap();
            assert_eq!((one, map), (1, BTreeMap::from([(1, 2)])));
        }
        assert_eq!(
            payload
                .decode_kwargs::<BTreeMap<String, Vec<f64>>>()
                .unwrap(),
            BTreeMap::from([("key".to_owned(), vec![1.0])])
        );

        assert!(PayloadBuilder::new().build(format).unwrap().is_empty());
        builder.arg(&Broken).arg(&2).kwarg("other", &Broken);
        assert_eq!(builder.build(format).unwrap_err().to_string(), "broken");

        let mut many = PayloadBuilder::new();
        for number in 0..1000 {
            many.arg(&number);
        }
        assert_eq!(
            many.build(format)
                .unwrap()
                .decode_args::<Vec<u16>>()
                .unwrap(),
            (0..1000).collect::<Vec<_>>()
        );
    }
    let mut builder = PayloadBuilder::new();
    builder.arg(&f64::NAN);
    assert!(builder.clone().build(Format::MsgPack).is_ok());
    assert_eq!(
        builder.build(Format::Json).unwrap_err().to_string(),
        "JSON has neither NaN nor infinity"
    );
}
