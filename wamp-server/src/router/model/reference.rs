//! The reference: what the router has to say, by lists that are searched from the start to the end. Slow, and simple enough to be
//! checked by reading it beside the specification.

use std::collections::BTreeMap;

use wamp_proto::message::RequestType;
use wamp_proto::uri;

use super::fake::Abilities;
use super::operation::{Calling, Operation};
use super::reference_calls::Call;
use super::reference_events::Subscription;
use super::reference_offers::Registration;
use super::said::Said;

/// Dealer, broker and their sessions.
#[derive(Default)]
pub(super) struct Reference {
    pub(super) sessions: Vec<Session>,
    pub(super) registrations: Vec<Registration>,
    pub(super) calls: Vec<Call>,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) last_session: u64,
    pub(super) last_registration: u64,
    pub(super) last_subscription: u64,
    pub(super) last_membership: u64,
    pub(super) is_strict: bool,
    pub(super) max_invocations: usize,
    /// Milliseconds.
    pub(super) now: u64,
    /// Who was called in this step: only where that is left to chance.
    pub(super) chosen: Option<u64>,
    /// What is said in this step.
    said: BTreeMap<u64, Vec<Said>>,
}

pub(super) struct Session {
    pub(super) id: u64,
    pub(super) can: Abilities,
    pub(super) is_accepting: bool,
    /// The ids of its last request, and of the last invocation of it.
    pub(super) last_request: u64,
    pub(super) last_invocation: u64,
    /// Progressive calls that ended before their last message.
    pub(super) cut_short: Vec<u64>,
}

/// The session has violated the protocol.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Violation;

impl Reference {
    pub(super) fn new(is_strict: bool, max_invocations: usize) -> Self {
        Self {
            is_strict,
            max_invocations,
            ..Self::default()
        }
    }

    /// Does what an operation does; `tag` is in the payload. What was said by this, to whom.
    pub(super) fn step(
        &mut self,
        session: u64,
        operation: &Operation,
        tag: u64,
    ) -> (BTreeMap<u64, Vec<Said>>, Result<(), Violation>) {
        let done = self.perform(session, operation, tag);
        (std::mem::take(&mut self.said), done)
    }

    fn perform(&mut self, id: u64, operation: &Operation, tag: u64) -> Result<(), Violation> {
        match operation {
            Operation::Join(_, can) => self.join(*can),
            Operation::Leave => self.leave(id),
            Operation::Drain => self.session_mut(id).is_accepting = false,
            Operation::Register(it) => self.register(id, it),
            Operation::Unregister(it) => self.unregister(id, *it),
            Operation::RemoveCallee(it) => self.remove_callee(id, *it),
            Operation::Call(it) => self.call(id, it, tag),
            Operation::Continue { request, uri, more } => {
                return self.continue_call(id, *request, uri, *more, tag);
            }
            Operation::Yield {
                invocation,
                progress,
            } => return self.on_yield(id, *invocation, *progress, tag),
            Operation::Error {
                invocation,
                declines,
            } => return self.on_error(id, *invocation, *declines, tag),
            Operation::Cancel(request, mode) => self.cancel(id, *request, *mode),
            Operation::Pass(time) => self.pass(*time),
            Operation::Subscribe(it) => self.subscribe(id, it),
            Operation::Unsubscribe(it) => self.unsubscribe(id, *it),
            Operation::RemoveSubscriber(it) => self.remove_subscriber(id, *it),
            Operation::Publish {
                topic,
                key,
                exclude_me,
                excluded,
            } => {
                let admits = |it| (!exclude_me || it != id) && !excluded.contains(&it);
                self.publish(topic, *key, &super::said::Body::Tag(tag), &admits);
            }
        }
        Ok(())
    }

    fn join(&mut self, can: Abilities) {
        self.last_session += 1;
        self.sessions.push(Session {
            id: self.last_session,
            can,
            is_accepting: true,
            last_request: 0,
            last_invocation: 0,
            cut_short: Vec::new(),
        });
    }

    /// Its calls end, then the calls of it, then what it offers, then its subscriptions, the newest first.
    fn leave(&mut self, id: u64) {
        self.sessions.retain(|it| it.id != id);
        self.end_calls_of(id);
        self.withdraw_all(id);
        self.unsubscribe_all(id);
    }

    /// Says something, if there is still somebody to hear it.
    pub(super) fn say(&mut self, session: u64, said: Said) {
        if self.find_session(session).is_some() {
            self.said.entry(session).or_default().push(said);
        }
    }

    pub(super) fn fail(&mut self, session: u64, of: RequestType, request: u64, error: &str) {
        self.say(session, Said::failed(of, request, error, None));
    }

    pub(super) fn fail_call(&mut self, session: u64, request: u64, error: &str) {
        self.fail(session, RequestType::Call, request, error);
    }

    pub(super) fn find_session(&self, id: u64) -> Option<&Session> {
        self.sessions.iter().find(|it| it.id == id)
    }

    pub(super) fn session_mut(&mut self, id: u64) -> &mut Session {
        let mut all = self.sessions.iter_mut();
        all.find(|it| it.id == id).expect("it is there")
    }

    pub(super) fn can(&self, id: u64) -> Abilities {
        self.find_session(id).map(|it| it.can).unwrap_or_default()
    }

    /// The id of a new request.
    pub(super) fn request(&mut self, id: u64) -> u64 {
        let session = self.session_mut(id);
        session.last_request += 1;
        session.last_request
    }

    fn call(&mut self, caller: u64, calling: &Calling, tag: u64) {
        let request = self.request(caller);
        let Some(registration) = self.resolve(calling.uri) else {
            return self.fail_call(caller, request, uri::NO_SUCH_PROCEDURE);
        };
        let deadline = calling.timeout.map(|it| self.now + it);
        self.place(
            caller,
            request,
            calling,
            tag,
            registration,
            Vec::new(),
            deadline,
        );
    }
}
