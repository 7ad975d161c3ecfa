//! What an open session may do.

use std::sync::Arc;

use bytestring::ByteString;
use wamp_proto::uri;
use wamp_uri::Match;

use super::Session;
use super::open::OpenSession;
use super::publish::nobody_handles;
use super::pubsub::{check_pattern, nobody_serves};
use super::rpc::{check_input, unknown_procedure};
use crate::handler::call::Extras;
use crate::handler::registered::Registered;
use crate::handler::{Call, CallError, Invoke, Outcome};
use crate::permission::gate::{Asked, Gate, Ruling};
use crate::permission::{AccessOptions, Action, Grant};

/// What is granted to a request, as far as that is known.
pub(super) struct Permit {
    action: Action,
    grant: Grant,
    /// Whether the peer wants others to be told who it is.
    disclose_me: bool,
    /// Whether they may be.
    disclosed: bool,
    /// Whether they may be if a callee asks for it.
    disclosable: bool,
    /// An authorizer still has to decide.
    asked: Option<Asked>,
}

impl OpenSession {
    /// Asks the rules of the realm.
    ///
    /// # Errors
    ///
    /// The refusal.
    #[inline]
    pub(super) fn permit(
        &self,
        action: Action,
        uri: &ByteString,
        matching: Match,
        options: impl FnOnce() -> AccessOptions,
    ) -> Result<Permit, CallError> {
        let gate = self.gate.as_deref();
        Permit::new(gate, &self.session, action, uri, matching, options)
    }
}

impl Permit {
    /// Asks the rules at a session's gate.
    ///
    /// # Errors
    ///
    /// The refusal.
    #[inline]
    pub(super) fn new(
        gate: Option<&Gate>,
        session: &Session,
        action: Action,
        uri: &ByteString,
        matching: Match,
        options: impl FnOnce() -> AccessOptions,
    ) -> Result<Self, CallError> {
        let mut permit = Self {
            action,
            grant: Grant::default(),
            disclose_me: false,
            disclosed: false,
            disclosable: false,
            asked: None,
        };
        if let Some(gate) = gate {
            // Rules and authorizers are asked about URIs and patterns only.
            check_pattern(uri, matching)?;
            match gate.rule(session, action, uri, matching, options) {
                Ruling::Granted(grant) => permit.grant = grant,
                Ruling::Asking(asked) => permit.asked = Some(asked),
                Ruling::Refused => return Err(refusal(session, action, uri)),
            }
        }
        Ok(permit)
    }

    /// Whether it depends on an authorizer.
    pub(super) fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// Notes what the peer wants others to be told.
    pub(super) fn wanting(mut self, disclose_me: Option<bool>) -> Self {
        self.disclose_me = disclose_me.unwrap_or_default();
        self
    }

    /// Checks what is known without the authorizer: what the handler asks for, and what the peer does.
    ///
    /// # Errors
    ///
    /// The refusal.
    #[inline]
    pub(super) fn check(
        self,
        session: &Session,
        handler: &Registered,
        uri: &ByteString,
    ) -> Result<Self, CallError> {
        if self.is_asking() {
            return Ok(self);
        }
        self.check_role(session, handler, uri)?;
        self.settled(session, handler.discloses_caller)
    }

    /// Runs the handler, once the authorizer has agreed.
    #[inline(always)]
    pub(super) fn start(self, target: &Registered, call: Call) -> Invoke {
        if self.is_asking() {
            return Box::pin(self.start_later(call));
        }
        target.start(call)
    }

