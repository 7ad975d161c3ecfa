//! `wamp.subscription.get_events`: events of the past. WAMP, "Event History".

use std::sync::Arc;

use wamp_proto::codec::from_slice;
use wamp_proto::id::Id;

use super::Procedures;
use super::subscriptions::find;
use crate::handler::registered::Run;
use crate::handler::{Call, CallError, Outcome};
use crate::history::reply::{Asked, to_payload};
use crate::history::{EventQuery, StoredEvent, pages};
use crate::permission::Action;
use crate::router::subscription::Subscription;
use crate::session::refusal;

pub(super) fn add(procedures: &mut Procedures) {
    // What it answers is encoded already.
    let run = Run::Function(|call| Box::pin(async move { get_events(&call).await }));
    procedures.add_run("wamp.subscription.get_events", run);
}

async fn get_events(call: &Call) -> Result<Outcome, CallError> {
    let session = &call.session;
    let realm = session.realm().inner();
    let subscription = subscription(call)?;
    let Some(history) = realm.broker.history() else {
        return Err(
            CallError::new("wamp.error.history_unavailable").arg("this realm keeps no events")
        );
    };
    let auth = session.auth();
    let query = EventQuery {
        authid: auth.id.clone(),
        authrole: auth.role.clone(),
        ..EventQuery::new(subscription.topic.clone(), subscription.matching)
    };
    let query = query.with_arguments(&call.payload)?;
    let may_have = |event: &StoredEvent| {
        let broker = &realm.broker;
        session.is_inside() || broker.may_have(&subscription, &event.topic, session.as_peer())
    };
    let events = pages::find(&history.store, &query, may_have).await?;
    let asked = Asked {
        subscription: subscription.id,
        matching: subscription.matching,
    };
    let payload = to_payload(&events, asked, session.format()).map_err(CallError::internal)?;
    call.reply_encoded(payload)
}

/// The subscription that is asked about. Only those who are subscribed have been found to be allowed to, by rules, functions and whatever else
/// there is; the server need not be.
fn subscription(call: &Call) -> Result<Arc<Subscription>, CallError> {
    let argument = call.payload.elements().next();
    let id = argument.map(|raw| from_slice::<Id>(call.payload.format(), raw));
    let id = match id {
        Some(Ok(id)) => id,
        Some(Err(error)) => {
            return Err(CallError::bad_argument(
                "subscription",
                "args[0]",
                error.message(),
            ));
        }
        None => return Err(CallError::missing_argument("subscription")),
    };
    let subscription = find(&call.session, id)?;
    if !call.session.is_inside() && !subscription.has(call.session.id()) {
        return Err(refusal(
            &call.session,
            Action::Subscribe,
            &subscription.topic,
        ));
    }
    Ok(subscription)
}
