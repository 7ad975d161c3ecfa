//! Escapes in strings.

use super::super::DecodeError;

/// Reads the escape whose backslash is at the start of `input`: the character, and how long the escape is. `offset` is where that is,
/// for errors.
#[cold]
pub(super) fn unescape(input: &[u8], offset: usize) -> Result<(char, usize), DecodeError> {
    let simple = match input.get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\x08',
        Some(b'f') => '\x0c',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(input, offset),
        Some(_) => return Err(DecodeError::new("unknown escape in a string", offset)),
        None => {
            return Err(DecodeError::new(
                "unexpected end of input",
                offset + input.len(),
            ));
        }
    };
    Ok((simple, 2))
}

/// `\uXXXX`, or two of them for a character beyond the basic plane.
fn unicode(input: &[u8], offset: usize) -> Result<(char, usize), DecodeError> {
    const UNIT: usize = 6;

    let first =
        unit(input).ok_or_else(|| DecodeError::new("expected four hexadecimal digits", offset))?;
    if let Some(single) = char::from_u32(first) {
        return Ok((single, UNIT));
    }
    let pair = input.get(UNIT..).and_then(unit);
    match (first, pair) {
        (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => {
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            let pair = char::from_u32(code)
                .ok_or_else(|| DecodeError::new("lone surrogate in a string", offset))?;
            Ok((pair, 2 * UNIT))
        }
        _ => Err(DecodeError::new("lone surrogate in a string", offset)),
    }
}

/// The number in `\uXXXX`.
fn unit(input: &[u8]) -> Option<u32> {
    let digits = input.strip_prefix(br"\u")?.get(..4)?;
    digits.iter().try_fold(0, |sum, &digit| {
        Some((sum << 4) | char::from(digit).to_digit(16)?)
    })
}

/// How `byte` is written in a string; `None` if it stands for itself. Inside of `\u00XX` the caller puts the digits.
pub(super) const fn escape(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b'"' => br#"\""#,
        b'\\' => br"\\",
        0x08 => br"\b",
        0x0c => br"\f",
        b'\n' => br"\n",
        b'\r' => br"\r",
        b'\t' => br"\t",
        _ => return None,
    })
}
