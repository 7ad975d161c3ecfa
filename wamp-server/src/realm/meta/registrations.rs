//! `wamp.registration.*`: who offers what.

use std::sync::Arc;

use serde_json::Value;
use wamp_proto::id::Id;
use wamp_proto::payload::Single;
use wamp_proto::uri;

use super::options::{LookUp, Reason};
use super::sessions::no_such_session;
use super::{Answer, Procedures, by_match};
use crate::handler::CallError;
use crate::router::meta::registration_details;
use crate::router::registration::Registration;
use crate::session::Session;

pub(super) fn add(procedures: &mut Procedures) {
    procedures.add("wamp.registration.list", list);
    procedures.add("wamp.registration.lookup", lookup);
    procedures.add("wamp.registration.match", best);
    procedures.add("wamp.registration.get", get);
    procedures.add("wamp.registration.list_callees", list_callees);
    procedures.add("wamp.registration.count_callees", count_callees);
    procedures.add("wamp.registration.remove_callee", remove_callee);
}

async fn list(session: Session) -> Single<Value> {
    let registrations = session.realm().inner().dealer.registrations();
    let ids = registrations.iter().map(|it| (it.matching, it.id));
    by_match(ids)
}

async fn lookup(
    session: Session,
    procedure: String,
    LookUp(matching): LookUp,
) -> Single<Option<Id>> {
    let dealer = &session.realm().inner().dealer;
    Single(dealer.lookup(&procedure, matching).map(|it| it.id))
}

/// Which of them a call would go to.
async fn best(session: Session, procedure: String) -> Single<Option<Id>> {
    let dealer = &session.realm().inner().dealer;
    Single(dealer.resolve(&procedure).map(|it| it.id))
}

async fn get(session: Session, id: Id) -> Answer<Value> {
    let registration = find(&session, id)?;
    Ok(Single(registration_details(&registration)))
}

async fn list_callees(session: Session, id: Id) -> Answer<Vec<Id>> {
    let callees = find(&session, id)?.callees();
    // In the order of registration: it decides who is called.
    Ok(Single(callees.iter().map(|it| it.peer.id()).collect()))
}

async fn count_callees(session: Session, id: Id) -> Result<usize, CallError> {
    Ok(find(&session, id)?.callees().len())
}

async fn remove_callee(
    session: Session,
    id: Id,
    callee: Id,
    reason: Option<String>,
    keyword: Reason,
) -> Result<(), CallError> {
    let reason = keyword.unless(reason)?;
    let registration = find(&session, id)?;
    let realm = session.realm().inner();
    let meta = Some(&realm.broker);
    match realm
        .dealer
        .remove_callee(&registration, callee, reason.as_deref(), meta)
    {
        true => Ok(()),
        false => Err(no_such_session(callee)),
    }
}

fn find(session: &Session, id: Id) -> Result<Arc<Registration>, CallError> {
    let registration = session.realm().inner().dealer.get(id);
    registration.ok_or_else(|| {
        let message = format!("there is no registration {id}");
        CallError::new(uri::NO_SUCH_REGISTRATION).arg(message)
    })
}
