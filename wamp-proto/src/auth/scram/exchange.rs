//! The text that both sides sign: all that they said to each other.

use super::{Dialect, TLS_EXPORTER};
use crate::auth::encoding::to_base64;
use crate::auth::hash::Hash;

/// What goes into the `AuthMessage`. WAMP, "AuthMessage"; RFC 5802, section 3.
pub(super) struct Exchange<'a> {
    pub(super) dialect: Dialect,
    /// The name, prepared and escaped.
    pub(super) name: &'a str,
    pub(super) client_nonce: &'a str,
    /// The nonce of both sides.
    pub(super) nonce: &'a str,
    /// The salt in Base64.
    pub(super) salt: &'a str,
    pub(super) iterations: u32,
    pub(super) channel: Option<&'a Hash>,
}

impl Exchange<'_> {
    /// `AuthMessage`.
    pub(super) fn auth_message(&self) -> String {
        let Self {
            name,
            client_nonce,
            nonce,
            salt,
            iterations,
            ..
        } = self;
        let binding = self.channel_binding();
        format!("n={name},r={client_nonce},r={nonce},s={salt},i={iterations},c={binding},r={nonce}")
    }

    /// The flag and data of the channel binding. The deployed dialect leaves them out.
    fn channel_binding(&self) -> String {
        match (self.dialect, self.channel) {
            (Dialect::Crossbar, _) => String::new(),
            (Dialect::Wamp, None) => to_base64(b"n,,"),
            (Dialect::Wamp, Some(channel)) => {
                let flag = format!("p={TLS_EXPORTER},,");
                to_base64(&[flag.as_bytes(), channel].concat())
            }
        }
    }
}
