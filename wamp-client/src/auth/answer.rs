//! What goes into AUTHENTICATE.

use bytestring::ByteString;
use serde::Serialize;
use wamp_proto::codec::Format;
use wamp_proto::message::details::AuthenticateExtra;
use wamp_proto::message::{Authenticate, Raw, Secret};

use crate::error::ConnectError;

/// The answer to a CHALLENGE: a signature, and maybe more. A text is one.
///
/// ```
/// use wamp_client::auth::Answer;
///
/// # fn f() -> Result<(), wamp_client::ConnectError> {
/// let answer = Answer::new("4711").extra("device", "phone")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Answer {
    signature: Secret,
    extra: AuthenticateExtra,
}

impl Answer {
    /// A signature, which is kept out of logs.
    pub fn new(signature: impl Into<ByteString>) -> Self {
        Self {
            signature: Secret::new(signature),
            extra: AuthenticateExtra::default(),
        }
    }

    /// Adds something to `AUTHENTICATE.Extra`.
    ///
    /// # Errors
    ///
    /// When it cannot be serialized.
    pub fn extra(
        mut self,
        key: impl Into<ByteString>,
        value: impl Serialize,
    ) -> Result<Self, ConnectError> {
        let key = key.into();
        let text = |value: &Raw| value.decode::<String>().ok().map(ByteString::from);
        let value = encoded(&key, &value)?;
        match &*key {
            "nonce" => self.extra.nonce = text(&value),
            "channel_binding" => self.extra.channel_binding = text(&value),
            "cbind_data" => self.extra.cbind_data = text(&value),
            _ => {
                self.extra.unknown.retain(|known, _| *key != *known);
                self.extra.unknown.push(key, value);
            }
        }
        Ok(self)
    }

    pub(super) fn with(signature: Secret, extra: AuthenticateExtra) -> Self {
        Self { signature, extra }
    }

    pub(super) fn into_message(self) -> Authenticate {
        Authenticate {
            signature: self.signature,
            extra: Box::new(self.extra),
        }
    }
}

impl From<String> for Answer {
    fn from(signature: String) -> Self {
        Self::new(signature)
    }
}

impl From<&'static str> for Answer {
    fn from(signature: &'static str) -> Self {
        Self::new(signature)
    }
}

impl From<Secret> for Answer {
    fn from(signature: Secret) -> Self {
        Self::with(signature, AuthenticateExtra::default())
    }
}

/// In a format that all others can be made of.
pub(super) fn encoded(key: &str, value: &impl Serialize) -> Result<Raw, ConnectError> {
    Raw::new(Format::Cbor, value).map_err(|error| {
        ConnectError::Config(format!(
            "the value of `{key}` cannot be serialized: {error}"
        ))
    })
}
