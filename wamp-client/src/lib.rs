//! A WAMP client: calls, events and procedures, over WebSocket, RawSocket, Unix sockets or memory.

mod auth;
mod backoff;
mod builder;
mod call;
mod client;
mod config;
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
mod receive;
mod register;
mod registration;
mod session_info;
mod state;
mod subscribe;
mod subscription;
mod supervisor;
mod tables;
pub mod transport;
mod values;

pub use auth::Credentials;
pub use backoff::Backoff;
pub use builder::Builder;
pub use call::{Call, CallFuture, ProgressiveCall};
pub use client::Client;
pub use error::{CallError, ConnectError, RemoteError};
pub use publish::Publish;
pub use register::Register;
pub use registration::Registration;
pub use session_info::SessionInfo;
pub use state::{State, States};
pub use subscribe::{Subscribe, Subscription};
pub use subscription::Subscribed;
/// Messages, serializers and ids, at the version that this crate uses.
pub use wamp_proto as proto;
pub use wamp_proto::id::Id;
pub use wamp_proto::message::{CancelMode, Invoke};
pub use wamp_proto::received::{CallResult, Event};
pub use wamp_uri::Match;
