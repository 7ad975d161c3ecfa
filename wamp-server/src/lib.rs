//! Annotate a function, serve it to any WAMP client.

pub mod app;
pub mod handler;
pub mod limits;
pub mod realm;
mod router;
pub mod session;
pub mod transport;

pub use app::{App, BuildError, Error, Server};
pub use handler::extract::{Args, Identity, Kwargs, Provided, SharedState, State, Topic};
pub use handler::input::Input;
pub use handler::progress::Progress;
pub use handler::{
    Call, CallError, Definition, FromCall, IntoError, IntoPayload, IntoReply, Kind, Location, Param,
    Reply, Timeout, UriSpec,
};
pub use limits::Limits;
pub use realm::{Realm, RealmBuilder};
pub use session::Session;
pub use tokio_util::sync::CancellationToken;
pub use wamp_macros::{CallError, procedure, session, subscriber, topic};
pub use wamp_proto::codec::EncodeError;
pub use wamp_proto::payload::Single;

/// Not public API. Used by generated code.
#[doc(hidden)]
pub mod __private {
    pub use std::time::Duration;

    pub use crate::__submit as submit;
    pub use crate::handler::blocking::blocking;
    pub use crate::handler::arguments::{Given, arguments, want};
    pub use crate::handler::described::{
        Procedure, Registration, SessionHandler, Subscriber, TopicHandler,
    };
    pub use crate::handler::held::{Hold, HoldGuard, HoldStream};
    pub use crate::handler::reply::{Infallible, Returned, boxed, done, must_be_send, reply};
    pub use crate::handler::{
        CallError, Definition, IntoError, Kind, Location, Param, Timeout, UriSpec,
    };
    #[cfg(feature = "inventory")]
    pub use inventory;
}

// The runtime decides whether discovery exists; the macros never ask for a feature.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "inventory")]
macro_rules! __submit { ($($t:tt)*) => { $crate::__private::inventory::submit! { $($t)* } }; }
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "inventory"))]
macro_rules! __submit {
    ($($t:tt)*) => {};
}
