//! A topic or pattern, and those who are subscribed to it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::Overflow;
use wamp_uri::Match;

use super::listener::Listener;
use super::peer::Peer;
use super::shard;

/// All who are subscribed to one topic or pattern; its id is the same for all of them, so an EVENT is encoded once.
pub(crate) struct Subscription {
    pub(crate) id: Id,
    pub(crate) topic: ByteString,
    pub(crate) matching: Match,
    pub(crate) created: SystemTime,
    /// Whether functions of the application handle its events, too. They are no members.
    pub(super) is_local: bool,
    members: RwLock<Members>,
}

#[derive(Default)]
pub(crate) struct Members {
    sessions: HashMap<Id, Member>,
    /// How many of them have a key.
    keyed: usize,
    /// Sessions whose topic handler has not agreed yet.
    pub(super) reserved: usize,
    /// Server code, which is no session.
    pub(super) listeners: Vec<Arc<Listener>>,
}

/// One who is subscribed.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) peer: Arc<dyn Peer>,
    /// Which events with a key it wants. WAMP, "Sharded Subscription".
    pub(crate) key: Option<u64>,
    /// What becomes of events that it does not read in time.
    pub(crate) overflow: Overflow,
}

impl Subscription {
    pub(super) fn new(id: Id, topic: &str, matching: Match, created: SystemTime) -> Self {
        Self {
            id,
            is_local: false,
            // What is kept does not keep the frame alive that it came in.
            topic: ByteString::from(topic),
            matching,
            created,
            members: RwLock::default(),
        }
    }

    /// One that functions of the application handle the events of.
    pub(super) fn local(id: Id, topic: &str, matching: Match, created: SystemTime) -> Self {
        Self {
            is_local: true,
            ..Self::new(id, topic, matching, created)
        }
    }

    /// Calls `deliver` for every member that an event is for, among those that `admits` says yes to. Of those that have a key it is
    /// for those with the one that wants the event's most.
    pub(crate) fn for_each(
        &self,
        key: Option<u64>,
        mut admits: impl FnMut(&Member) -> bool,
        mut deliver: impl FnMut(&Member),
    ) {
        let members = self.read();
        let sessions = members.sessions.values();
        let Some(key) = key.filter(|_| members.keyed > 0) else {
            return sessions.filter(|it| admits(it)).for_each(deliver);
        };
        let admitted = sessions.filter(|it| admits(it)).collect::<Vec<_>>();
        let keys = admitted.iter().filter_map(|it| it.key);
        let wanted = keys.max_by_key(|&it| (shard::weight(key, it), it));
        for member in admitted {
            if member.key.is_none() || member.key == wanted {
                deliver(member);
            }
        }
    }

    /// Calls `deliver` for all server code that listens.
    pub(crate) fn for_each_listener(&self, deliver: impl FnMut(&Arc<Listener>)) {
        self.read().listeners.iter().for_each(deliver);
    }

    /// Whether an event would reach anybody.
    pub(crate) fn is_heard(&self) -> bool {
        let members = self.read();
        members.len() > 0 || !members.listeners.is_empty()
    }

    /// Calls `deliver` for one member, if it is one. It cannot leave meanwhile.
    pub(crate) fn deliver_to<T>(
        &self,
        session: Id,
        deliver: impl FnOnce(&Member) -> T,
    ) -> Option<T> {
        self.read().sessions.get(&session).map(deliver)
    }

    pub(crate) fn has(&self, session: Id) -> bool {
        self.read().sessions.contains_key(&session)
    }

    pub(crate) fn has_members(&self) -> bool {
        !self.read().sessions.is_empty()
    }

    /// Whether it is there for others: somebody has it, or a function of the application does.
    pub(crate) fn is_visible(&self) -> bool {
        self.is_local || self.has_members()
    }

    /// The sessions that are subscribed, in no particular order.
    pub(crate) fn sessions(&self) -> Vec<Id> {
        self.read().sessions.keys().copied().collect()
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Members> {
        self.members.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Members> {
        self.members.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Members {
    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(super) fn is_unused(&self) -> bool {
        self.sessions.is_empty() && self.reserved == 0 && self.listeners.is_empty()
    }

    pub(super) fn insert(&mut self, member: Member) {
        self.keyed += usize::from(member.key.is_some());
        self.sessions.insert(member.peer.id(), member);
    }

    pub(super) fn remove(&mut self, session: Id) -> Option<Member> {
        let member = self.sessions.remove(&session)?;
        self.keyed -= usize::from(member.key.is_some());
        Some(member)
    }
}
