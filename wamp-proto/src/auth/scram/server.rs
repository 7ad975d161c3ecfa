//! The router's side.

use std::fmt;

use subtle::ConstantTimeEq;

use super::exchange::Exchange;
use super::{Credential, Dialect, TLS_EXPORTER, nonce};
use crate::auth::Denied;
use crate::auth::encoding::{from_base64, to_base64};
use crate::auth::hash::{Hash, hmac, sha256, xor};
use crate::message::details::{AuthenticateExtra, ChallengeExtra};

/// What HELLO says. RFC 5802 calls it `client-first-message`.
#[derive(Clone, Copy, Debug)]
pub struct ClientFirst<'a> {
    /// `HELLO.Details.authid`: who the client says it is.
    pub authid: &'a str,
    /// `HELLO.Details.authextra.nonce`: random bytes in Base64.
    pub nonce: &'a str,
    /// `HELLO.Details.authextra.channel_binding`: the kind of channel binding, if the client wants one.
    pub channel_binding: Option<&'a str>,
}

/// A router that has asked, and waits for the answer.
pub struct Server {
    dialect: Dialect,
    nonce: String,
    auth_message: String,
    channel: Option<Hash>,
    stored_key: Hash,
    server_key: Hash,
}

impl Server {
    /// Answers HELLO with what goes into CHALLENGE.
    ///
    /// The nonce is 16 random bytes. The channel is the 32 bytes that the TLS connection [exports](TLS_EXPORTER), if it is one. The
    /// credential must be [of the same dialect](Credential). For a name that does not exist, take a [mock](Credential::mock).
    ///
    /// A router that insists on channel binding denies clients that do not ask for it, before it comes here.
    ///
    /// # Errors
    ///
    /// Fails if the client's name or nonce is malformed, and if it wants a channel binding that there is not.
    pub fn start(
        dialect: Dialect,
        hello: &ClientFirst<'_>,
        server_nonce: &[u8; 16],
        credential: &Credential,
        channel: Option<&[u8; 32]>,
    ) -> Result<(Self, ChallengeExtra), Denied> {
        let channel = bound_channel(dialect, hello.channel_binding, channel)?;
        let nonce = nonce::join(dialect, hello.nonce, server_nonce).ok_or(Denied)?;
        let salt = to_base64(credential.salt());
        let auth_message = Exchange {
            dialect,
            name: &dialect.name(hello.authid).map_err(|_| Denied)?,
            client_nonce: hello.nonce,
            nonce: &nonce,
            salt: &salt,
            iterations: credential.kdf().iterations(),
            channel,
        }
        .auth_message();

        let mut extra = ChallengeExtra {
            nonce: Some(nonce.as_str().into()),
            salt: Some(salt.into()),
            ..ChallengeExtra::default()
        };
        credential.kdf().write_to(dialect, &mut extra);
        let server = Self {
            dialect,
            nonce,
            auth_message,
            channel: channel.copied(),
            stored_key: *credential.stored_key(),
            server_key: *credential.server_key(),
        };
        Ok((server, extra))
    }

    /// Checks AUTHENTICATE, and gives the router's own proof: what goes into `WELCOME.Details.authextra` under the
    /// [key of the dialect](Dialect::verifier_key).
    ///
    /// # Errors
    ///
    /// Fails unless the client knows the password and repeats what was said before.
    pub fn finish(self, signature: &str, extra: &AuthenticateExtra) -> Result<String, Denied> {
        let proof = from_base64(signature).ok_or(Denied)?;
        let client_signature = hmac(&self.stored_key, self.auth_message.as_bytes());
        let client_key = xor(&proof, &client_signature);
        let known = sha256(&client_key).ct_eq(&self.stored_key);
        if !bool::from(known) || !self.is_repeated_by(extra) {
            return Err(Denied);
        }
        let server_signature = hmac(&self.server_key, self.auth_message.as_bytes());
        Ok(self.dialect.verifier(&server_signature))
    }

    /// Whether nonce and channel binding are those of HELLO and CHALLENGE. In the deployed dialect nobody says them again.
    fn is_repeated_by(&self, extra: &AuthenticateExtra) -> bool {
        if self.dialect == Dialect::Crossbar {
            return true;
        }
        let (kind, data) = match &self.channel {
            Some(channel) => (Some(TLS_EXPORTER), Some(to_base64(channel))),
            None => (None, None),
        };
        extra.nonce.as_deref() == Some(self.nonce.as_str())
            && extra.channel_binding.as_deref() == kind
            && extra.cbind_data.as_deref() == data.as_deref()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}

/// The channel, if the client wants to be bound to it.
fn bound_channel<'a>(
    dialect: Dialect,
    wanted: Option<&str>,
    channel: Option<&'a Hash>,
) -> Result<Option<&'a Hash>, Denied> {
    match (dialect, wanted) {
        (_, None) => Ok(None),
        (Dialect::Wamp, Some(TLS_EXPORTER)) => channel.map(Some).ok_or(Denied),
        (_, Some(_)) => Err(Denied),
    }
}
