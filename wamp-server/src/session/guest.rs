//! Sessions that stand for somebody who is connected to another router, where a client of ours offers the functions of the application.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use wamp_proto::id::Id;
use wamp_proto::message::details::{Caller, PublishOptions, Receivers};
use wamp_proto::payload::Payload;

use super::{Delivery, Session};
use crate::auth::{ANONYMOUS, Principal};
use crate::handler::registered::Registered;
use crate::realm::upstream::Uplink;

/// How such a session was authenticated, and by whom: the router did it, its way.
const ROUTER: &str = "router";

/// Whom such a session stands for.
pub(crate) struct Guest {
    /// `None`: for all whom the router does not name.
    caller: Option<Box<Caller>>,
    uplink: Arc<dyn Uplink>,
    /// Events that are on their way to functions, in the order in which the session gets them.
    events: Mutex<VecDeque<Handed>>,
    has_complained: AtomicBool,
}

/// An event that is for one function.
pub(crate) struct Handed {
    /// The number that the event has as a request of the session.
    pub(crate) request: Id,
    /// The number that the router has given it.
    pub(crate) publication: Id,
    pub(crate) handler: Arc<Registered>,
}

impl Guest {
    pub(crate) fn new(caller: Option<Box<Caller>>, uplink: Arc<dyn Uplink>) -> Self {
        Self {
            caller,
            uplink,
            events: Mutex::default(),
            has_complained: AtomicBool::new(false),
        }
    }

    /// The session at the router, if it is known.
    pub(crate) fn id(&self) -> Option<Id> {
        self.caller.as_ref()?.session
    }

    /// Who it is, as far as the router says so. Nobody whom it does not name has a role that is for somebody.
    pub(super) fn principal(&self, session: Id) -> Principal {
        let Some(caller) = &self.caller else {
            return Principal::anonymous(session, ANONYMOUS.into());
        };
        let unnamed = || format!("{ANONYMOUS}-{session}").into();
        let id = caller.authid.clone().unwrap_or_else(unnamed);
        let role = caller.authrole.clone();
        Principal::new(id, role.unwrap_or_else(|| ANONYMOUS.into()))
            .provider(ROUTER)
            .method(ROUTER)
    }

    pub(crate) fn uplink(&self) -> &Arc<dyn Uplink> {
        &self.uplink
    }

    /// Whether it is somebody at the router that this leads to.
    pub(crate) fn is_of<U: Uplink>(&self, uplink: &U) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.uplink), uplink)
    }

    /// Says which function a PUBLISH is for that the session is about to get.
    pub(crate) fn hand(&self, event: Handed) {
        self.events().push_back(event);
    }

    /// Takes back what was said last: the session does not get it.
    pub(crate) fn take_back(&self) {
        self.events().pop_back();
    }

    /// What a PUBLISH is for.
    pub(super) fn handed(&self, request: Id) -> Option<Handed> {
        let mut events = self.events();
        while let Some(event) = events.pop_front() {
            if event.request == request {
                return Some(event);
            }
        }
        None
    }

    fn events(&self) -> std::sync::MutexGuard<'_, VecDeque<Handed>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends an event to whom the session stands for, through the router.
    pub(crate) fn publish(&self, topic: &str, receivers: Receivers, payload: Payload) -> Delivery {
        let Some(id) = self.id() else {
            if !self.has_complained.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    topic,
                    "an event for whoever called is not sent: the router does not say who that is"
                );
            }
            return Delivery::NotSubscribed;
        };
        let options = PublishOptions {
            receivers: Some(Box::new(Receivers {
                eligible: Some(vec![id]),
                ..receivers
            })),
            ..PublishOptions::default()
        };
        Delivery::from(self.uplink.publish(topic, options, payload))
    }
}

impl Session {
    /// Whom it stands for, if it stands for somebody at another router.
    pub(crate) fn guest(&self) -> Option<&Arc<Guest>> {
        self.inner.guest.as_ref()
    }

    /// Waits until there is room for more.
    pub(crate) async fn room(&self) {
        self.outbox().room().await;
        if let Some(guest) = self.guest() {
            std::future::poll_fn(|cx| guest.poll_room(cx)).await;
        }
    }
}

impl Guest {
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.uplink.poll_room(cx)
    }
}
