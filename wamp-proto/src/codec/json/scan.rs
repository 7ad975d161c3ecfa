//! The hot loop over the text of strings.

/// The beginning of a text that stands for itself in a JSON string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) len: usize,
    pub(super) ascii: bool,
}

/// Strings up to this length are not worth the preparations of a loop over blocks.
const SHORT: usize = 32;

/// Bytes looked at together in long strings; the compiler turns the loop over them into a few vector instructions.
const BLOCK: usize = 64;

/// How many bytes stand for themselves.
#[inline]
pub(crate) fn plain_len(bytes: &[u8]) -> usize {
    plain(bytes).len
}

/// How far `bytes` stand for themselves: up to a quote, a backslash, a control character, or the end.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> Plain {
    let (head, tail) = bytes.split_at_checked(SHORT).unwrap_or((bytes, &[]));
    let start = by_words(head);
    if start.len < head.len() || tail.is_empty() {
        return start;
    }
    let middle = by_blocks(tail);
    let end = by_words(tail.get(middle.len..).unwrap_or_default());
    Plain {
        len: start.len + middle.len + end.len,
        ascii: start.ascii && middle.ascii && end.ascii,
    }
}

/// As far as whole blocks go, so perhaps not all the way.
fn by_blocks(bytes: &[u8]) -> Plain {
    let mut len = 0;
    let mut seen = 0;
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
    Plain {
        len,
        ascii: seen.is_ascii(),
    }
}

/// Eight bytes at a time, then one by one.
#[inline]
fn by_words(bytes: &[u8]) -> Plain {
    let (words, rest) = bytes.as_chunks::<WORD>();
    let mut len = 0;
    let mut seen = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let specials = specials(word);
        if specials != 0 {
            let before = specials.trailing_zeros() / 8;
            seen |= word & !(u64::MAX << (8 * before));
            len += before as usize;
            return Plain {
                len,
                ascii: seen & HIGH_BITS == 0,
            };
        }
        seen |= word;
        len += WORD;
    }
    for &byte in rest {
        if is_special(byte) {
            break;
        }
        seen |= u64::from(byte);
        len += 1;
    }
    Plain {
        len,
        ascii: seen & HIGH_BITS == 0,
    }
}

const WORD: usize = size_of::<u64>();
const LOW_BITS: u64 = u64::from_le_bytes([0x01; WORD]);
const HIGH_BITS: u64 = u64::from_le_bytes([0x80; WORD]);

/// The high bit of each special byte of a word.
///
/// Subtracting from all bytes at once makes the borrow run on from a special byte to those after it, so only the first one is certain.
#[inline]
const fn specials(word: u64) -> u64 {
    let quote = word ^ (LOW_BITS * b'"' as u64);
    let backslash = word ^ (LOW_BITS * b'\\' as u64);
    let below_space = word.wrapping_sub(LOW_BITS * 0x20) & !word;
    let is_quote = quote.wrapping_sub(LOW_BITS) & !quote;
    let is_backslash = backslash.wrapping_sub(LOW_BITS) & !backslash;
    (below_space | is_quote | is_backslash) & HIGH_BITS
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
