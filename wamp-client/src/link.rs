//! One open session, from WELCOME to its end.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::id::Id;
use wamp_proto::message::details::CancelOptions;
use wamp_proto::message::{Cancel, CancelMode, Feature, Features, Message};

use crate::error::CallError;
use crate::outbox::Outbox;
use crate::pending::Pending;
use crate::session_info::SessionInfo;
use crate::tables::Tables;

/// An open session: what is sent on it, and what waits for answers. Cloning it is cheap.
///
/// It does not outlive its connection; after a reconnection there is another one.
#[derive(Clone)]
pub struct Link {
    inner: Arc<Inner>,
}

struct Inner {
    info: SessionInfo,
    format: Format,
    /// Bytes of the longest message that the router takes.
    max_message: usize,
    /// How long calls wait for answers, unless they say it themselves.
    patience: Option<Duration>,
    outbox: Outbox,
    tables: Mutex<Tables>,
    leaving: CancellationToken,
    ended: CancellationToken,
    missed_pongs: AtomicU32,
}

impl Link {
    pub(crate) fn new(
        info: SessionInfo,
        format: Format,
        max_message: usize,
        patience: Option<Duration>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                info,
                format,
                max_message,
                patience,
                outbox: Outbox::default(),
                tables: Mutex::default(),
                leaving: CancellationToken::new(),
                ended: CancellationToken::new(),
                missed_pongs: AtomicU32::new(0),
            }),
        }
    }

    /// What the router said in WELCOME.
    #[must_use]
    pub fn info(&self) -> &SessionInfo {
        &self.inner.info
    }

    /// What messages are written in.
    #[must_use]
    pub fn format(&self) -> Format {
        self.inner.format
    }

    /// Bytes of the longest message that the router takes.
    #[must_use]
    pub fn max_message(&self) -> usize {
        self.inner.max_message
    }

    /// Whether the session is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.inner.ended.is_cancelled()
    }

    /// Ready when the session has ended.
    pub async fn ended(&self) {
        self.inner.ended.cancelled().await;
    }

    /// Sends a message as it is. Nothing checks that the router expects it, and nobody waits for its answer.
    ///
    /// # Errors
    ///
    /// When it cannot be serialized, is longer than the router takes, or the session is over.
    pub fn send(&self, message: &Message) -> Result<(), CallError> {
        let mut frame = BytesMut::new();
        message.encode(self.format(), &mut frame)?;
        self.check_length(frame.len())?;
        match self.push(frame.freeze()) {
            true => Ok(()),
            false => Err(CallError::NotConnected),
        }
    }

    /// Sends a message that is encoded in [`format`](Self::format) already; false if the session is over.
    pub fn push(&self, frame: Bytes) -> bool {
        self.inner.outbox.push(frame)
    }

    /// Sends the final answer to an invocation, a YIELD or ERROR that is encoded already; false if it has been answered before, or the
    /// session is over.
    pub fn answer(&self, invocation: Id, frame: Bytes) -> bool {
        // Dropped when the tables are free again: it may be the last owner of somebody else's code.
        let callee = self.tables().answered(invocation);
        callee.is_some() && self.push(frame)
    }

    /// Whether an invocation has not been answered yet.
    pub fn is_running(&self, invocation: Id) -> bool {
        self.tables().is_running(invocation)
    }

    /// Sends a progressive YIELD, encoded already; false if the invocation has been answered, or the session is over.
    pub fn progress(&self, invocation: Id, frame: Bytes) -> bool {
        // Under one lock, so that none follows the answer.
        let tables = self.tables();
        tables.is_running(invocation) && self.push(frame)
    }

    /// Ready when so little waits to be sent that more may come, or the session is over.
    pub fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.inner.outbox.poll_room(cx)
    }

    /// Whether so much waits to be sent that nothing may be added by those who do not wait.
    pub(crate) fn is_full(&self) -> bool {
        self.inner.outbox.is_full()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.inner.outbox.has_room()
    }

    pub(crate) async fn room(&self) {
        self.inner.outbox.room().await;
    }

    /// Sends a request, with the next id. `encode` writes the message, and runs no code of others; `pending` is kept until the answer comes,
    /// if there will be one.
    pub(crate) fn request(
        &self,
        encode: impl FnOnce(Id, Format, &mut BytesMut) -> Result<(), EncodeError>,
        pending: impl FnOnce() -> Option<Pending>,
    ) -> Result<Id, CallError> {
        self.request_in(&mut self.tables(), encode, pending)
    }

    /// The same for a call. With a mode, the session keeps the time that calls have in general, and cancels the call like that.
    pub(crate) fn call(
        &self,
        encode: impl FnOnce(Id, Format, &mut BytesMut) -> Result<(), EncodeError>,
        pending: Pending,
        kept: Option<CancelMode>,
    ) -> Result<Id, CallError> {
        let mut tables = self.tables();
        let id = self.request_in(&mut tables, encode, || Some(pending))?;
        let due = self
            .patience()
            .and_then(|it| Instant::now().checked_add(it));
        if let (Some(mode), Some(due)) = (kept, due) {
            tables.keep_time(id, due, mode);
        }
        Ok(id)
    }

    /// Sends a request together with what else changes in the tables.
    pub(crate) fn request_in(
        &self,
        tables: &mut Tables,
        encode: impl FnOnce(Id, Format, &mut BytesMut) -> Result<(), EncodeError>,
        pending: impl FnOnce() -> Option<Pending>,
    ) -> Result<Id, CallError> {
        if tables.is_over {
            return Err(CallError::NotConnected);
        }
        let id = tables.ids.peek();
        let mut frame = BytesMut::with_capacity(128);
        encode(id, self.format(), &mut frame)?;
        self.check_length(frame.len())?;
        // Ids go up one by one, in the order in which they are sent: so it is pushed before the next one may be.
        if !self.push(frame.freeze()) {
            return Err(CallError::NotConnected);
        }
        tables.ids.next_id();
        if let Some(pending) = pending() {
            tables.pending.insert(id, pending);
        }
        Ok(id)
    }

    /// Nobody waits for the answer to a request any more, and there is nothing to be done when it comes.
    pub(crate) fn forget(&self, request: Id) {
        let forgotten = self.tables().pending.remove(&request);
        drop(forgotten);
    }

    /// Nobody waits for the result of a call any more: the callee is told, if it can be.
    pub(crate) fn cancel(&self, call: Id, mode: CancelMode) {
        if self.tables().pending.remove(&call).is_some() {
            self.tell_cancel(call, mode);
        }
    }

    pub(crate) fn tell_cancel(&self, call: Id, mode: CancelMode) {
        if !self.dealer_can(Feature::CallCanceling) {
            return;
        }
        let cancel = Cancel {
            request: call,
            options: CancelOptions {
                mode: Some(mode),
                ..CancelOptions::default()
            },
        };
        if let Err(error) = self.send(&cancel.into()) {
            tracing::debug!(%error, "a call cannot be canceled");
        }
    }

    /// Fails the calls whose time is up, and cancels them.
    pub(crate) fn expire(&self, now: Instant) {
        let Some(patience) = self.patience() else {
            return;
        };
        let late = self.tables().expire(now);
        for (id, pending, mode) in late {
            pending.fail(CallError::Timeout(patience));
            self.tell_cancel(id, mode);
        }
    }

    /// How long calls wait for answers, unless they say it themselves.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.inner.patience
    }

    pub(crate) fn dealer_can(&self, feature: Feature) -> bool {
        has(self.info().welcome().roles.dealer.as_ref(), feature)
    }

    /// Whether the router takes a message that has so many bytes; one that is longer ends the connection.
    ///
    /// # Errors
    ///
    /// [`CallError::TooLarge`], when it does not.
    pub fn check_length(&self, length: usize) -> Result<(), CallError> {
        let limit = self.inner.max_message;
        if length > limit {
            return Err(CallError::TooLarge { length, limit });
        }
        Ok(())
    }

    pub(crate) fn tables(&self) -> MutexGuard<'_, Tables> {
        let tables = self.inner.tables.lock();
        tables.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.inner.outbox
    }

    /// Asks the connection's task to say GOODBYE.
    pub(crate) fn leave(&self) {
        self.inner.leaving.cancel();
        self.inner.outbox.wake();
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.inner.leaving.is_cancelled()
    }

    pub(crate) fn set_missed_pongs(&self, missed: u32) {
        self.inner.missed_pongs.store(missed, Ordering::Relaxed);
    }

    /// How many pings in a row the router has not answered.
    #[must_use]
    pub fn missed_pongs(&self) -> u32 {
        self.inner.missed_pongs.load(Ordering::Relaxed)
    }

    /// The session is over: what waits for answers fails.
    pub(crate) fn end(&self) {
        let ended = self.tables().end();
        ended.fail();
        self.inner.outbox.close();
        self.inner.ended.cancel();
    }
}

fn has(role: Option<&Features>, feature: Feature) -> bool {
    role.is_some_and(|features| features.contains(feature))
}

impl PartialEq for Link {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for Link {}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("session", &self.info().id())
            .field("is_open", &self.is_open())
            .finish_non_exhaustive()
    }
}
