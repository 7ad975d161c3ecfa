//! Why an application cannot join a router.

use std::fmt;
use std::sync::Arc;

use wamp_client::{CallError, ConnectError};

use crate::handler::{Kind, Location};

/// Why an application has not joined a router, or has lost it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// There is no session at the router.
    #[error("there is no session at the router")]
    Connect(#[from] ConnectError),
    /// The session was lost, and there will be no other.
    #[error("the session at the router is lost")]
    Lost(#[source] Arc<ConnectError>),
    /// The router does not take what is offered, or not all of it. Nothing is offered then.
    #[error("the router does not take what the application offers:{}", list(.0))]
    Refused(Vec<Refused>),
    /// The application has no such realm.
    #[error("the application has no realm `{0}`")]
    NoSuchRealm(String),
    /// The realm has joined a router already.
    #[error("the realm has joined a router already")]
    AlreadyJoined,
    /// Functions of other realms would not be offered. [`Server::join`](crate::Server::join) joins each realm by itself.
    #[error(
        "the application has functions in other realms, which would not be offered: {}. Join each realm by itself, with `Server::join`",
        .0.join(", ")
    )]
    OtherRealms(Vec<String>),
}

/// Something that a router does not take.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refused {
    /// What the function is for.
    pub kind: Kind,
    /// What it answers to.
    pub uri: String,
    /// Where it is.
    pub location: Location,
    /// Why.
    pub error: CallError,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            uri,
            location,
            error,
        } = self;
        write!(f, "{kind} `{uri}` at {location}: {error}")
    }
}

fn list(refused: &[Refused]) -> String {
    refused.iter().map(|it| format!("\n  - {it}")).collect()
}
