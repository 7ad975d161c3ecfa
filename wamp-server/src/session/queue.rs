//! Calls that wait for the one before them, where calls of a session run one at a time.

use std::collections::VecDeque;

use tokio::time::Instant;
use wamp_proto::id::Id;
use wamp_proto::message::{self, ProtocolViolation};

use super::open::OpenSession;
use super::rpc::{in_use, limit};
use super::wire::Out;

impl OpenSession {
    /// Another message of a progressive call that waits for the call before it.
    pub(super) fn queue_part(
        &mut self,
        fits: bool,
        call: message::Call,
        out: &mut Out,
    ) -> Result<(), ProtocolViolation> {
        if !fits {
            return Err(in_use());
        }
        if self.open_calls() >= self.shared.limits.max_pending_calls {
            let request = call.request;
            self.queue.retain(|it| it.request != request);
            self.refuse_call(request, call.options.progress, limit("open calls"), out);
        } else {
            self.queue.push_back(call);
        }
        Ok(())
    }

    /// Starts what waited for the call before it.
    pub(super) fn start_queued(&mut self, now: Instant, out: &mut Out) {
        while !self.is_calling()
            && let Some(call) = self.queue.pop_front()
        {
            let (request, progressive) = (call.request, call.options.progress);
            self.start_call(call, now, out);
            if progressive {
                self.continue_queued(request, out);
            }
        }
    }

    /// Hands a progressive call that has been started what came while it waited.
    fn continue_queued(&mut self, request: Id, out: &mut Out) {
        let queue = std::mem::take(&mut self.queue);
        let (parts, queue) = queue
            .into_iter()
            .partition::<VecDeque<_>, _>(|it| it.request == request);
        self.queue = queue;
        for part in parts {
            if !self.is_open(request) {
                self.is_late(request, part.options.progress);
            } else if let Err(violation) = self.continue_call(part, out) {
                // It was checked before it was queued.
                tracing::error!(%violation, "a queued message is out of place");
            }
        }
    }
}
