//! Names, negotiation, batches, and formats of one's own.

use bytes::{Bytes, BytesMut};
use wamp_proto::codec::{
    Format, JsonReader, JsonWriter, Place, Read, Serializer, Write, from_slice, to_bytes,
};
use wamp_proto::payload::Payload;
use wamp_proto::subprotocol::{BatchError, Subprotocol};

#[test]
fn names() {
    for subprotocol in Subprotocol::ALL {
        assert_eq!(Subprotocol::parse(&subprotocol.name()), Some(subprotocol));
    }
    for name in [
        "",
        "wamp.2.",
        "wamp.2.jso",
        "wamp.2.json2",
        "wamp.2.JSON",
        "wamp.1.json",
        "wamp.2.json.batched.",
        "json",
        "wamp.2.ubjson",
    ] {
        assert_eq!(Subprotocol::parse(name), None, "{name}");
    }
}

#[test]
fn the_order_of_the_client_counts() {
    let both = [
        Subprotocol::new(Format::Json),
        Subprotocol::new(Format::Cbor),
    ];
    let negotiate = |offered: &[&str]| Subprotocol::negotiate(offered.iter().copied(), &both);
    assert_eq!(negotiate(&["wamp.2.cbor", "wamp.2.json"]), Some(both[1]));
    assert_eq!(
        negotiate(&["wamp.2.msgpack", "wamp.2.json", "wamp.2.cbor"]),
        Some(both[0])
    );
    assert_eq!(negotiate(&["wamp.2.json.batched"]), None);
    assert_eq!(negotiate(&[]), None);
}

#[test]
fn batches_round_trip() {
    let messages = [&b"[1]"[..], b"", b"[2,\"two\"]"];
    for subprotocol in Subprotocol::ALL
        .into_iter()
        .filter(|subprotocol| subprotocol.batched)
    {
        let mut out = BytesMut::new();
        for message in messages {
            let begin = subprotocol.batch_begin(&mut out);
            out.extend_from_slice(message);
            subprotocol.batch_end(&mut out, begin).unwrap();
        }
        let frame = out.freeze();
        assert_eq!(
            subprotocol.split_batch(&frame).unwrap().collect::<Vec<_>>(),
            messages
        );
        // Cut anywhere but between messages, it is refused.
        for cut in 0..frame.len() {
            match subprotocol.split_batch(&frame.slice(..cut)) {
                Ok(batch) => assert!(batch.zip(messages).all(|(cut, message)| cut == message)),
                Err(error) => assert_eq!(
                    error,
                    if cut == 0 {
                        BatchError::Empty
                    } else {
                        BatchError::Truncated
                    }
                ),
            }
        }
    }
}

#[test]
fn malformed_batches() {
    let json = Subprotocol::batched(Format::Json);
    let binary = Subprotocol::batched(Format::MsgPack);
    let split = |subprotocol: Subprotocol, frame: &'static [u8]| {
        subprotocol
            .split_batch(&Bytes::from_static(frame))
            .map(Iterator::count)
    };
    assert_eq!(split(json, b""), Err(BatchError::Empty));
    assert_eq!(split(json, b"[1]"), Err(BatchError::Truncated));
    assert_eq!(split(json, b"[1]\x1e[2]"), Err(BatchError::Truncated));
    assert_eq!(split(json, b"[1]\x1e[2]\x1e"), Ok(2));
    assert_eq!(split(binary, b""), Err(BatchError::Empty));
    assert_eq!(split(binary, b"\0\0\0"), Err(BatchError::Truncated));
    assert_eq!(split(binary, b"\0\0\0\x02\x90"), Err(BatchError::Truncated));
    assert_eq!(
        split(binary, b"\xff\xff\xff\xff\x90"),
        Err(BatchError::Truncated)
    );
    assert_eq!(
        split(binary, b"\0\0\0\x01\x90\0"),
        Err(BatchError::Truncated)
    );
    assert_eq!(split(binary, b"\0\0\0\x01\x90\0\0\0\x01\x90"), Ok(2));
}

#[test]
fn without_batches_the_frame_is_the_message() {
    let frame = Bytes::from("[1]");
    for subprotocol in Subprotocol::ALL
        .into_iter()
        .filter(|subprotocol| !subprotocol.batched)
    {
        assert_eq!(
            subprotocol.split_batch(&frame).unwrap().collect::<Vec<_>>(),
            [&frame]
        );
        let mut out = BytesMut::new();
        let begin = subprotocol.batch_begin(&mut out);
        out.extend_from_slice(&frame);
        subprotocol.batch_end(&mut out, begin).unwrap();
        assert_eq!(out, frame);
    }
}

/// JSON by another name.
#[derive(Debug)]
struct Jason;

impl Serializer for Jason {
    fn name(&self) -> &'static str {
        "jason"
    }

    fn is_binary(&self) -> bool {
        true
    }

    fn reader<'de>(&self, input: &'de [u8]) -> Box<dyn Read<'de> + 'de> {
        Box::new(JsonReader::new(input))
    }

    fn writer<'w>(&self, out: &'w mut BytesMut, place: Place) -> Box<dyn Write + 'w> {
        Box::new(JsonWriter::new(out, place))
    }
}

#[test]
fn formats_of_ones_own() {
    let jason = Format::Custom(&Jason);
    assert_eq!(jason, jason);
    assert_ne!(jason, Format::Json);

    let subprotocol = Subprotocol::batched(jason);
    assert_eq!(subprotocol.name(), "wamp.2.jason.batched");
    assert_eq!(
        Subprotocol::negotiate(["wamp.2.jason.batched"], &[subprotocol]),
        Some(subprotocol)
    );
    assert_eq!(
        Subprotocol::negotiate(["wamp.2.jason"], &[subprotocol]),
        None
    );

    let mut out = BytesMut::new();
    to_bytes(jason, &(1, "two"), &mut out).unwrap();
    assert_eq!(from_slice::<(u8, &str)>(jason, &out).unwrap(), (1, "two"));

    let payload = Payload::from_value(Format::MsgPack, &(1, "two"))
        .unwrap()
        .transcode(jason)
        .unwrap();
    assert_eq!(payload.args_raw().unwrap(), &br#"[1,"two"]"#[..]);
    assert_eq!(
        payload.transcode(Format::Cbor).unwrap(),
        Payload::from_value(Format::Cbor, &(1, "two")).unwrap()
    );
}
