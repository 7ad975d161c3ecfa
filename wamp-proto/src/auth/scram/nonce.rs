//! Numbers that are used once, one of each side.

use super::Dialect;
use crate::auth::encoding::{base64_to_vec, to_base64};

/// The longest nonce of one side, in bytes. The specification recommends 16. A limit of this implementation.
const MAX: usize = 64;

/// The text of one side's random bytes. Nothing if there are none, or too many.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<String> {
    (1..=MAX).contains(&bytes.len()).then(|| to_base64(bytes))
}

/// The nonce of both sides, made by the router. Nothing if the client's is not one.
pub(super) fn join(dialect: Dialect, client: &str, server: &[u8]) -> Option<String> {
    let mut bytes = base64_to_vec(client, MAX).filter(|bytes| !bytes.is_empty())?;
    Some(match dialect {
        Dialect::Wamp => format!("{client}{}", to_base64(server)),
        Dialect::Crossbar => {
            bytes.extend_from_slice(server);
            to_base64(&bytes)
        }
    })
}

/// Whether the nonce of both sides begins with the client's, and goes on.
pub(super) fn continues(dialect: Dialect, joined: &str, client: &str) -> bool {
    match dialect {
        Dialect::Wamp => joined.strip_prefix(client).is_some_and(is_text),
        Dialect::Crossbar => {
            let decoded = |text| base64_to_vec(text, 2 * MAX);
            decoded(joined)
                .zip(decoded(client))
                .is_some_and(|(joined, client)| {
                    joined.len() > client.len() && joined.starts_with(&client)
                })
        }
    }
}

/// The specification wants Base64, but RFC 5802, section 5.1, allows all that is printable and no separator. A client gains nothing by
/// being stricter, and can be tested against the vectors of that RFC.
fn is_text(server: &str) -> bool {
    (1..=4 * MAX).contains(&server.len())
        && server
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b',')
}
