//! The task of a client: connects, renews, and connects again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use wamp_proto::uri;

use crate::backoff::Backoff;
use crate::client::Inner;
use crate::driver::{Driver, End};
use crate::error::{CallError, ConnectError};
use crate::establish::establish;
use crate::link::Link;
use crate::registration::Offer;
use crate::state::State;

/// Keeps a client connected until it is closed. `first` is told how the first attempt ended; without it, that one is like any other.
pub(crate) async fn supervise(
    inner: Arc<Inner>,
    mut first: Option<oneshot::Sender<Result<(), ConnectError>>>,
) {
    let mut failures = 0;
    let reason = loop {
        let attempt = tokio::select! {
            biased;
            () = inner.closing.cancelled() => break None,
            attempt = connect(&inner) => attempt,
        };
        let why = match attempt {
            Ok((link, driver)) => {
                failures = 0;
                let end = run(&inner, link, driver, &mut first).await;
                if inner.closing.is_cancelled() {
                    break None;
                }
                lost(end)
            }
            Err(error) => {
                if let Some(first) = first.take() {
                    let _ = first.send(Err(error));
                    break None;
                }
                failures += 1;
                error
            }
        };
        let why = Arc::new(why);
        tracing::info!(reason = %why, failures, "there is no session");
        let wait = inner.config.backoff.and_then(|it| it.wait(failures));
        let Some(wait) = wait else {
            break Some(why);
        };
        inner.state.send_replace(State::Connecting {
            failures,
            reason: Some(why),
        });
        tokio::select! {
            biased;
            () = inner.closing.cancelled() => break None,
            () = sleep(wait) => {}
        }
    };
    for topic in inner.kept.topics().all() {
        topic.receiver().over();
    }
    inner.state.send_replace(State::Closed { reason });
}

async fn connect(inner: &Inner) -> Result<(Link, Driver), ConnectError> {
    let patience = inner.config.timing.connect;
    match timeout(patience, establish(&inner.config)).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::Timeout(patience)),
    }
}

/// Runs one session to its end.
async fn run(
    inner: &Arc<Inner>,
    link: Link,
    driver: Driver,
    first: &mut Option<oneshot::Sender<Result<(), ConnectError>>>,
) -> End {
    let mut driver = tokio::spawn(driver);
    let serve = async {
        renew(inner, &link).await;
        inner.set_link(Some(link.clone()));
        let session = link.info().clone();
        tracing::info!(
            session = session.id().get(),
            realm = session.realm(),
            "the session is open"
        );
        inner.state.send_replace(State::Open(session));
        if let Some(first) = first.take() {
            let _ = first.send(Ok(()));
        }
        inner.closing.cancelled().await;
        link.leave();
        std::future::pending::<()>().await;
    };
    let end = tokio::select! {
        end = &mut driver => end,
        () = serve => return End::Unanswered,
    };
    inner.set_link(None);
    end.unwrap_or_else(|error| {
        tracing::error!(%error, "the task of a connection has failed");
        link.end();
        End::Violation("a handler has panicked".to_owned())
    })
}

/// Subscribes and registers again what was before.
async fn renew(inner: &Arc<Inner>, link: &Link) {
    let topics = inner.kept.topics().all().into_iter();
    let asked_topics = topics
        .filter(|topic| topic.was_made())
        .map(|topic| (topic.ask(link), topic))
        .collect::<Vec<_>>();
    let offers = inner.kept.offers().all().into_iter();
    let asked_offers = offers
        .filter(|offer| offer.was_made())
        .map(|offer| (offer.ask(link), offer))
        .collect::<Vec<_>>();
    for (asked, topic) in asked_topics {
        if let Err(error) = settle(inner, asked).await {
            tell(inner, topic.name(), &error);
        }
    }
    for (asked, offer) in asked_offers {
        match settle(inner, asked).await {
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

async fn settle<T>(
    inner: &Inner,
    asked: Result<oneshot::Receiver<Result<T, CallError>>, CallError>,
) -> Result<(), CallError> {
    let patience = inner.config.timing.call.unwrap_or(Duration::MAX);
    match timeout(patience, asked?).await {
        Ok(answer) => answer.unwrap_or(Err(CallError::Lost)).map(|_| ()),
        Err(_) => Err(CallError::Timeout(patience)),
    }
}

/// Registers again and again what somebody else seems to offer, for as long as the session lasts.
async fn insist(inner: Arc<Inner>, link: Link, offer: Arc<Offer>) {
    let backoff = Backoff::new();
    let mut attempt = 0;
    while let Some(wait) = backoff.wait(attempt) {
        tokio::select! {
            biased;
            () = link.ended() => return,
            () = sleep(wait) => {}
        }
        if offer.is_given_up() {
            return;
        }
        match settle(&inner, offer.ask(&link)).await {
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
            hook(uri, error);
        }
    }
}

/// How a session ended, as a reason why there is none.
fn lost(end: End) -> ConnectError {
    match end {
        End::Lost(error) => ConnectError::Transport(error),
        End::Goodbye(reason) => ConnectError::Goodbye(reason),
        End::Aborted(reason) => ConnectError::Abort {
            reason,
            message: None,
        },
        End::Violation(what) => ConnectError::Protocol(what),
        End::Unanswered => ConnectError::Closed,
    }
}
