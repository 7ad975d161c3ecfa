//! Calls that callees elsewhere answer.

use std::sync::{Arc, LazyLock};

use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::id::Id;
use wamp_proto::message::details::{CallOptions, PublishOptions};
use wamp_proto::message::{self, CancelMode, Feature, ProtocolViolation, Yield};
use wamp_proto::payload::Payload;
use wamp_proto::uri;

use super::access::Permit;
use super::open::OpenSession;
use super::rpc::{in_use, unknown_procedure};
use super::wire::Out;
use crate::handler::registered::Registered;
use crate::handler::{Call, CallError, Kind, Outcome};
use crate::realm::Target;
use crate::router::dealer::Dealer;
use crate::router::links::Links;
use crate::router::passing::check_passthru;
use crate::router::peer::Role;
use crate::router::registration::Registration;
use crate::router::routing::{Continued, Part, Request};

impl OpenSession {
    fn dealer(&self) -> &Dealer {
        &self.session.realm().inner().dealer
    }

    /// A call as the dealer wants it.
    pub(super) fn request(
        &self,
        id: Id,
        options: CallOptions,
        procedure: ByteString,
        payload: Payload,
        permit: &Permit,
    ) -> Request {
        Request {
            id,
            timeout: self.shared.limits.call_timeout(&options),
            options,
            procedure,
            payload,
            disclosed: permit.is_disclosed(),
            disclosable: permit.is_disclosable(),
            trust_level: permit.trust_level(),
        }
    }

    pub(super) fn route_call(
        &mut self,
        registration: &Arc<Registration>,
        request: &Request,
        now: Instant,
        out: &mut Out,
    ) {
        self.calls_uncounted += 1;
        let (id, more) = (request.id, request.options.progress);
        let deadline = request.timeout.map(|timeout| now + timeout);
        let peer = self.session.peer();
        if let Err(error) = self.dealer().call(&peer, registration, request, deadline) {
            self.refuse_call(id, more, error, out);
        }
    }

    /// Another CALL with the id of one that a callee has.
    pub(super) fn continue_routed(
        &mut self,
        call: &message::Call,
        out: &mut Out,
    ) -> Result<(), ProtocolViolation> {
        let request = call.request;
        let part = Part {
            request,
            procedure: &call.procedure,
            more: call.options.progress,
            options: &call.options,
            payload: &call.payload,
        };
        match self.dealer().continue_call(self.session.as_peer(), part) {
            Continued::Accepted => Ok(()),
            Continued::Conflict => Err(in_use()),
            Continued::Failed(error) => {
                self.refuse(request, error, out);
                Ok(())
            }
        }
    }

    /// The caller gives up; true if it is to be told so.
    pub(super) fn cancel_routed(&self, request: Id, mode: CancelMode) -> bool {
        self.session.existing_links().is_some()
            && self.dealer().cancel(self.session.as_peer(), request, mode)
    }

    /// Answers the calls that callees have had for too long.
    pub(super) fn expire_routed(&mut self, now: Instant, out: &mut Out) {
        if self.session.existing_links().is_none() {
            return;
        }
        for request in self.dealer().expire(self.session.as_peer(), now) {
            self.shared.counters.timeouts.count();
            self.refuse(request, CallError::new(uri::TIMEOUT), out);
        }
    }

    pub(super) fn on_yield(&self, answer: Yield, now: Instant) -> Result<(), ProtocolViolation> {
        if !self.routes() {
            // Nobody could ask, so it is a harmless mistake.
            return Ok(());
        }
        self.dealer().on_yield(self.session.as_peer(), answer, now)
    }

    fn routes(&self) -> bool {
        self.session.realm().inner().router.is_some()
    }

    pub(super) fn on_invocation_error(
        &self,
        error: message::Error,
    ) -> Result<(), ProtocolViolation> {
        if !self.routes() {
            return Ok(());
        }
        self.dealer().on_error(self.session.as_peer(), error)
    }

    /// Checks what a caller may not do without having announced it.
    #[inline]
    pub(super) fn check_call(&self, options: &CallOptions) -> Result<(), ProtocolViolation> {
        if options.progress {
            self.check_progress()?;
        }
        check_passthru(self.session.as_peer(), Role::Caller, &options.ppt)
    }

