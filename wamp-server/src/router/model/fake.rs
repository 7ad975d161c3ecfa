//! A session without a connection: it keeps what it is told.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::{Feature, Features, Overflow, Roles};

use super::super::links::Links;
use super::super::peer::Peer;
use super::said::Said;

/// What a session has announced, as far as it makes a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) canceling: bool,
    pub(super) progress: bool,
    pub(super) progressive_calls: bool,
    pub(super) timeouts: bool,
    pub(super) rerouting: bool,
    pub(super) revocation: bool,
}

impl Abilities {
    pub(super) const ALL: Self = Self {
        canceling: true,
        progress: true,
        progressive_calls: true,
        timeouts: true,
        rerouting: true,
        revocation: true,
    };

    fn roles(self) -> Roles {
        let with = |features: &[(bool, Feature)]| {
            let mut set = Features::new();
            for (_, feature) in features.iter().filter(|(is_there, _)| *is_there) {
                set.insert(*feature);
            }
            Some(set)
        };
        let callee = [
            (self.canceling, Feature::CallCanceling),
            (self.progress, Feature::ProgressiveCallResults),
            (self.progressive_calls, Feature::ProgressiveCallInvocations),
            (self.timeouts, Feature::CallTimeout),
            (self.rerouting, Feature::CallReroute),
            (self.revocation, Feature::RegistrationRevocation),
        ];
        Roles {
            callee: with(&callee),
            subscriber: with(&[(self.revocation, Feature::SubscriptionRevocation)]),
            caller: with(&[]),
            publisher: with(&[]),
            ..Roles::default()
        }
    }
}

pub(super) struct Fake {
    id: Id,
    format: Format,
    roles: Roles,
    links: Links,
    is_closed: AtomicBool,
    frames: Mutex<Vec<Bytes>>,
}

impl Fake {
    pub(super) fn new(id: u64, format: Format, can: Abilities) -> Self {
        Self {
            id: super::id(id),
            format,
            roles: can.roles(),
            links: Links::default(),
            is_closed: AtomicBool::new(false),
            frames: Mutex::default(),
        }
    }

    /// From now on nothing can be queued.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    /// What it was told since the last time.
    pub(super) fn frames(&self) -> Vec<Bytes> {
        std::mem::take(&mut self.frames.lock().unwrap())
    }

    /// The same, read.
    pub(super) fn said(&self) -> Vec<Said> {
        let frames = self.frames();
        let said = frames.iter().map(|it| Said::read(self.format, it).0);
        said.collect()
    }
}

impl Peer for Fake {
    fn id(&self) -> Id {
        self.id
    }

    fn format(&self) -> Format {
        self.format
    }

    fn authid(&self) -> &'static str {
        "somebody"
    }

    fn authrole(&self) -> &'static str {
        "some"
    }

    fn roles(&self) -> &Roles {
        &self.roles
    }

    fn max_message(&self) -> usize {
        usize::MAX
    }

    fn push(&self, frame: Bytes) -> bool {
        let mut frames = self.frames.lock().unwrap();
        let is_open = !self.is_closed.load(Ordering::Acquire);
        if is_open {
            frames.push(frame);
        }
        is_open
    }

    fn offer(&self, frame: Bytes) -> bool {
        self.push(frame)
    }

    /// It reads everything in time.
    fn push_lossy(&self, _: Id, _: Overflow, encode: &dyn Fn(u64) -> Option<Bytes>) -> bool {
        encode(0).is_none_or(|frame| self.push(frame))
    }

    fn forget_lossy(&self, _: Id) {}

    fn remind(&self) {}

    fn links(&self) -> &Links {
        &self.links
    }
}
