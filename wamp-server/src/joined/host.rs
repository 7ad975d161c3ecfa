//! What offers the functions of a realm at a router, over all sessions that our client has there.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytestring::ByteString;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;
use wamp_client::host::{Callee, Link, Receiver};
use wamp_proto::message::{Event, Interrupt, Invocation};
use wamp_proto::uri;

use super::guests::Guests;
use super::uplink::ClientUplink;
use crate::app::Server;
use crate::handler::registered::Registered;
use crate::permission::Disclosure;
use crate::realm::Realm;
use crate::session::outbox::Command;

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
    /// The sessions that stand for peers.
    sessions: TaskTracker,
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
            sessions: TaskTracker::new(),
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

    /// Runs a session that stands for a peer.
    pub(super) fn serve(&self, session: impl Future<Output = ()> + Send + 'static) {
        self.sessions.spawn_on(session, &self.runtime);
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
        let (link, ending, host) = (link.clone(), Arc::clone(&guests), Arc::clone(self));
        self.spawn(async move {
            tokio::select! {
                () = link.ended() => {}
                () = ending.over() => {}
            }
            ending.end();
            host.forget(&ending);
        });
        Some(guests)
    }

    /// Each refers to the other until then.
    fn forget(&self, guests: &Arc<Guests>) {
        let current = self.guests.lock();
        let mut current = current.unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|it| Arc::ptr_eq(it, guests)) {
            let forgotten = current.take();
            drop(current);
            drop(forgotten);
        }
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

    /// Waits until all invocations are answered and all events are handled, then ends the sessions that stand for peers; false if it takes
    /// too long.
    pub(super) async fn finish(&self, until: Instant) -> bool {
        let finish = async {
            self.leave();
            self.all_answered().await;
            let grace = until.saturating_duration_since(Instant::now());
            for session in self.realm.inner().shared.sessions.all() {
                let guest = session.guest();
                if guest.is_some_and(|it| it.is_of(&*self.uplink)) {
                    session.outbox().command(Command::Goodbye {
                        reason: uri::SYSTEM_SHUTDOWN.into(),
                        message: "the application leaves the router".to_owned(),
                        grace,
                    });
                }
            }
            self.sessions.close();
            self.sessions.wait().await;
        };
        timeout_at(until, finish).await.is_ok()
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

/// Those who keep a host that nobody else does: when the last of them is gone, it finishes what it has begun, and ends.
pub(super) struct Lease(pub(super) Arc<Host>);

impl Drop for Lease {
    fn drop(&mut self) {
        let host = Arc::clone(&self.0);
        self.0.spawn(async move {
            let patience = host.server.limits().shutdown_timeout;
            if !host.finish(Instant::now() + patience).await {
                tracing::warn!("some calls are not finished in time");
            }
            host.end();
        });
    }
}

/// A procedure that is registered at the router.
pub(super) struct Offered {
    pub(super) host: Arc<Host>,
    pub(super) procedure: ByteString,
    pub(super) _lease: Option<Arc<Lease>>,
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
