//! The way out to another router, where a client of ours offers the functions of the application: what they publish, call and subscribe to
//! is for the peers of that router, too.

use std::any::Any;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytestring::ByteString;
use futures_core::Stream;
use wamp_proto::message::details::{CallOptions, PublishOptions};
use wamp_proto::payload::Payload;
use wamp_uri::Match;

pub(crate) use super::calling::Answer;
use crate::router::listener::Listener;

/// A router that the realm has joined.
pub(crate) trait Uplink: Send + Sync {
    /// Publishes an event, without waiting; false if it cannot be sent.
    fn publish(&self, topic: &str, options: PublishOptions, payload: Payload) -> bool;

    /// Calls what somebody offers there.
    fn call(&self, call: Upward) -> Answers;

    /// Has a listener told of events, until what is returned is dropped.
    fn listen(&self, topic: &ByteString, matching: Match, listener: &Arc<Listener>) -> Listening;

    /// Ready when there is room for more to be sent.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()>;
}

/// What comes of a call: progress, then the end.
pub(crate) type Answers = Pin<Box<dyn Stream<Item = Answer> + Send>>;

/// What ends a subscription when it is dropped.
pub(crate) type Listening = Box<dyn Any + Send + Sync>;

/// A call for somebody at the other router.
pub(crate) struct Upward {
    pub(crate) procedure: ByteString,
    pub(crate) options: CallOptions,
    pub(crate) payload: Payload,
    pub(crate) timeout: Option<Duration>,
}

/// Where a realm keeps its way out.
#[derive(Default)]
pub(crate) struct Upstream {
    uplink: RwLock<Option<Arc<dyn Uplink>>>,
    /// Subscriptions of server code, which are made there, too, as soon as there is a way.
    wanted: Mutex<Vec<Wanted>>,
}

struct Wanted {
    topic: ByteString,
    matching: Match,
    listener: Weak<Listener>,
    listening: Option<Listening>,
}

impl Upstream {
    /// The way out, if there is one.
    pub(crate) fn uplink(&self) -> Option<Arc<dyn Uplink>> {
        let uplink = self.uplink.read();
        uplink.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens the way; false if there is one already.
    pub(crate) fn open(&self, uplink: Arc<dyn Uplink>) -> bool {
        let mut wanted = self.wanted();
        let mut place = self.uplink.write().unwrap_or_else(PoisonError::into_inner);
        if place.is_some() {
            return false;
        }
        wanted.retain(|it| it.listener.strong_count() > 0);
        for it in &mut *wanted {
            let listener = it.listener.upgrade();
            it.listening = listener.map(|to| uplink.listen(&it.topic, it.matching, &to));
        }
        *place = Some(uplink);
        true
    }

    /// Closes it.
    pub(crate) fn close(&self) {
        let mut wanted = self.wanted();
        let uplink = self.uplink.write();
        let closed = uplink.unwrap_or_else(PoisonError::into_inner).take();
        let ended = wanted.iter_mut().filter_map(|it| it.listening.take());
        let ended = ended.collect::<Vec<_>>();
        drop(wanted);
        drop((ended, closed));
    }

    /// Has a listener told of events there, now or later.
    pub(crate) fn listen(&self, topic: &ByteString, matching: Match, listener: &Arc<Listener>) {
        let mut wanted = self.wanted();
        let uplink = self.uplink();
        wanted.push(Wanted {
            topic: topic.clone(),
            matching,
            listener: Arc::downgrade(listener),
            listening: uplink.map(|it| it.listen(topic, matching, listener)),
        });
    }

    /// It is not to be told any more.
    pub(crate) fn unlisten(&self, listener: &Arc<Listener>) {
        let mut wanted = self.wanted();
        let is_it = |it: &Wanted| std::ptr::eq(it.listener.as_ptr(), Arc::as_ptr(listener));
        let found = wanted.iter().position(is_it);
        let removed = found.map(|place| wanted.swap_remove(place));
        drop(wanted);
        drop(removed);
    }

    fn wanted(&self) -> MutexGuard<'_, Vec<Wanted>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
