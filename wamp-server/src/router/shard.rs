//! Choosing by a key: rendezvous hashing. When one of the candidates goes, only its keys move.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::BytesMut;
use wamp_proto::codec::{Format, transcode};
use wamp_proto::message::Raw;

/// A key as it was sent, whatever serializer it was sent in.
pub(crate) fn key(raw: &Raw) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut same = BytesMut::new();
    match transcode(raw.format(), raw.bytes(), Format::Cbor, &mut same) {
        Ok(()) => same.hash(&mut hasher),
        Err(_) => raw.bytes().hash(&mut hasher),
    }
    hasher.finish()
}

/// How much a candidate wants a key: whoever wants it most gets it.
pub(crate) fn weight(key: u64, candidate: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (key, candidate).hash(&mut hasher);
    hasher.finish()
}

/// A number below `len`, or `None` if there is none.
pub(crate) fn below(entropy: u64, len: usize) -> Option<usize> {
    let len = u128::try_from(len).ok().filter(|&it| it > 0)?;
    usize::try_from((u128::from(entropy) * len) >> 64).ok()
}
