//! Integers beyond 64 bits, between decimal text and big-endian magnitudes.

use std::borrow::Cow;

use super::Token;

/// The longest magnitude, in bytes, that is converted from or to decimal.
///
/// The conversion takes quadratic time, so a megabyte of digits would keep a core busy for minutes.
pub(super) const MAX_MAGNITUDE: usize = 512;

/// As many digits as a magnitude of [`MAX_MAGNITUDE`] bytes has at most.
const MAX_DIGITS: usize = 1234;

/// Decimal digits are converted in groups of nine, the most that fit into 32 bits.
const GROUP_DIGITS: usize = 9;
const GROUP: u64 = 1_000_000_000;

/// The integer `magnitude`, or `-1 - magnitude`, as the smallest token that can hold it.
pub(super) fn token(negative: bool, magnitude: Cow<'_, [u8]>) -> Token<'_> {
    let zeros = magnitude.iter().take_while(|&&byte| byte == 0).count();
    let magnitude = match magnitude {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(zeros..).unwrap_or_default()),
        Cow::Owned(mut bytes) => {
            bytes.drain(..zeros);
            Cow::Owned(bytes)
        }
    };
    if magnitude.len() <= size_of::<u64>() {
        let small = magnitude
            .iter()
            .fold(0, |sum, &byte| (sum << 8) | u64::from(byte));
        if !negative {
            return Token::U64(small);
        }
        if let Ok(small) = i64::try_from(small) {
            return Token::I64(-1 - small);
        }
    }
    Token::BigInt {
        negative,
        magnitude,
    }
}

/// The magnitude as a number, if 128 bits can hold it.
pub(super) fn to_u128(magnitude: &[u8]) -> Option<u128> {
    (magnitude.len() <= size_of::<u128>()).then(|| {
        magnitude
            .iter()
            .fold(0, |sum, &byte| (sum << 8) | u128::from(byte))
    })
}

/// The float nearest to `magnitude` or `-1 - magnitude`; infinite if it is too large for one.
pub(super) fn to_f64(negative: bool, magnitude: &[u8]) -> f64 {
    let (top, rest) = magnitude
        .split_at_checked(size_of::<u128>())
        .unwrap_or((magnitude, &[]));
    let mut top = top
        .iter()
        .fold(0, |sum, &byte| (sum << 8) | u128::from(byte));
    if !rest.is_empty() {
        // What is cut off matters only where it breaks a tie.
        top |= 1;
    } else if negative {
        top = top.saturating_add(1);
    }
    let scale = i32::try_from(8 * rest.len()).unwrap_or(i32::MAX);
    let size = top as f64 * 2.0_f64.powi(scale);
    if negative { -size } else { size }
}

/// Big-endian magnitude of decimal `digits`, nothing else among them; `None` if there are too many.
pub(super) fn from_decimal(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.len() > MAX_DIGITS {
        return None;
    }
    // Limbs of 32 bits, the lowest first.
    let mut limbs: Vec<u32> = Vec::with_capacity(digits.len() / GROUP_DIGITS + 1);
    let first = digits.len() % GROUP_DIGITS;
    let (head, tail) = digits.split_at_checked(first)?;
    for group in std::iter::once(head).chain(tail.chunks(GROUP_DIGITS)) {
        let mut carry = group
            .iter()
            .fold(0, |sum, &digit| sum * 10 + u64::from(digit - b'0'));
        for limb in &mut limbs {
            let wide = u64::from(*limb) * GROUP + carry;
            (*limb, carry) = (low(wide), wide >> 32);
        }
        if carry > 0 {
            limbs.push(low(carry));
        }
    }
    let bytes: Vec<u8> = limbs
        .iter()
        .rev()
        .flat_map(|limb| limb.to_be_bytes())
        .collect();
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    bytes.get(zeros..).map(<[u8]>::to_vec)
}

