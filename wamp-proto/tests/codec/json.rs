//! The grammar of JSON, and WAMP's convention for binary data.

use serde_bytes::ByteBuf;
use wamp_proto::codec::{Format, Read, Token, from_slice};

use super::value::Value;
use super::{encode, skip, walk};

#[test]
fn accepted() {
    for text in [
        "0",
        "-0",
        "10",
        "1.5",
        "1e5",
        "1E+5",
        "1.0e-5",
        "null",
        "true",
        "false",
        "\"\"",
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        "\t{\"a\"\r:\n1}",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\u{7f}\"",
        "\"\u{2028}\"",
        "\"\\/\"",
        "123456789012345678901234567890",
    ] {
        assert!(
            serde_json::from_str::<Value>(text).is_ok() || text.len() == 30,
            "{text}"
        );
        assert_eq!(
            skip(Format::Json, text.as_bytes()).unwrap(),
            text.trim().as_bytes()
        );
        assert!(walk(Format::Json, text.as_bytes()).is_ok(), "{text}");
    }
}

#[test]
fn refused() {
    for raw in [
        &b""[..],
        b" ",
        b"01",
        b"-",
        b"-01",
        b"1.",
        b".5",
        b"1e",
        b"1e+",
        b"+1",
        b"0x10",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"nul",
        b"True",
        b"[1 2]",
        b"[1,]",
        b"[,1]",
        b"[",
        b"]",
        b"[1}",
        b"{\"a\":1]",
        b"{",
        b"{\"a\"}",
        b"{\"a\":}",
        b"{\"a\":1,}",
        b"{1:2}",
        b"{null:1}",
        b"{\"a\" 1}",
        b"[1]]",
        b"[1] 2",
        b"1,",
        b"[1]\0",
        b"\xef\xbb\xbf[]",
        b"'a'",
        b"\"a",
        b"\"\\x\"",
        b"\"\\u12\"",
        b"\"\\u12g4\"",
        b"\"\\",
        b"\"\n\"",
        b"\"\0\"",
        b"\"\x1f\"",
        b"\"\\ud83d\"",
        b"\"\\ude00\"",
        b"\"\\ud83dx\"",
        b"\"\\ud83d\\u0041\"",
        b"\"\x80\"",
        b"\"\xc0\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xc3\"",
        b"\"0123456789abcdef\xff\"",
        b"/*c*/1",
        b"[1]//",
    ] {
        let text = String::from_utf8_lossy(raw);
        assert!(serde_json::from_slice::<Value>(raw).is_err(), "{text}");
        assert!(skip(Format::Json, raw).is_err(), "skip: {text}");
        assert!(walk(Format::Json, raw).is_err(), "walk: {text}");
    }
}

