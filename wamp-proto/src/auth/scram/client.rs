//! The client's side.

use std::fmt;

use subtle::ConstantTimeEq;

use super::credential::{Credential, check_salt};
use super::exchange::Exchange;
use super::keys::Keys;
use super::{Dialect, Kdf, TLS_EXPORTER, nonce};
use crate::auth::encoding::{base64_to_vec, to_base64};
use crate::auth::hash::{Hash, hmac, xor};
use crate::auth::{BadParameter, Denied};
use crate::message::Secret;
use crate::message::details::{AuthenticateExtra, ChallengeExtra};

/// A client that says who it is, and waits to be asked for a proof.
pub struct Client {
    dialect: Dialect,
    name: String,
    nonce: String,
    channel: Option<Hash>,
}

/// What goes into AUTHENTICATE.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `AUTHENTICATE.Signature`: the `ClientProof`.
    pub signature: Secret,
    /// `AUTHENTICATE.Extra`.
    pub extra: AuthenticateExtra,
}

/// What a router must say in WELCOME, if it is not a false one.
pub struct ServerProof(Secret);

impl Client {
    /// Prepares HELLO.
    ///
    /// The nonce is random bytes, 16 if there is no reason for another number, at most 64. The channel is the 32 bytes that the TLS
    /// connection [exports](TLS_EXPORTER): with one, the password is worth nothing to somebody between client and router.
    ///
    /// # Errors
    ///
    /// Fails if the name is empty or not allowed, if the nonce is empty or too long, and if the dialect has no channel binding.
    pub fn new(
        dialect: Dialect,
        authid: &str,
        nonce: &[u8],
        channel: Option<[u8; 32]>,
    ) -> Result<Self, BadParameter> {
        if channel.is_some() && dialect == Dialect::Crossbar {
            return Err(BadParameter::ChannelBinding);
        }
        Ok(Self {
            dialect,
            name: dialect.name(authid)?,
            nonce: nonce::from_bytes(nonce).ok_or(BadParameter::Nonce)?,
            channel,
        })
    }

    /// `HELLO.Details.authextra.nonce`.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// `HELLO.Details.authextra.channel_binding`.
    #[must_use]
    pub fn channel_binding(&self) -> Option<&'static str> {
        self.channel.map(|_| TLS_EXPORTER)
    }

    /// Answers CHALLENGE: what goes into AUTHENTICATE, and what WELCOME must say.
    ///
    /// This takes as long as the router asks for, within the bounds of [`Kdf`], so it is not for a thread that others wait for.
    ///
    /// # Errors
    ///
    /// Fails if the challenge is not one that a client should answer: a nonce that does not continue ours, a malformed salt, an unknown
    /// function, or a cost out of bounds. And if the password is empty or not allowed.
    pub fn answer(
        self,
        password: &str,
        challenge: &ChallengeExtra,
    ) -> Result<(Answer, ServerProof), BadParameter> {
        let nonce = challenge.nonce.as_deref().ok_or(BadParameter::Nonce)?;
        if !nonce::continues(self.dialect, nonce, &self.nonce) {
            return Err(BadParameter::Nonce);
        }
        let kdf = Kdf::from_challenge(self.dialect, challenge)?;
        let salt_text = challenge.salt.as_deref().ok_or(BadParameter::Salt)?;
        let salt = base64_to_vec(salt_text, *Credential::SALT.end()).ok_or(BadParameter::Salt)?;
        check_salt(&salt)?;

        let keys = Keys::derive(self.dialect, password, &salt, kdf)?;
        let auth_message = Exchange {
            dialect: self.dialect,
            name: &self.name,
            client_nonce: &self.nonce,
            nonce,
            salt: salt_text,
            iterations: kdf.iterations(),
            channel: self.channel.as_ref(),
        }
        .auth_message();
        let client_signature = hmac(&keys.stored_key(), auth_message.as_bytes());
        let server_signature = hmac(&keys.server_key, auth_message.as_bytes());
        let answer = Answer {
            signature: Secret::new(to_base64(&xor(&keys.client_key, &client_signature))),
            extra: self.authenticate_extra(nonce),
        };
        let verifier = self.dialect.verifier(&server_signature);
        Ok((answer, ServerProof(Secret::new(verifier))))
    }

    fn authenticate_extra(&self, nonce: &str) -> AuthenticateExtra {
        match self.dialect {
            Dialect::Wamp => AuthenticateExtra {
                nonce: Some(nonce.into()),
                channel_binding: self.channel_binding().map(Into::into),
                cbind_data: self.channel.as_ref().map(|data| to_base64(data).into()),
                ..AuthenticateExtra::default()
            },
            Dialect::Crossbar => AuthenticateExtra::default(),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}

impl ServerProof {
    /// Whether the router knows the credential: what `WELCOME.Details.authextra` has under the
    /// [key of the dialect](Dialect::verifier_key), in constant time.
    ///
    /// # Errors
    ///
    /// Fails if it does not. Then whoever answers is not the router, or has lost its memory; the session is to be closed.
    pub fn verify(&self, verifier: &str) -> Result<(), Denied> {
        let same: bool = self.0.expose().as_bytes().ct_eq(verifier.as_bytes()).into();
        same.then_some(()).ok_or(Denied)
    }
}

impl fmt::Debug for ServerProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerProof(***)")
    }
}
