//! Every kind of Rust type, through every format and through other libraries.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wamp_proto::codec::{Format, from_slice};

use super::{FORMATS, encode};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Everything {
    unit: (),
    marker: Marker,
    flag: bool,
    small: i8,
    large: i64,
    huge: u64,
    single: f32,
    double: f64,
    letter: char,
    text: String,
    data: ByteBuf,
    maybe: Option<u8>,
    nothing: Option<u8>,
    tuple: (u8, String),
    pair: Pair,
    wrapped: Wrapped,
    list: Vec<Choice>,
    numbered: BTreeMap<i32, bool>,
    flags: BTreeMap<bool, u8>,
    letters: BTreeMap<char, u8>,
    choices: BTreeMap<Key, u8>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    skipped: Option<u8>,
    address: Option<IpAddr>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Marker;

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pair(i32, i32);

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Wrapped(Option<Vec<u16>>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Choice {
    Unit,
    Newtype(i32),
    Tuple(i32, String),
    Struct { a: i32, b: Option<i32> },
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Key {
    First,
    Second,
}

fn everything() -> Everything {
    Everything {
        flag: true,
        small: -7,
        large: i64::MIN,
        huge: u64::MAX,
        single: 0.1,
        double: 1.0,
        letter: 'ß',
        text: "text \"\n".to_owned(),
        data: ByteBuf::from([0, 255]),
        maybe: Some(0),
        tuple: (1, "one".to_owned()),
        pair: Pair(-1, 1),
        wrapped: Wrapped(Some(vec![1, 1000])),
        list: vec![
            Choice::Unit,
            Choice::Newtype(-1),
            Choice::Tuple(2, "two".to_owned()),
            Choice::Struct { a: 3, b: None },
        ],
        numbered: BTreeMap::from([(-1, true), (i32::MAX, false)]),
        flags: BTreeMap::from([(true, 1)]),
        letters: BTreeMap::from([('x', 1)]),
        choices: BTreeMap::from([(Key::First, 1), (Key::Second, 2)]),
        address: Some(IpAddr::from([127, 0, 0, 1])),
        ..Everything::default()
    }
}

#[test]
fn every_type_round_trips() {
    for format in FORMATS {
        let raw = encode(format, &everything());
        assert_eq!(
            from_slice::<Everything>(format, &raw).unwrap(),
            everything(),
            "{format}"
        );
        // From serde's intermediate form, too, where no hints are given.
        #[derive(Deserialize, Debug, PartialEq)]
        struct Flat {
            flag: bool,
            #[serde(flatten)]
            rest: BTreeMap<String, serde::de::IgnoredAny>,
        }
        assert_eq!(from_slice::<Flat>(format, &raw).unwrap().rest.len(), 21);
    }
}

#[test]
fn libraries_understand_our_types() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Shared {
        list: Vec<Choice>,
        text: String,
        number: f64,
    }
    let shared = || Shared {
        list: everything().list,
        text: "text".to_owned(),
        number: -1.0,
    };

    let json = encode(Format::Json, &shared());
    assert_eq!(&json[..], serde_json::to_vec(&shared()).unwrap());

    let msgpack = encode(Format::MsgPack, &shared());
    assert_eq!(rmp_serde::from_slice::<Shared>(&msgpack).unwrap(), shared());
    let theirs = rmp_serde::to_vec_named(&shared()).unwrap();
    assert_eq!(
        from_slice::<Shared>(Format::MsgPack, &theirs).unwrap(),
        shared()
    );
    // Structs as lists, rmp-serde's other way.
    let theirs = rmp_serde::to_vec(&shared()).unwrap();
    assert_eq!(
        from_slice::<Shared>(Format::MsgPack, &theirs).unwrap(),
        shared()
    );

    let cbor = encode(Format::Cbor, &shared());
    assert_eq!(
        ciborium::from_reader::<Shared, _>(&cbor[..]).unwrap(),
        shared()
    );
}
