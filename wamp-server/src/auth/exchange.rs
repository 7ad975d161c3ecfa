//! The dialogue between the server and a peer that wants to come in.

use std::fmt;
use std::sync::Arc;

use bytestring::ByteString;
use tokio::sync::{mpsc, oneshot};
use wamp_proto::codec::from_slice;
use wamp_proto::message::details::ChallengeExtra;
use wamp_proto::message::{Authenticate, Challenge, Secret};
use wamp_proto::payload::Payload;

use super::decoy::Decoys;
use super::scram::malformed;
use crate::Session;
use crate::handler::CallError;

/// A CHALLENGE that is to be sent, and where its AUTHENTICATE goes.
pub(super) struct Round {
    pub(super) challenge: Challenge,
    pub(super) answer: oneshot::Sender<Authenticate>,
}

/// One peer on its way in: what it said in HELLO, and a line to ask it for more.
///
/// Every [`challenge`](Self::challenge) is answered at most once. There may be several, one after the other, for authentication in
/// several steps; each has [`Limits::authenticate_timeout`](crate::Limits), all of them together
/// [`Limits::welcome_timeout`](crate::Limits).
///
/// The WAMP specification, "Authentication": CHALLENGE and AUTHENTICATE.
pub struct Exchange {
    session: Session,
    method: ByteString,
    rounds: mpsc::Sender<Round>,
    pub(super) decoys: Arc<Decoys>,
}

impl Exchange {
    pub(super) fn new(
        session: Session,
        method: ByteString,
        rounds: mpsc::Sender<Round>,
        decoys: Arc<Decoys>,
    ) -> Self {
        Self {
            session,
            method,
            rounds,
            decoys,
        }
    }

    /// The session that the peer wants to open. It has an id, but nobody sees it yet.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Who the peer says it is. That is a claim; the specification's `HELLO.Details.authid`.
    #[must_use]
    pub fn authid(&self) -> Option<&str> {
        self.session.hello().authid.as_deref()
    }

    /// Sends a CHALLENGE and waits for the answer.
    ///
    /// # Errors
    ///
    /// When there is nobody to answer any more.
    pub async fn challenge(
        &mut self,
        extra: impl Into<Box<ChallengeExtra>>,
    ) -> Result<Authenticate, CallError> {
        let method = self.method.clone();
        self.challenge_as(method, extra).await
    }

    /// The same under the name of another method, for a step of its own kind.
    ///
    /// # Errors
    ///
    /// Those of [`challenge`](Self::challenge).
    pub async fn challenge_as(
        &mut self,
        method: impl Into<ByteString>,
        extra: impl Into<Box<ChallengeExtra>>,
    ) -> Result<Authenticate, CallError> {
        let (answer, answered) = oneshot::channel();
        let challenge = Challenge {
            method: method.into(),
            extra: extra.into(),
        };
        let gone = || CallError::internal("the peer has gone in the middle of its authentication");
        let round = Round { challenge, answer };
        self.rounds.send(round).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())
    }

    /// A text in `HELLO.Details.authextra`.
    pub(super) fn hello_text(&self, key: &str) -> Result<Option<String>, CallError> {
        let Some(extra) = &self.session.hello().authextra else {
            return Ok(None);
        };
        let extra = Payload::new(extra.format(), None, Some(extra.bytes().clone()));
        let Some((_, value)) = extra.entries().find(|(found, _)| found == key) else {
            return Ok(None);
        };
        from_slice(extra.format(), value)
            .map_err(|_| malformed(&format!("`authextra.{key}` must be a text")))
    }

    /// Asks for a ticket. WAMP, "Ticket-based Authentication".
    ///
    /// # Errors
    ///
    /// Those of [`challenge`](Self::challenge).
    pub async fn ticket(&mut self) -> Result<Secret, CallError> {
        let answer = self.challenge(ChallengeExtra::default()).await?;
        Ok(answer.signature)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("session", &self.session)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
