//! Number literals.

use std::borrow::Cow;

use super::super::{DecodeError, Token, big_int};

/// The usual literal, digits and nothing else, and how long it is. `None` is not an error: [`Literal`] knows them all.
#[inline]
pub(super) fn short_integer(input: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    let mut len = 0;
    while let Some(digit) = digit(input, len) {
        if len == SAFE_DIGITS {
            return None;
        }
        number = number * 10 + u64::from(digit);
        len += 1;
    }
    let leading_zero = len > 1 && input.first() == Some(&b'0');
    let goes_on = matches!(input.get(len), Some(b'.' | b'e' | b'E'));
    (len > 0 && !leading_zero && !goes_on).then_some((number, len))
}

/// A literal that follows the grammar; its value may still be out of range.
#[derive(Debug)]
pub(super) struct Literal<'de> {
    text: &'de [u8],
    negative: bool,
    /// Whether it has a fraction or an exponent.
    float: bool,
    /// The digits before fraction and exponent, unless they exceed 64 bits.
    integer: Option<u64>,
}

impl<'de> Literal<'de> {
    /// Reads the literal at the start of `input`. `offset` is where that is, for errors.
    pub(super) fn read(input: &'de [u8], offset: usize) -> Result<Self, DecodeError> {
        let negative = input.first() == Some(&b'-');
        let mut len = usize::from(negative);

        let start = len;
        let mut sum = 0_u64;
        while let Some(digit) = digit(input, len) {
            sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit));
            len += 1;
        }
        let integer = if len - start <= SAFE_DIGITS {
            Some(sum)
        } else {
            careful(input.get(start..len).unwrap_or_default())
        };
        match len - start {
            0 => return Err(DecodeError::new("expected a digit", offset + len)),
            1 => {}
            _ if input.get(start) == Some(&b'0') => {
                return Err(DecodeError::new(
                    "number with a leading zero",
                    offset + start,
                ));
            }
            _ => {}
        }

        let mut float = false;
        if input.get(len) == Some(&b'.') {
            float = true;
            len = digits(input, len + 1, offset)?;
        }
        if let Some(b'e' | b'E') = input.get(len) {
            float = true;
            let sign = usize::from(matches!(input.get(len + 1), Some(b'+' | b'-')));
            len = digits(input, len + 1 + sign, offset)?;
        }
        let text = input.get(..len).unwrap_or_default();
        Ok(Self {
            text,
            negative,
            float,
            integer,
        })
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.text.len()
    }

    /// Its value; `None` if it is out of range.
    pub(super) fn token(&self) -> Option<Token<'de>> {
        match self.integer {
            _ if self.float => self.float(),
            Some(number) if !self.negative => Some(Token::U64(number)),
            // There is no integer -0; JavaScript writes it for the float.
            Some(0) => Some(Token::F64(-0.0)),
            Some(number) => match 0_i64.checked_sub_unsigned(number) {
                Some(number) => Some(Token::I64(number)),
                None => self.big_int(),
            },
            None => self.big_int(),
        }
    }

    #[cold]
    fn big_int(&self) -> Option<Token<'de>> {
        let digits = self.text.get(usize::from(self.negative)..)?;
        let mut magnitude = big_int::from_decimal(digits)?;
        if self.negative {
            // From -n to -1 - (n - 1). It is not zero, so some byte has something to lend.
            for byte in magnitude.iter_mut().rev() {
                let borrow = *byte == 0;
                *byte = byte.wrapping_sub(1);
                if !borrow {
                    break;
                }
            }
        }
        Some(big_int::token(self.negative, Cow::Owned(magnitude)))
    }

    fn float(&self) -> Option<Token<'de>> {
        let number: f64 = str::from_utf8(self.text).ok()?.parse().ok()?;
        number.is_finite().then_some(Token::F64(number))
    }
}

/// So many digits always fit into 64 bits.
const SAFE_DIGITS: usize = 19;

/// The number of more than [`SAFE_DIGITS`] digits, if it fits all the same.
#[cold]
fn careful(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |sum, &digit| {
        sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })
}

/// Passes over at least one digit.
fn digits(input: &[u8], start: usize, offset: usize) -> Result<usize, DecodeError> {
    let mut end = start;
    while digit(input, end).is_some() {
        end += 1;
    }
    if end == start {
        return Err(DecodeError::new("expected a digit", offset + end));
    }
    Ok(end)
}

#[inline]
fn digit(input: &[u8], at: usize) -> Option<u8> {
    let digit = input.get(at)?.wrapping_sub(b'0');
    (digit <= 9).then_some(digit)
}
