//! One session's way through the rules of its realm.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use bytestring::ByteString;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::Instant;
use wamp_proto::uri;
use wamp_uri::Match;

use super::access::{Access, AccessOptions, Authorizer, Decision};
use super::roles::RoleRules;
use super::rule::{Action, Grant};
use crate::Session;
use crate::handler::CallError;
use crate::realm::Realm;
use crate::realm::meta::is_mighty;
use crate::session::tasks::Panic;

/// Decisions that are remembered for one session.
const MAX_DECISIONS: usize = 1024;

/// Decides what a session may do.
pub(crate) struct Gate {
    rules: Option<RoleRules>,
    authorizer: Option<Authorizer>,
    decisions: Arc<Mutex<Decisions>>,
}

/// What the gate says to a request.
pub(crate) enum Ruling {
    Granted(Grant),
    Refused,
    /// It has to be asked for: the grant, `None` for a refusal, or the error that the peer gets.
    Asking(Asked),
}

/// The answer of an authorizer, to come.
pub(crate) type Asked = BoxFuture<'static, Result<Option<Grant>, CallError>>;

type Decisions = HashMap<(Action, ByteString, Match), Remembered>;

#[derive(Clone, Copy)]
struct Remembered {
    decision: Decision,
    until: Instant,
    generation: u64,
}

impl Gate {
    /// `None` where everybody may do everything.
    pub(crate) fn new(session: &Session) -> Option<Self> {
        let authorization = &session.realm().inner().authorization;
        let authorizer = authorization.authorizer.clone();
        if authorization.roles.is_none() && authorizer.is_none() {
            return None;
        }
        let roles = authorization.roles.as_ref();
        Some(Self {
            rules: roles.map(|it| it.follow(session.auth().role.clone())),
            authorizer,
            decisions: Arc::default(),
        })
    }

    /// Decides on a request, by the rules or, if none of them does, by the authorizer.
    pub(crate) fn rule(
        &self,
        session: &Session,
        action: Action,
        uri: &ByteString,
        matching: Match,
        options: impl FnOnce() -> AccessOptions,
    ) -> Ruling {
        if let Some(grant) = self.grant(action, uri, matching) {
            return if grant.allows(action) {
                Ruling::Granted(grant)
            } else {
                Ruling::Refused
            };
        }
        let Some(authorizer) = &self.authorizer else {
            return Ruling::Refused;
        };
        let key = (action, uri.clone(), matching);
        if let Some(decision) = self.remembered(session.realm(), &key) {
            return decision.grant().map_or(Ruling::Refused, Ruling::Granted);
        }
        let access = Access {
            action,
            uri: uri.clone(),
            matching,
            options: options(),
        };
        let asked = ask(
            authorizer.clone(),
            session.clone(),
            access,
            Arc::clone(&self.decisions),
        );
        Ruling::Asking(Box::pin(asked))
    }

    /// What the rules say, if they say something.
    fn grant(&self, action: Action, uri: &str, matching: Match) -> Option<Grant> {
        self.rules.as_ref()?.look(|rules| {
            if action == Action::Call && is_mighty(uri) {
                // A rule for everything was not made with this in mind, unless it forbids it.
                return rules
                    .all(uri)
                    .find(|it| it.names_router || !it.allows(action))
                    .copied();
            }
            rules.covering(uri, matching).copied()
        })
    }

    /// Whether the rules say that nobody in the session's role may do this.
    pub(crate) fn forbids(&self, action: Action, uri: &str) -> bool {
        let grant = self.grant(action, uri, Match::Exact);
        grant.is_some_and(|it| !it.allows(action))
    }

    fn remembered(&self, realm: &Realm, key: &(Action, ByteString, Match)) -> Option<Decision> {
        let decisions = self.decisions.lock();
        let decisions = decisions.unwrap_or_else(PoisonError::into_inner);
        let found = decisions.get(key)?;
        let holds = found.generation == generation(realm) && found.until > Instant::now();
        holds.then_some(found.decision)
    }
}

fn generation(realm: &Realm) -> u64 {
    let authorization = &realm.inner().authorization;
    authorization.generation.load(Ordering::Acquire)
}

async fn ask(
    authorizer: Authorizer,
    session: Session,
    access: Access,
    decisions: Arc<Mutex<Decisions>>,
) -> Result<Option<Grant>, CallError> {
    // From before the question: a purge while it is being answered concerns the answer, too.
    let generation = generation(session.realm());
    // Remembered without the frame that it came in.
    let uri = ByteString::from(&*access.uri);
    let key = (access.action, uri, access.matching);
    let limit = session.realm().inner().shared.limits.authorizer_timeout;
    let answer = AssertUnwindSafe(async { authorizer.ask(session.clone(), access).await });
    let decision = match tokio::time::timeout(limit, answer.catch_unwind()).await {
        Ok(Ok(Ok(decision))) => decision,
        Ok(Ok(Err(error))) => return Err(failed(&format!("{error:?}"))),
        Ok(Err(panic)) => {
            session.realm().inner().shared.counters.panics.count();
            return Err(failed(&format!("it panicked: {}", Panic::from(panic).0)));
        }
        Err(_) => return Err(failed("it took too long")),
    };
    if !decision.holds_for().is_zero() {
        let mut decisions = decisions.lock().unwrap_or_else(PoisonError::into_inner);
        if decisions.len() >= MAX_DECISIONS {
            // Simple, and what is still needed is soon there again.
            decisions.clear();
        }
        let remembered = Remembered {
            decision,
            until: Instant::now() + decision.holds_for(),
            generation,
        };
        decisions.insert(key, remembered);
    }
    Ok(decision.grant())
}

fn failed(why: &str) -> CallError {
    tracing::error!(why, "an authorizer failed");
    CallError::new(uri::AUTHORIZATION_FAILED)
        .arg("whether the session may do this could not be found out")
}
