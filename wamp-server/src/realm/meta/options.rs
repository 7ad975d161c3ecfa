//! What callers say by keyword, and in dictionaries.

use std::collections::HashMap;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use wamp_proto::codec::{Format, from_slice};
use wamp_proto::payload::Payload;
use wamp_proto::uri;
use wamp_uri::{Match, Rule};

use crate::handler::{Call, CallError, FromCall};

/// A keyword argument. Null is as good as absent.
pub(super) fn keyword<'p, T: Deserialize<'p>>(
    payload: &'p Payload,
    name: &str,
) -> Result<Option<T>, CallError> {
    let Some((_, raw)) = payload.entries().find(|(key, _)| key == name) else {
        return Ok(None);
    };
    let value = from_slice::<Option<T>>(payload.format(), raw);
    value.map_err(|error| CallError::invalid_argument(format!("{name}: {error}")))
}

/// A dictionary, its values undecoded; `None` for null.
pub(super) fn dictionary(
    format: Format,
    raw: &[u8],
    name: &str,
) -> Result<Option<Payload>, CallError> {
    let entries = from_slice::<Option<HashMap<String, IgnoredAny>>>(format, raw);
    let entries =
        entries.map_err(|error| CallError::invalid_argument(format!("{name}: {error}")))?;
    let copy = || Payload::new(format, None, Some(Bytes::copy_from_slice(raw)));
    Ok(entries.map(|_| copy()))
}

/// How to look something up: the second argument has the options that it was registered or subscribed to with.
pub(super) struct LookUp(pub(super) Match);

impl<'c> FromCall<'c> for LookUp {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let payload = &call.payload;
        let options = match payload.elements().nth(1) {
            Some(raw) => dictionary(payload.format(), raw, "args[1]")?,
            None => None,
        };
        let word = match &options {
            Some(options) => keyword::<String>(options, "match")?,
            None => None,
        };
        match word {
            None => Ok(Self(Match::Exact)),
            Some(word) => word.parse().map(Self).map_err(|_| {
                CallError::invalid_argument("args[1].match: one of exact, prefix, wildcard")
            }),
        }
    }
}

/// The reason by keyword, if there is one.
pub(super) struct Reason(pub(super) Option<String>);

impl Reason {
    /// Unless there is another one.
    pub(super) fn unless(self, other: Option<String>) -> Result<Option<String>, CallError> {
        match other {
            Some(other) => checked(other).map(Some),
            None => Ok(self.0),
        }
    }
}

impl<'c> FromCall<'c> for Reason {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let reason = keyword::<String>(&call.payload, "reason")?;
        Ok(Self(reason.map(checked).transpose()?))
    }
}

/// Reasons are URIs.
fn checked(reason: String) -> Result<String, CallError> {
    wamp_uri::check(&reason, Rule::Loose)
        .and_then(|()| wamp_uri::check_limits(&reason))
        .map_err(|error| CallError::new(uri::INVALID_URI).arg(format!("reason: {error}")))?;
    Ok(reason)
}
