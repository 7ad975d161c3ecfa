//! The corners of MessagePack and CBOR.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use wamp_proto::codec::{Format, Read, Token, Write, from_slice};

use super::value::Value;
use super::{encode, hex, skip, walk};

#[test]
fn msgpack_goldens() {
    for (text, token) in [
        ("c0", Token::Null),
        ("c2", Token::Bool(false)),
        ("c3", Token::Bool(true)),
        ("7f", Token::U64(127)),
        ("cc 05", Token::U64(5)),
        ("cf ffffffffffffffff", Token::U64(u64::MAX)),
        ("d0 05", Token::U64(5)),
        ("e0", Token::I64(-32)),
        ("d3 8000000000000000", Token::I64(i64::MIN)),
        ("ca 3fc00000", Token::F64(1.5)),
        ("cb 3ff8000000000000", Token::F64(1.5)),
        ("a2 6869", Token::Str("hi".into())),
        ("d9 02 6869", Token::Str("hi".into())),
        ("da 0002 6869", Token::Str("hi".into())),
        ("db 00000002 6869", Token::Str("hi".into())),
        ("c4 02 0001", Token::Bytes((&[0, 1]).into())),
        ("c5 0002 0001", Token::Bytes((&[0, 1]).into())),
        ("c6 00000002 0001", Token::Bytes((&[0, 1]).into())),
        ("d4 00 00", Token::Null), // JavaScript's `undefined`
        ("d4 ff 00", Token::Ext(-1, (&[0]).into())),
        ("d6 05 00010203", Token::Ext(5, (&[0, 1, 2, 3]).into())),
        ("c7 03 05 000102", Token::Ext(5, (&[0, 1, 2]).into())),
    ] {
        let raw = hex(text);
        assert_eq!(walk(Format::MsgPack, &raw).unwrap(), [token], "{text}");
        assert_eq!(skip(Format::MsgPack, &raw).unwrap(), raw, "{text}");
    }
}

#[test]
fn msgpack_refused() {
    for text in [
        "",
        "c1",
        "92 01",
        "a2 68",
        "a1 ff",
        "a2 c3",
        "c0 c0",
        "81 01",
        "cc",
        "d9",
        "db ffffffff",
        "c6 ffffffff 00",
        "dd ffffffff 00",
        "df ffffffff 00",
        "df 80000000 00",
        "c9 ffffffff 01 00",
        "91 c1",
        "de ffff",
    ] {
        let raw = hex(text);
        assert!(walk(Format::MsgPack, &raw).is_err(), "walk {text}");
        assert!(skip(Format::MsgPack, &raw).is_err(), "skip {text}");
        assert!(
            from_slice::<Value>(Format::MsgPack, &raw).is_err(),
            "serde {text}"
        );
    }
}

