//! What may happen, and random programs of it.

use wamp_proto::codec::Format;
use wamp_proto::message::{CancelMode, Invoke};
use wamp_uri::Match;

use super::fake::Abilities;

/// Something that happens at one session. Sessions have the ids 1, 2, 3, … in the order in which they join.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Join(Format, Abilities),
    Leave,
    /// It is not called any more.
    Drain,
    Register(Registering),
    Unregister(u64),
    /// Somebody else takes the registration away.
    RemoveCallee(u64),
    Call(Calling),
    /// Another message of a progressive call.
    Continue {
        request: u64,
        uri: &'static str,
        more: bool,
    },
    Yield {
        invocation: u64,
        progress: bool,
    },
    Error {
        invocation: u64,
        declines: bool,
    },
    Cancel(u64, CancelMode),
    /// So many milliseconds, for everybody.
    Pass(u64),
    Subscribe(Subscribing),
    Unsubscribe(u64),
    /// Somebody else takes the subscription away.
    RemoveSubscriber(u64),
    Publish {
        topic: &'static str,
        key: Option<u64>,
        exclude_me: bool,
        excluded: Vec<u64>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Registering {
    pub(super) uri: &'static str,
    pub(super) matching: Match,
    pub(super) invoke: Option<Invoke>,
    pub(super) concurrency: Option<u64>,
    pub(super) force: bool,
    pub(super) disclose_caller: bool,
    pub(super) forward_timeout: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Calling {
    pub(super) uri: &'static str,
    /// In milliseconds.
    pub(super) timeout: Option<u64>,
    pub(super) receive_progress: bool,
    pub(super) progress: bool,
    pub(super) disclosed: bool,
    pub(super) disclosable: bool,
    pub(super) key: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Subscribing {
    pub(super) topic: &'static str,
    pub(super) matching: Match,
    pub(super) key: Option<u64>,
    /// By the topic's handler.
    pub(super) refused: bool,
}

impl Registering {
    pub(super) fn exact(uri: &'static str, invoke: Option<Invoke>) -> Self {
        Self {
            uri,
            matching: Match::Exact,
            invoke,
            concurrency: None,
            force: false,
            disclose_caller: false,
            forward_timeout: false,
        }
    }
}

impl Calling {
    pub(super) fn plain(uri: &'static str) -> Self {
        Self {
            uri,
            timeout: None,
            receive_progress: false,
            progress: false,
            disclosed: false,
            disclosable: false,
            key: None,
        }
    }
}
