//! The client: what is kept over all its sessions.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytestring::ByteString;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use wamp_proto::codec::Format;

use crate::builder::Builder;
use crate::call::Call;
use crate::config::Config;
use crate::error::{CallError, ConnectError};
use crate::host::Callee;
use crate::kept::{Kept, Trial};
use crate::link::Link;
use crate::publish::Publish;
use crate::register::Register;
use crate::registration::Offer;
use crate::session_info::SessionInfo;
use crate::state::{State, States};
use crate::subscribe::Subscribe;
use crate::subscription::Topic;

/// A client of a WAMP router. Cloning it is cheap; all clones are the same client, which is closed when the last one is dropped. What was made
/// by it, such as a [`Subscription`](crate::Subscription), holds one, and so does a function that it offers and that calls others by it: such
/// a client is [closed](Self::close) by a word, or is given to the function [by half](Self::downgrade).
///
/// It connects again when its connection is lost, and renews what was subscribed and registered. Requests that wait for answers then fail with
/// [`CallError::Lost`]; none is sent twice. While there is no session, new ones fail with [`CallError::NotConnected`].
///
/// ```no_run
/// use wamp_client::Client;
///
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let client = Client::connect("ws://localhost:8080/ws", "realm1").await?;
///     let sum: i64 = client.call("math.add").arg(2).arg(3).await?.decode()?;
///     println!("{sum}");
///     client.close().await;
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// Closes the client with the last clone.
    closing_guard: Arc<DropGuard>,
}

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) kept: Kept,
    pub(crate) state: watch::Sender<State>,
    link: Mutex<Option<Link>>,
    pub(crate) closing: CancellationToken,
}

impl Inner {
    pub(crate) fn new(config: Config) -> Self {
        let state = State::Connecting {
            failures: 0,
            reason: None,
        };
        Self {
            config,
            kept: Kept::default(),
            state: watch::Sender::new(state),
            link: Mutex::default(),
            closing: CancellationToken::new(),
        }
    }

    /// Sets the session that requests go to. What is returned is the one before.
    pub(crate) fn set_link(&self, link: Option<Link>) -> Option<Link> {
        std::mem::replace(&mut *self.link(), link)
    }

