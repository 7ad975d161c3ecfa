//! Principals that are known beforehand.

use std::collections::HashMap;
use std::fmt;
use std::future::ready;

use bytestring::ByteString;
use wamp_proto::auth::cryptosign::PublicKey;
use wamp_proto::auth::scram::Dialect;
use wamp_proto::message::Secret;

use super::authenticator::Recognizer;
use super::cra::{self, CraCredential};
use super::methods::Methods;
use super::principal::Principal;
use super::scram::{self, ScramCredential};
use super::{cryptosign, ticket};
use crate::Session;

/// Principals that are known beforehand, each with what it comes in by: for programs with a configuration file.
///
/// The `authprovider` is `static`, unless a principal says otherwise. What is given twice for the same name counts as it was given last.
/// The strongest method that a client offers is chosen before it is known who it is, so a client should offer only what it has.
///
/// ```
/// use wamp_server::Realm;
/// use wamp_server::auth::{CraCredential, Principal, Principals};
///
/// let admin = Principal::new("ann", "admin");
/// let principals = Principals::new()
///     .ticket(Principal::new("joe", "customer"), "open sesame")
///     .wampcra(CraCredential::new(admin, "a secret that nobody can guess"));
/// let realm = Realm::new("shop").principals(principals);
/// ```
#[derive(Default)]
#[must_use]
pub struct Principals {
    tickets: HashMap<ByteString, (Secret, Principal)>,
    wampcra: HashMap<ByteString, CraCredential>,
    wamp_scram: HashMap<ByteString, ScramCredential>,
    scram: HashMap<ByteString, ScramCredential>,
    cryptosign: HashMap<PublicKey, Principal>,
    certificates: HashMap<[u8; 32], Principal>,
}

impl Principals {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Somebody who comes in by a ticket.
    pub fn ticket(mut self, principal: Principal, ticket: impl Into<ByteString>) -> Self {
        let principal = principal.or_provider(STATIC);
        let entry = (Secret::new(ticket), principal);
        self.tickets.insert(entry.1.id.clone(), entry);
        self
    }

    /// Somebody who signs challenges with a shared secret.
    pub fn wampcra(mut self, credential: CraCredential) -> Self {
        let credential = credential.or_provider(STATIC);
        self.wampcra.insert(credential.id().clone(), credential);
        self
    }

    /// Somebody who knows a password, in the dialect [`Dialect::Wamp`].
    pub fn wamp_scram(mut self, credential: ScramCredential) -> Self {
        let credential = credential.or_provider(STATIC);
        self.wamp_scram.insert(credential.id().clone(), credential);
        self
    }

    /// Somebody who knows a password, in the dialect [`Dialect::Crossbar`].
    pub fn scram(mut self, credential: ScramCredential) -> Self {
        let credential = credential.or_provider(STATIC);
        self.scram.insert(credential.id().clone(), credential);
        self
    }

    /// Somebody who has a key. One principal may have several.
    pub fn cryptosign(mut self, principal: Principal, key: PublicKey) -> Self {
        self.cryptosign.insert(key, principal.or_provider(STATIC));
        self
    }

    /// Somebody who has a TLS certificate; its [`fingerprint`](crate::transport::TransportInfo::fingerprint) is known. The
    /// `authmethod` is `tls`.
    ///
    /// A certificate is shown only where TLS is the server's own and asks for certificates.
    pub fn certificate(mut self, principal: Principal, fingerprint: [u8; 32]) -> Self {
        let principal = principal.or_provider(STATIC).method("tls");
        self.certificates.insert(fingerprint, principal);
        self
    }

    /// Adds the ways by which anybody comes in, the strongest first.
    pub(crate) fn add_to(self, auth: &mut Methods) {
        let Self {
            tickets,
            wampcra,
            wamp_scram,
            scram,
            cryptosign,
            certificates,
        } = self;
        if !certificates.is_empty() {
            auth.recognize(Recognizer::new(move |session: Session| {
                let fingerprint = session.transport().fingerprint();
                let known = fingerprint.and_then(|it| certificates.get(&it));
                ready(known.filter(|it| is_claimed(it, &session)).cloned())
            }));
        }
        if !cryptosign.is_empty() {
            auth.add(cryptosign::method(move |session, key| {
                ready(
                    cryptosign
                        .get(&key)
                        .filter(|it| is_claimed(it, &session))
                        .cloned(),
                )
            }));
        }
        // Unknown users look like the first one from the beginning.
        let first = |known: &HashMap<ByteString, ScramCredential>, dialect| {
            let first = known.iter().min_by_key(|(name, _)| (*name).clone());
            if let Some((_, first)) = first {
                auth.decoys.observe_scram(dialect, first.credential());
            }
        };
        first(&wamp_scram, Dialect::Wamp);
        first(&scram, Dialect::Crossbar);
        if let Some((_, first)) = wampcra.iter().min_by_key(|(name, _)| (*name).clone()) {
            auth.decoys.observe(&first.profile());
        }
        if !wamp_scram.is_empty() {
            auth.add(scram::method(Dialect::Wamp, by_name(wamp_scram)));
        }
        if !scram.is_empty() {
            auth.add(scram::method(Dialect::Crossbar, by_name(scram)));
        }
        if !wampcra.is_empty() {
            auth.add(cra::method(by_name(wampcra)));
        }
        if !tickets.is_empty() {
            // As long as the longest, so that comparing with it does not take less time.
            let longest = tickets.values().map(|(it, _)| it.expose().len()).max();
            let dummy = "?".repeat(longest.unwrap_or_default());
            auth.add(ticket::method(move |session: Session, ticket: Secret| {
                let known = session
                    .hello()
                    .authid
                    .as_ref()
                    .and_then(|it| tickets.get(it));
                let expected = known.map_or(&*dummy, |(secret, _)| &**secret.expose());
                let is_right = ticket.is_same(expected);
                ready(known.filter(|_| is_right).map(|(_, it)| it.clone()))
            }));
        }
    }
}

/// Looks up what somebody has who says who it is.
fn by_name<T: Clone + Send + Sync + 'static>(
    known: HashMap<ByteString, T>,
) -> impl Fn(Session) -> std::future::Ready<Option<T>> + Send + Sync + 'static {
    move |session| {
        let authid = session.hello().authid.as_ref();
        ready(authid.and_then(|it| known.get(it)).cloned())
    }
}

/// A key says whose it is; a peer that says so, too, must not contradict it.
fn is_claimed(principal: &Principal, session: &Session) -> bool {
    let claimed = session.hello().authid.as_ref();
    claimed.is_none_or(|it| *it == principal.id)
}

const STATIC: &str = "static";

/// Nothing of what they come in by.
impl fmt::Debug for Principals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principals")
            .field("tickets", &self.tickets.len())
            .field("wampcra", &self.wampcra.len())
            .field("wamp_scram", &self.wamp_scram.len())
            .field("scram", &self.scram.len())
            .field("cryptosign", &self.cryptosign.len())
            .field("certificates", &self.certificates.len())
            .finish()
    }
}
