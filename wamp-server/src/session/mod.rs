//! Sessions: what handlers see of a peer, and what runs it.
//!
//! # Layout
//!
//! - [`Session`]: the handle. [`Data`]: what handlers keep in it. [`Delivery`]: events for it. `outbox`: what is on its way to the peer.
//! - `connection`: drives one transport: reads, writes, keeps time. `deadlines`, `wire`, `oversize`, `timer`,
//!   `liveness`, `end`: its parts.
//! - `greeting`, `establish`: from HELLO to WELCOME. [`Auth`], `welcome`, `rejection`: how that ends.
//! - `open`: an open session, messages in, messages out. `dispatch`, `rpc`, `prepare`, `queue`, `pubsub`, `publish`, `answer`: its parts.
//!   `as_peer`: how others of its realm see it. `access`: what it may do. `tasks`: its waiting handlers. `inside`: sessions that the
//!   server is the peer of. `guest`: sessions that stand for peers of another router.
//! - `sequence`: request ids, where they are checked.
//! - `routed`, `registering`: calls that others answer, and what the session answers for others. `membership`: what others are told of it.
//!   `testament`: what it leaves them.
//! - `subscription`: one SUBSCRIBE until its handler has decided. [`hook`]: the application's own look at messages.

mod access;
mod answer;
mod as_peer;
mod auth;
pub(crate) mod connection;
mod data;
mod deadlines;
mod delivery;
mod dispatch;
mod end;
mod establish;
mod greeting;
#[cfg_attr(
    not(feature = "client"),
    expect(dead_code, reason = "only clients make it")
)]
pub(crate) mod guest;
pub mod hook;
mod inside;
mod liveness;
pub(crate) mod membership;
mod open;
pub(crate) mod outbox;
mod oversize;
mod prepare;
mod publish;
mod pubsub;
mod queue;
mod registering;
pub(crate) mod registry;
pub(crate) mod rejection;
mod routed;
mod rpc;
mod sequence;
pub(crate) mod subscription;
pub(crate) mod tasks;
pub(crate) mod testament;
mod timer;
mod welcome;
mod wire;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU8, fence};
use std::sync::{Arc, OnceLock};

use bytes::BytesMut;
use bytestring::ByteString;
use tokio::sync::Semaphore;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::id::Id;
use wamp_proto::message::details::HelloDetails;
use wamp_proto::message::{Message, Overflow};

pub(crate) use self::access::refusal;
pub use self::auth::Auth;
pub use self::data::Data;
pub use self::delivery::Delivery;
use self::guest::Guest;
use self::membership::Stage;
use self::outbox::{Command, Outbox};
pub(crate) use self::rpc::unknown_procedure;
use self::subscription::PendingTopics;
use crate::auth::Principal;
use crate::realm::{Ordering, Realm};
use crate::router::links::Links;
use crate::transport::TransportInfo;

/// A session: one peer in one realm, from WELCOME to the end.
///
/// Handlers take it as `&Session`. Cloning it is cheap, and clones may outlive the session: what is then sent goes nowhere. Two clones
/// are equal if they are the same session.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    id: Id,
    realm: Realm,
    realm_name: ByteString,
    format: Format,
    hello: Box<HelloDetails>,
    /// Once it is known.
    auth: OnceLock<Auth>,
    transport: Arc<TransportInfo>,
    max_message: usize,
    /// Made when it first calls others or is called by them.
    links: OnceLock<Box<Links>>,
    sequential: AtomicBool,
    /// A [`Stage`](membership::Stage).
    stage: AtomicU8,
    /// An [`Overflow`].
    overflow: AtomicU8,
    outbox: Outbox,
    pending: PendingTopics,
    /// Made when it is first used: most sessions keep nothing and have no tasks.
    data: OnceLock<Box<Data>>,
    /// What authentication found, if it found something.
    principal: OnceLock<Arc<dyn Any + Send + Sync>>,
    identity: OnceLock<Box<dyn Any + Send + Sync>>,
    guest: Option<Arc<Guest>>,
    /// Closed when the session ends; nobody ever gets a permit.
    ended: OnceLock<Arc<Semaphore>>,
}

