//! Calls that the server makes: to one of its clients, or to whatever answers in a realm.
//!
//! Each is made by a session of its own that nobody sees (`Session::inside`). To the dealer it is a caller like any other, so that
//! cancelling, declining and callees that go need no rules of their own; a function of the application sees it as the session that calls.
//!
//! - `outgoing`: what is to be called. `call_future`, `progressive`: a call that is awaited.
//! - `running`: how it is driven. `function`: the part of it that runs a function of the application.

mod call_future;
mod function;
mod outgoing;
mod progressive;
mod running;

pub use call_future::CallFuture;
pub use outgoing::OutgoingCall;
pub use progressive::ProgressiveCall;
pub(crate) use running::Answer;
pub use wamp_proto::received::CallResult;