/// Decimal text of `magnitude` or `-1 - magnitude`; `None` if it is too long.
pub(super) fn to_decimal(negative: bool, magnitude: &[u8]) -> Option<String> {
    if magnitude.len() > MAX_MAGNITUDE {
        return None;
    }
    let mut limbs: Vec<u32> = magnitude
        .rchunks(4)
        .map(|chunk| {
            chunk
                .iter()
                .fold(0, |sum, &byte| (sum << 8) | u32::from(byte))
        })
        .collect();
    if negative {
        increment(&mut limbs);
    }

    let mut groups = Vec::with_capacity(limbs.len() + limbs.len() / 8 + 1);
    while limbs.iter().any(|&limb| limb != 0) {
        let mut rest = 0;
        for limb in limbs.iter_mut().rev() {
            let wide = (rest << 32) | u64::from(*limb);
            (*limb, rest) = (low(wide / GROUP), wide % GROUP);
        }
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        groups.push(rest);
    }

    let mut text = String::from(if negative { "-" } else { "" });
    text.push_str(&groups.pop().unwrap_or_default().to_string());
    for group in groups.iter().rev() {
        text.push_str(&format!("{group:09}"));
    }
    Some(text)
}

fn increment(limbs: &mut Vec<u32>) {
    for limb in &mut *limbs {
        let (sum, overflow) = limb.overflowing_add(1);
        *limb = sum;
        if !overflow {
            return;
        }
    }
    limbs.push(1);
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "taking the low half is the purpose"
)]
const fn low(wide: u64) -> u32 {
    wide as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_values_become_small_tokens() {
        assert_eq!(token(false, Cow::Borrowed(&[])), Token::U64(0));
        assert_eq!(token(false, Cow::Borrowed(&[0, 0, 7])), Token::U64(7));
        assert_eq!(token(true, Cow::Borrowed(&[0])), Token::I64(-1));
        assert_eq!(token(true, Cow::Owned(vec![0x7f; 1])), Token::I64(-128));
        assert_eq!(
            token(true, Cow::Owned(i64::MAX.to_be_bytes().to_vec())),
            Token::I64(i64::MIN)
        );
        assert!(matches!(
            token(true, Cow::Borrowed(&[0x80, 0, 0, 0, 0, 0, 0, 0])),
            Token::BigInt { .. }
        ));
        assert!(matches!(
            token(false, Cow::Borrowed(&[1; 9])),
            Token::BigInt { .. }
        ));
    }

    #[test]
    fn too_long_ones_are_refused_before_any_work() {
        assert_eq!(from_decimal(&vec![b'9'; 1_000_000]), None);
        assert_eq!(to_decimal(false, &vec![0xff; MAX_MAGNITUDE + 1]), None);
        let longest = to_decimal(true, &[0xff; MAX_MAGNITUDE]).unwrap();
        assert_eq!(longest.len(), MAX_DIGITS + 1);
    }

    proptest! {
        #[test]
        fn agrees_with_u128(number: u128) {
            let magnitude = from_decimal(number.to_string().as_bytes()).unwrap();
            prop_assert_eq!(to_u128(&magnitude), Some(number));
            prop_assert_eq!(to_decimal(false, &number.to_be_bytes()).unwrap(), number.to_string());
        }

        #[test]
        fn agrees_with_i128(number in i128::MIN..0) {
            let magnitude = (-1 - number).to_be_bytes();
            prop_assert_eq!(to_decimal(true, &magnitude).unwrap(), number.to_string());
        }

        #[test]
        fn decimal_round_trips(digits in "[1-9][0-9]{0,1200}") {
            let magnitude = from_decimal(digits.as_bytes()).unwrap();
            prop_assert_eq!(to_decimal(false, &magnitude).unwrap(), digits);
        }

        #[test]
        fn floats_are_rounded_like_those_of_the_standard_library(digits in "[1-9][0-9]{0,320}", negative: bool) {
            let mut magnitude = from_decimal(digits.as_bytes()).unwrap();
            let mut number: f64 = digits.parse().unwrap();
            if negative && magnitude.iter().any(|&byte| byte != 0) {
                number = -number;
                let last = magnitude.iter().rposition(|&byte| byte != 0).unwrap();
                magnitude[last] -= 1;
                magnitude[last + 1..].fill(0xff);
            }
            prop_assert_eq!(to_f64(negative, &magnitude), number);
        }
    }
}