    /// Progressive calls are for those who have announced them, where the realm is strict.
    #[cold]
    fn check_progress(&self) -> Result<(), ProtocolViolation> {
        let router = &self.session.realm().inner().router;
        let is_strict = router.as_ref().is_some_and(|it| it.strict);
        let feature = Feature::ProgressiveCallInvocations;
        if is_strict && !self.session.as_peer().announces(Role::Caller, feature) {
            return Err(ProtocolViolation::new(
                "`progressive_call_invocations` is used, but was not announced",
            )
            .within("CALL.Options.progress"));
        }
        Ok(())
    }

    /// The same for a publisher.
    pub(super) fn check_publish(&self, options: &PublishOptions) -> Result<(), ProtocolViolation> {
        check_passthru(self.session.as_peer(), Role::Publisher, &options.ppt)
    }

    /// When to look for calls that took too long.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let here = self.calls.next_deadline();
        let elsewhere = self.session.existing_links();
        let elsewhere = elsewhere.and_then(Links::next_deadline);
        here.into_iter().chain(elsewhere).min()
    }

    /// Whether calls of the session are open, wherever.
    pub(super) fn is_calling(&self) -> bool {
        self.calls.len() > 0 || self.routed_calls() > 0
    }

    fn routed_calls(&self) -> usize {
        self.session.existing_links().map_or(0, Links::made)
    }

    /// Calls and events that are not finished, or wait for their turn.
    #[inline]
    pub(super) fn open_calls(&self) -> usize {
        self.running + self.queue.len() + self.routed_calls()
    }

    /// Whether the session has something to finish, for itself or for others.
    pub(super) fn is_busy(&self) -> bool {
        let links = self.session.existing_links();
        self.running > 0 || links.is_some_and(|links| links.made() + links.invoked() > 0)
    }

    /// No new calls, neither by the session nor of it.
    pub(super) fn drain(&mut self) {
        self.draining = true;
        if !self.registrations.is_empty() || self.session.existing_links().is_some() {
            self.session.as_peer().links().drain();
        }
    }

    /// Ends the calls that the session has made, and those that others have made to it.
    pub(super) fn leave_dealer(&self) {
        if self.session.existing_links().is_some() {
            self.dealer().leave(self.session.as_peer());
        }
    }
}

/// Answers to calls that an authorizer has to decide on first, where no function of the application does: it finds a callee, or it finds
/// that there is none.
pub(super) static ELSEWHERE: LazyLock<Arc<Registered>> = LazyLock::new(|| {
    let mut nobody = Registered::nobody(Kind::Procedure, |call| {
        Box::pin(async move { route(&call) })
    });
    // Or what it does not take would tell that it does not exist.
    nobody.needs.input = true;
    Arc::new(nobody)
});

fn route(call: &Call) -> Result<Outcome, CallError> {
    let realm = call.session.realm().inner();
    let Some(Target::Elsewhere(registration)) = realm.resolve(&call.uri) else {
        return Err(unknown_procedure(&call.uri));
    };
    let Some(id) = call.request() else {
        return Ok(Outcome::Done);
    };
    let mut request = Request {
        id,
        options: CallOptions::default(),
        procedure: call.uri.clone(),
        payload: call.payload.clone(),
        disclosed: false,
        disclosable: false,
        trust_level: None,
        timeout: None,
    };
    let mut waiting = None;
    if let Some(extras) = &call.extras {
        request.options = extras.options.clone();
        request.timeout = realm.shared.limits.call_timeout(&extras.options);
        request.disclosed = extras.disclosed;
        request.disclosable = extras.disclosable;
        request.trust_level = extras.trust_level;
        waiting = extras.take_input();
    }
    let peer = call.session.peer();
    realm
        .dealer
        .call(&peer, &registration, &request, call.deadline)?;
    // What has come of the call since.
    while let Some(input) = &mut waiting
        && let Ok(payload) = input.try_recv()
    {
        let part = Part {
            request: id,
            procedure: &call.uri,
            more: !input.is_closed() || !input.is_empty(),
            // Of what has waited, only the payload has been kept.
            options: &request.options,
            payload: &payload,
        };
        if let Continued::Failed(error) = realm.dealer.continue_call(&*peer, part) {
            return Err(error);
        }
    }
    Ok(Outcome::Routed)
}
