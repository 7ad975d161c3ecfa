//! Who a session is, as far as WAMP is concerned.

use bytestring::ByteString;
use wamp_proto::id::Id;

/// What the peer is told about itself in WELCOME.
///
/// The WAMP specification, "Authentication Methods".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Auth {
    /// Whom the peer is authenticated as.
    pub id: ByteString,
    /// The role that its rights follow from.
    pub role: ByteString,
    /// How it was authenticated.
    pub method: ByteString,
    /// Who authenticated it.
    pub provider: ByteString,
}

impl Auth {
    /// A peer that is not authenticated.
    pub(crate) fn anonymous(session: Id) -> Self {
        Self {
            id: format!("anonymous-{session}").into(),
            role: ByteString::from_static("anonymous"),
            method: ByteString::from_static("anonymous"),
            provider: ByteString::from_static("static"),
        }
    }
}