#[test]
fn numbers() {
    use Token::{F64, I64, U64};
    for (text, token) in [
        ("0", U64(0)),
        ("18446744073709551615", U64(u64::MAX)),
        ("-1", I64(-1)),
        ("-9223372036854775808", I64(i64::MIN)),
        ("1.0", F64(1.0)),
        ("1e3", F64(1000.0)),
        ("5e-324", F64(5e-324)),
        ("1e-400", F64(0.0)),
        ("0.1", F64(0.1)),
        ("9007199254740993.0", F64(9_007_199_254_740_992.0)),
    ] {
        assert_eq!(
            walk(Format::Json, text.as_bytes()).unwrap(),
            [token],
            "{text}"
        );
    }
    let minus_zero = from_slice::<f64>(Format::Json, b"-0").unwrap();
    assert!(minus_zero == 0.0 && minus_zero.is_sign_negative());

    for (text, negative, magnitude) in [
        (
            "18446744073709551616",
            false,
            &[1, 0, 0, 0, 0, 0, 0, 0, 0][..],
        ),
        ("-9223372036854775809", true, &[0x80, 0, 0, 0, 0, 0, 0, 0]),
        ("-18446744073709551617", true, &[1, 0, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        let magnitude = magnitude.into();
        assert_eq!(
            walk(Format::Json, text.as_bytes()).unwrap(),
            [Token::BigInt {
                negative,
                magnitude
            }],
            "{text}"
        );
    }

    // Out of range, but well formed: it can be passed on.
    for text in ["1e400".to_owned(), "9".repeat(5000)] {
        assert!(walk(Format::Json, text.as_bytes()).is_err());
        assert!(skip(Format::Json, text.as_bytes()).is_ok());
    }
}

#[test]
fn floats_stay_floats() {
    for (number, text) in [
        (1.0_f64, "1.0"),
        (-0.0, "-0.0"),
        (1e16, "1e+16"),
        (0.1, "0.1"),
        (1e308, "1e+308"),
        (5e-324, "5e-324"),
    ] {
        let json = encode(Format::Json, &number);
        assert_eq!(str::from_utf8(&json).unwrap(), text);
        assert!(
            matches!(walk(Format::Json, &json).unwrap()[..], [Token::F64(back)] if back.to_bits() == number.to_bits())
        );
    }
    assert_eq!(&encode(Format::Json, &0.1_f32)[..], b"0.1");
}

#[test]
fn strings_are_escaped_like_serde_json_does() {
    let all: String = (0..0x180).filter_map(char::from_u32).collect();
    for text in [
        &all,
        "",
        "\"",
        "plain and long enough for blocks, plain and long enough for blocks, \" and on it goes",
    ] {
        assert_eq!(
            &encode(Format::Json, text)[..],
            serde_json::to_vec(text).unwrap()
        );
        assert_eq!(
            from_slice::<String>(Format::Json, &encode(Format::Json, text)).unwrap(),
            text
        );
    }
}

#[test]
fn a_string_with_nul_and_base64_is_binary_data() {
    let data = ByteBuf::from([0, 1, 255]);
    let json = encode(Format::Json, &data);
    assert_eq!(&json[..], br#""\u0000AAH/""#);
    assert_eq!(from_slice::<ByteBuf>(Format::Json, &json).unwrap(), data);
    assert_eq!(
        from_slice::<Value>(Format::Json, &json).unwrap(),
        Value::Data(data.to_vec())
    );
    assert_eq!(
        from_slice::<ByteBuf>(Format::Json, br#""\u0000""#).unwrap(),
        ByteBuf::new()
    );
}

#[test]
fn a_string_with_nul_and_something_else_is_text() {
    for text in ["\0", "\0AAH", "\0not base64", "\0AAH/"] {
        let json = encode(Format::Json, text);
        assert_eq!(
            from_slice::<String>(Format::Json, &json).unwrap(),
            text,
            "whoever asks for text gets it"
        );
    }
    for text in ["\0AAH", "\0not base64", "AAH/"] {
        let json = encode(Format::Json, text);
        assert_eq!(
            from_slice::<Value>(Format::Json, &json).unwrap(),
            Value::Text(text.to_owned())
        );
    }
    // Only values: keys are text.
    let map: Value = from_slice(Format::Json, br#"{"\u0000AAH/":1}"#).unwrap();
    assert_eq!(
        map,
        Value::Map(vec![("\0AAH/".to_owned(), Value::Unsigned(1))])
    );
}

#[test]
fn parts_of_a_message() {
    let mut reader = Format::Json.reader(br#" [ 48 , {"a" : [1]} , null,"x" ] "#);
    assert!(reader.has_next().unwrap());
    assert_eq!(reader.next().unwrap(), Token::Seq(None));
    assert!(!reader.take_null().unwrap());
    assert_eq!(reader.next().unwrap(), Token::U64(48));
    assert_eq!(reader.value().unwrap(), br#"{"a" : [1]}"#);
    assert!(reader.take_null().unwrap());
    assert!(reader.has_next().unwrap());
    assert_eq!(reader.value().unwrap(), br#""x""#);
    assert!(!reader.has_next().unwrap());
    assert_eq!(reader.next().unwrap(), Token::End);
    reader.finish().unwrap();
    assert!(reader.next().is_err());
}
