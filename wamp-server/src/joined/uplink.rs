//! The way out: what functions publish, call and subscribe to goes through our client to the router.

use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use bytes::BytesMut;
use bytestring::ByteString;
use futures_util::stream;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use wamp_client::host::{Link, Receiver};
use wamp_client::{CallError as ClientError, CallResult, Client, ProgressiveCall, WeakClient};
use wamp_proto::message::details::PublishOptions;
use wamp_proto::message::{Event, Message};
use wamp_proto::payload::Payload;
use wamp_proto::uri;
use wamp_uri::Match;

use crate::handler::CallError;
use crate::realm::upstream::{Answer, Answers, Listening, Uplink, Upward};
use crate::router::listener::{FORMAT, Listener};
use crate::session::SLOW_CONSUMER;

/// A client, which is not kept open by what it offers.
pub(super) struct ClientUplink {
    client: WeakClient,
    runtime: Handle,
}

impl ClientUplink {
    /// Must be called within a runtime.
    pub(super) fn new(client: &Client) -> Self {
        Self {
            client: client.downgrade(),
            runtime: Handle::current(),
        }
    }
}

impl Uplink for ClientUplink {
    fn publish(&self, topic: &str, options: PublishOptions, payload: Payload) -> bool {
        let Some(client) = self.client.upgrade() else {
            return false;
        };
        let publish = client.publish(topic).options(options).payload(payload);
        let sent = publish.send_now();
        if let Err(error) = &sent {
            tracing::debug!(topic, %error, "an event is not sent to the router");
        }
        sent.is_ok()
    }

    fn call(&self, call: Upward) -> Answers {
        let Upward {
            procedure,
            options,
            payload,
            timeout,
        } = call;
        let Some(client) = self.client.upgrade() else {
            let closed = Answer::Final(Err(failure(ClientError::Closed)));
            return Box::pin(stream::iter([closed]));
        };
        let reports = options.receive_progress;
        let call = client.call(procedure).options(options).payload(payload);
        let call = match timeout {
            Some(timeout) => call.timeout(timeout),
            None => call.no_timeout(),
        };
        if reports {
            let running = Some(Box::new(call.progress()));
            return Box::pin(stream::unfold(running, next));
        }
        Box::pin(stream::once(
            async move { Answer::Final(result(call.await)) },
        ))
    }

    fn listen(&self, topic: &ByteString, matching: Match, listener: &Arc<Listener>) -> Listening {
        let over = CancellationToken::new();
        if let Some(client) = self.client.upgrade() {
            let heard = Arc::new(Heard(Arc::downgrade(listener)));
            let listening = listen(client, topic.clone(), matching, heard);
            let over = over.clone();
            self.runtime.spawn(async move {
                let subscribed = tokio::select! {
                    biased;
                    () = over.cancelled() => return,
                    subscribed = listening => subscribed,
                };
                if let Some(subscribed) = subscribed {
                    over.cancelled().await;
                    // If the router does not answer, the session is about to end.
                    let _ = subscribed.unsubscribe().await;
                }
            });
        }
        Box::new(over.drop_guard())
    }

    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let link = self.client.upgrade().and_then(|it| it.link());
        link.map_or(Poll::Ready(()), |link| link.poll_room(cx))
    }
}

async fn next(
    running: Option<Box<ProgressiveCall>>,
) -> Option<(Answer, Option<Box<ProgressiveCall>>)> {
    let mut call = running?;
    match call.next().await {
        Some(progress) => Some((Answer::Progress(progress), Some(call))),
        None => Some((Answer::Final(result(call.result().await)), None)),
    }
}

fn result(result: Result<CallResult, ClientError>) -> Result<CallResult, CallError> {
    result.map_err(failure)
}

/// The same failure, as the server has it.
pub(super) fn failure(error: ClientError) -> CallError {
    match error {
        ClientError::Remote(error) => CallError::passed_on(error.uri(), error.payload()),
        ClientError::Timeout(_) => CallError::new(uri::TIMEOUT),
        // Nobody knows what has become of it.
        ClientError::Lost => CallError::new(uri::CANCELED),
        ClientError::NotConnected | ClientError::Closed => CallError::new(uri::NETWORK_FAILURE),
        ClientError::Overflow => CallError::new(SLOW_CONSUMER).arg("progress was not read in time"),
        ClientError::TooLarge { .. } => CallError::new(uri::PAYLOAD_SIZE_EXCEEDED),
        other => CallError::internal(other),
    }
}

/// Subscribes as soon as there is a session.
async fn listen(
    client: Client,
    topic: ByteString,
    matching: Match,
    heard: Arc<Heard>,
) -> Option<wamp_client::Subscribed> {
    loop {
        client.connected().await.ok()?;
        let subscribe = client.subscribe(topic.clone()).matching(matching);
        let heard = Arc::clone(&heard) as Arc<dyn Receiver>;
        match subscribe.receiver(heard).await {
            Ok(subscribed) => return Some(subscribed),
            Err(ClientError::Lost | ClientError::NotConnected) => {}
            Err(error) => {
                tracing::error!(topic = &*topic, %error, "the router refuses a subscription");
                return None;
            }
        }
    }
}

/// Server code that reads events.
struct Heard(Weak<Listener>);

impl Receiver for Heard {
    fn event(&self, _: &Link, event: Event) {
        let Some(listener) = self.0.upgrade() else {
            return;
        };
        let mut frame = BytesMut::new();
        match Message::Event(event).encode(FORMAT, &mut frame) {
            Ok(()) => listener.push(frame.freeze()),
            Err(error) => tracing::error!(%error, "an event cannot be passed on"),
        }
    }
}
