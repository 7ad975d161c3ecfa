//! What is registered and subscribed to at the router.

use std::collections::HashSet;
use std::sync::Arc;

use bytestring::ByteString;
use futures_util::future::{join, join_all};
use wamp_client::host::{Callee, Receiver};
use wamp_client::{CallError, Client, Match, Registration, Subscribed};
use wamp_proto::uri;

use super::error::{JoinError, Refused};
use super::host::{Host, Lease, Offered, Subscriber};
use super::pattern::covering;
use crate::handler::registered::{Matcher, Registered};

/// What a realm has at the router.
#[derive(Debug, Default)]
pub(super) struct Offers {
    registrations: Vec<Registration>,
    subscriptions: Vec<Subscribed>,
}

/// Registers every procedure of a realm, and subscribes every subscriber. `lease`: what the procedures keep.
///
/// # Errors
///
/// All that the router does not take.
pub(super) async fn offer(
    host: &Arc<Host>,
    client: &Client,
    lease: Option<&Arc<Lease>>,
) -> Result<Offers, JoinError> {
    let inner = host.realm().inner();
    let mut seen = HashSet::new();
    let mut refused = Vec::new();
    let procedures = inner.procedures.iter();
    let procedures = procedures
        .filter(|it| is_offered(it))
        .filter_map(|handler| {
            let pattern = found(handler, &mut refused)?;
            // Two expressions may have the same pattern: which of them answers is decided here.
            seen.insert(pattern.clone())
                .then(|| register(host, client, lease, handler, pattern))
        });
    let procedures = procedures.collect::<Vec<_>>();
    let subscribers = inner.subscribers.iter().filter_map(|handler| {
        let pattern = found(handler, &mut refused)?;
        Some(subscribe(host, client, handler, pattern))
    });
    let subscribers = subscribers.collect::<Vec<_>>();
    let (registered, subscribed) = join(join_all(procedures), join_all(subscribers)).await;
    let mut offers = Offers::default();
    for outcome in registered {
        match outcome {
            Ok(registration) => offers.registrations.push(registration),
            Err(error) => refused.push(error),
        }
    }
    for outcome in subscribed {
        match outcome {
            Ok(subscription) => offers.subscriptions.push(subscription),
            Err(error) => refused.push(error),
        }
    }
    if refused.is_empty() {
        return Ok(offers);
    }
    refused.sort_by(|a, b| {
        let place = |it: &Refused| (it.location.file, it.location.line);
        place(a).cmp(&place(b)).then_with(|| a.uri.cmp(&b.uri))
    });
    Err(JoinError::Refused(refused))
}

/// What the router of the application answers itself is not offered at another one, nor is what takes all calls that nobody else does:
/// that is a thing of whoever runs the router.
fn is_offered(handler: &Registered) -> bool {
    match &handler.uri {
        Matcher::Any => {
            tracing::warn!(
                location = %handler.location,
                "what answers the calls that nothing else answers is not offered at the router"
            );
            false
        }
        Matcher::Template(template) => !wamp_uri::is_reserved(template.pattern()),
        Matcher::Prefix(_) | Matcher::Regex(_) => true,
    }
}

fn found(handler: &Registered, refused: &mut Vec<Refused>) -> Option<(String, Match)> {
    let pattern = covering(handler);
    if pattern.is_none() {
        let reason = "no pattern that WAMP knows covers it, but one that covers everything";
        refused.push(refusal(handler, CallError::Invalid(reason.to_owned())));
    }
    pattern
}

fn refusal(handler: &Registered, error: CallError) -> Refused {
    Refused {
        kind: handler.kind,
        uri: handler.name().to_owned(),
        location: handler.location,
        error,
    }
}

async fn register(
    host: &Arc<Host>,
    client: &Client,
    lease: Option<&Arc<Lease>>,
    handler: &Registered,
    (pattern, matching): (String, Match),
) -> Result<Registration, Refused> {
    let procedure = ByteString::from(pattern);
    let callee: Arc<dyn Callee> = Arc::new(Offered {
        host: Arc::clone(host),
        procedure: procedure.clone(),
        _lease: lease.cloned(),
    });
    let register = |disclose| {
        let register = client.register_callee(procedure.clone(), Arc::clone(&callee));
        register.matching(matching).disclose_caller(disclose)
    };
    let registered = match register(true).await {
        // A router that tells nobody who calls, and does not like to be asked.
        Err(error) if error.uri() == Some(uri::OPTION_DISALLOWED_DISCLOSE_ME) => {
            register(false).await
        }
        registered => registered,
    };
    registered.map_err(|error| refusal(handler, error))
}

async fn subscribe(
    host: &Arc<Host>,
    client: &Client,
    handler: &Arc<Registered>,
    (pattern, matching): (String, Match),
) -> Result<Subscribed, Refused> {
    let topic = ByteString::from(pattern);
    let receiver: Arc<dyn Receiver> = Arc::new(Subscriber {
        host: Arc::clone(host),
        topic: topic.clone(),
        handler: Arc::clone(handler),
    });
    let subscribed = client.subscribe(topic).matching(matching);
    let subscribed = subscribed.receiver(receiver).await;
    subscribed.map_err(|error| refusal(handler, error))
}

impl Offers {
    /// The procedures among it.
    pub(super) fn into_registrations(self) -> Vec<Registration> {
        self.registrations
    }

    /// Takes everything back.
    pub(super) async fn withdraw(self) {
        let registrations = self.registrations.into_iter();
        let registrations = registrations.map(|it| async move {
            let procedure = it.procedure().to_owned();
            if let Err(error) = it.unregister().await {
                tracing::debug!(procedure, %error, "a procedure is not withdrawn");
            }
        });
        let subscriptions = self.subscriptions.into_iter();
        let subscriptions = subscriptions.map(|it| async move {
            let topic = it.topic().to_owned();
            if let Err(error) = it.unsubscribe().await {
                tracing::debug!(topic, %error, "a subscription does not end");
            }
        });
        join(join_all(registrations), join_all(subscriptions)).await;
    }
}