    /// Until the authorizer has agreed, every call is like any other, whatever its handler wants: it can be cancelled at once.
    async fn start_later(self, mut call: Call) -> Result<Outcome, CallError> {
        let token = call.extras.as_ref().and_then(|it| it.token.as_ref());
        let token = token.map(|token| token());
        let canceled = async {
            match &token {
                Some(token) => token.cancelled().await,
                None => std::future::pending().await,
            }
        };
        let mut canceled = std::pin::pin!(canceled);
        let permit = tokio::select! {
            biased;
            // First, or what is answered already would go to a callee all the same.
            () = &mut canceled => return Err(CallError::new(uri::CANCELED)),
            permit = self.decide(&call.session, &call.uri) => permit?,
        };
        let target = Arc::clone(&call.target);
        permit.check_role(&call.session, &target, &call.uri)?;
        if let Some(extras) = &call.extras {
            check_input(&extras.options, &target)?;
        }
        let permit = permit.settled(&call.session, target.discloses_caller)?;
        if permit.is_special() || call.extras.is_some() {
            permit.tell(call.extras.get_or_insert_default());
        }
        let run = target.start(call);
        if target.needs.token {
            return run.await;
        }
        tokio::select! {
            biased;
            outcome = run => outcome,
            () = canceled => Err(CallError::new(uri::CANCELED)),
        }
    }

    /// Waits for the authorizer, if it was asked.
    pub(super) async fn decide(
        mut self,
        session: &Session,
        uri: &ByteString,
    ) -> Result<Self, CallError> {
        if let Some(asked) = self.asked.take() {
            let granted = asked.await?;
            self.grant = granted.ok_or_else(|| refusal(session, self.action, uri))?;
        }
        Ok(self)
    }

    /// Finds out whether the peer is disclosed.
    #[inline]
    pub(super) fn settled(
        mut self,
        session: &Session,
        by_handler: bool,
    ) -> Result<Self, CallError> {
        let policy = session.realm().inner().authorization.disclosure;
        let asked = self.disclose_me || by_handler;
        self.disclosed = policy.resolve(asked, self.grant.disclose)?;
        self.disclosable = policy.resolve(true, self.grant.disclose).is_ok();
        Ok(self)
    }

    /// A function may be for some roles only.
    fn check_role(
        &self,
        session: &Session,
        handler: &Registered,
        uri: &ByteString,
    ) -> Result<(), CallError> {
        if handler.admits(&session.auth().role) {
            Ok(())
        } else {
            Err(refusal(session, self.action, uri))
        }
    }

    /// Checks what is known without the authorizer where a callee elsewhere answers.
    ///
    /// # Errors
    ///
    /// The refusal.
    pub(super) fn check_routed(self, session: &Session) -> Result<Self, CallError> {
        if self.is_asking() {
            return Ok(self);
        }
        self.settled(session, false)
    }

    /// Whether others are told who the peer is.
    pub(super) fn is_disclosed(&self) -> bool {
        self.disclosed
    }

    /// Whether a callee is told that asks for it.
    pub(super) fn is_disclosable(&self) -> bool {
        self.disclosable
    }

    pub(super) fn trust_level(&self) -> Option<u64> {
        self.grant.trust_level
    }

    /// Whether the handler can see anything of it.
    fn is_special(&self) -> bool {
        self.disclosed || self.grant.trust_level.is_some()
    }

    /// Whether a call with it needs nothing that any other does not.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_asking() && !self.is_special()
    }

    /// Lets the handler see it.
    pub(super) fn tell(&self, extras: &mut Extras) {
        extras.disclosed = self.disclosed;
        extras.disclosable = self.disclosable;
        extras.trust_level = self.grant.trust_level;
    }

    /// The same for a handler that has nothing else.
    pub(super) fn extras(&self) -> Option<Box<Extras>> {
        let mut extras = self.is_special().then(Box::<Extras>::default)?;
        self.tell(&mut extras);
        Some(extras)
    }
}

/// The answer to what a session may not do.
#[cold]
pub(crate) fn refusal(session: &Session, action: Action, uri: &ByteString) -> CallError {
    let realm = session.realm().inner();
    realm.shared.counters.unauthorized_requests.count();
    match action {
        Action::Call if realm.authorization.hidden => unknown_procedure(uri),
        Action::Publish if realm.authorization.hidden => nobody_handles(uri),
        Action::Subscribe if realm.authorization.hidden => nobody_serves(uri),
        _ => CallError::not_authorized().arg(format!("not authorized to {action} `{uri}`")),
    }
}