    fn link(&self) -> MutexGuard<'_, Option<Link>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self {
            closing_guard: Arc::new(inner.closing.clone().drop_guard()),
            inner,
        }
    }

    /// Connects to a router and opens a session. [`builder`](Self::builder) does it with more to say about how.
    ///
    /// # Errors
    ///
    /// Why there is no session.
    pub async fn connect(url: &str, realm: &str) -> Result<Self, ConnectError> {
        Self::builder(url).realm(realm).connect().await
    }

    /// Begins to describe a client: where it connects to, as whom, and how patient it is.
    pub fn builder(url: &str) -> Builder {
        Builder::new(url)
    }

    /// The realm that it joins.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.inner.config.realm
    }

    /// A handle that does not keep the client open.
    #[must_use]
    pub fn downgrade(&self) -> WeakClient {
        WeakClient {
            inner: Arc::downgrade(&self.inner),
            closing: Arc::downgrade(&self.closing_guard),
        }
    }

    /// The session; `None` while there is none.
    #[must_use]
    pub fn session(&self) -> Option<SessionInfo> {
        self.link().map(|link| link.info().clone())
    }

    /// The session as the lower layers see it; `None` while there is none.
    #[must_use]
    pub fn link(&self) -> Option<Link> {
        self.inner.link().clone().filter(Link::is_open)
    }

    /// Whether there is a session.
    #[must_use]
    pub fn state(&self) -> State {
        self.inner.state.borrow().clone()
    }

    /// The state as it is now, and every change of it.
    #[must_use]
    pub fn states(&self) -> States {
        States::new(self.inner.state.subscribe())
    }

    /// Waits until there is a session.
    ///
    /// # Errors
    ///
    /// When there will be none any more: [`ConnectError::Closed`].
    pub async fn connected(&self) -> Result<SessionInfo, ConnectError> {
        let mut states = self.states();
        while let Some(state) = states.next().await {
            if let State::Open(session) = state {
                return Ok(session);
            }
        }
        Err(ConnectError::Closed)
    }

    /// Begins a call.
    pub fn call(&self, procedure: impl Into<ByteString>) -> Call {
        Call::new(self.clone(), procedure.into())
    }

    /// Begins an event.
    pub fn publish(&self, topic: impl Into<ByteString>) -> Publish {
        Publish::new(self.clone(), topic.into())
    }

    /// Begins a subscription.
    pub fn subscribe(&self, topic: impl Into<ByteString>) -> Subscribe {
        Subscribe::new(self.clone(), topic.into())
    }

    /// Begins a registration whose invocations are answered message by message.
    pub fn register_callee(
        &self,
        procedure: impl Into<ByteString>,
        callee: Arc<dyn Callee>,
    ) -> Register {
        Register::new(self.clone(), procedure.into(), callee)
    }

    /// Closes the client: GOODBYE, then the connection. Ready when that is done, for which the router has
    /// [`close_timeout`](Builder::close_timeout).
    ///
    /// Calls that others have made here and that are not answered yet are lost.
    pub async fn close(&self) {
        self.inner.closing.cancel();
        let mut states = self.inner.state.subscribe();
        // The sender is ours.
        let _ = states.wait_for(State::is_closed).await;
    }

    /// What the session speaks, if there is one.
    pub(crate) fn format(&self) -> Option<Format> {
        self.inner.link().as_ref().map(Link::format)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    /// The session that a request goes to.
    pub(crate) fn open_link(&self) -> Result<Link, CallError> {
        if self.inner.closing.is_cancelled() {
            return Err(CallError::Closed);
        }
        match self.link() {
            Some(link) => Ok(link),
            None if self.inner.state.borrow().is_closed() => Err(CallError::Closed),
            None => Err(CallError::NotConnected),
        }
    }

    /// Waits until there is room for a request, but not for ever.
    pub(crate) async fn room(&self, link: &Link) -> Result<(), CallError> {
        let room = link.room();
        match self.config().timing.call {
            None => room.await,
            Some(patience) => {
                let room = timeout(patience, room).await;
                room.map_err(|_| CallError::Timeout(patience))?;
            }
        }
        Ok(())
    }

    /// Waits for an answer, but not for ever.
    pub(crate) async fn in_time<T>(
        &self,
        answer: oneshot::Receiver<Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let answer = match self.config().timing.call {
            None => answer.await,
            Some(patience) => match timeout(patience, answer).await {
                Ok(answer) => answer,
                Err(_) => return Err(CallError::Timeout(patience)),
            },
        };
        answer.unwrap_or(Err(CallError::Lost))
    }

    pub(crate) fn want_topic(&self, topic: &Arc<Topic>) -> Trial<'_, Topic> {
        let give_up = |topic: &Arc<Topic>| {
            // There is no subscription yet that could be told of.
            let _ = topic.give_up();
        };
        self.inner.kept.topics().try_out(topic, give_up)
    }

    pub(crate) fn want_offer(&self, offer: &Arc<Offer>) -> Trial<'_, Offer> {
        let give_up = |offer: &Arc<Offer>| {
            let _ = offer.give_up();
        };
        self.inner.kept.offers().try_out(offer, give_up)
    }

    pub(crate) fn forget_topic(&self, topic: &Arc<Topic>) {
        self.inner.kept.topics().remove(topic);
    }

    pub(crate) fn forget_offer(&self, offer: &Arc<Offer>) {
        self.inner.kept.offers().remove(offer);
    }
}

/// A handle of a [`Client`] that does not keep it open: for what the client itself holds, such as the functions that it offers.
#[derive(Clone)]
pub struct WeakClient {
    inner: Weak<Inner>,
    closing: Weak<DropGuard>,
}

impl WeakClient {
    /// The client, unless it was dropped.
    #[must_use]
    pub fn upgrade(&self) -> Option<Client> {
        Some(Client {
            inner: self.inner.upgrade()?,
            closing_guard: self.closing.upgrade()?,
        })
    }
}

impl fmt::Debug for WeakClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakClient").finish_non_exhaustive()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.inner.config)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
