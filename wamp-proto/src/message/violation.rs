use std::borrow::Cow;
use std::fmt;

use crate::codec::{DecodeError, Token};

/// A frame is not a message: the peer broke the protocol, and the session is to be aborted.
///
/// The text names the message, the element and the key, such as `CALL.Options.timeout: expected an integer that is not negative, got a
/// string`, and never quotes a payload. The reason for the ABORT is [`uri::PROTOCOL_VIOLATION`](crate::uri::PROTOCOL_VIOLATION).
/// WAMP, "Protocol Errors".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolViolation(Box<Violation>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Violation {
    path: String,
    problem: Cow<'static, str>,
}

impl ProtocolViolation {
    /// A violation of the whole message; what checks a message beyond its form needs it.
    #[cold]
    pub fn new(problem: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Violation {
            path: String::new(),
            problem: problem.into(),
        }))
    }

    /// Where: `CALL.Options.timeout`. Empty when it is not even known which message it is.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong there.
    pub fn problem(&self) -> &str {
        &self.0.problem
    }

    /// The violation, seen from one level further out.
    #[cold]
    #[must_use]
    pub fn within(mut self, name: &str) -> Self {
        if !self.0.path.is_empty() && !self.0.path.starts_with('[') {
            self.0.path.insert(0, '.');
        }
        self.0.path.insert_str(0, name);
        self
    }

    /// There is something else than what was expected.
    #[cold]
    pub(crate) fn expected(what: &str, found: &Token<'_>) -> Self {
        Self::new(match found {
            Token::End => format!("missing, expected {what}"),
            found => format!("expected {what}, got {}", found.kind()),
        })
    }
}

impl fmt::Display for ProtocolViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { path, problem } = &*self.0;
        if path.is_empty() {
            f.write_str(problem)
        } else {
            write!(f, "{path}: {problem}")
        }
    }
}

impl std::error::Error for ProtocolViolation {}

impl From<DecodeError> for ProtocolViolation {
    #[cold]
    fn from(error: DecodeError) -> Self {
        Self::new(format!("malformed: {error}"))
    }
}
