//! The procedures that a router answers itself. WAMP, "WAMP Meta API"; what it tells unasked is in `router::meta`.
//!
//! They are functions like those of an application, so permissions, timeouts and everything else hold for them as well. Only that their
//! URIs are reserved, and that some are for nobody who was not named: [`is_mighty`].
//!
//! - [`sessions`]: who is there; [`killing`]: and is to go. [`testaments`]: what is published when a session ends.
//! - [`registrations`], [`subscriptions`]: who offers what, who is subscribed to what, and taking it away.
//! - [`history`]: events of the past. [`options`]: what callers say by keyword.

mod history;
mod killing;
mod options;
mod registrations;
mod sessions;
mod subscriptions;
mod testaments;

use std::panic::Location as Caller;
use std::sync::Arc;

use serde_json::{Value, json};
use wamp_proto::id::Id;
use wamp_proto::payload::Single;
use wamp_uri::Match;

use super::config::Closure;
use crate::handler::function::Handler;
use crate::handler::registered::Run;
use crate::handler::{CallError, Kind};
use crate::permission::Action;
use crate::session::refusal;

/// What changes the fate of other sessions.
const MIGHTY: [&str; 6] = [
    "wamp.registration.remove_callee",
    "wamp.session.kill",
    "wamp.session.kill_all",
    "wamp.session.kill_by_authid",
    "wamp.session.kill_by_authrole",
    "wamp.subscription.remove_subscriber",
];

/// Whether a procedure is one that nobody may call whom no rule for `wamp.` allows it, and no authorizer.
#[inline]
pub(crate) fn is_mighty(procedure: &str) -> bool {
    procedure.starts_with("wamp.") && MIGHTY.contains(&procedure)
}

/// All of them; with `control`, sessions may be granted power over others, without it nobody has any.
pub(crate) fn procedures(control: bool) -> Vec<Closure> {
    let mut procedures = Procedures(Vec::new());
    sessions::add(&mut procedures);
    killing::add(&mut procedures);
    testaments::add(&mut procedures);
    registrations::add(&mut procedures);
    subscriptions::add(&mut procedures);
    history::add(&mut procedures);
    if !control {
        for procedure in &mut procedures.0 {
            if procedure.uri.as_deref().is_some_and(is_mighty) {
                let run = procedure.run.clone();
                procedure.run = Run::Closure(Arc::new(move |call| {
                    if call.session.is_inside() {
                        return run.start(call);
                    }
                    Box::pin(async move { Err(refusal(&call.session, Action::Call, &call.uri)) })
                }));
            }
        }
    }
    procedures.0
}

struct Procedures(Vec<Closure>);

impl Procedures {
    #[track_caller]
    fn add<Signature>(&mut self, uri: &str, handler: impl Handler<Signature>) {
        let uri = Some(uri.to_owned());
        self.0.push(Closure::new(Kind::Procedure, uri, handler));
    }

    /// One that reads its arguments and writes its result itself.
    #[track_caller]
    fn add_run(&mut self, uri: &str, run: Run) {
        self.0.push(Closure {
            kind: Kind::Procedure,
            uri: Some(uri.to_owned()),
            location: Caller::caller().into(),
            params: &[],
            run,
        });
    }
}

/// One result, whatever it is: a bare list would be several.
type Answer<T> = Result<Single<T>, CallError>;

/// Ids by how their URIs are compared.
fn by_match(ids: impl Iterator<Item = (Match, Id)>) -> Single<Value> {
    let mut ids = ids.collect::<Vec<_>>();
    ids.sort_unstable_by_key(|(_, id)| *id);
    let those = |wanted: Match| {
        let ids = ids.iter().filter(|(matching, _)| *matching == wanted);
        ids.map(|(_, id)| *id).collect::<Vec<_>>()
    };
    Single(json!({
        "exact": those(Match::Exact),
        "prefix": those(Match::Prefix),
        "wildcard": those(Match::Wildcard),
    }))
}
