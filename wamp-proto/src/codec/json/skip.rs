//! Passing over whole values.
//!
//! Most of every message is passed over: payloads are routed undecoded. So this is a loop of its own, over a slice and a position that
//! stay in registers, rather than one over tokens. There is no recursion.

use super::super::DecodeError;
use super::super::nesting::{Nesting, TOO_DEEP};
use super::number::{Literal, short_integer};
use super::scan::plain;
use super::string::unescape;

/// Passes over the value at `at`, an element of the outermost list; gives the position after it.
#[inline]
pub(crate) fn value_in_list(input: &[u8], at: usize) -> Result<usize, DecodeError> {
    value(input, at, Nesting::in_list())
}

/// Passes over the value at `at`, which is inside of the containers of `nesting`; gives the position after it.
pub(super) fn value(
    input: &[u8],
    mut at: usize,
    mut nesting: Nesting,
) -> Result<usize, DecodeError> {
    let outer = nesting.depth();
    loop {
        at = space(input, at);
        let first = byte(input, at)?;
        at = match first {
            b'"' => string(input, at)?,
            b'[' | b'{' => {
                let map = first == b'{';
                if !nesting.push(map) {
                    return Err(DecodeError::new(TOO_DEEP, at));
                }
                at = space(input, at + 1);
                // An empty container is closed below, like any other.
                if byte(input, at)? != closing(map) {
                    if map {
                        at = key(input, at)?;
                    }
                    continue;
                }
                at
            }
            b'-' | b'0'..=b'9' => number(input, at)?,
            b't' => keyword(input, at, b"true")?,
            b'f' => keyword(input, at, b"false")?,
            b'n' => keyword(input, at, b"null")?,
            _ => return Err(DecodeError::new("expected a value", at)),
        };
        // The end of a value may be the end of those around it.
        loop {
            if nesting.depth() == outer {
                return Ok(at);
            }
            let map = nesting.in_map();
            at = space(input, at);
            match byte(input, at)? {
                b',' => {
                    at += 1;
                    if map {
                        at = key(input, space(input, at))?;
                    }
                    break;
                }
                end if end == closing(map) => {
                    nesting.pop();
                    at += 1;
                }
                _ => return Err(DecodeError::new(expected_after(map), at)),
            }
        }
    }
}

/// Passes over the string whose opening quote is at `at`.
#[inline]
pub(super) fn string(input: &[u8], start: usize) -> Result<usize, DecodeError> {
    let mut at = start + 1;
    let mut all_ascii = true;
    loop {
        let rest = input.get(at..).unwrap_or_default();
        let run = plain(rest);
        all_ascii &= run.ascii;
        at += run.len;
        match byte(input, at)? {
            b'"' => break,
            b'\\' => at += unescape(rest.get(run.len..).unwrap_or_default(), at)?.1,
            _ => return Err(DecodeError::new("control character in a string", at)),
        }
    }
    if !all_ascii {
        // Escapes are ASCII, so no character is torn apart at them.
        utf8(input, start, at)?;
    }
    Ok(at + 1)
}

/// The text from `start` to `end`.
#[inline]
pub(super) fn utf8(input: &[u8], start: usize, end: usize) -> Result<&str, DecodeError> {
    str::from_utf8(input.get(start..end).unwrap_or_default())
        .map_err(|error| DecodeError::new("invalid UTF-8", start + error.valid_up_to()))
}

/// Passes over a key and its colon.
#[inline]
fn key(input: &[u8], at: usize) -> Result<usize, DecodeError> {
    if byte(input, at)? != b'"' {
        return Err(DecodeError::new("expected a string as key", at));
    }
    colon(input, string(input, at)?)
}

/// Passes over the colon after a key.
#[inline]
pub(super) fn colon(input: &[u8], at: usize) -> Result<usize, DecodeError> {
    let at = space(input, at);
    if byte(input, at)? != b':' {
        return Err(DecodeError::new("expected `:`", at));
    }
    Ok(at + 1)
}

#[inline]
fn number(input: &[u8], at: usize) -> Result<usize, DecodeError> {
    let rest = input.get(at..).unwrap_or_default();
    let len = match short_integer(rest) {
        Some((_, len)) => len,
        None => Literal::read(rest, at)?.len(),
    };
    Ok(at + len)
}

/// Passes over `true`, `false` or `null`.
#[inline]
pub(super) fn keyword(input: &[u8], at: usize, keyword: &[u8]) -> Result<usize, DecodeError> {
    if !input.get(at..).unwrap_or_default().starts_with(keyword) {
        return Err(DecodeError::new("expected a value", at));
    }
    Ok(at + keyword.len())
}

/// Passes over white space.
#[inline]
pub(super) fn space(input: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = input.get(at) {
        at += 1;
    }
    at
}

#[inline]
pub(super) fn byte(input: &[u8], at: usize) -> Result<u8, DecodeError> {
    match input.get(at) {
        Some(&byte) => Ok(byte),
        None => Err(DecodeError::new("unexpected end of input", at)),
    }
}

/// What closes a list or map.
#[inline]
pub(super) const fn closing(map: bool) -> u8 {
    if map { b'}' } else { b']' }
}

pub(super) const fn expected_after(map: bool) -> &'static str {
    if map {
        "expected `,` or `}`"
    } else {
        "expected `,` or `]`"
    }
}
