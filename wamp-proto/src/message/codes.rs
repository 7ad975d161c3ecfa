//! The type codes: the first element of every message. WAMP, "Message Codes and Direction".

/// Opens a session.
pub const HELLO: u64 = 1;
/// The session is open.
pub const WELCOME: u64 = 2;
/// The session is not opened, or ends at once. Never answered.
pub const ABORT: u64 = 3;
/// Asks for a proof of identity.
pub const CHALLENGE: u64 = 4;
/// The proof.
pub const AUTHENTICATE: u64 = 5;
/// Closes a session. Answered by another one.
pub const GOODBYE: u64 = 6;
/// A request failed.
pub const ERROR: u64 = 8;
/// Publishes an event.
pub const PUBLISH: u64 = 16;
/// Acknowledges [`PUBLISH`].
pub const PUBLISHED: u64 = 17;
/// Subscribes to a topic.
pub const SUBSCRIBE: u64 = 32;
/// Acknowledges [`SUBSCRIBE`].
pub const SUBSCRIBED: u64 = 33;
/// Gives a subscription up.
pub const UNSUBSCRIBE: u64 = 34;
/// Acknowledges [`UNSUBSCRIBE`], or takes a subscription away.
pub const UNSUBSCRIBED: u64 = 35;
/// An event for a subscriber.
pub const EVENT: u64 = 36;
/// Calls a procedure.
pub const CALL: u64 = 48;
/// Cancels a call.
pub const CANCEL: u64 = 49;
/// Answers [`CALL`].
pub const RESULT: u64 = 50;
/// Offers a procedure.
pub const REGISTER: u64 = 64;
/// Acknowledges [`REGISTER`].
pub const REGISTERED: u64 = 65;
/// Withdraws a procedure.
pub const UNREGISTER: u64 = 66;
/// Acknowledges [`UNREGISTER`], or takes a registration away.
pub const UNREGISTERED: u64 = 67;
/// A call, as the callee gets it.
pub const INVOCATION: u64 = 68;
/// A cancellation, as the callee gets it.
pub const INTERRUPT: u64 = 69;
/// Answers [`INVOCATION`].
pub const YIELD: u64 = 70;
/// Acknowledges [`EVENT`]. Not in the specification; Crossbar.io has it.
pub const EVENT_RECEIVED: u64 = 337;
