//! From a connection to an open session: HELLO, CHALLENGE, AUTHENTICATE, WELCOME.

use std::future::poll_fn;

use bytes::BytesMut;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};
use wamp_proto::message::details::{AbortDetails, HelloDetails};
use wamp_proto::message::{Abort, Feature, Features, Hello, Message, Roles, Welcome};
use wamp_proto::payload::Payload;
use wamp_proto::subprotocol::{Batch, Subprotocol};
use wamp_proto::uri;

use crate::config::{Config, Timing};
use crate::driver::{Driver, End, abort, later};
use crate::error::{ConnectError, TransportError};
use crate::link::Link;
use crate::session_info::SessionInfo;
use crate::transport::Transport;

/// How often a router may ask.
const MAX_CHALLENGES: u32 = 8;

/// A session that is open, its driver, and what says how it ends.
pub(crate) type Established = (Link, Driver, oneshot::Receiver<End>);

/// Opens a session on a new connection.
pub(crate) async fn establish(config: &Config) -> Result<Established, ConnectError> {
    let Timing { connect, close, .. } = config.timing;
    let deadline = later(Instant::now(), connect);
    let late = |_| ConnectError::Timeout(connect);
    let transport = timeout_at(deadline, config.connect.connect());
    let mut conversation = Conversation::new(transport.await.map_err(late)??);
    let opened = timeout_at(deadline, greet(config, &mut conversation)).await;
    match opened.map_err(late).flatten() {
        Ok(info) => {
            let Conversation {
                transport,
                subprotocol,
                heard,
            } = conversation;
            let limit = transport.peer_max_message();
            let link = Link::new(info, subprotocol.format, limit, config.timing.call);
            let (driver, end) = Driver::new(transport, link.clone(), config.timing, heard);
            Ok((link, driver, end))
        }
        // Whoever has been silent for so long is not waited for any longer.
        Err(error @ ConnectError::Timeout(_)) => Err(error),
        Err(error) => {
            // A router that does not read this does not keep us.
            let _ = timeout(close, conversation.give_up(&error)).await;
            Err(error)
        }
    }
}

async fn greet(
    config: &Config,
    conversation: &mut Conversation,
) -> Result<SessionInfo, ConnectError> {
    let channel_id = conversation.transport.channel_id();
    let mut attempt = config.credentials.start(channel_id)?;
    let mut details = Box::new(HelloDetails {
        roles: roles(),
        agent: Some(config.agent.clone()),
        unknown: config.details.clone(),
        ..HelloDetails::default()
    });
    attempt.hello(&mut details);
    let hello = Hello {
        realm: config.realm.clone(),
        details,
    };
    conversation.say(&hello.into()).await?;
    for _ in 0..=MAX_CHALLENGES {
        match conversation.hear().await? {
            Message::Welcome(Welcome { session, details }) => {
                attempt.verify(&details)?;
                return Ok(SessionInfo {
                    id: session,
                    realm: config.realm.clone(),
                    welcome: details,
                });
            }
            Message::Challenge(challenge) => {
                let answer = attempt.answer(&challenge).await?;
                conversation.say(&answer.into()).await?;
            }
            Message::Abort(abort) => {
                return Err(ConnectError::Abort {
                    reason: abort.reason,
                    message: abort.details.message,
                });
            }
            other => {
                let what = format!("{} before WELCOME", other.name());
                return Err(ConnectError::Protocol(what));
            }
        }
    }
    Err(ConnectError::Protocol(
        "CHALLENGE without an end".to_owned(),
    ))
}

/// What this client can do.
fn roles() -> Roles {
    let caller = Features::from([
        Feature::ProgressiveCallResults,
        Feature::ProgressiveCallInvocations,
        Feature::CallTimeout,
        Feature::CallCanceling,
        Feature::CallerIdentification,
        Feature::ShardedRegistration,
        Feature::PayloadPassthruMode,
    ]);
    let callee = Features::from([
        Feature::ProgressiveCallResults,
        Feature::ProgressiveCallInvocations,
        Feature::CallTimeout,
        Feature::CallCanceling,
        Feature::CallerIdentification,
        Feature::CallTrustlevels,
        Feature::PatternBasedRegistration,
        Feature::SharedRegistration,
        Feature::ShardedRegistration,
        Feature::RegistrationRevocation,
        Feature::CallReroute,
        Feature::PayloadPassthruMode,
    ]);
    let publisher = Features::from([
        Feature::PublisherIdentification,
        Feature::PublisherExclusion,
        Feature::SubscriberBlackwhiteListing,
        Feature::ShardedSubscription,
        Feature::PayloadPassthruMode,
    ]);
    let subscriber = Features::from([
        Feature::PublisherIdentification,
        Feature::PublicationTrustlevels,
        Feature::PatternBasedSubscription,
        Feature::SubscriptionRevocation,
        Feature::PayloadPassthruMode,
    ]);
    Roles {
        caller: Some(caller),
        callee: Some(callee),
        publisher: Some(publisher),
        subscriber: Some(subscriber),
        ..Roles::default()
    }
}

/// Messages one after the other, on a connection without a session.
struct Conversation {
    transport: Box<dyn Transport>,
    subprotocol: Subprotocol,
    /// Messages that have come and are not acted on.
    heard: Option<Batch>,
}

impl Conversation {
    fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            subprotocol: transport.subprotocol(),
            transport,
            heard: None,
        }
    }

    async fn say(&mut self, message: &Message) -> Result<(), ConnectError> {
        let mut frame = BytesMut::new();
        let begin = self.subprotocol.batch_begin(&mut frame);
        let encoded = message.encode(self.subprotocol.format, &mut frame);
        encoded.map_err(|error| ConnectError::Config(error.to_string()))?;
        let ended = self.subprotocol.batch_end(&mut frame, begin);
        ended.map_err(|error| ConnectError::Config(error.to_string()))?;
        self.transport.send(frame.freeze())?;
        Ok(poll_fn(|cx| self.transport.poll_flush(cx)).await?)
    }

    async fn hear(&mut self) -> Result<Message, ConnectError> {
        loop {
            if let Some(message) = self.heard.as_mut().and_then(Iterator::next) {
                let message = Message::decode(self.subprotocol.format, &message);
                return message.map_err(|violation| ConnectError::Protocol(violation.to_string()));
            }
            let frame = poll_fn(|cx| self.transport.poll_receive(cx)).await;
            let frame = frame.ok_or(TransportError::Closed)??;
            let batch = self.subprotocol.split_batch(&frame);
            self.heard = Some(batch.map_err(|error| ConnectError::Protocol(error.to_string()))?);
        }
    }

    /// Tells the router why there will be no session, unless it is the one who said so, and closes the connection.
    async fn give_up(mut self, error: &ConnectError) {
        let last_words = match error {
            ConnectError::Protocol(what) => Some(abort(what)),
            ConnectError::Auth(_) => Some(
                Abort {
                    details: AbortDetails::default(),
                    reason: uri::AUTHENTICATION_FAILED.into(),
                    payload: Payload::default(),
                }
                .into(),
            ),
            _ => None,
        };
        if let Some(message) = last_words {
            // Whether it arrives is not our business any more.
            let _ = self.say(&message).await;
        }
        poll_fn(|cx| self.transport.poll_close(cx)).await;
    }
}
