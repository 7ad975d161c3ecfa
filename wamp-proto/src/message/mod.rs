//! Messages: one [`Message`] enum, one struct for each message. WAMP, "Messages".
//!
//! A message is decoded as far as a router needs it: ids, URIs and the options that it acts on are typed and checked, the
//! [payload](crate::payload::Payload) and everything else stay what they were in the frame, whose memory they share.
//!
//! # Layout
//!
//! - [`Message`]; the structs by family: `session`, `rpc`, `pubsub`. The type codes: [`codes`].
//! - [`details`]: the dictionaries of options. [`Roles`], [`Features`]: what peers announce. [`Raw`], [`Unknown`]: what is not decoded.
//! - [`ProtocolViolation`]: what is wrong with a frame.
//! - How it works: a message is declared by a table of its `element`s, a `dictionary` by a table of its keys and their `value`s;
//!   `decode` and `encode` are what all of them have in common, `arguments` is the payload.
//!
//! # Example
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use wamp_proto::codec::Format;
//! use wamp_proto::message::{Message, Result, details::ResultDetails};
//! use wamp_proto::payload::Payload;
//!
//! let frame = Bytes::from_static(br#"[48, 1, {"timeout": 500}, "com.example.add2", [1, 2]]"#);
//! let Message::Call(call) = Message::decode(Format::Json, &frame)? else { panic!() };
//! assert_eq!(call.options.timeout, Some(500));
//! let (a, b): (i64, i64) = call.payload.decode_args()?;
//!
//! let head = Result {
//!     request: call.request,
//!     details: ResultDetails::default(),
//!     payload: Payload::empty(Format::Json),
//! };
//! let mut out = BytesMut::new();
//! head.encode_with(Format::Json, &(a + b), &mut out)?;
//! assert_eq!(&out[..], b"[50,1,{},[3]]");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arguments;
pub mod codes;
mod decode;
pub mod details;
mod dictionary;
mod element;
mod encode;
mod features;
mod pubsub;
mod quick;
mod raw;
mod revocation;
mod roles;
mod rpc;
mod secret;
mod session;
mod value;
mod violation;
mod words;

use bytes::{Bytes, BytesMut};

use self::decode::Decoder;
use self::element::Body;
use self::quick::Quick;
use crate::codec::{EncodeError, Format};

pub use features::Feature;
pub use pubsub::{
    Event, EventReceived, Publish, Published, Subscribe, Subscribed, Unsubscribe, Unsubscribed,
};
pub use raw::{Raw, Unknown};
pub use roles::{Features, Roles};
pub use rpc::{
    Call, Cancel, Error, Interrupt, Invocation, Register, Registered, Result, Unregister,
    Unregistered, Yield,
};
pub use secret::Secret;
pub use session::{Abort, Authenticate, Challenge, Goodbye, Hello, Welcome};
pub use violation::ProtocolViolation;
pub use words::{CancelMode, Invoke, Overflow, RequestType, UnknownWord};

/// Declares the enum over all messages.
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident = $code:ident,)+) => {
        /// Any message.
        #[derive(Clone, Debug)]
        pub enum Message {
            $($(#[$doc])* $name($name),)+
        }

        impl Message {
            /// Reads a message.
            ///
            /// Ids, texts, options and the payload's form are checked, URIs are not: a bad one is answered by an ERROR.
            ///
            /// # Errors
            ///
            /// If the frame is anything but exactly one message.
            pub fn decode(format: Format, frame: &Bytes) -> std::result::Result<Self, ProtocolViolation> {
                if format == Format::Json && let Some(message) = Self::quick(frame) {
                    return Ok(message);
                }
                let mut decoder = Decoder::new(format, frame);
                match decoder.code()? {
                    $(codes::$code => decoder.body().map(Self::$name),)+
                    code => Err(ProtocolViolation::new(format!("there is no message of type {code}"))),
                }
            }

            /// Reads a message that is a simple one.
            #[inline]
            fn quick(frame: &Bytes) -> Option<Self> {
                let (mut quick, code) = Quick::open(frame)?;
                match code {
                    $(codes::$code => Some(Self::$name($name::quick(&mut quick)?)),)+
                    _ => None,
                }
            }

            /// Appends the message. A payload of another format is transcoded.
            ///
            /// # Errors
            ///
            /// If the payload or an unknown option cannot be written in this format. `out` is as it was before then.
            pub fn encode(&self, format: Format, out: &mut BytesMut) -> std::result::Result<(), EncodeError> {
                match self {
                    $(Self::$name(message) => encode::encode(message, format, out),)+
                }
            }

            /// The type code.
            pub const fn code(&self) -> u64 {
                match self {
                    $(Self::$name(_) => $name::CODE,)+
                }
            }

            /// The name in the specification: `CALL`.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $name::NAME,)+
                }
            }
        }

        $(impl From<$name> for Message {
            fn from(message: $name) -> Self {
                Self::$name(message)
            }
        }

        impl $name {
            /// Appends the message. A payload of another format is transcoded.
            ///
            /// # Errors
            ///
            /// If the payload or an unknown option cannot be written in this format. `out` is as it was before then.
            pub fn encode(&self, format: Format, out: &mut BytesMut) -> std::result::Result<(), EncodeError> {
                encode::encode(self, format, out)
            }
        })+
    };
}

messages! {
    /// A client opens a session.
    Hello = HELLO,
    /// The session is open.
    Welcome = WELCOME,
    /// The session is not opened, or ends at once.
    Abort = ABORT,
    /// The router wants a proof of identity.
    Challenge = CHALLENGE,
    /// The proof.
    Authenticate = AUTHENTICATE,
    /// The session ends.
    Goodbye = GOODBYE,
    /// A request failed.
    Error = ERROR,
    /// A publisher publishes an event.
    Publish = PUBLISH,
    /// The event was published.
    Published = PUBLISHED,
    /// A subscriber subscribes to a topic.
    Subscribe = SUBSCRIBE,
    /// Events will come.
    Subscribed = SUBSCRIBED,
    /// A subscriber gives a subscription up.
    Unsubscribe = UNSUBSCRIBE,
    /// The subscription has ended.
    Unsubscribed = UNSUBSCRIBED,
    /// An event for a subscriber.
    Event = EVENT,
    /// A subscriber acknowledges an event.
    EventReceived = EVENT_RECEIVED,
    /// A caller calls a procedure.
    Call = CALL,
    /// A caller gives up a call.
    Cancel = CANCEL,
    /// A call succeeded, or made progress.
    Result = RESULT,
    /// A callee offers a procedure.
    Register = REGISTER,
    /// The procedure is offered.
    Registered = REGISTERED,
    /// A callee withdraws a procedure.
    Unregister = UNREGISTER,
    /// The procedure is withdrawn.
    Unregistered = UNREGISTERED,
    /// A callee is called.
    Invocation = INVOCATION,
    /// The caller gave up.
    Interrupt = INTERRUPT,
    /// An invocation succeeded, or made progress.
    Yield = YIELD,
}
