//! Nothing that comes from the network panics.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use wamp_proto::codec::Format;
use wamp_proto::message::Message;

use crate::round_trip::any_message;
use crate::wire::{FORMATS, encode, written};

/// There is a shortcut for compact JSON. A space in front is not compact, but changes nothing else.
fn check_shortcut(frame: &Bytes) -> Result<(), TestCaseError> {
    let spaced = Bytes::from([b" ", &frame[..]].concat());
    match (
        Message::decode(Format::Json, frame),
        Message::decode(Format::Json, &spaced),
    ) {
        (Ok(short), Ok(long)) => {
            prop_assert_eq!(written(&short, Format::Json), written(&long, Format::Json));
        }
        (Err(short), Err(long)) => prop_assert_eq!(short.path(), long.path()),
        (short, long) => return Err(TestCaseError::fail(format!("{short:?} or {long:?}"))),
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_shortcut_changes_nothing(
        frame in r#"\[(48|50|36|8|35),(0|1|9007199254740993|01),(\{\}|1|\{"progress":true\})(,"a"|,"\\n"|,1)?(,\[(1|\[\])?\]|,null)?(,\{\}|,\{"k":"\[\{"\}|,\[\])?\]? ?"#,
    ) {
        check_shortcut(&Bytes::from(frame))?;
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        for format in FORMATS {
            let _ = Message::decode(format, &Bytes::from(bytes.clone()));
        }
    }

    #[test]
    fn messages_with_wrong_bytes(
        message in any_message(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        for format in FORMATS {
            let mut bytes = BytesMut::from(&encode(format, &message)[..]);
            for (index, byte) in &changes {
                let index = index.index(bytes.len());
                bytes[index] = *byte;
            }
            let frame = bytes.freeze();
            if format == Format::Json {
                check_shortcut(&frame)?;
            }
            if let Ok(message) = Message::decode(format, &frame) {
                for target in FORMATS {
                    let mut out = BytesMut::from("before");
                    if message.encode(target, &mut out).is_err() {
                        prop_assert_eq!(&out[..], b"before");
                    }
                }
            }
        }
    }
}
