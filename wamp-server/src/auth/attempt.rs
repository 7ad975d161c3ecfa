//! One peer's way through the methods of its realm.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use wamp_proto::message::{Authenticate, Challenge};
use wamp_proto::uri;

use super::authenticator::Verdict;
use super::exchange::{Exchange, Round};
use super::methods::Methods;
use super::principal::Principal;
use super::throttle::{Busy, Share};
use crate::Session;
use crate::session::rejection::Rejection;
use crate::session::tasks::{Panic, discard};

/// Runs an authentication. It belongs to the connection's task, like everything else of the session.
pub(crate) struct Attempt {
    session: Session,
    verdict: Option<BoxFuture<'static, Result<Principal, Rejection>>>,
    rounds: mpsc::Receiver<Round>,
    /// Where the answer to the CHALLENGE that was sent goes.
    answer: Option<oneshot::Sender<Authenticate>>,
    /// Whether a CHALLENGE was sent.
    asked: Arc<AtomicBool>,
}

/// What an attempt asks of its connection.
pub(crate) enum Step {
    Challenge(Challenge),
    Done(Box<Result<Principal, Rejection>>),
}

impl Attempt {
    pub(crate) fn new(methods: &Arc<Methods>, session: Session) -> Self {
        // A second CHALLENGE waits for the answer to the first.
        let (sender, rounds) = mpsc::channel(1);
        let asked = Arc::new(AtomicBool::new(false));
        Self {
            verdict: Some(Box::pin(decide(
                Arc::clone(methods),
                session.clone(),
                sender,
                Arc::clone(&asked),
            ))),
            asked,
            session,
            rounds,
            answer: None,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let Some(verdict) = &mut self.verdict else {
            return Poll::Pending;
        };
        match catch_unwind(AssertUnwindSafe(|| verdict.as_mut().poll(cx))) {
            Ok(Poll::Ready(result)) => return Poll::Ready(Step::Done(Box::new(result))),
            Ok(Poll::Pending) => {}
            Err(panic) => {
                self.session.realm().inner().shared.counters.panics.count();
                let Panic(message) = Panic::from(panic);
                tracing::error!(%message, "an authenticator panicked");
                return Poll::Ready(Step::Done(Box::new(Err(failed()))));
            }
        }
        if self.is_asking() {
            return Poll::Pending;
        }
        match self.rounds.poll_recv(cx) {
            Poll::Ready(Some(Round { challenge, answer })) => {
                self.answer = Some(answer);
                self.asked.store(true, Ordering::Relaxed);
                Poll::Ready(Step::Challenge(challenge))
            }
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    /// Whether a CHALLENGE was sent that is not answered yet.
    pub(crate) fn is_asking(&self) -> bool {
        self.answer.is_some()
    }

    /// The answer to the CHALLENGE has come.
    pub(crate) fn answer(&mut self, authenticate: Authenticate) {
        if let Some(answer) = self.answer.take() {
            // An authenticator that does not want it any more decides without it.
            let _ = answer.send(authenticate);
        }
    }
}

/// A future that panics when it is dropped costs its own session only.
impl Drop for Attempt {
    fn drop(&mut self) {
        discard(self.verdict.take());
    }
}

async fn decide(
    methods: Arc<Methods>,
    session: Session,
    rounds: mpsc::Sender<Round>,
    asked: Arc<AtomicBool>,
) -> Result<Principal, Rejection> {
    let shared = Arc::clone(&session.realm().inner().shared);
    let address = session.transport().counted().filter(|_| methods.can_fail());
    let share = match address {
        Some(address) => Some(shared.throttle.admit(address).await.map_err(|Busy| {
            shared.counters.limits_hit.count();
            let message = "too many authentications from this address have failed; try again later";
            Rejection::new(uri::AUTHENTICATION_FAILED, message)
        })?),
        None => None,
    };
    let charge = Charge { share, asked };
    let outcome = ask(&methods, session.clone(), rounds).await;
    if let Err(Failure {
        guessed: true,
        rejection,
    }) = &outcome
    {
        charge.spend();
        shared.counters.failed_authentications.count();
        tracing::info!(
            peer = address.map(tracing::field::display),
            realm = ?session.realm_name(),
            authid = ?session.hello().authid.as_deref().unwrap_or_default(),
            reason = %rejection.reason,
            "an authentication failed"
        );
    } else {
        charge.refund();
    }
    outcome.map_err(|failure| failure.rejection)
}

/// What an attempt costs its address, until it is known. Whoever was asked and leaves without an answer pays, or looking at the question
/// would be free.
struct Charge<'t> {
    share: Option<Share<'t>>,
    asked: Arc<AtomicBool>,
}

impl Charge<'_> {
    fn spend(mut self) {
        if let Some(share) = self.share.take() {
            share.spend();
        }
    }

    fn refund(mut self) {
        self.share = None;
    }
}

impl Drop for Charge<'_> {
    fn drop(&mut self) {
        if let Some(share) = self.share.take()
            && self.asked.load(Ordering::Relaxed)
        {
            share.spend();
        }
    }
}

/// Why nobody came in.
struct Failure {
    rejection: Rejection,
    /// Whether it was an attempt with something wrong, which may be one of many.
    guessed: bool,
}

async fn ask(
    methods: &Methods,
    session: Session,
    rounds: mpsc::Sender<Round>,
) -> Result<Principal, Failure> {
    for recognizer in &methods.recognizers {
        if let Some(mut principal) = found(recognizer.recognize(session.clone()).await)? {
            let method = principal.method.take();
            principal.method = Some(method.unwrap_or_else(|| "transport".into()));
            return Ok(principal);
        }
    }
    let method = methods
        .choose(&session.hello().authmethods)
        .map_err(|rejection| Failure {
            guessed: !methods.recognizers.is_empty(),
            rejection,
        })?;
    let decoys = Arc::clone(&methods.decoys);
    let exchange = Exchange::new(session, method.name.clone(), rounds, decoys);
    match found(method.authenticate(exchange).await)? {
        Some(mut principal) => {
            principal.method.get_or_insert(method.name.clone());
            Ok(principal)
        }
        None => Err(Failure {
            rejection: Rejection {
                reason: methods.denied_as.clone(),
                message: "the authentication was denied".to_owned(),
            },
            guessed: true,
        }),
    }
}

/// What the application could not find out is none of the peer's business; what it refuses with is.
fn found(verdict: Verdict) -> Result<Option<Principal>, Failure> {
    verdict.map_err(|error| {
        let guessed = error.cause().is_none();
        let rejection = if guessed {
            Rejection::from_error(error)
        } else {
            tracing::error!(?error, "an authentication could not be completed");
            failed()
        };
        Failure { rejection, guessed }
    })
}

fn failed() -> Rejection {
    Rejection::new(
        uri::AUTHENTICATION_FAILED,
        "the authentication could not be completed",
    )
}
