//! A message is a list; its elements by type, and a table that declares each message once for reading and writing.

use bytes::BytesMut;
use bytestring::ByteString;

use super::decode::{Decoded, Decoder};
use super::dictionary::{self, Dictionary};
use super::encode::{Encoded, Encoder};
use super::quick::Quick;
use super::value::Item;
use super::{RequestType, Secret};
use crate::id::Id;
use crate::payload::Payload;

/// What follows the type code of a message.
pub(crate) trait Body: Sized {
    /// Its type code.
    const CODE: u64;
    /// Its name, in capitals.
    const NAME: &'static str;

    /// Reads all elements after the type code. Does not close the list.
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self>;

    /// The same, if the message is a simple one. Closes the list.
    fn quick(quick: &mut Quick<'_>) -> Option<Self>;

    /// How many elements there are without the payload, the type code included.
    fn head_len(&self) -> usize;

    /// Writes the elements between type code and payload.
    fn write_head(&self, encoder: &mut Encoder<'_>) -> Encoded;

    /// The same in compact JSON with the type code and the opening bracket, if the message is a simple one; false, after which `out` may
    /// hold a part of it, otherwise.
    #[inline]
    fn quick_write(&self, _: &mut BytesMut) -> bool {
        false
    }

    /// The payload of those that have one.
    fn payload(&self) -> Option<&Payload> {
        None
    }
}

/// One element of a message.
pub(crate) trait Element: Sized {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self>;
    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded;

    /// The same as `read`, if it is a simple one.
    #[inline]
    fn quick(_: &mut Quick<'_>) -> Option<Self> {
        None
    }

    /// The same as `write` in compact JSON, if it is a simple one.
    #[inline]
    fn quick_write(&self, _: &mut BytesMut) -> bool {
        false
    }
}

/// What can stand in a dictionary can stand in a message.
macro_rules! items {
    ($($item:ty),+) => {
        $(impl Element for $item {
            #[inline]
            fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
                let token = decoder.token()?;
                <Self as Item>::from_token(token, decoder)
            }

            #[inline]
            fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
                Item::write(self, encoder)
            }

            #[inline]
            fn quick(quick: &mut Quick<'_>) -> Option<Self> {
                <Self as Item>::quick(quick)
            }

            #[inline]
            fn quick_write(&self, out: &mut BytesMut) -> bool {
                Item::quick_write(self, out)
            }
        })+
    };
}

items!(Id, ByteString, Secret, RequestType);

/// Large dictionaries of rare messages are boxed, so that [`Message`](super::Message) stays small.
impl<D: Dictionary> Element for Box<D> {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        dictionary::read(decoder).map(Self::new)
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        dictionary::write(&**self, encoder)
    }
}

/// Declares a message: its type code, its name, and its elements in order with the names that the specification gives them.
///
/// `+ payload` adds the field `payload` and `encode_with`.
macro_rules! message {
    (
        $(#[$doc:meta])*
        pub struct $name:ident = $code:ident {
            $($(#[$field_doc:meta])* $label:literal => $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl $crate::message::element::Body for $name {
            $crate::message::element::body!($code, $($label => $field,)+);

            #[inline]
            fn read(
                decoder: &mut $crate::message::decode::Decoder<'_>,
            ) -> $crate::message::decode::Decoded<Self> {
                Ok(Self {
                    $($field: $crate::message::element::read_as(decoder, $label)?,)+
                })
            }

            #[inline]
            fn quick(quick: &mut $crate::message::quick::Quick<'_>) -> Option<Self> {
                $(let $field = $crate::message::element::quick_next(quick)?;)+
                quick.close()?;
                Some(Self { $($field,)+ })
            }
        }
    };
    (
        $(#[$doc:meta])*
        pub struct $name:ident = $code:ident {
            $($(#[$field_doc:meta])* $label:literal => $field:ident: $type:ty,)+
        } + payload
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
            /// The arguments, as they stand in the message.
            pub payload: $crate::payload::Payload,
        }

        impl $name {
            /// Appends the message with `value` instead of the payload, by the rule of
            /// [`Payload::from_value`](crate::payload::Payload::from_value).
            ///
            /// # Errors
            ///
            /// If the value cannot be written in this format. `out` is as it was before then.
            pub fn encode_with<T: serde::Serialize + ?Sized>(
                &self,
                format: $crate::codec::Format,
                value: &T,
                out: &mut bytes::BytesMut,
            ) -> std::result::Result<(), $crate::codec::EncodeError> {
                $crate::message::encode::encode_with(self, format, value, out)
            }
        }

        impl $crate::message::element::Body for $name {
            $crate::message::element::body!($code, $($label => $field,)+);

            #[inline]
            fn read(
                decoder: &mut $crate::message::decode::Decoder<'_>,
            ) -> $crate::message::decode::Decoded<Self> {
                Ok(Self {
                    $($field: $crate::message::element::read_as(decoder, $label)?,)+
                    payload: $crate::message::arguments::read(decoder)?,
                })
            }

            #[inline]
            fn quick(quick: &mut $crate::message::quick::Quick<'_>) -> Option<Self> {
                $(let $field = $crate::message::element::quick_next(quick)?;)+
                let payload = $crate::message::arguments::quick(quick)?;
                quick.close()?;
                Some(Self { $($field,)+ payload })
            }

            #[inline]
            fn payload(&self) -> Option<&$crate::payload::Payload> {
                Some(&self.payload)
            }
        }
    };
}

/// What both forms of [`message`] have in common.
macro_rules! body {
    ($code:ident, $($label:literal => $field:ident,)+) => {
        const CODE: u64 = $crate::message::codes::$code;
        const NAME: &'static str = stringify!($code);

        #[inline]
        fn head_len(&self) -> usize {
            1 + [$($label),+].len()
        }

        #[inline]
        fn write_head(
            &self,
            encoder: &mut $crate::message::encode::Encoder<'_>,
        ) -> $crate::message::encode::Encoded {
            $($crate::message::element::Element::write(&self.$field, encoder)?;)+
            Ok(())
        }

        #[inline]
        fn quick_write(&self, out: &mut bytes::BytesMut) -> bool {
            out.extend_from_slice(b"[");
            out.extend_from_slice(itoa::Buffer::new().format(Self::CODE).as_bytes());
            $(
                out.extend_from_slice(b",");
                if !$crate::message::element::Element::quick_write(&self.$field, out) {
                    return false;
                }
            )+
            true
        }
    };
}

pub(crate) use body;
pub(crate) use message;

/// Reads the element that the specification calls `label`.
#[inline]
pub(crate) fn read_as<E: Element>(decoder: &mut Decoder<'_>, label: &str) -> Decoded<E> {
    E::read(decoder).map_err(|violation| violation.within(label))
}

/// Reads the next element, if it is a simple one.
#[inline]
pub(crate) fn quick_next<E: Element>(quick: &mut Quick<'_>) -> Option<E> {
    quick.skip(b",")?;
    E::quick(quick)
}
