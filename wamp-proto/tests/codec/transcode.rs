//! From one format to another.

use bytes::BytesMut;
use proptest::prelude::*;
use wamp_proto::codec::{Format, from_slice, transcode};

use super::value::{Floats, Kinds, Value, any_value};
use super::{FORMATS, encode, hex};

fn transcoded(from: Format, raw: &[u8], to: Format) -> Result<Vec<u8>, String> {
    let mut out = BytesMut::from("before");
    let result = transcode(from, raw, to, &mut out);
    let after = out.strip_prefix(b"before").unwrap();
    match result {
        Ok(()) => Ok(after.to_vec()),
        Err(error) => {
            assert!(after.is_empty(), "nothing is left of what failed");
            Err(error.to_string())
        }
    }
}

proptest! {
    #[test]
    fn all_pairs(value in any_value(Kinds { data: true, floats: Floats::Finite })) {
        for from in FORMATS {
            let raw = encode(from, &value);
            for to in FORMATS {
                let there = transcoded(from, &raw, to).unwrap();
                prop_assert_eq!(&there, &encode(to, &value), "{} to {}", from, to);
                prop_assert_eq!(&from_slice::<Value>(to, &there).unwrap(), &value);
                prop_assert_eq!(transcoded(to, &there, from).unwrap(), &raw[..], "{} to {} and back", from, to);
            }
        }
    }
}

#[test]
fn goldens() {
    use Format::{Cbor, Json, MsgPack};
    for (from, raw, to, expected) in [
        (
            MsgPack,
            "cb 7ff8000000000000",
            Json,
            Err("JSON has neither NaN nor infinity"),
        ),
        (
            Cbor,
            "f97c00",
            Json,
            Err("JSON has neither NaN nor infinity"),
        ),
        (Cbor, "f97c00", MsgPack, Ok(hex("cb 7ff0000000000000"))),
        (MsgPack, "ca 3dcccccd", Cbor, Ok(hex("fb 3fb99999a0000000"))),
        (
            MsgPack,
            "81 01 02",
            Json,
            Err("only strings can be keys in JSON"),
        ),
        (
            MsgPack,
            "81 c0 02",
            Json,
            Err("only strings can be keys in JSON"),
        ),
        (
            MsgPack,
            "81 c4 01 00 02",
            Json,
            Err("only strings can be keys in JSON"),
        ),
        (
            MsgPack,
            "81 91 01 02",
            Json,
            Err("only strings can be keys in JSON"),
        ),
        (MsgPack, "81 01 02", Cbor, Ok(hex("a1 01 02"))),
        (
            MsgPack,
            "d6 ff 00000000",
            Json,
            Err("JSON has no extension values"),
        ),
        (
            MsgPack,
            "d6 ff 00000000",
            Cbor,
            Err("CBOR has no MessagePack extension values"),
        ),
        (
            MsgPack,
            "d6 ff 00000000",
            MsgPack,
            Ok(hex("d6 ff 00000000")),
        ),
        (Cbor, "f0", Json, Err("JSON has no simple values")),
        (Cbor, "f0", MsgPack, Err("MessagePack has no simple values")),
        (Cbor, "f7", Json, Ok(b"null".to_vec())),
        (Cbor, "c1 1a514b67b0", Json, Ok(b"1363896240".to_vec())),
        (Cbor, "d9 d9f7 81 01", MsgPack, Ok(hex("91 01"))),
        (Cbor, "c1 1a514b67b0", Cbor, Ok(hex("c1 1a514b67b0"))),
        (
            Cbor,
            "c4 82 21 19 6ab3",
            Json,
            Err("CBOR tag 4 has no meaning outside of CBOR"),
        ),
        (
            Cbor,
            "d9 0102 81 01",
            MsgPack,
            Err("CBOR tag 258 has no meaning outside of CBOR"),
        ),
        (
            Cbor,
            "c2 49 010000000000000000",
            Json,
            Ok(b"18446744073709551616".to_vec()),
        ),
        (
            Cbor,
            "c3 49 010000000000000000",
            Json,
            Ok(b"-18446744073709551617".to_vec()),
        ),
        (
            Cbor,
            "3b ffffffffffffffff",
            Json,
            Ok(b"-18446744073709551616".to_vec()),
        ),
        (
            Cbor,
            "c2 49 010000000000000000",
            MsgPack,
            Err("MessagePack has no integers beyond 64 bits"),
        ),
        (
            Cbor,
            "9f 01 7f 61 61 61 62 ff ff",
            MsgPack,
            Ok(hex("92 01 a2 6162")),
        ),
        (
            MsgPack,
            "c0 c0",
            Json,
            Err("expected nothing more at byte 1"),
        ),
        (
            MsgPack,
            "92 01",
            Json,
            Err("unexpected end of input at byte 1"),
        ),
        (
            MsgPack,
            "92 01 c1",
            Json,
            Err("the reserved MessagePack marker 0xc1 at byte 3"),
        ),
    ] {
        let expected = expected.map_err(str::to_owned);
        assert_eq!(
            transcoded(from, &hex(raw), to),
            expected,
            "{raw} from {from} to {to}"
        );
    }
    for (json, to, expected) in [
        (
            "18446744073709551616",
            Cbor,
            Ok(hex("c2 49 010000000000000000")),
        ),
        (
            "-18446744073709551616",
            Cbor,
            Ok(hex("3b ffffffffffffffff")),
        ),
        (
            "18446744073709551616",
            MsgPack,
            Err("MessagePack has no integers beyond 64 bits"),
        ),
        (r#""\u0000AAH/""#, MsgPack, Ok(hex("c4 03 0001ff"))),
        (r#""\u0000AAH""#, MsgPack, Ok(hex("a4 00414148"))),
        (
            r#"{"\u0000AAH/": "\u0000"}"#,
            Cbor,
            Ok(hex("a1 65 004141482f 40")),
        ),
        (" [ 1 , 2.0 ] ", Json, Ok(b"[1,2.0]".to_vec())),
        ("1e400", MsgPack, Err("number out of range at byte 0")),
    ] {
        let expected = expected.map_err(str::to_owned);
        assert_eq!(
            transcoded(Json, json.as_bytes(), to),
            expected,
            "{json} to {to}"
        );
    }
}

#[test]
fn an_integer_of_any_size_takes_little_time() {
    let digits = "9".repeat(1 << 20);
    assert!(transcoded(Format::Json, digits.as_bytes(), Format::Cbor).is_err());
    let mut cbor = hex("c2 5a 00100000");
    cbor.resize(cbor.len() + (1 << 20), 0xff);
    assert!(transcoded(Format::Cbor, &cbor, Format::Json).is_err());
}
