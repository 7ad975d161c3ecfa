//! Who offers which procedure.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::UnregisteredDetails;
use wamp_proto::message::{Feature, Invoke, Register, Registered, Unregistered};
use wamp_proto::uri;
use wamp_uri::Match;

use super::broker::Broker;
#[cfg(feature = "test")]
use super::changes::Signal;
use super::changes::{Change, Changes};
use super::handlers::is_uri;
use super::index::Index;
use super::meta;
use super::peer::{Peer, Role};
use super::registration::{Callee, Registration};
use crate::handler::CallError;
use crate::handler::registered;
use crate::permission::{Action, Roles};

/// The registrations of one realm, and the rules for calls of them. Its calls are in the [`Links`](super::links::Links) of the sessions.
///
/// Changes come one after the other; calls do not wait for them.
pub(crate) struct Dealer {
    registrations: Index<Arc<Registration>>,
    by_id: papaya::HashMap<Id, Arc<Registration>>,
    last_id: AtomicU64,
    changes: Changes,
    pub(super) entropy: fn() -> u64,
    /// Whether progress is for callees only that can be told to stop.
    pub(super) is_strict: bool,
    /// Open invocations of one session.
    pub(super) max_invocations: usize,
    /// What the roles may do, if there are rules.
    roles: Option<Roles>,
}

impl Dealer {
    pub(crate) fn new(
        is_strict: bool,
        max_invocations: usize,
        roles: Option<Roles>,
        entropy: fn() -> u64,
    ) -> Self {
        Self {
            registrations: Index::new(),
            by_id: papaya::HashMap::new(),
            last_id: AtomicU64::new(0),
            changes: Changes::default(),
            entropy,
            is_strict,
            max_invocations,
            roles,
        }
    }

    /// Makes a function of the application known: nobody else may offer the same.
    pub(crate) fn add_local(&self, handler: &Arc<registered::Registered>, at: SystemTime) {
        let Some((pattern, matching)) = handler.pattern() else {
            return;
        };
        let id = self.next_id();
        let registration = Registration::local(id, pattern, matching, Arc::clone(handler), at);
        self.insert(&Arc::new(registration));
    }

    /// What is called by a URI: exact, else the longest prefix, else the most specific wildcard.
    #[inline]
    pub(crate) fn resolve(&self, uri: &str) -> Option<Arc<Registration>> {
        self.registrations
            .exact(uri)
            .or_else(|| self.resolve_pattern(uri))
    }

    fn resolve_pattern(&self, uri: &str) -> Option<Arc<Registration>> {
        let registration = self.registrations.pattern(uri)?;
        // Whoever offers everything does not offer what is the router's.
        let is_free = registration.local.is_some() || !wamp_uri::is_reserved(uri);
        (is_free && is_uri(uri)).then_some(registration)
    }

    /// What is called by a URI among that which one session offers; the same comes first.
    pub(crate) fn resolve_of(&self, session: Id, uri: &str) -> Option<Arc<Registration>> {
        let is_reserved = wamp_uri::is_reserved(uri);
        let mut found = self.registrations.all(uri).into_iter();
        found.find(|it| it.has(session) && (it.matching == Match::Exact || !is_reserved))
    }

    /// Whether a callee may have calls of a procedure: whoever may offer a pattern may not offer all that it matches.
    pub(super) fn may_answer(
        &self,
        registration: &Registration,
        callee: &Callee,
        procedure: &str,
    ) -> bool {
        let Some(roles) = self.roles.as_ref() else {
            return true;
        };
        let role = callee.peer.authrole();
        registration.matching == Match::Exact || roles.allows(role, procedure, Action::Register)
    }

    pub(crate) fn get(&self, id: Id) -> Option<Arc<Registration>> {
        self.by_id.pin().get(&id).cloned()
    }

    pub(crate) fn lookup(&self, uri: &str, matching: Match) -> Option<Arc<Registration>> {
        self.registrations.get(uri, matching)
    }

    /// Every registration, in no particular order.
    pub(crate) fn registrations(&self) -> Vec<Arc<Registration>> {
        self.registrations.values()
    }

    /// Whether there is room for a registration of this URI or pattern by a client.
    pub(crate) fn takes(&self, uri: &str, matching: Match) -> bool {
        self.registrations.takes(uri, matching)
    }

