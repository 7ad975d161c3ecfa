//! What a call gives.

use crate::message;
use crate::message::details::ResultDetails;
use crate::payload::Payload;

/// A result of a call: the final one, or one before it.
#[derive(Clone, Debug)]
pub struct CallResult {
    payload: Payload,
    details: ResultDetails,
}

super::arguments!(CallResult);

impl CallResult {
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
