//! Arguments that have come, in JSON.

use bytes::{Bytes, BytesMut};
use wamp_client::proto::codec::{EncodeError, Format};
use wamp_client::proto::payload::Payload;

use super::lenient::{calm, json_of};
use super::pretty::printable;
use super::word::quoted;

/// Arguments, each in JSON without spaces.
#[derive(Debug)]
pub(crate) struct Shown {
    args: Vec<String>,
    kwargs: Vec<(String, String)>,
}

impl Shown {
    /// Of what has come.
    pub(crate) fn of(payload: &Payload) -> Self {
        let format = payload.format();
        let kwargs = payload.entries();
        Self {
            args: payload.elements().map(|it| json_of(format, it)).collect(),
            kwargs: kwargs
                .map(|(name, value)| (name.into_owned(), json_of(format, value)))
                .collect(),
        }
    }

    /// The only argument, if it is a positional one.
    pub(crate) fn lone(&self) -> Option<&str> {
        match (self.args.as_slice(), self.kwargs.is_empty()) {
            ([lone], true) => Some(lone),
            _ => None,
        }
    }

    /// `"args":[…],"kwargs":{…}`, to be put between braces.
    pub(crate) fn members(&self) -> String {
        let members = self.kwargs.iter();
        let members = members.map(|(name, value)| format!("{}:{value}", calm(&quoted(name))));
        let members = members.collect::<Vec<_>>().join(",");
        format!(r#""args":[{}],"kwargs":{{{members}}}"#, self.args.join(","))
    }

    /// As one would type them.
    pub(crate) fn words(&self) -> String {
        let kwargs = self.kwargs.iter();
        let kwargs = kwargs.map(|(name, value)| format!("{}={value}", printable(name)));
        let words = self.args.iter().cloned().chain(kwargs);
        words.collect::<Vec<_>>().join(" ")
    }
}

/// The dictionary of a message, in JSON. `encode` writes the whole message, in which it is at this place.
pub(crate) fn details(
    place: usize,
    encode: impl FnOnce(Format, &mut BytesMut) -> Result<(), EncodeError>,
) -> String {
    let mut message = BytesMut::new();
    let written = encode(Format::Cbor, &mut message);
    let payload = Payload::new(Format::Cbor, Some(Bytes::from(message)), None);
    let details = payload.elements().nth(place).filter(|_| written.is_ok());
    details.map_or_else(|| "{}".to_owned(), |it| json_of(Format::Cbor, it))
}
