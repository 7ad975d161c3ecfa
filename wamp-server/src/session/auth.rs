//! Who a session is, as far as WAMP is concerned.

use bytestring::ByteString;
use wamp_proto::id::Id;

use crate::auth::{ANONYMOUS, Principal};

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

/// What is said of a peer that is still to prove who it is.
pub(super) static NOBODY: Auth = Auth {
    id: ByteString::new(),
    role: ByteString::new(),
    method: ByteString::new(),
    provider: ByteString::new(),
};

impl Principal {
    /// Somebody of whom nothing is known, in a realm that asks for nothing or where `role` is for everybody.
    pub(crate) fn anonymous(session: Id, role: ByteString) -> Self {
        Self::new(format!("{ANONYMOUS}-{session}"), role)
            .provider("static")
            .method(ANONYMOUS)
    }

    pub(super) fn auth(&self) -> Auth {
        Auth {
            id: self.id.clone(),
            role: self.role.clone(),
            method: self.method.clone().unwrap_or_default(),
            provider: self.known_by(),
        }
    }
}
