//! Options whose value is one of a few words, and the one element whose value is one of a few integers.

use std::fmt;
use std::str::FromStr;

use super::decode::{Decoded, Decoder};
use super::encode::{Encoded, Encoder};
use super::value::Item;
use super::{ProtocolViolation, codes};
use crate::codec::{Token, Write};

/// Declares an enum and the word for each of its values.
macro_rules! words {
    (
        $(#[$doc:meta])*
        pub enum $name:ident: $all:literal {
            $($(#[$word_doc:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$word_doc])* $variant,)+
        }

        impl $name {
            /// The word for it in messages.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { expected: $all }),
                }
            }
        }

        impl Item for $name {
            fn from_token<'de>(token: Token<'de>, _: &mut Decoder<'de>) -> Decoded<Self> {
                match token {
                    Token::Str(word) => {
                        word.parse().map_err(|error: UnknownWord| ProtocolViolation::new(error.to_string()))
                    }
                    other => Err(ProtocolViolation::expected($all, &other)),
                }
            }

            fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
                encoder.writer.str(self.as_str())
            }
        }
    };
}

words! {
    /// How the callees of one procedure share its calls: `REGISTER.Options.invoke`. WAMP, "Shared Registration".
    pub enum Invoke: "`single`, `roundrobin`, `random`, `first` or `last`" {
        /// There is only one.
        Single = "single",
        /// In turn.
        RoundRobin = "roundrobin",
        /// Any.
        Random = "random",
        /// The one that registered first.
        First = "first",
        /// The one that registered last.
        Last = "last",
    }
}

words! {
    /// What becomes of a call that is canceled: `CANCEL.Options.mode`. WAMP, "Call Canceling".
    pub enum CancelMode: "`skip`, `kill` or `killnowait`" {
        /// The caller gets an error at once; the callee is not told.
        Skip = "skip",
        /// The callee is told, and the caller gets what the callee answers.
        Kill = "kill",
        /// The callee is told, and the caller gets an error at once.
        KillNoWait = "killnowait",
    }
}

words! {
    /// What becomes of the events of a subscription that its subscriber does not read in time: `SUBSCRIBE.Options._overflow`. An extension
    /// of this implementation.
    pub enum Overflow: "`disconnect`, `drop_oldest` or `latest_only`" {
        /// None is left out: the session ends instead.
        Disconnect = "disconnect",
        /// The oldest ones are left out.
        DropOldest = "drop_oldest",
        /// Only the latest one waits.
        LatestOnly = "latest_only",
    }
}

/// The text is none of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct UnknownWord {
    /// All of them.
    expected: &'static str,
}

/// What an ERROR answers: `ERROR.REQUEST.Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestType {
    /// PUBLISH.
    Publish,
    /// SUBSCRIBE.
    Subscribe,
    /// UNSUBSCRIBE.
    Unsubscribe,
    /// CALL.
    Call,
    /// REGISTER.
    Register,
    /// UNREGISTER.
    Unregister,
    /// INVOCATION.
    Invocation,
}

impl RequestType {
    /// The type code of the request.
    pub const fn code(self) -> u64 {
        match self {
            Self::Publish => codes::PUBLISH,
            Self::Subscribe => codes::SUBSCRIBE,
            Self::Unsubscribe => codes::UNSUBSCRIBE,
            Self::Call => codes::CALL,
            Self::Register => codes::REGISTER,
            Self::Unregister => codes::UNREGISTER,
            Self::Invocation => codes::INVOCATION,
        }
    }

    /// The request with this type code, if it is one that can fail.
    pub const fn from_code(code: u64) -> Option<Self> {
        match code {
            codes::PUBLISH => Some(Self::Publish),
            codes::SUBSCRIBE => Some(Self::Subscribe),
            codes::UNSUBSCRIBE => Some(Self::Unsubscribe),
            codes::CALL => Some(Self::Call),
            codes::REGISTER => Some(Self::Register),
            codes::UNREGISTER => Some(Self::Unregister),
            codes::INVOCATION => Some(Self::Invocation),
            _ => None,
        }
    }
}
