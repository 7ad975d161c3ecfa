//! Messages on a transport, and sessions that are opened by hand.

use std::future::poll_fn;

use bytes::BytesMut;
use wamp_client::Id;
use wamp_client::auth::Credentials;
use wamp_client::dial::Dialing;
use wamp_client::error::{ConnectError, TransportError};
use wamp_client::proto::message::details::{CallOptions, HelloDetails, WelcomeDetails};
use wamp_client::proto::message::{Call, Features, Hello, Message, Roles};
use wamp_client::proto::payload::Payload;
use wamp_client::transport::{Connect as _, Transport};

use super::soon;

/// The sessions of most tests belong to this realm.
pub(crate) const REALM: &str = "realm1";

/// A transport, with one message in each frame.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) transport: Box<dyn Transport>,
}

impl Wire {
    pub(crate) async fn dial(dialing: &Dialing) -> Result<Self, ConnectError> {
        let dialer = dialing.dialer()?;
        let transport = soon("a connection", dialer.connect()).await?;
        Ok(Self { transport })
    }

    pub(crate) async fn send(&mut self, message: &Message) -> Result<(), TransportError> {
        let subprotocol = self.transport.subprotocol();
        let mut frame = BytesMut::new();
        let begin = subprotocol.batch_begin(&mut frame);
        message
            .encode(subprotocol.format, &mut frame)
            .expect("it can be written");
        subprotocol
            .batch_end(&mut frame, begin)
            .expect("it fits into a batch");
        self.transport.send(frame.freeze())?;
        soon("a flush", poll_fn(|cx| self.transport.poll_flush(cx))).await
    }

    /// The next message; `None` when the peer has closed the connection.
    pub(crate) async fn receive(&mut self) -> Option<Result<Message, TransportError>> {
        let frame = soon("a frame", poll_fn(|cx| self.transport.poll_receive(cx))).await?;
        let subprotocol = self.transport.subprotocol();
        Some(frame.map(|frame| {
            let mut batch = subprotocol.split_batch(&frame).expect("a batch");
            let message = batch.next().expect("a message");
            Message::decode(subprotocol.format, &message).expect("a message")
        }))
    }

    pub(crate) async fn hears(&mut self) -> Message {
        let received = self.receive().await;
        received.expect("it is open").expect("it works")
    }

    /// Calls `test.echo`, and gives what it says.
    pub(crate) async fn echo(&mut self, text: &str) -> String {
        let format = self.transport.subprotocol().format;
        let call = Call {
            request: Id::MIN,
            options: CallOptions::default(),
            procedure: "test.echo".into(),
            payload: Payload::from_value(format, text).expect("a text"),
        };
        let sent = self.send(&Message::Call(call)).await;
        sent.expect("it is open");
        let Message::Result(result) = self.hears().await else {
            panic!("no RESULT");
        };
        let (text,) = result.payload.decode_args::<(String,)>().expect("a text");
        text
    }

    pub(crate) async fn close(&mut self) {
        soon("the end", poll_fn(|cx| self.transport.poll_close(cx))).await;
    }
}

/// A session, or why there is none.
pub(crate) async fn open(dialing: &Dialing) -> Result<(Wire, WelcomeDetails), ConnectError> {
    let mut wire = Wire::dial(dialing).await?;
    let channel_id = wire.transport.channel_id();
    let welcome = open_over(&mut wire, dialing.credentials(), channel_id).await?;
    Ok((wire, welcome))
}

/// The same over a connection that there is, whose channel has this id, or is believed to.
pub(crate) async fn open_over(
    wire: &mut Wire,
    credentials: &Credentials,
    channel_id: Option<[u8; 32]>,
) -> Result<WelcomeDetails, ConnectError> {
    let mut attempt = credentials.start(channel_id)?;
    let mut details = HelloDetails {
        roles: Roles {
            caller: Some(Features::default()),
            ..Roles::default()
        },
        ..HelloDetails::default()
    };
    attempt.hello(&mut details);
    let hello = Hello {
        realm: REALM.into(),
        details: Box::new(details),
    };
    wire.send(&Message::Hello(hello)).await?;
    loop {
        match wire.receive().await.ok_or(TransportError::Closed)?? {
            Message::Challenge(challenge) => {
                let answer = attempt.answer(&challenge).await?;
                wire.send(&Message::Authenticate(answer)).await?;
            }
            Message::Welcome(welcome) => {
                attempt.verify(&welcome.details)?;
                return Ok(*welcome.details);
            }
            Message::Abort(abort) => {
                return Err(ConnectError::Abort {
                    reason: abort.reason,
                    message: abort.details.message,
                });
            }
            other => panic!("unexpected: {other:?}"),
        }
    }
}
