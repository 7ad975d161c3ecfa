use std::fmt;

use bytestring::ByteString;

use crate::auth::ticket::is_same;

/// Text that must not get into logs: a ticket, a password, a signature.
///
/// It is not comparable on purpose: how long `==` takes tells how much of a guess was right.
///
/// ```
/// use wamp_proto::message::Secret;
///
/// let ticket = Secret::new("open sesame");
/// assert_eq!(format!("{ticket:?}"), "***");
/// assert_eq!(ticket.expose(), "open sesame");
/// ```
#[derive(Clone)]
pub struct Secret(ByteString);

impl Secret {
    /// Keeps a text secret.
    pub fn new(text: impl Into<ByteString>) -> Self {
        Self(text.into())
    }

    /// Whether it is this one. How long that takes tells neither whether nor where they differ.
    ///
    /// ```
    /// # use wamp_proto::message::Secret;
    /// assert!(Secret::new("open sesame").is_same("open sesame"));
    /// ```
    pub fn is_same(&self, other: impl AsRef<[u8]>) -> bool {
        is_same(self.0.as_bytes(), other.as_ref())
    }

    /// The text itself.
    pub fn expose(&self) -> &ByteString {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