/// What a session consists of.
#[derive(Clone)]
pub(crate) struct SessionParts {
    pub(crate) id: Id,
    pub(crate) realm: Realm,
    pub(crate) realm_name: ByteString,
    pub(crate) format: Format,
    pub(crate) hello: Box<HelloDetails>,
    pub(crate) transport: Arc<TransportInfo>,
    /// Bytes of the longest message that the peer takes.
    pub(crate) max_message: usize,
    /// Whom it stands for, if that is somebody at another router.
    pub(crate) guest: Option<Arc<Guest>>,
}

impl Session {
    pub(crate) fn new(parts: SessionParts) -> Self {
        let limits = &parts.realm.inner().shared.limits;
        Self {
            inner: Arc::new(Inner {
                outbox: Outbox::new(limits.outbound_soft, limits.outbound_hard),
                overflow: AtomicU8::new(parts.realm.inner().overflow as u8),
                auth: OnceLock::new(),
                sequential: AtomicBool::new(parts.realm.inner().ordering == Ordering::Sequential),
                id: parts.id,
                realm: parts.realm,
                realm_name: parts.realm_name,
                format: parts.format,
                hello: parts.hello,
                transport: parts.transport,
                max_message: parts.max_message,
                guest: parts.guest,
                links: OnceLock::new(),
                stage: AtomicU8::default(),
                pending: PendingTopics::default(),
                data: OnceLock::new(),
                principal: OnceLock::new(),
                identity: OnceLock::new(),
                ended: OnceLock::new(),
            }),
        }
    }

    /// The id that the peer knows it by, unique among the open sessions of the server.
    #[must_use]
    pub fn id(&self) -> Id {
        self.inner.id
    }

    /// The realm that it has joined.
    #[must_use]
    pub fn realm(&self) -> &Realm {
        &self.inner.realm
    }

    /// The realm as the peer named it; of interest in the default realm, which serves every name.
    #[must_use]
    pub fn realm_name(&self) -> &str {
        &self.inner.realm_name
    }

    /// What the peer said about itself in HELLO: roles and features, agent, and whatever it would authenticate with.
    ///
    /// None of it is proven.
    #[must_use]
    pub fn hello(&self) -> &HelloDetails {
        &self.inner.hello
    }

