//! What a call gives.

use serde::Deserialize;
use wamp_proto::codec::DecodeError;
use wamp_proto::message;
use wamp_proto::message::details::ResultDetails;
use wamp_proto::payload::Payload;

/// A result of a call: the final one, or one before it.
#[derive(Clone, Debug)]
pub struct CallResult {
    payload: Payload,
    details: ResultDetails,
}

impl CallResult {
    /// Decodes the result as one value: one positional argument; several as a tuple; keyword arguments as a struct or map. The
    /// [whole rule](Payload::decode) also takes what clients in other languages send.
    ///
    /// # Errors
    ///
    /// When the result is not of this type.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.payload.decode()
    }

    /// Decodes the positional arguments as a list or tuple. If there are none, it is empty.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn args<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.payload.decode_args()
    }

    /// Decodes the keyword arguments as a struct or map. If there are none, it is empty.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn kwargs<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.payload.decode_kwargs()
    }

    /// The arguments, not decoded.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// What else the callee has said.
    #[must_use]
    pub fn details(&self) -> &ResultDetails {
        &self.details
    }
}

impl From<message::Result> for CallResult {
    fn from(result: message::Result) -> Self {
        Self {
            payload: result.payload,
            details: result.details,
        }
    }
}
