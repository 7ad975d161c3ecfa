//! A WAMP client: calls, events and procedures, over WebSocket, RawSocket, Unix sockets or memory.
//!
//! - [`Client`] and [`Builder`] are where to begin, [`blocking::Client`] where there is no async.
//! - [`Call`], [`Publish`], [`Subscribe`] and [`Register`] are what it can ask for; [`Invocation`] what it is asked.
//! - [`auth`] proves who it is; [`dial`] and [`transport`] reach the router; [`host`] is the layer below, message by message; [`error`] tells what
//!   went wrong.
//!
//! Inside, `supervisor` is the task of a client, `establish` opens a session, `renew` brings back what was subscribed and registered, and
//! `driver` is the task of a connection. What an open session knows is in `tables`; `receive` acts on what the router says, and
//! `outbox` holds what it is to be told.

pub mod auth;
mod backoff;
pub mod blocking;
mod bounded;
mod builder;
mod call;
mod client;
mod config;
mod contained;
pub mod dial;
mod driver;
pub mod error;
mod establish;
mod heartbeat;
pub mod host;
mod kept;
mod link;
mod outbox;
mod pending;
mod publish;
mod raw;
mod receive;
mod register;
mod registration;
mod renew;
mod session_info;
mod standing;
mod state;
mod subscribe;
mod subscription;
mod supervisor;
mod tables;
pub mod transport;
mod typed;
mod values;

pub use auth::Credentials;
pub use backoff::Backoff;
pub use builder::Builder;
pub use call::{Call, CallFuture, ProgressiveCall};
pub use client::{Client, WeakClient};
pub use error::{CallError, ConnectError, RemoteError};
pub use publish::Publish;
pub use raw::Invocation;
pub use register::Register;
pub use registration::Registration;
pub use session_info::SessionInfo;
pub use state::{State, States};
pub use subscribe::{Subscribe, Subscription};
pub use subscription::Subscribed;
pub use typed::{NoProgress, TypedCall, TypedError, TypedProgress};
#[doc = include_str!("docs/call_error.md")]
pub use wamp_macros::ClientCallError as CallError;
#[doc = include_str!("docs/client.md")]
pub use wamp_macros::client;
/// Messages, serializers and ids, at the version that this crate uses.
pub use wamp_proto as proto;
pub use wamp_proto::id::Id;
pub use wamp_proto::message::{CancelMode, Invoke};
pub use wamp_proto::received::{CallResult, Event};
pub use wamp_uri::Match;

/// Not public API. Used by generated code.
#[doc(hidden)]
pub mod __private {
    pub use wamp_proto::declared::Declared;
    pub use wamp_proto::error::{
        Failure, Fields, FromError, IntoError, Readable, Unknown, Unreadable,
    };
    pub use wamp_proto::payload::Payload;

    pub use crate::client::Client;
    pub use crate::error::CallError;
    pub use crate::typed::{Caller, Fallible, NoProgress, TypedCall, TypedError, fallible, plain};
}
