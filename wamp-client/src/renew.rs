//! After a reconnection: subscribing and registering what was before.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};
use wamp_proto::uri;

use crate::backoff::Backoff;
use crate::client::Inner;
use crate::contained::contained;
use crate::driver::later;
use crate::error::CallError;
use crate::kept::Renewed as _;
use crate::link::Link;
use crate::registration::Offer;

/// How long a router has to renew everything, where calls may take for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Subscribes and registers again what was before. All of it is asked for at once, and has the time of one call.
pub(crate) async fn renew(inner: &Arc<Inner>, link: &Link) {
    let topics = inner.kept.topics().all().into_iter();
    let asked_topics = topics
        .filter(|topic| topic.standing().was_made())
        .map(|topic| (topic.ask(link), topic))
        .collect::<Vec<_>>();
    let offers = inner.kept.offers().all().into_iter();
    let asked_offers = offers
        .filter(|offer| offer.standing().was_made())
        .map(|offer| (offer.ask(link), offer))
        .collect::<Vec<_>>();
    let patience = patience(inner);
    let due = later(Instant::now(), patience);
    for (asked, topic) in asked_topics {
        if let Err(error) = settle(due, patience, asked).await {
            tell(inner, topic.name(), &error);
        }
    }
    for (asked, offer) in asked_offers {
        match settle(due, patience, asked).await {
            Ok(()) => {}
            // The router may not have noticed yet that our last session is dead.
            Err(error) if error.uri() == Some(uri::PROCEDURE_ALREADY_EXISTS) => {
                tell(inner, offer.procedure(), &error);
                tokio::spawn(insist(Arc::clone(inner), link.clone(), offer));
            }
            Err(error) => tell(inner, offer.procedure(), &error),
        }
    }
}

fn patience(inner: &Inner) -> Duration {
    inner.config.timing.call.unwrap_or(PATIENCE)
}

async fn settle<T>(
    due: Instant,
    patience: Duration,
    asked: Result<oneshot::Receiver<Result<T, CallError>>, CallError>,
) -> Result<(), CallError> {
    match timeout_at(due, asked?).await {
        Ok(answer) => answer.unwrap_or(Err(CallError::Lost)).map(|_| ()),
        Err(_) => Err(CallError::Timeout(patience)),
    }
}

/// Registers again and again what somebody else seems to offer, for as long as the session lasts.
async fn insist(inner: Arc<Inner>, link: Link, offer: Arc<Offer>) {
    let backoff = Backoff::new();
    let patience = patience(&inner);
    let mut attempt = 0;
    loop {
        tokio::select! {
            biased;
            () = link.ended() => return,
            () = sleep(backoff.wait(attempt)) => {}
        }
        if offer.is_given_up() {
            return;
        }
        let due = later(Instant::now(), patience);
        match settle(due, patience, offer.ask(&link)).await {
            Err(error) if error.uri() == Some(uri::PROCEDURE_ALREADY_EXISTS) => {}
            Err(error) => return tell(&inner, offer.procedure(), &error),
            Ok(()) => return,
        }
        attempt += 1;
    }
}

/// Something could not be renewed.
fn tell(inner: &Inner, uri: &str, error: &CallError) {
    // A session that is lost meanwhile is renewed as a whole.
    if !matches!(error, CallError::Lost | CallError::NotConnected) {
        tracing::error!(uri, %error, "cannot be renewed after the reconnection");
        if let Some(hook) = &inner.config.on_renewal_error {
            contained("on_renewal_error", || hook(uri, error));
        }
    }
}
