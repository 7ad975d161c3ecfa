//! What is known of an open session.

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::WelcomeDetails;

/// A session: what the router said in WELCOME.
#[derive(Clone, Debug)]
pub struct SessionInfo {
    pub(crate) id: Id,
    pub(crate) realm: ByteString,
    pub(crate) welcome: Box<WelcomeDetails>,
}

impl SessionInfo {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.id
    }

    /// The realm that was joined.
    #[must_use]
    pub fn realm(&self) -> &str {
        self.welcome.realm.as_deref().unwrap_or(&self.realm)
    }

    /// What the router says about itself and about us: roles and features, `authid`, `authrole`.
    #[must_use]
    pub fn welcome(&self) -> &WelcomeDetails {
        &self.welcome
    }
}
