//! Annotate a function, and any WAMP client can call it: FastAPI for WAMP.
//!
//! ```no_run
//! use wamp_server::{App, procedure};
//!
//! /// Adds two numbers.
//! #[procedure("math.add")]
//! async fn add(a: i64, b: i64) -> i64 {
//!     a + b
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), wamp_server::Error> {
//!     App::new().serve("127.0.0.1:8080").await
//! }
//! ```
//!
//! # Layout
//!
//! - [`#[procedure]`](macro@procedure), [`#[topic]`](macro@topic), [`#[subscriber]`](macro@subscriber), [`#[session]`](macro@session),
//!   [`#[service]`](macro@service), [`#[derive(CallError)]`](derive@CallError): what you write.
//! - [`App`]: what is served. [`Server`]: an application that has been checked. [`Realm`]: where sessions meet. [`Limits`] and
//!   [`Handshake`]: what clients may do, and which.
//! - [`Session`], [`Call`], [`FromCall`] and the types beside it: what handlers get. [`Reply`], [`struct@CallError`]: what they give.
//! - [`history`], [`Retention`]: events for those who come later.
//! - [`handler`]: how handlers work. [`mod@session`], [`realm`], [`transport`]: the details of each. [`proto`]: the protocol itself.
//!
//! # The way of a message
//!
//! ```text
//! transport bytes → codec → session → realm → dealer / broker ─→ handler
//!                                                             └→ another session's outbox → codec → transport bytes
//! ```
//!
//! # Without macros
//!
//! ```
//! use wamp_server::App;
//!
//! let app = App::empty().procedure("math.add", async |a: i64, b: i64| a + b);
//! ```
//!
//! # Features
//!
//! - `cli`: `cli::run`, a command line for any application.
//! - `client` (default): [`client`], [`App`]`::join` and [`Register`]: functions that are offered at another router.
//! - `sqlite`: [`history`]`::SqliteStore` keeps events of the past in a file.
//! - `tls`: [`App`]`::tls` serves `wss://` without a proxy in front.
//! - `test`: the module `test` has what tests of an application need: clients without sockets, faults, and what was said on the wire.
//! - `inventory` (default): [`App::new`] discovers annotated functions. Without it, they are named: `App::empty().procedures(procedures![add])`.

pub mod app;
pub mod auth;
#[cfg(feature = "cli")]
pub mod cli;
pub mod handler;
pub mod history;
#[cfg(feature = "client")]
mod joined;
pub mod limits;
pub mod permission;
pub mod realm;
mod router;
pub mod session;
#[cfg(feature = "test")]
pub mod test;
pub mod transport;

pub use app::{App, BuildError, Error, Server, Stats};
pub use handler::extract::{Args, Identity, Kwargs, Provided, SharedState, State, Topic};
pub use handler::input::Input;
pub use handler::progress::Progress;
pub use handler::{
    Call, CallError, Definition, FromCall, IntoError, IntoPayload, IntoReply, Kind, Location,
    Param, Reply, Timeout, UriSpec,
};
#[cfg(feature = "client")]
pub use joined::{Connector, JoinError, Joined, Refused, Register};
pub use limits::Limits;
pub use realm::{Realm, RealmBuilder, RouterOptions};
pub use router::retained::Retention;
pub use session::Session;
pub use tokio_util::sync::CancellationToken;
#[cfg(feature = "tls")]
pub use transport::tls::{ClientCertificates, Tls, TlsError};
pub use transport::websocket::Handshake;
/// The other end: clients of routers, at the version that this crate uses.
#[cfg(feature = "client")]
pub use wamp_client as client;
#[doc = include_str!("docs/call_error.md")]
pub use wamp_macros::CallError;
#[doc = include_str!("docs/procedure.md")]
pub use wamp_macros::procedure;
#[doc = include_str!("docs/service.md")]
pub use wamp_macros::service;
#[doc = include_str!("docs/session.md")]
pub use wamp_macros::session;
#[doc = include_str!("docs/subscriber.md")]
pub use wamp_macros::subscriber;
#[doc = include_str!("docs/topic.md")]
pub use wamp_macros::topic;
/// Messages, serializers and ids, at the version that this crate uses.
pub use wamp_proto as proto;
pub use wamp_proto::codec::EncodeError;
pub use wamp_proto::id::Id;
pub use wamp_proto::message::Overflow;
pub use wamp_proto::payload::Single;
pub use wamp_uri::Match;

/// Not public API. Used by generated code.
#[doc(hidden)]
pub mod __private {
    pub use std::time::Duration;

    pub use crate::__submit as submit;
    pub use crate::handler::arguments::{Arguments, Given, want};
    pub use crate::handler::blocking::blocking;
    pub use crate::handler::described::{
        Procedure, Registration, SessionHandler, Subscriber, TopicHandler,
    };
    pub use crate::handler::held::{Hold, HoldGuard, HoldStream};
    pub use crate::handler::reply::{Infallible, Returned, boxed, done, must_be_send, reply};
    pub use crate::handler::service::instance;
    pub use crate::handler::{
        CallError as Failure, Definition, IntoError, Kind, Location, Methods, Param, Service,
        Timeout, UriSpec,
    };
    #[cfg(feature = "inventory")]
    pub use inventory;
    pub use wamp_proto::declared::Declared;
    pub use wamp_proto::error::{Fields, FromError, Readable, Unknown, Unreadable};
    pub use wamp_proto::payload::Payload;
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
