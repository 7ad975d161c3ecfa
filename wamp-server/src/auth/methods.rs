//! What a realm asks for.

use std::collections::HashSet;
use std::sync::Arc;

use bytestring::ByteString;
use wamp_proto::uri;

use super::authenticator::{Method, Recognizer};
use super::decoy::Decoys;
use crate::session::rejection::Rejection;

/// The ways into a realm, in the order in which the application gave them.
#[derive(Clone)]
pub(crate) struct Methods {
    pub(super) recognizers: Vec<Recognizer>,
    methods: Vec<Method>,
    /// The reason that a wrong proof is refused with.
    pub(super) denied_as: ByteString,
    pub(crate) decoys: Arc<Decoys>,
    /// Whether the application has said how they are made.
    own_decoys: bool,
}

impl Default for Methods {
    fn default() -> Self {
        Self {
            recognizers: Vec::new(),
            methods: Vec::new(),
            denied_as: ByteString::from_static(uri::AUTHENTICATION_DENIED),
            decoys: Arc::new(Decoys::random()),
            own_decoys: false,
        }
    }
}

impl Methods {
    pub(crate) fn add(&mut self, method: Method) {
        self.methods.push(method);
    }

    pub(crate) fn recognize(&mut self, recognizer: Recognizer) {
        self.recognizers.push(recognizer);
    }

    /// How unknown users are asked.
    pub(crate) fn set_decoys(&mut self, decoys: Decoys) {
        self.decoys = Arc::new(decoys);
        self.own_decoys = true;
    }

    /// Goes on asking unknown users as others did, or whoever sees the change can tell them from known ones.
    pub(crate) fn succeed(&mut self, before: &Self) {
        if !self.own_decoys {
            before.decoys.complete(&self.decoys);
            self.decoys = Arc::clone(&before.decoys);
        }
    }

    pub(crate) fn deny_as(&mut self, reason: ByteString) {
        self.denied_as = reason;
    }

    /// The reason that a wrong proof is refused with.
    pub(crate) fn denied_as(&self) -> &str {
        &self.denied_as
    }

    /// Whether there is nothing here, so that everybody comes in.
    pub(crate) fn is_empty(&self) -> bool {
        self.methods.is_empty() && self.recognizers.is_empty()
    }

    /// Whether somebody can come with something wrong.
    pub(super) fn can_fail(&self) -> bool {
        !self.recognizers.is_empty() || self.methods.iter().any(|it| it.name != ANONYMOUS)
    }

    /// Names that were given twice: the second would never be used.
    pub(crate) fn repeated(&self) -> Vec<ByteString> {
        let mut seen = HashSet::new();
        let again = self.methods.iter().filter(|it| !seen.insert(&it.name));
        again.map(|it| it.name.clone()).collect()
    }

    /// The first method that the peer offers. The order is the application's, so that a peer's list cannot be shuffled to weaken it.
    pub(super) fn choose(&self, offered: &[ByteString]) -> Result<&Method, Rejection> {
        let is_offered = |method: &&Method| match offered {
            [] => method.name == ANONYMOUS,
            offered => offered.contains(&method.name),
        };
        self.methods.iter().find(is_offered).ok_or_else(|| {
            let names = self.methods.iter().map(|it| &*it.name);
            let names = names.collect::<Vec<_>>().join(", ");
            match offered {
                [] if self.methods.is_empty() => {
                    Rejection::new(uri::AUTHENTICATION_REQUIRED, "authentication is required")
                }
                [] => Rejection::new(
                    uri::AUTHENTICATION_REQUIRED,
                    format!("authentication is required: {names}"),
                ),
                _ => Rejection::new(
                    uri::NO_MATCHING_AUTH_METHOD,
                    format!("none of the offered methods is accepted: {names}"),
                ),
            }
        })
    }
}

/// What everybody may do: not authenticate at all.
pub(crate) const ANONYMOUS: &str = "anonymous";
