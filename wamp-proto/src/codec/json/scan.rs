//! The hot loop over the text of strings.

/// The beginning of a text that stands for itself in a JSON string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) len: usize,
    pub(super) ascii: bool,
}

/// Strings up to this length are not worth the preparations of a block-wise loop.
const SHORT: usize = 16;

/// Bytes looked at together; the compiler turns the loop over them into a few vector instructions.
const BLOCK: usize = 64;

/// How far `bytes` stand for themselves: up to a quote, a backslash, a control character, or the end.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> Plain {
    let short = bytes.get(..SHORT).unwrap_or(bytes);
    let mut seen = 0;
    for (len, &byte) in short.iter().enumerate() {
        if is_special(byte) {
            return Plain { len, ascii: seen < 0x80 };
        }
        seen |= byte;
    }
    match bytes.get(SHORT..) {
        Some(rest) if !rest.is_empty() => plain_long(rest, seen),
        _ => Plain { len: short.len(), ascii: seen < 0x80 },
    }
}

/// Goes on after the first [`SHORT`] bytes; `seen` is the union of their bits.
fn plain_long(bytes: &[u8], mut seen: u8) -> Plain {
    let mut len = 0;
    for block in bytes.as_chunks::<BLOCK>().0 {
        let mut special = 0;
        let mut bits = 0;
        for &byte in block {
            special |= u8::from(is_special(byte));
            bits |= byte;
        }
        if special != 0 {
            break;
        }
        seen |= bits;
        len += BLOCK;
    }
    for &byte in bytes.get(len..).unwrap_or_default() {
        if is_special(byte) {
            break;
        }
        seen |= byte;
        len += 1;
    }
    Plain { len: SHORT + len, ascii: seen < 0x80 }
}

/// Without short circuits, so that it becomes arithmetic.
#[inline]
const fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_the_obvious_loop(
            mut bytes in proptest::collection::vec(prop_oneof![9 => 0x23..0x5c_u8, 1 => any::<u8>()], 0..300),
            cut in 0..300_usize,
        ) {
            // Long runs without anything special are what blocks are for.
            for byte in bytes.iter_mut().take(cut) {
                *byte = byte.saturating_add(0x5d);
            }
            let len = bytes.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\').unwrap_or(bytes.len());
            let expected = Plain { len, ascii: bytes[..len].is_ascii() };
            prop_assert_eq!(plain(&bytes), expected);
        }
    }
}
