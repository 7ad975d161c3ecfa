//! The open calls of one caller: identifiers, cancelling, timeouts. No I/O, no clock: time is a value.

use std::collections::HashMap;
use std::time::Duration;

use bytestring::ByteString;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wamp_proto::id::Id;
use wamp_proto::message::CancelMode;
use wamp_proto::payload::Payload;

use super::cut_short::CutShort;
use crate::handler::call::Reports;

/// The calls that were accepted and have not been answered. `T` names the running handler.
#[derive(Debug)]
pub(crate) struct Calls<T> {
    open: HashMap<Id, OpenCall<T>>,
    cut_short: CutShort,
    /// No deadline is before this; it may be too early, when the call it was for has ended.
    next_deadline: Option<Instant>,
}

/// A call whose handler is running.
#[derive(Debug)]
pub(crate) struct OpenCall<T> {
    pub(crate) task: T,
    /// Of calls whose arguments keep coming.
    pub(crate) procedure: ByteString,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    /// Of calls that report progress: their timeout counts from the last report.
    pub(crate) progress: Option<Reports>,
    /// Of handlers that want to be told rather than stopped.
    pub(crate) token: Option<CancellationToken>,
    /// Of calls whose arguments keep coming.
    pub(crate) input: Option<mpsc::Sender<Payload>>,
    /// Whether a callee elsewhere is to answer, once that is allowed.
    pub(crate) leaves: bool,
}

/// What is to be done about a CANCEL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Canceled<T> {
    /// Nothing: there is no such call any more, or the handler has been told.
    Nothing,
    /// Answer ERROR; the handler goes on, and what it returns is dropped.
    Abandon(T),
    /// Answer ERROR; stop the handler.
    Stop(T),
}

/// What is to be done about another message of a progressive call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Continued<T> {
    /// Nothing.
    Accepted,
    /// The id is in use by a call that this cannot be a part of: a violation of the protocol.
    Conflict,
    /// More than the handler reads: answer ERROR and stop it.
    Overrun(T),
}

impl<T: Copy> Calls<T> {
    pub(crate) fn new() -> Self {
        Self {
            open: HashMap::new(),
            cut_short: CutShort::default(),
            next_deadline: None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    #[inline]
    pub(crate) fn contains(&self, request: Id) -> bool {
        !self.open.is_empty() && self.open.contains_key(&request)
    }

    pub(crate) fn insert(&mut self, request: Id, call: OpenCall<T>) {
        if let Some(deadline) = call.deadline {
            self.next_deadline = Some(self.next_deadline.map_or(deadline, |it| it.min(deadline)));
        }
        self.open.insert(request, call);
    }

    /// The handler of a call has ended; false if the call has been answered already.
    pub(crate) fn finish(&mut self, request: Id) -> bool {
        self.remove(request)
    }

    /// A call goes on elsewhere: it is not answered yet.
    pub(crate) fn hand_over(&mut self, request: Id) {
        self.open.remove(&request);
    }

    fn remove(&mut self, request: Id) -> bool {
        let Some(call) = self.open.remove(&request) else {
            return false;
        };
        if call.input.is_some() {
            self.cut_short(request);
        }
        true
    }

    /// A call was answered although the caller has announced more of it.
    #[cold]
    pub(crate) fn cut_short(&mut self, request: Id) {
        self.cut_short.add(request);
    }

    /// Whether a CALL belongs to one that was cut short, and is to be ignored. `more` if it is not the last one.
    #[inline]
    pub(crate) fn is_late(&mut self, request: Id, more: bool) -> bool {
        self.cut_short.has(request, more)
    }

    /// The caller gives up. `kill` lets a handler that wants to be told answer for itself; any other handler is stopped.
    pub(crate) fn cancel(&mut self, request: Id, mode: CancelMode) -> Canceled<T> {
        let Some(call) = self.open.get(&request) else {
            return Canceled::Nothing;
        };
        let task = call.task;
        if mode != CancelMode::Skip
            && let Some(token) = &call.token
        {
            token.cancel();
            if mode == CancelMode::Kill {
                return Canceled::Nothing;
            }
        }
        // What has not left yet must not leave any more: its answer would be a second one.
        let stops = call.leaves || mode != CancelMode::Skip && call.token.is_none();
        self.remove(request);
        if stops {
            Canceled::Stop(task)
        } else {
            Canceled::Abandon(task)
        }
    }

    /// Another CALL with the id of an open call.
    pub(crate) fn continue_with(
        &mut self,
        request: Id,
        procedure: &str,
        more: bool,
        payload: Payload,
    ) -> Continued<T> {
        let Some(call) = self.open.get_mut(&request) else {
            return Continued::Accepted;
        };
        if call.procedure != procedure {
            return Continued::Conflict;
        }
        let Some(input) = &call.input else {
            return Continued::Conflict;
        };
        let sent = input.try_send(payload);
        if !more {
            call.input = None;
        }
        match sent {
            Err(mpsc::error::TrySendError::Full(_)) => {
                let task = call.task;
                self.remove(request);
                Continued::Overrun(task)
            }
            // A handler that does not want the rest will answer, or has.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Continued::Accepted,
        }
    }

    /// When [`expire`](Self::expire) should be called next.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.next_deadline
    }

    /// Takes the calls out whose time is up; each is to be answered ERROR, its handler to be stopped.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<(Id, OpenCall<T>)> {
        if self.next_deadline.is_none_or(|deadline| now < deadline) {
            return Vec::new();
        }
        for call in self.open.values_mut() {
            if let (Some(progress), Some(timeout)) = (&call.progress, call.timeout) {
                call.deadline = Some(progress.0.at() + timeout);
            }
        }
        let expired = self
            .open
            .extract_if(|_, call| call.deadline.is_some_and(|deadline| deadline <= now))
            .collect::<Vec<_>>();
        for (request, call) in &expired {
            if call.input.is_some() {
                self.cut_short(*request);
            }
        }
        self.next_deadline = self.open.values().filter_map(|call| call.deadline).min();
        expired
    }

    /// Forgets all calls; their handlers are to be stopped.
    pub(crate) fn clear(&mut self) {
        for (_, call) in self.open.drain() {
            if let Some(token) = call.token {
                token.cancel();
            }
        }
        self.next_deadline = None;
    }
}
