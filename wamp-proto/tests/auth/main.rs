//! The arithmetic of authentication against vectors that others computed, and against attacks.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod cra;
mod cryptosign;
mod cryptosign_attacks;
mod scram;
mod scram_attacks;
mod scram_bounds;
mod scram_channel;
mod scram_setup;
mod secrets;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

fn from_base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of hexadecimal digits.
fn hex<const N: usize>(text: &str) -> [u8; N] {
    assert_eq!(text.len(), 2 * N);
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
}

/// `N` bytes that count up from `first`.
fn count<const N: usize>(first: u8) -> [u8; N] {
    std::array::from_fn(|i| first + u8::try_from(i).unwrap())
}
