//! Request ids that go up one by one, for sessions that are held to that. WAMP, "Identifiers: IDs".

use wamp_proto::id::{Id, RequestIds};
use wamp_proto::message::ProtocolViolation;

/// What the peer has requested so far.
pub(super) struct Sequence(RequestIds);

/// Whether a request is a new one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    Next,
    /// It has been used before: only calls may go on like that.
    Before,
}

impl Sequence {
    pub(super) fn new() -> Self {
        Self(RequestIds::new())
    }

    /// Where a request stands.
    ///
    /// # Errors
    ///
    /// When ids were left out.
    pub(super) fn place(&mut self, request: Id) -> Result<Place, ProtocolViolation> {
        let expected = self.0.peek();
        if request == expected {
            self.0.next_id();
            return Ok(Place::Next);
        }
        if request < expected {
            return Ok(Place::Before);
        }
        Err(out_of_order(request, expected))
    }

    /// The same for requests of which nothing can follow: true.
    ///
    /// # Errors
    ///
    /// When it is any id but the next one.
    pub(super) fn advance(&mut self, request: Id) -> Result<bool, ProtocolViolation> {
        let expected = self.0.peek();
        match self.place(request)? {
            Place::Next => Ok(true),
            Place::Before => Err(out_of_order(request, expected)),
        }
    }
}

#[cold]
fn out_of_order(request: Id, expected: Id) -> ProtocolViolation {
    ProtocolViolation::new(format!("expected {expected}, the next id, got {request}"))
        .within("Request")
}
