//! Bytes as text.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

/// Hexadecimal in lower case.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Hexadecimal of exactly `N` bytes, in either case.
pub(super) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = hex_to_vec(text, N)?;
    bytes.try_into().ok()
}

/// Hexadecimal of at most `max` bytes, in either case.
pub(super) fn hex_to_vec(text: &str, max: usize) -> Option<Vec<u8>> {
    if text.len() > 2 * max {
        return None;
    }
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

/// Base64 with padding. RFC 4648, section 4.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Base64 without padding.
pub(super) fn to_base64_unpadded(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

/// Canonical Base64 of exactly `N` bytes.
pub(super) fn from_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    base64_to_vec(text, N)?.try_into().ok()
}

/// Canonical Base64 of at most `max` bytes.
pub(super) fn base64_to_vec(text: &str, max: usize) -> Option<Vec<u8>> {
    // Checked first, so that nobody makes us decode a megabyte.
    if text.len() > max.div_ceil(3) * 4 {
        return None;
    }
    STANDARD
        .decode(text)
        .ok()
        .filter(|bytes| bytes.len() <= max)
}