#[test]
fn cbor_goldens() {
    // From appendix A of RFC 8949.
    for (text, token) in [
        ("17", Token::U64(23)),
        ("1818", Token::U64(24)),
        ("1bffffffffffffffff", Token::U64(u64::MAX)),
        (
            "c249010000000000000000",
            big(false, &[1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ),
        ("3bffffffffffffffff", big(true, &[0xff; 8])),
        (
            "c349010000000000000000",
            big(true, &[1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ),
        ("c2 43 000001", Token::U64(1)),
        (
            "c2 5f 41 01 48 0000000000000000 ff",
            big(false, &[1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ),
        ("3863", Token::I64(-100)),
        ("f93c00", Token::F64(1.0)),
        ("f97bff", Token::F64(65504.0)),
        ("f90001", Token::F64(5.960_464_477_539_063e-8)),
        ("f90400", Token::F64(0.000_061_035_156_25)),
        ("f9c400", Token::F64(-4.0)),
        ("f97c00", Token::F64(f64::INFINITY)),
        ("fa47c35000", Token::F64(100_000.0)),
        ("fb7e37e43c8800759c", Token::F64(1.0e300)),
        ("f4", Token::Bool(false)),
        ("f6", Token::Null),
        ("f7", Token::Null),
        ("f0", Token::Simple(16)),
        ("f8ff", Token::Simple(255)),
        ("4401020304", Token::Bytes((&[1, 2, 3, 4]).into())),
        (
            "5f42010243030405ff",
            Token::Bytes((&[1, 2, 3, 4, 5]).into()),
        ),
        ("6161", Token::Str("a".into())),
        ("7f657374726561646d696e67ff", Token::Str("streaming".into())),
    ] {
        let raw = hex(text);
        assert_eq!(walk(Format::Cbor, &raw).unwrap(), [token], "{text}");
        assert_eq!(skip(Format::Cbor, &raw).unwrap(), raw, "{text}");
    }
    assert_eq!(
        walk(Format::Cbor, &hex("c1 1a 514b67b0")).unwrap(),
        [Token::Tag(1), Token::U64(1_363_896_240)]
    );
    assert!(
        matches!(walk(Format::Cbor, &hex("f97e00")).unwrap()[..], [Token::F64(number)] if number.is_nan())
    );

    for (text, json) in [
        ("9f ff", "[]"),
        ("9f 01 82 02 03 9f 04 05 ff ff", "[1,[2,3],[4,5]]"),
        ("bf 61 61 01 61 62 9f 02 03 ff ff", r#"{"a":1,"b":[2,3]}"#),
        ("a2 61 61 01 61 62 82 02 03", r#"{"a":1,"b":[2,3]}"#),
    ] {
        let raw = hex(text);
        assert_eq!(skip(Format::Cbor, &raw).unwrap(), raw);
        let value: Value = from_slice(Format::Cbor, &raw).unwrap();
        assert_eq!(&encode(Format::Json, &value)[..], json.as_bytes());
    }
}

#[test]
fn cbor_refused() {
    for text in [
        "",
        "18",
        "1c",
        "1f",
        "3f",
        "df 00",
        "ff",
        "82 01",
        "82 01 ff",
        "a1 01",
        "9f 01",
        "bf 01 ff",
        "bf 01",
        "5f 61 61 ff",
        "7f 41 61 ff",
        "5f 5f 41 00 ff ff",
        "5f 41 00",
        "7f 61 c3 61 a9 ff",
        "61 ff",
        "62 c3",
        "c1",
        "c1 ff",
        "9f c1 ff",
        "f8 14",
        "f8 1f",
        "fc",
        "00 00",
        "9b ffffffffffffffff 00",
        "bb ffffffffffffffff 00",
        "bb 8000000000000000 00",
        "5b ffffffffffffffff 00",
        "7b ffffffffffffffff 00",
        "c2 5b ffffffffffffffff 00",
        "c2",
        "9a 00100000 00",
    ] {
        let raw = hex(text);
        assert!(walk(Format::Cbor, &raw).is_err(), "walk {text}");
        assert!(skip(Format::Cbor, &raw).is_err(), "skip {text}");
        assert!(
            from_slice::<Value>(Format::Cbor, &raw).is_err(),
            "serde {text}"
        );
    }
}

#[test]
fn many_huge_headers_allocate_nothing() {
    for (format, header) in [
        (Format::MsgPack, hex("dd ffffffff")),
        (Format::Cbor, hex("9b ffffffffffffffff")),
    ] {
        let raw = header.repeat(1000);
        assert!(skip(format, &raw).is_err());
        assert!(from_slice::<Vec<Vec<Vec<u64>>>>(format, &raw).is_err());
    }
}

/// Does not tell how many elements it has, or tells a lie.
struct Counted {
    elements: usize,
    declared: Option<usize>,
    map: bool,
}

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.map {
            let mut map = serializer.serialize_map(self.declared)?;
            for key in 0..self.elements {
                map.serialize_entry(&key.to_string(), &key)?;
            }
            map.end()
        } else {
            let mut list = serializer.serialize_seq(self.declared)?;
            for element in 0..self.elements {
                list.serialize_element(&element)?;
            }
            list.end()
        }
    }
}

#[test]
fn headers_hold_the_true_length() {
    for elements in [0, 1, 15, 16, 23, 24, 255, 256, 300, 65_535, 65_536] {
        for declared in [None, Some(1), Some(20), Some(70_000)] {
            for map in [false, true] {
                for format in [Format::MsgPack, Format::Cbor] {
                    let honest = Counted {
                        elements,
                        declared: Some(elements),
                        map,
                    };
                    let other = Counted {
                        elements,
                        declared,
                        map,
                    };
                    let expected = encode(format, &(1, &honest, "after"));
                    assert!(
                        encode(format, &(1, &other, "after")) == expected,
                        "{format} {elements} {declared:?} {map}"
                    );
                    assert_eq!(skip(format, &expected).unwrap(), &expected[..]);
                }
            }
        }
    }
}

#[test]
fn writers_refuse_nonsense() {
    for format in super::FORMATS {
        let mut out = bytes::BytesMut::new();
        let mut writer = format.writer(&mut out);
        assert!(writer.end().is_err(), "{format}: nothing is open");
        writer.map(None).unwrap();
        writer.str("key").unwrap();
        assert!(writer.end().is_err(), "{format}: key without a value");
    }
}

#[test]
fn take_null() {
    for (format, raw) in [
        (Format::MsgPack, hex("93 c0 01 c0")),
        (Format::Cbor, hex("9f f6 01 f7 ff")),
        (Format::Json, b"[null,1,null]".to_vec()),
    ] {
        let mut reader = format.reader(&raw);
        assert!(!reader.take_null().unwrap());
        reader.next().unwrap();
        assert!(reader.take_null().unwrap());
        assert!(!reader.take_null().unwrap());
        reader.next().unwrap();
        assert!(reader.take_null().unwrap());
        assert!(!reader.take_null().unwrap(), "at the end there is none");
        assert_eq!(reader.next().unwrap(), Token::End);
        reader.finish().unwrap();
    }
}

fn big(negative: bool, magnitude: &'static [u8]) -> Token<'static> {
    Token::BigInt {
        negative,
        magnitude: magnitude.into(),
    }
}
