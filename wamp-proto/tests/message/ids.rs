//! Which numbers are ids.

use bytes::Bytes;
use wamp_proto::codec::Format;
use wamp_proto::message::Message;

use crate::table::{Kind, MESSAGES};
use crate::wire::violation;

#[test]
fn table_of_ids() {
    for (text, valid) in [
        ("1", true),
        ("9007199254740992", true),
        ("0", false),
        ("-0", false),
        ("-1", false),
        ("9007199254740993", false),
        ("18446744073709551615", false),
        ("18446744073709551616", false),
        ("1.0", false),
        ("1e3", false),
        ("01", false),
        ("\"1\"", false),
        ("true", false),
        ("null", false),
    ] {
        for spec in MESSAGES {
            for (index, (label, _)) in spec
                .fields
                .iter()
                .enumerate()
                .filter(|(_, (_, kind))| matches!(kind, Kind::Id))
            {
                let fields = spec
                    .fields
                    .iter()
                    .enumerate()
                    .map(|(other, (_, kind))| match kind {
                        _ if other == index => text,
                        Kind::Id => "7",
                        Kind::RequestType => "48",
                        Kind::Dict(_) if spec.name == "WELCOME" => r#"{"roles":{"dealer":{}}}"#,
                        Kind::Dict(_) => "{}",
                        _ => "\"text\"",
                    });
                let fields: Vec<&str> = fields.collect();
                let frame = format!("[{},{}]", spec.code, fields.join(","));
                if valid {
                    assert!(
                        Message::decode(Format::Json, &Bytes::from(frame)).is_ok(),
                        "{text}"
                    );
                } else {
                    assert_eq!(
                        violation(Format::Json, frame.as_bytes()).path(),
                        format!("{}.{label}", spec.name),
                        "{text}"
                    );
                }
            }
        }
    }
}