    /// Adds a callee. It is told so before it is called.
    ///
    /// # Errors
    ///
    /// What it is told if others offer the procedure already.
    pub(crate) fn register(
        &self,
        callee: &Arc<dyn Peer>,
        register: &Register,
        at: SystemTime,
        meta: Option<&Broker>,
    ) -> Result<Arc<Registration>, CallError> {
        let options = &register.options;
        let invoke = options.invoke.unwrap_or(Invoke::Single);
        let _change = self.change();
        let mut existing = self
            .registrations
            .get(&register.procedure, options.matching);
        if options.force_reregister
            && let Some(registration) = existing.take_if(|it| it.local.is_none())
        {
            self.revoke(&registration, "re-registered by another session", meta);
        }
        if let Some(registration) = existing {
            let is_member = registration.has(callee.id());
            let shared = invoke != Invoke::Single && registration.invoke == invoke;
            if registration.local.is_some() || !shared {
                return Err(exists(&registration, invoke));
            }
            confirm(&**callee, register.request, registration.id);
            if !is_member {
                registration.add(Callee::new(Arc::clone(callee), options));
                self.announce(meta, |broker| {
                    meta::registered(broker, callee.id(), registration.id);
                });
            }
            return Ok(registration);
        }
        let id = self.next_id();
        let registration = Registration::new(id, &register.procedure, options, at);
        let registration = Arc::new(registration);
        registration.add(Callee::new(Arc::clone(callee), options));
        confirm(&**callee, register.request, id);
        self.insert(&registration);
        self.announce(meta, |broker| {
            meta::registration_created(broker, callee.id(), &registration);
            meta::registered(broker, callee.id(), id);
        });
        Ok(registration)
    }

    /// Takes a callee out; false if it was none. Its open invocations go on.
    pub(crate) fn unregister(
        &self,
        registration: &Arc<Registration>,
        session: Id,
        meta: Option<&Broker>,
    ) -> bool {
        let _change = self.change();
        self.remove(registration, session, meta)
    }

    /// Takes a callee out that has not asked for it, and tells it so. WAMP, "Registration Revocation".
    pub(crate) fn remove_callee(
        &self,
        registration: &Arc<Registration>,
        session: Id,
        reason: Option<&str>,
        meta: Option<&Broker>,
    ) -> bool {
        let _change = self.change();
        let callees = registration.callees();
        let callee = callees.iter().find(|it| it.peer.id() == session);
        let removed = self.remove(registration, session, meta);
        if let Some(callee) = callee.filter(|_| removed) {
            tell_revoked(&*callee.peer, registration.id, reason);
        }
        removed
    }

    fn revoke(&self, registration: &Arc<Registration>, reason: &str, meta: Option<&Broker>) {
        for callee in registration.callees() {
            self.remove(registration, callee.peer.id(), meta);
            tell_revoked(&*callee.peer, registration.id, Some(reason));
        }
    }

    fn remove(&self, registration: &Arc<Registration>, session: Id, meta: Option<&Broker>) -> bool {
        if registration.remove(session).is_none() {
            return false;
        }
        let is_last = registration.is_empty();
        if is_last {
            self.registrations
                .remove(&registration.uri, registration.matching);
            self.by_id.pin().remove(&registration.id);
        }
        self.announce(meta, |broker| {
            meta::unregistered(broker, session, registration.id);
            if is_last {
                meta::registration_deleted(broker, session, registration.id);
            }
        });
        true
    }

    fn insert(&self, registration: &Arc<Registration>) {
        self.by_id
            .pin()
            .insert(registration.id, Arc::clone(registration));
        let uri = &registration.uri;
        self.registrations
            .insert(uri, registration.matching, Arc::clone(registration));
    }

    fn next_id(&self) -> Id {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        Id::new(id).expect("a counter does not reach 2^53")
    }

    fn announce(&self, meta: Option<&Broker>, tell: impl FnOnce(&Broker)) {
        if let Some(broker) = meta {
            tell(broker);
        }
    }

    fn change(&self) -> Change<'_> {
        self.changes.begin()
    }

    /// What tells that a registration may have come or gone.
    #[cfg(feature = "test")]
    pub(crate) fn signal(&self) -> &Signal {
        self.changes.signal()
    }
}

fn confirm(callee: &dyn Peer, request: Id, registration: Id) {
    let registered = Registered {
        request,
        registration,
    };
    callee.tell(&registered.into());
}

/// Who has not announced that it understands is not told.
fn tell_revoked(callee: &dyn Peer, registration: Id, reason: Option<&str>) {
    if callee.announces(Role::Callee, Feature::RegistrationRevocation) {
        let revoked = Unregistered {
            request: None,
            details: UnregisteredDetails {
                registration: Some(registration),
                reason: reason.map(ByteString::from),
                ..UnregisteredDetails::default()
            },
        };
        callee.tell(&revoked.into());
    }
}

#[cold]
fn exists(registration: &Registration, invoke: Invoke) -> CallError {
    let uri = &registration.uri;
    let message = match registration.invoke {
        Invoke::Single => format!("`{uri}` is registered already"),
        other => format!("`{uri}` is registered as `{other}`, not as `{invoke}`"),
    };
    CallError::new(uri::PROCEDURE_ALREADY_EXISTS).arg(message)
}
