//! Frames, made and read with other people's serializers.

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use wamp_proto::codec::Format;
use wamp_proto::message::{Message, ProtocolViolation};

pub(crate) const FORMATS: [Format; 3] = [Format::Json, Format::MsgPack, Format::Cbor];

pub(crate) fn encode(format: Format, value: &Value) -> Bytes {
    let mut out = Vec::new();
    match format {
        Format::Json => serde_json::to_writer(&mut out, value).unwrap(),
        Format::MsgPack => rmp_serde::encode::write(&mut out, value).unwrap(),
        _ => ciborium::into_writer(value, &mut out).unwrap(),
    }
    out.into()
}

pub(crate) fn decode(format: Format, bytes: &[u8]) -> Value {
    match format {
        Format::Json => serde_json::from_slice(bytes).unwrap(),
        Format::MsgPack => rmp_serde::from_slice(bytes).unwrap(),
        _ => ciborium::from_reader(bytes).unwrap(),
    }
}

/// A list of fewer than 16 encoded values.
pub(crate) fn list(format: Format, items: &[Bytes]) -> Bytes {
    container(format, items, (b"[", b"]"), (0x90, 0x80))
}

/// A map with one entry.
pub(crate) fn map(format: Format, key: &str, value: &Bytes) -> Bytes {
    let key = encode(format, &Value::from(key));
    match format {
        Format::Json => [b"{".as_slice(), &key, b":", value, b"}"].concat().into(),
        Format::MsgPack => [b"\x81".as_slice(), &key, value].concat().into(),
        _ => [b"\xa1".as_slice(), &key, value].concat().into(),
    }
}

fn container(format: Format, items: &[Bytes], json: (&[u8], &[u8]), headers: (u8, u8)) -> Bytes {
    let header = |base: u8| vec![base + u8::try_from(items.len()).unwrap()];
    match format {
        Format::Json => [json.0, &items.join(&b','), json.1].concat().into(),
        Format::MsgPack => [header(headers.0), items.concat()].concat().into(),
        _ => [header(headers.1), items.concat()].concat().into(),
    }
}

pub(crate) fn written(message: &Message, format: Format) -> Bytes {
    let mut out = BytesMut::new();
    message.encode(format, &mut out).unwrap();
    out.freeze()
}

pub(crate) fn violation(format: Format, frame: &[u8]) -> ProtocolViolation {
    match Message::decode(format, &Bytes::copy_from_slice(frame)) {
        Ok(message) => panic!("{format}: {message:?} was accepted"),
        Err(violation) => violation,
    }
}
