//! `wamp.session.*`: who is there.

use serde_json::Value;
use wamp_proto::id::Id;
use wamp_proto::payload::Single;
use wamp_proto::uri;

use super::{Answer, Procedures};
use crate::handler::CallError;
use crate::session::{Session, membership};

pub(super) fn add(procedures: &mut Procedures) {
    procedures.add("wamp.session.count", count);
    procedures.add("wamp.session.list", list);
    procedures.add("wamp.session.get", get);
}

/// The sessions that others may know of: those that have joined the same realm.
pub(super) fn visible(caller: &Session) -> Vec<Session> {
    let mut sessions = caller.realm().sessions();
    sessions.retain(Session::is_joined);
    sessions
}

/// One of them.
pub(super) fn find(caller: &Session, id: Id) -> Result<Session, CallError> {
    let session = caller.realm().session(id).filter(Session::is_joined);
    session.ok_or_else(|| no_such_session(id))
}

#[cold]
pub(super) fn no_such_session(id: Id) -> CallError {
    CallError::new(uri::NO_SUCH_SESSION).arg(format!("there is no session {id}"))
}

async fn count(caller: Session, roles: Option<Vec<String>>) -> usize {
    in_roles(&caller, roles).len()
}

async fn list(caller: Session, roles: Option<Vec<String>>) -> Single<Vec<Id>> {
    let sessions = in_roles(&caller, roles);
    let mut ids = sessions.iter().map(Session::id).collect::<Vec<_>>();
    ids.sort_unstable();
    Single(ids)
}

fn in_roles(caller: &Session, roles: Option<Vec<String>>) -> Vec<Session> {
    let mut sessions = visible(caller);
    if let Some(roles) = roles {
        sessions.retain(|it| roles.iter().any(|role| *role == *it.auth().role));
    }
    sessions
}

async fn get(caller: Session, id: Id) -> Answer<Value> {
    let session = find(&caller, id)?;
    Ok(Single(membership::details(&session)))
}
