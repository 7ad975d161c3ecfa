//! Procedures that the session offers to others.

use std::time::SystemTime;

use wamp_proto::message::{Message, Register, RequestType, Unregister, Unregistered};
use wamp_proto::uri;
use wamp_uri::Match;

use super::access::Permit;
use super::open::{OpenSession, Work};
use super::pubsub::check_pattern;
use super::rpc::{SHAPES, limit};
use super::tasks::Finished;
use super::wire::Out;
use crate::handler::{CallError, Outcome};
use crate::permission::{AccessOptions, Action};
use crate::realm::Inner;
use crate::router::broker::Broker;
use crate::router::registration::Registration;

impl OpenSession {
    pub(super) fn on_register(&mut self, register: &Register, out: &mut Out) {
        match self.admit_registration(register) {
            Ok(permit) if permit.is_asking() => self.decide_registration(register, permit, out),
            Ok(_) => self.register_procedure(register, out),
            Err(error) => self.fail(RequestType::Register, register.request, error, out),
        }
    }

    /// Whether a procedure may be offered, as far as that is known.
    fn admit_registration(&mut self, register: &Register) -> Result<Permit, CallError> {
        let (uri, options) = (&register.procedure, &register.options);
        let realm = self.session.realm().clone();
        if realm.inner().router.is_none() {
            return Err(CallError::new(uri::NOT_AUTHORIZED)
                .arg("this realm serves its own procedures only"));
        }
        check_pattern(uri, options.matching)?;
        if wamp_uri::is_reserved(uri) {
            return Err(CallError::new(uri::INVALID_URI)
                .arg("procedures that begin with `wamp.` are reserved"));
        }
        self.check_registrations(options.matching)?;
        let access = || AccessOptions::Register(Box::new(options.clone()));
        let permit = self.permit(Action::Register, uri, options.matching, access)?;
        if options.disclose_caller == Some(true) {
            // Where nobody is disclosed, nobody can ask for it.
            realm
                .inner()
                .authorization
                .disclosure
                .resolve(true, false)?;
        }
        Ok(permit)
    }

    fn check_registrations(&mut self, matching: Match) -> Result<(), CallError> {
        let limits = &self.shared.limits;
        let (most, most_patterns) = (limits.max_registrations, limits.max_patterns);
        let is_full = |it: &Self| {
            let patterns = it.registered_patterns + it.registering;
            it.registrations.len() + it.registering >= most
                || matching != Match::Exact && patterns >= most_patterns
        };
        if is_full(self) {
            // Some may have been taken away meanwhile.
            let session = self.session.id();
            self.registrations.retain(|_, it| it.has(session));
            let patterns = self.registrations.values();
            self.registered_patterns = patterns.filter(|it| is_pattern(it)).count();
        }
        if is_full(self) {
            return Err(limit("registrations"));
        }
        Ok(())
    }

    fn decide_registration(&mut self, register: &Register, permit: Permit, out: &mut Out) {
        if !self.may_start() {
            let error = limit("running handlers");
            return self.fail(RequestType::Register, register.request, error, out);
        }
        let (session, procedure) = (self.session.clone(), register.procedure.clone());
        let decision = Box::pin(async move {
            permit.decide(&session, &procedure).await?;
            Ok(Outcome::Done)
        });
        let undecided = Box::new(register.clone());
        match self.tasks.start(decision, || Work::Registration(undecided)) {
            Ok(finished) => self.end_registration(register, finished, out),
            Err(_) => {
                self.registering += 1;
                self.runs();
            }
        }
    }

    /// The authorizer has decided on a registration.
    pub(super) fn registration_decided(
        &mut self,
        register: &Register,
        finished: Finished,
        out: &mut Out,
    ) {
        self.registering -= 1;
        self.end_registration(register, finished, out);
    }

    fn end_registration(&mut self, register: &Register, finished: Finished, out: &mut Out) {
        match self.settle(finished) {
            Ok(_) => self.register_procedure(register, out),
            Err(error) => self.fail(RequestType::Register, register.request, error, out),
        }
    }

    fn register_procedure(&mut self, register: &Register, out: &mut Out) {
        let realm = self.session.realm().clone();
        let realm = realm.inner();
        let now = SystemTime::now();
        let peer = self.session.peer();
        // While an authorizer decided, others may have registered, too.
        let (uri, matching) = (&register.procedure, register.options.matching);
        if !realm.dealer.takes(uri, matching) {
            return self.fail(RequestType::Register, register.request, limit(SHAPES), out);
        }
        match realm.dealer.register(&peer, register, now, meta(realm)) {
            Ok(registration) => {
                let more = usize::from(is_pattern(&registration));
                let again = self.registrations.insert(registration.id, registration);
                self.registered_patterns += if again.is_none() { more } else { 0 };
            }
            Err(error) => self.fail(RequestType::Register, register.request, error, out),
        }
    }

    pub(super) fn on_unregister(&mut self, unregister: &Unregister, out: &mut Out) {
        let request = unregister.request;
        let registration = self.registrations.remove(&unregister.registration);
        self.registered_patterns -= usize::from(registration.as_deref().is_some_and(is_pattern));
        let session = self.session.id();
        let realm = self.session.realm().inner();
        let withdrawn =
            registration.is_some_and(|it| realm.dealer.unregister(&it, session, meta(realm)));
        if withdrawn {
            let confirmed = Unregistered {
                request: Some(request),
                details: Default::default(),
            };
            self.send(&Message::Unregistered(confirmed), out);
        } else {
            let error = CallError::new(uri::NO_SUCH_REGISTRATION);
            self.fail(RequestType::Unregister, request, error, out);
        }
    }

    /// Withdraws everything that the session offers.
    pub(super) fn withdraw_procedures(&mut self) {
        let realm = self.session.realm().inner();
        for (_, registration) in self.registrations.drain() {
            realm
                .dealer
                .unregister(&registration, self.session.id(), meta(realm));
        }
    }
}

fn is_pattern(registration: &Registration) -> bool {
    registration.matching != Match::Exact
}

/// Where changes are told to, if they are.
fn meta(realm: &Inner) -> Option<&Broker> {
    let tells = realm.router.as_ref().is_some_and(|it| it.meta_api);
    tells.then_some(&realm.broker)
}