    /// Who the peer is. Everything in it is empty as long as the peer is not authenticated, which only authenticators and session
    /// handlers that run before get to see.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        self.inner.auth()
    }

    /// Whether it is known who the peer is; where nobody has to authenticate, that is known at once.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.inner.auth.get().is_some()
    }

    /// From now on it is known who the peer is.
    pub(crate) fn authenticated(&self, principal: Principal) {
        let auth = principal.auth();
        if let Some(identity) = principal.identity {
            // It is set once: nobody is authenticated twice.
            let _ = self.inner.principal.set(identity);
        }
        let _ = self.inner.auth.set(auth);
    }

    /// Whether the calls of this session may run at the same time; as its realm says, until this is called.
    ///
    /// A session handler (`#[session]`) is the place to call it.
    pub fn set_ordering(&self, ordering: Ordering) {
        let sequential = ordering == Ordering::Sequential;
        self.inner.sequential.store(sequential, Relaxed);
    }

    /// What becomes of events that the peer does not read in time, in subscriptions that do not say it themselves (`_overflow` in the
    /// options of SUBSCRIBE); as the realm says, until this is called.
    ///
    /// A session handler (`#[session]`) is the place to call it.
    pub fn set_overflow(&self, overflow: Overflow) {
        self.inner.overflow.store(overflow as u8, Relaxed);
    }

    pub(crate) fn overflow(&self) -> Overflow {
        let chosen = self.inner.overflow.load(Relaxed);
        let all = [
            Overflow::Disconnect,
            Overflow::DropOldest,
            Overflow::LatestOnly,
        ];
        let chosen = all.into_iter().find(|&it| it as u8 == chosen);
        chosen.unwrap_or(Overflow::Disconnect)
    }

    /// Where the peer is and how it came in: headers, cookies, path, address.
    #[must_use]
    pub fn transport(&self) -> &TransportInfo {
        &self.inner.transport
    }

    /// Attaches the value that handlers see as [`Identity<'_, T>`](crate::Identity); false if there is one already. What authentication
    /// found comes before it.
    ///
    /// A session handler (`#[session]`) is the place to call it.
    pub fn identify<T: Send + Sync + 'static>(&self, identity: T) -> bool {
        let inner = &self.inner;
        inner.principal.get().is_none() && inner.identity.set(Box::new(identity)).is_ok()
    }

    /// The value that authentication found or [`identify`](Self::identify) attached, if it is a `T`.
    #[must_use]
    pub fn identity<T: Send + Sync + 'static>(&self) -> Option<&T> {
        let found = self.inner.principal.get();
        let found = found.and_then(|it| it.downcast_ref());
        found.or_else(|| self.inner.identity.get()?.downcast_ref())
    }

    /// Values that handlers keep for as long as the session lasts.
    #[must_use]
    pub fn data(&self) -> &Data {
        self.inner.data.get_or_init(Box::default)
    }

    /// Sends a message as it is. Nothing checks that the peer expects it.
    ///
    /// # Errors
    ///
    /// When its payload cannot be serialized.
    pub fn send(&self, message: &Message) -> Result<(), EncodeError> {
        let mut out = BytesMut::new();
        message.encode(self.format(), &mut out)?;
        self.inner.outbox.push(out.freeze());
        Ok(())
    }

    /// Ends the session with GOODBYE: open calls are dropped, the peer has
    /// [`Limits::goodbye_timeout`](crate::Limits) to answer.
    pub fn close(&self, reason: impl Into<ByteString>, message: impl Into<String>) {
        self.inner.outbox.command(Command::Goodbye {
            reason: reason.into(),
            message: message.into(),
            grace: std::time::Duration::ZERO,
        });
    }

    /// Ends the session with ABORT and closes the connection.
    pub fn abort(&self, reason: impl Into<ByteString>, message: impl Into<String>) {
        self.inner.outbox.command(Command::Abort {
            reason: reason.into(),
            message: message.into(),
        });
    }

    /// Runs a task that is dropped when the session ends.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let ended = Arc::clone(self.ended_signal());
        tokio::spawn(async move {
            tokio::select! {
                biased;
                _ = ended.acquire() => {}
                () = task => {}
            }
        });
    }

    /// Whether the session is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.inner.outbox.is_open()
    }

    /// Ready when the session has ended.
    pub async fn ended(&self) {
        // It never succeeds: it fails when the semaphore is closed.
        let _ = self.ended_signal().acquire().await;
    }

    fn ended_signal(&self) -> &Arc<Semaphore> {
        let ended = self.inner.ended.get_or_init(|| Arc::new(Semaphore::new(0)));
        // Either it is seen here that it is over, or the signal is seen by whoever ends it.
        fence(SeqCst);
        if self.inner.stage.load(Relaxed) == Stage::Over as u8 {
            ended.close();
        }
        ended
    }

    /// Nothing of it is left.
    fn signal_end(&self) {
        fence(SeqCst);
        if let Some(ended) = self.inner.ended.get() {
            ended.close();
        }
    }

    pub(crate) fn format(&self) -> Format {
        self.inner.format
    }

    pub(crate) fn is_sequential(&self) -> bool {
        self.inner.sequential.load(Relaxed)
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.inner.outbox
    }

    pub(crate) fn pending(&self) -> &PendingTopics {
        &self.inner.pending
    }

    /// What handlers keep in it, if they keep anything.
    fn existing_data(&self) -> Option<&Data> {
        self.inner.data.get().map(|it| &**it)
    }

    /// A subscription was taken away: whatever belongs to it is to be dropped.
    pub(crate) fn revoked(&self) {
        self.inner.outbox.command(Command::DropRevoked);
    }
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for Session {}

impl Hash for Session {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id().get())
            .field("realm", &self.inner.realm_name)
            .finish_non_exhaustive()
    }
}

/// The reason that an ended session's calls would give; kept here so that all who end sessions agree.
pub(crate) const SLOW_CONSUMER: &str = "wamp.error.slow_consumer";
/// Too much of something that is allowed.
pub(crate) const LIMIT_EXCEEDED: &str = "wamp.error.limit_exceeded";
