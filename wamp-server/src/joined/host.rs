//! What offers the functions of a realm at a router, over all sessions that our client has there.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytestring::ByteString;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use wamp_client::host::{Callee, Link, Receiver};
use wamp_proto::message::{Event, Interrupt, Invocation};

use super::guests::Guests;
use super::uplink::ClientUplink;
use crate::app::Server;
use crate::handler::registered::Registered;
use crate::permission::Disclosure;
use crate::realm::Realm;

/// A server, and where its functions are offered.
pub(super) struct Host {
    server: Server,
    realm: Realm,
    realm_name: ByteString,
    uplink: Arc<ClientUplink>,
    runtime: Handle,
    /// Those of the session at the router that is open now.
    guests: Mutex<Option<Arc<Guests>>>,
    /// Invocations that are not answered.
    open: AtomicUsize,
    is_leaving: AtomicBool,
    all_answered: Notify,
}

impl Host {
    /// Must be called within a runtime.
    pub(super) fn new(
        server: Server,
        realm: Realm,
        realm_name: ByteString,
        uplink: Arc<ClientUplink>,
    ) -> Self {
        Self {
            server,
            realm,
            realm_name,
            uplink,
            runtime: Handle::current(),
            guests: Mutex::default(),
            open: AtomicUsize::new(0),
            is_leaving: AtomicBool::new(false),
            all_answered: Notify::new(),
        }
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    pub(super) fn realm(&self) -> &Realm {
        &self.realm
    }

    pub(super) fn realm_name(&self) -> &str {
        &self.realm_name
    }

    pub(super) fn uplink(&self) -> &Arc<ClientUplink> {
        &self.uplink
    }

    /// Whether functions may tell others who has called them, if they know.
    pub(super) fn tells_callers(&self) -> bool {
        self.realm.inner().authorization.disclosure != Disclosure::Refused
    }

    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }

    /// The sessions that go with a session at the router; `None` when that is over.
    pub(super) fn guests(self: &Arc<Self>, link: &Link) -> Option<Arc<Guests>> {
        let mut current = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(guests) = &*current
            && guests.link() == link
        {
            return Some(Arc::clone(guests));
        }
        if !link.is_open() {
            return None;
        }
        let guests = Arc::new(Guests::new(Arc::clone(self), link.clone()));
        *current = Some(Arc::clone(&guests));
        let (link, ending) = (link.clone(), Arc::clone(&guests));
        self.spawn(async move {
            link.ended().await;
            ending.end();
        });
        Some(guests)
    }

    /// An invocation is to be answered.
    pub(super) fn began(&self) {
        self.open.fetch_add(1, Ordering::SeqCst);
    }

    /// That many have been.
    pub(super) fn ended(&self, answers: usize) {
        let before = self.open.fetch_sub(answers, Ordering::SeqCst);
        if before == answers && self.is_leaving() {
            self.all_answered.notify_waiters();
        }
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.is_leaving.load(Ordering::SeqCst)
    }

    /// No new invocations.
    pub(super) fn leave(&self) {
        self.is_leaving.store(true, Ordering::SeqCst);
    }

    /// Waits until all invocations are answered.
    pub(super) async fn all_answered(&self) {
        loop {
            let mut answered = std::pin::pin!(self.all_answered.notified());
            answered.as_mut().enable();
            if self.open.load(Ordering::SeqCst) == 0 {
                return;
            }
            answered.await;
        }
    }

    /// Ends all sessions that stand for peers of the router: what they have not answered is answered by an ERROR.
    pub(super) fn end(&self) {
        let guests = self.guests.lock();
        let guests = guests.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(guests) = guests {
            guests.end();
        }
    }
}

/// A procedure that is registered at the router.
pub(super) struct Offered {
    pub(super) host: Arc<Host>,
    pub(super) procedure: ByteString,
}

impl Callee for Offered {
    fn invoke(&self, link: &Link, invocation: Invocation) {
        if let Some(guests) = self.host.guests(link) {
            guests.invoke(invocation, &self.procedure);
        }
    }

    fn interrupt(&self, link: &Link, interrupt: &Interrupt) {
        if let Some(guests) = self.host.guests(link) {
            guests.interrupt(interrupt);
        }
    }
}

/// A topic that is subscribed to at the router, for one function.
pub(super) struct Subscriber {
    pub(super) host: Arc<Host>,
    pub(super) topic: ByteString,
    pub(super) handler: Arc<Registered>,
}

impl Receiver for Subscriber {
    fn event(&self, link: &Link, event: Event) {
        let topic = event.details.topic.clone();
        let topic = topic.unwrap_or_else(|| self.topic.clone());
        // The pattern at the router may be wider than the function's own.
        if !self.handler.is_for(&topic) {
            return;
        }
        if let Some(guests) = self.host.guests(link) {
            guests.event(event, &topic, &self.handler);
        }
    }
}
