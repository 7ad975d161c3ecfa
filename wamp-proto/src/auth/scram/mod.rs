//! `wamp-scram` and `scram`: a password that neither travels nor is stored. WAMP, "Salted Challenge Response Authentication"; RFC 5802.
//!
//! There are two [dialects](Dialect): the one of the specification, and the one that is deployed. Both are two steps on each side, each
//! of which consumes the one before, so nothing can be answered or asked twice:
//!
//! | message | client | router |
//! |---|---|---|
//! | HELLO | [`Client::new`] | |
//! | CHALLENGE | | [`Server::start`] |
//! | AUTHENTICATE | [`Client::answer`] | |
//! | WELCOME | | [`Server::finish`] |
//! | | [`ServerProof::verify`] | |
//!
//! # Layout
//!
//! - [`Dialect`]: where the two differ. [`Kdf`]: how a password becomes a key, and within which bounds.
//! - [`Credential`]: what a router stores of a password.
//! - [`Client`], [`Server`]: the two sides.
//! - How it works: `keys` are what is derived from a password, `exchange` is the text that both sides sign, `nonce` and `prepare` are its
//!   parts.
//!
//! # Example
//!
//! ```
//! use wamp_proto::auth::scram::{Client, ClientFirst, Credential, Dialect, Kdf, Server};
//!
//! // At registration, with a random salt:
//! let kdf = Kdf::Pbkdf2 { iterations: 4096 };
//! let credential = Credential::derive(Dialect::Wamp, "pencil", &[1; 16], kdf)?;
//!
//! // The client, with a random nonce:
//! let client = Client::new(Dialect::Wamp, "user", &[2; 16], None)?;
//! let hello = ClientFirst {
//!     authid: "user",
//!     nonce: client.nonce(),
//!     channel_binding: client.channel_binding(),
//! };
//!
//! // The router, with another one:
//! let (server, challenge) = Server::start(Dialect::Wamp, &hello, &[3; 16], &credential, None)?;
//!
//! let (answer, server_proof) = client.answer("pencil", &challenge)?;
//! let verifier = server.finish(answer.signature.expose(), &answer.extra)?;
//! server_proof.verify(&verifier)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod client;
mod credential;
mod dialect;
mod exchange;
mod kdf;
mod keys;
mod nonce;
mod prepare;
mod server;

pub use client::{Answer, Client, ServerProof};
pub use credential::Credential;
pub use dialect::Dialect;
pub use kdf::Kdf;
pub use server::{ClientFirst, Server};

/// The only kind of channel binding that is supported: the exported keying material of TLS. RFC 9266.
///
/// The specification names `tls-unique`, which TLS 1.3 does not have, and `tls-server-end-point`, which knows the certificate but not the
/// connection.
pub const TLS_EXPORTER: &str = "tls-exporter";
