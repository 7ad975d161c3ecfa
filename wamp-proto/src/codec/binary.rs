//! Binary data in JSON: a string that begins with U+0000 and goes on in Base64.
//!
//! The convention is WAMP's. Its price is that a text which happens to look like that cannot be told from binary data; whoever asks for
//! text gets the text, whoever leaves the type open gets the data.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;

/// The data in `text`; `None` if it is just text.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.strip_prefix('\0')?).ok()
}

/// Appends `data` as a JSON string.
pub(super) fn encode(data: &[u8], out: &mut BytesMut) {
    /// Bytes that are encoded at once: a multiple of 3, so that only the last piece is padded.
    const PIECE: usize = 768;

    out.extend_from_slice(br#""\u0000"#);
    let mut text = [0; PIECE / 3 * 4];
    for piece in data.chunks(PIECE) {
        let len = STANDARD
            .encode_slice(piece, &mut text)
            .expect("four characters for three bytes, and the piece is a multiple of three");
        out.extend_from_slice(text.get(..len).unwrap_or_default());
    }
    out.extend_from_slice(b"\"");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_canonical_base64_is_data() {
        assert_eq!(decode("\0"), Some(vec![]));
        assert_eq!(decode("\0AAH/"), Some(vec![0, 1, 255]));
        for text in [
            "", "AAH/", "\0AAH", "\0AA", "\0AB==", "\0AAH/\n", "\0AAH_", "\0AA==A", "\0\0", "\0hé",
        ] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn round_trips(data in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut json = BytesMut::new();
            encode(&data, &mut json);
            let text: String = serde_json::from_slice(&json).unwrap();
            prop_assert_eq!(decode(&text), Some(data));
        }
    }
}
