//! The two acknowledgments that routers also send by themselves, when they take away what they acknowledge the end of.

use super::ProtocolViolation;
use super::decode::{Decoded, Decoder};
use super::dictionary::{self, Dictionary};
use super::encode::{Encoded, Encoder};
use super::value::Item;
use crate::codec::{Read, Token, Write};
use crate::id::Id;

/// Declares such a message: the name of its request, and the detail that says what was taken away.
macro_rules! revocable {
    (
        $(#[$doc:meta])*
        pub struct $name:ident = $code:ident {
            $request:literal, $key:literal => $field:ident: $details:ty,
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// The request, or `None`, which is 0 on the wire, when there was none.
            pub request: Option<$crate::id::Id>,
            /// What was taken away when there was no request.
            pub details: $details,
        }

        impl $crate::message::element::Body for $name {
            const CODE: u64 = $crate::message::codes::$code;
            const NAME: &'static str = stringify!($code);

            fn read(
                decoder: &mut $crate::message::decode::Decoder<'_>,
            ) -> $crate::message::decode::Decoded<Self> {
                let (request, details) = $crate::message::revocation::read(decoder, $request)?;
                let message = Self { request, details };
                if message.request.is_none() && message.details.$field.is_none() {
                    return Err($crate::message::revocation::missing($key));
                }
                Ok(message)
            }

            fn quick(_: &mut $crate::message::quick::Quick<'_>) -> Option<Self> {
                None
            }

            fn head_len(&self) -> usize {
                2 + usize::from($crate::message::dictionary::len(&self.details) > 0)
            }

            fn write_head(
                &self,
                encoder: &mut $crate::message::encode::Encoder<'_>,
            ) -> $crate::message::encode::Encoded {
                $crate::message::revocation::write(self.request, &self.details, encoder)
            }
        }
    };
}

pub(crate) use revocable;

/// Reads the request, which is 0 where the router acts by itself: the only place where the specification leaves the range of ids.
pub(crate) fn read<D: Dictionary>(
    decoder: &mut Decoder<'_>,
    label: &str,
) -> Decoded<(Option<Id>, D)> {
    let request = match decoder.token()? {
        Token::U64(0) => None,
        token => Some(Id::from_token(token, decoder).map_err(|violation| violation.within(label))?),
    };
    let details = if decoder.reader.has_next()? {
        dictionary::read(decoder).map_err(|violation| violation.within("Details"))?
    } else {
        D::default()
    };
    Ok((request, details))
}

/// Nothing says what was taken away.
#[cold]
pub(crate) fn missing(key: &str) -> ProtocolViolation {
    ProtocolViolation::new("missing, expected an id, as there is no request")
        .within(key)
        .within("Details")
}

/// Writes the request, and the details if there are any.
pub(crate) fn write<D: Dictionary>(
    request: Option<Id>,
    details: &D,
    encoder: &mut Encoder<'_>,
) -> Encoded {
    encoder.writer.u64(request.map_or(0, Id::get))?;
    if dictionary::len(details) > 0 {
        dictionary::write(details, encoder)?;
    }
    Ok(())
}
