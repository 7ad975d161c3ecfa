//! Comparing a secret that travels as it is. WAMP, "Ticket-based Authentication".

use subtle::ConstantTimeEq;

use super::hash::sha256;

/// Whether the secret that was given is the expected one.
///
/// How long it takes depends on how long the two are, and on nothing else: what is compared is their hashes, all of them.
///
/// ```
/// use wamp_proto::auth::ticket::is_same;
///
/// assert!(is_same(b"open sesame", b"open sesame"));
/// assert!(!is_same(b"open sesame", b"open barley"));
/// assert!(!is_same(b"open sesame", b"open"));
/// ```
#[must_use]
pub fn is_same(expected: &[u8], given: &[u8]) -> bool {
    sha256(expected).ct_eq(&sha256(given)).into()
}
