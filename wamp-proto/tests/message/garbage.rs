//! Nothing that comes from the network panics.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use wamp_proto::message::Message;

use crate::round_trip::any_message;
use crate::wire::{FORMATS, encode};

proptest! {
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
            if let Ok(message) = Message::decode(format, &bytes.freeze()) {
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
