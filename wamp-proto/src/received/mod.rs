//! What comes back: [`CallResult`] answers a call, [`Event`] goes to a subscriber. Both keep their arguments undecoded until asked.

mod call_result;
mod event;

pub use self::call_result::CallResult;
pub use self::event::Event;

/// The ways to read the arguments of a message that was received, for a type with a field `payload`.
macro_rules! arguments {
    ($type:ident) => {
        impl $type {
            /// Decodes the arguments as one value: one positional argument; several as a tuple; keyword arguments as a struct or map.
            /// The [whole rule](crate::payload::Payload::decode) also takes what clients in other languages send.
            ///
            /// # Errors
            ///
            /// When they are not of this type.
            pub fn decode<'a, T: serde::Deserialize<'a>>(
                &'a self,
            ) -> Result<T, crate::codec::DecodeError> {
                self.payload.decode()
            }

            /// Decodes the positional arguments as a list or tuple. If there are none, it is empty.
            ///
            /// # Errors
            ///
            /// When they are not of this type.
            pub fn args<'a, T: serde::Deserialize<'a>>(
                &'a self,
            ) -> Result<T, crate::codec::DecodeError> {
                self.payload.decode_args()
            }

            /// Decodes the keyword arguments as a struct or map. If there are none, it is empty.
            ///
            /// # Errors
            ///
            /// When they are not of this type.
            pub fn kwargs<'a, T: serde::Deserialize<'a>>(
                &'a self,
            ) -> Result<T, crate::codec::DecodeError> {
                self.payload.decode_kwargs()
            }

            /// The arguments, not decoded.
            #[must_use]
            pub fn payload(&self) -> &crate::payload::Payload {
                &self.payload
            }
        }
    };
}

use arguments;
