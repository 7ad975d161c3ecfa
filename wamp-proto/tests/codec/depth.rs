//! How deep values may be nested, on a stack like those of tokio's workers. Without optimisation frames are at their largest.

use std::collections::BTreeMap;

use bytes::BytesMut;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use wamp_proto::codec::{Format, MAX_DEPTH, from_slice, from_slice_at_path, to_bytes, transcode};

use super::value::Value;
use super::{FORMATS, encode, skip, walk};

/// A value that is `depth` levels deep.
struct Nested {
    format: Format,
    raw: Vec<u8>,
}

fn nested(depth: usize) -> Vec<Nested> {
    let around = |format, open: &[u8], middle: &[u8], close: &[u8]| Nested {
        format,
        raw: [&open.repeat(depth), middle, &close.repeat(depth)].concat(),
    };
    vec![
        around(Format::Json, b"[", b"", b"]"),
        around(Format::Json, b"{\"a\":", b"1", b"}"),
        around(Format::MsgPack, b"\x91", b"\xc0", b""),
        around(Format::MsgPack, b"\x81\xa1a", b"\xc0", b""),
        around(Format::Cbor, b"\x81", b"\x00", b""),
        around(Format::Cbor, b"\x9f", b"\x00", b"\xff"),
        around(Format::Cbor, b"\xa1\x61a", b"\x00", b""),
        around(Format::Cbor, b"\xbf\x61a", b"\x00", b"\xff"),
        around(Format::Cbor, b"\xc1", b"\x00", b""),
    ]
}

/// Refers to itself, as a type of a user may.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Tree {
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
    Leaf(Option<u8>),
}

#[derive(Debug, Serialize, Deserialize)]
struct Chain {
    a: Option<Box<Self>>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Choice {
    Inner(Box<Self>),
    Leaf,
}

fn with_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn the_limit_holds_for_whatever_reads() {
    with_small_stack(|| {
        for depth in [
            1,
            MAX_DEPTH - 1,
            MAX_DEPTH,
            MAX_DEPTH + 1,
            10_000,
            1_000_000,
        ] {
            let fine = depth <= MAX_DEPTH;
            for Nested { format, raw } in nested(depth) {
                assert_eq!(skip(format, &raw).is_ok(), fine, "{format} {depth}");
                assert_eq!(walk(format, &raw).is_ok(), fine, "{format} {depth}");
                assert_eq!(
                    from_slice::<Value>(format, &raw).is_ok(),
                    fine,
                    "{format} {depth}"
                );
                assert_eq!(
                    from_slice::<IgnoredAny>(format, &raw).is_ok(),
                    fine,
                    "{format} {depth}"
                );
                assert_eq!(
                    from_slice_at_path::<Tree>(format, &raw).is_ok(),
                    fine,
                    "{format} {depth}"
                );
                for to in FORMATS {
                    assert_eq!(
                        transcode(format, &raw, to, &mut BytesMut::new()).is_ok(),
                        fine,
                        "{format} {depth}"
                    );
                }
            }
        }
    });
}

#[test]
fn tags_and_containers_add_up() {
    // Ten tags before each of many lists: every reader that follows them by recursion is that deep.
    let raw = [[&[0xc1; 10][..], &[0x81]].concat().repeat(20), vec![0]].concat();
    assert!(skip(Format::Cbor, &raw).is_err());
    assert!(walk(Format::Cbor, &raw).is_err());

    // But siblings do not.
    let raw = [&[0x98, 200][..], &[0xc1, 0x80].repeat(200)].concat();
    assert!(skip(Format::Cbor, &raw).is_ok());
    assert!(walk(Format::Cbor, &raw).is_ok());
}

#[test]
fn the_limit_holds_for_what_is_written() {
    with_small_stack(|| {
        let tree = |depth| (0..depth).fold(Tree::Leaf(None), |inner, _| Tree::List(vec![inner]));
        let chain = |depth| {
            (1..depth).fold(Chain { a: None }, |inner, _| Chain {
                a: Some(Box::new(inner)),
            })
        };
        let choice =
            |depth| (0..depth).fold(Choice::Leaf, |inner, _| Choice::Inner(Box::new(inner)));
        for format in FORMATS {
            for depth in [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 1_000] {
                let fine = depth <= MAX_DEPTH;
                let mut out = BytesMut::from("before");
                assert_eq!(
                    to_bytes(format, &tree(depth), &mut out).is_ok(),
                    fine,
                    "{format} {depth}"
                );
                assert_eq!(
                    to_bytes(format, &chain(depth), &mut BytesMut::new()).is_ok(),
                    fine,
                    "{format} {depth}"
                );
                assert_eq!(
                    to_bytes(format, &choice(depth), &mut BytesMut::new()).is_ok(),
                    fine,
                    "{format} {depth}"
                );
                if fine {
                    assert!(from_slice::<Chain>(format, &encode(format, &chain(depth))).is_ok());
                    assert!(from_slice::<Choice>(format, &encode(format, &choice(depth))).is_ok());
                } else {
                    assert_eq!(&out[..], b"before", "nothing is left of what failed");
                }
            }
        }
    });
}
