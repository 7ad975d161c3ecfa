//! How connections to this project's router end.

use bytes::Bytes;
use wamp_client::dial::Dialing;
use wamp_client::error::TransportError;
use wamp_client::proto::message::details::GoodbyeDetails;
use wamp_client::proto::message::{Goodbye, Message};

use crate::support::{Running, app, open};

#[tokio::test]
async fn after_goodbye_both_sides_close() {
    let server = Running::new(app()).await;
    for scheme in ["ws", "rs"] {
        let dialing = Dialing::new(server.url(scheme));
        let (mut wire, _) = open(&dialing).await.expect("a session");
        let goodbye = Goodbye {
            details: GoodbyeDetails::default(),
            reason: "wamp.close.close_realm".into(),
        };
        let sent = wire.send(&Message::Goodbye(goodbye)).await;
        sent.expect("it is open");
        assert!(matches!(wire.hears().await, Message::Goodbye(_)));
        wire.close().await;
    }
}

#[tokio::test]
async fn a_router_that_closes_because_of_an_error_says_which() {
    let server = Running::new(app()).await;
    let dialing = Dialing::new(server.url("ws"));
    let (mut wire, _) = open(&dialing).await.expect("a session");
    wire.transport
        .send(Bytes::from_static(b"nonsense"))
        .expect("it is open");
    let flush = std::future::poll_fn(|cx| wire.transport.poll_flush(cx));
    flush.await.expect("it is open");
    let mut last = None;
    while let Some(Ok(message)) = wire
        .receive()
        .await
        .inspect(|it| last = Some(format!("{it:?}")))
    {
        assert!(matches!(message, Message::Abort(_)), "{message:?}");
    }
    let last = last.expect("something");
    assert!(last.contains("ClosedWith { code: 1002"), "{last}");
    wire.close().await;
}

#[tokio::test]
async fn a_message_that_is_too_long_for_the_router_is_known_to_be() {
    let limits = wamp_server::Limits {
        max_message: 100_000,
        ..wamp_server::Limits::default()
    };
    let server = Running::new(app().limits(limits)).await;
    let (mut wire, _) = open(&Dialing::new(server.url("rs")))
        .await
        .expect("a session");
    assert_eq!(wire.transport.peer_max_message(), 65_536);
    let error = wire.transport.send(vec![b' '; 65_537].into());
    assert!(matches!(
        error,
        Err(TransportError::TooLargeForPeer { limit: 65_536 })
    ));
    assert_eq!(wire.echo("still there").await, "still there");
}
