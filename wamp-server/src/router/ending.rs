//! Calls that end before they are answered: canceled, out of time, or without one of their ends.

use std::sync::Arc;

use tokio::time::Instant;
use wamp_proto::id::Id;
use wamp_proto::message::details::InterruptOptions;
use wamp_proto::message::{CancelMode, Feature, Interrupt};
use wamp_proto::uri;

use super::answering::fail;
use super::dealer::Dealer;
use super::links::{Invoked, Routed};
use super::peer::{Peer, Role};
use crate::handler::CallError;

impl Dealer {
    /// The caller gives up. True if it is to be told so now; else its callee answers, or the call has been answered.
    pub(crate) fn cancel(&self, caller: &dyn Peer, request: Id, mode: CancelMode) -> bool {
        let links = caller.links();
        let looked = links.with_call(request, |call| {
            let told = !std::mem::replace(&mut call.killed, true);
            told.then(|| Arc::clone(&call.routed))
        });
        // Who has canceled once has canceled.
        let Some(Some(routed)) = looked else {
            return false;
        };
        if mode == CancelMode::Kill && can_be_interrupted(&routed) {
            let callee = routed.callee.peer.links();
            if let Invoked::Open(_) = callee.invocation(routed.invocation) {
                send_interrupt(&routed, CancelMode::Kill, None);
            }
            return false;
        }
        if links.take_call(request, &routed).is_none() {
            return false;
        }
        if mode == CancelMode::Skip {
            let callee = routed.callee.peer.links();
            callee.abandon_invocation(routed.invocation);
        } else {
            self.interrupt(&routed, None);
        }
        true
    }

    /// Takes out the calls whose time is up: their callers are to be told.
    pub(crate) fn expire(&self, caller: &dyn Peer, now: Instant) -> Vec<Id> {
        let expired = caller.links().expire(now);
        let requests = expired.into_iter().map(|(request, call)| {
            self.interrupt(&call.routed, Some(uri::TIMEOUT));
            request
        });
        requests.collect()
    }

    /// A session ends: its callees need not go on, its callers get an ERROR.
    pub(crate) fn leave(&self, peer: &dyn Peer) {
        for call in peer.links().take_calls() {
            self.interrupt(&call.routed, None);
        }
        for routed in peer.links().take_invocations() {
            if routed
                .caller
                .links()
                .take_call(routed.request, &routed)
                .is_some()
            {
                let error = CallError::new(uri::CANCELED).arg("the callee has gone");
                fail(&*routed.caller, routed.request, error);
            }
        }
    }

    /// Tells a callee that nobody waits for its answer any more. One that cannot be told answers into the void.
    pub(super) fn interrupt(&self, routed: &Arc<Routed>, reason: Option<&'static str>) {
        let links = routed.callee.peer.links();
        if !can_be_interrupted(routed) {
            links.abandon_invocation(routed.invocation);
        } else {
            // It need not answer, so nothing is kept that its answer would end.
            if let Invoked::Open(_) = links.end_invocation(routed.invocation) {
                send_interrupt(routed, CancelMode::KillNoWait, reason);
            }
        }
    }
}

fn can_be_interrupted(routed: &Routed) -> bool {
    routed
        .callee
        .peer
        .announces(Role::Callee, Feature::CallCanceling)
}

fn send_interrupt(routed: &Routed, mode: CancelMode, reason: Option<&'static str>) {
    let interrupt = Interrupt {
        request: routed.invocation,
        options: InterruptOptions {
            mode: Some(mode),
            reason: reason.map(bytestring::ByteString::from_static),
            ..InterruptOptions::default()
        },
    };
    routed.callee.peer.tell(&interrupt.into());
}
