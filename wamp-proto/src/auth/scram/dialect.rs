//! Where the specification and what is deployed differ.

use std::borrow::Cow;

use super::prepare;
use crate::auth::hash::Hash;
use crate::auth::{BadParameter, encoding};

/// Which of the two SCRAMs of WAMP is spoken.
///
/// | | [`Wamp`](Self::Wamp) | [`Crossbar`](Self::Crossbar) |
/// |---|---|---|
/// | method | `wamp-scram` | `scram` |
/// | nonce of both | text of the client's, text of the router's | Base64 of the bytes of both |
/// | channel binding | none or [`tls-exporter`](super::TLS_EXPORTER) | none, and it is not said that there is none |
/// | AUTHENTICATE.Extra | nonce and channel binding | not looked at |
/// | Argon2id is called | `argon2id13` | `argon2id-13` |
/// | its result is used as | bytes | text, in Base64 without padding |
/// | passwords | SASLprep | as they are |
/// | names | SASLprep, `,` and `=` escaped | SASLprep |
/// | proof of the router | `verifier`, after `v=` | `scram_server_signature` |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// What the specification says.
    Wamp,
    /// What Crossbar.io and the Autobahn clients speak. In this dialect theirs support Argon2id only.
    Crossbar,
}

impl Dialect {
    /// The name of the method, in HELLO, CHALLENGE and WELCOME.
    #[must_use]
    pub const fn method(self) -> &'static str {
        match self {
            Self::Wamp => "wamp-scram",
            Self::Crossbar => "scram",
        }
    }

    /// The key in `WELCOME.Details.authextra` under which the router proves that it knows the credential.
    #[must_use]
    pub const fn verifier_key(self) -> &'static str {
        match self {
            Self::Wamp => "verifier",
            Self::Crossbar => "scram_server_signature",
        }
    }

    /// The router's proof, as it stands in WELCOME.
    pub(super) fn verifier(self, signature: &Hash) -> String {
        let signature = encoding::to_base64(signature);
        match self {
            Self::Wamp => format!("v={signature}"),
            Self::Crossbar => signature,
        }
    }

    /// The name of Argon2id, in CHALLENGE.
    pub(super) const fn argon2id(self) -> &'static str {
        match self {
            Self::Wamp => "argon2id13",
            Self::Crossbar => "argon2id-13",
        }
    }

    /// The name as it is signed.
    pub(super) fn name(self, authid: &str) -> Result<String, BadParameter> {
        let name = prepare::saslprep(authid).ok_or(BadParameter::Name)?;
        Ok(match self {
            Self::Wamp => prepare::escape(&name),
            Self::Crossbar => name.into_owned(),
        })
    }

    /// The password as a key is derived from it.
    pub(super) fn password(self, password: &str) -> Result<Cow<'_, str>, BadParameter> {
        match self {
            Self::Wamp => prepare::saslprep(password),
            Self::Crossbar => Some(password.into()).filter(|_| !password.is_empty()),
        }
        .ok_or(BadParameter::Password)
    }
}
