//! `wamp.subscription.*`: who is subscribed to what.

use std::sync::Arc;

use serde_json::Value;
use wamp_proto::id::Id;
use wamp_proto::payload::Single;
use wamp_proto::uri;
use wamp_uri::Match;

use super::options::{LookUp, Reason};
use super::sessions::no_such_session;
use super::{Answer, Procedures, by_match};
use crate::handler::CallError;
use crate::router::meta::subscription_details;
use crate::router::subscription::Subscription;
use crate::session::Session;

pub(super) fn add(procedures: &mut Procedures) {
    procedures.add("wamp.subscription.list", list);
    procedures.add("wamp.subscription.lookup", lookup);
    procedures.add("wamp.subscription.match", all);
    procedures.add("wamp.subscription.get", get);
    procedures.add("wamp.subscription.list_subscribers", list_subscribers);
    procedures.add("wamp.subscription.count_subscribers", count_subscribers);
    procedures.add("wamp.subscription.remove_subscriber", remove_subscriber);
}

async fn list(session: Session) -> Single<Value> {
    let subscriptions = session.realm().inner().broker.subscriptions();
    let ids = subscriptions.iter().map(|it| (it.matching, it.id));
    by_match(ids)
}

async fn lookup(session: Session, topic: String, LookUp(matching): LookUp) -> Single<Option<Id>> {
    let broker = &session.realm().inner().broker;
    Single(broker.lookup(&topic, matching).map(|it| it.id))
}

/// Which of them an event would go to.
async fn all(session: Session, topic: String) -> Single<Option<Vec<Id>>> {
    let broker = &session.realm().inner().broker;
    let guarded = broker.is_guarded(&topic);
    let subscriptions = broker.matching(&topic);
    let subscriptions = subscriptions
        .iter()
        .filter(|it| it.is_visible() && !(guarded && it.matching != Match::Exact));
    let mut ids = subscriptions.map(|it| it.id).collect::<Vec<_>>();
    ids.sort_unstable();
    Single((!ids.is_empty()).then_some(ids))
}

async fn get(session: Session, id: Id) -> Answer<Value> {
    let subscription = find(&session, id)?;
    Ok(Single(subscription_details(&subscription)))
}

async fn list_subscribers(session: Session, id: Id) -> Answer<Vec<Id>> {
    let mut subscribers = find(&session, id)?.sessions();
    subscribers.sort_unstable();
    Ok(Single(subscribers))
}

async fn count_subscribers(session: Session, id: Id) -> Result<usize, CallError> {
    Ok(find(&session, id)?.sessions().len())
}

async fn remove_subscriber(
    session: Session,
    id: Id,
    subscriber: Id,
    reason: Option<String>,
    keyword: Reason,
) -> Result<(), CallError> {
    let reason = keyword.unless(reason)?;
    let subscription = find(&session, id)?;
    let realm = session.realm();
    let broker = &realm.inner().broker;
    if !broker.remove_subscriber(&subscription, subscriber, reason.as_deref()) {
        return Err(no_such_session(subscriber));
    }
    // What a topic's function holds for it is the session's to drop.
    if let Some(victim) = realm.session(subscriber) {
        victim.revoked();
    }
    Ok(())
}

pub(super) fn find(session: &Session, id: Id) -> Result<Arc<Subscription>, CallError> {
    let subscription = session.realm().inner().broker.get(id);
    subscription.ok_or_else(|| {
        let message = format!("there is no subscription {id}");
        CallError::new(uri::NO_SUCH_SUBSCRIPTION).arg(message)
    })
}
