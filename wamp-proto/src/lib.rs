//! The WAMP protocol without I/O: messages, undecoded payloads, serializers and the arithmetic of authentication.
//!
//! # Layout
//!
//! - [`codec`]: JSON, MessagePack and CBOR as tokens, serde on top of them, transcoding.
//! - [`payload`]: arguments as they stood in the message, decoded only on demand.
//! - [`subprotocol`]: `wamp.2.json` and its siblings, batches.
//! - [`rawsocket`]: handshake and framing of the transport RawSocket.
//! - [`message`]: one [`Message`](message::Message) enum, one struct for each message.
//! - [`declared`]: methods that both sides share.
//! - [`error`]: errors of handlers, to the wire and back.
//! - [`received`]: what a caller gets back and a subscriber is sent, to read arguments from.
//! - [`auth`]: challenges and their answers, for both sides.
//! - [`id`]: identifiers and request counters. [`uri`]: the URIs that the specification names.
//!
//! Nothing in this crate awaits, reads a clock or logs.

pub mod auth;
pub mod codec;
pub mod declared;
pub mod error;
pub mod id;
pub mod message;
pub mod payload;
pub mod rawsocket;
pub mod received;
pub mod subprotocol;
pub mod uri;
