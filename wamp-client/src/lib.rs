//! A WAMP client: calls, events and procedures, over WebSocket, RawSocket, Unix sockets or memory.

pub mod error;
mod session_info;
pub mod transport;

pub use error::{CallError, ConnectError, RemoteError};
pub use session_info::SessionInfo;
/// Messages, serializers and ids, at the version that this crate uses.
pub use wamp_proto as proto;
pub use wamp_proto::id::Id;
pub use wamp_proto::message::{CancelMode, Invoke};
pub use wamp_uri::Match;
