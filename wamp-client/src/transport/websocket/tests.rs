//! How often is written.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{SinkExt as _, StreamExt as _};
use http::header::HeaderMap;
use tokio::io::{DuplexStream, ReadBuf, duplex};
use tokio_tungstenite::accept_hdr_async;
use wamp_proto::codec::Format;

use super::*;

/// Counts what is written.
struct Counted {
    stream: DuplexStream,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        if written.is_ready() {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A client, how often it has written, and the server that it is connected to.
async fn connected(
    room: usize,
) -> (
    WebSocket<Counted>,
    Arc<AtomicUsize>,
    WebSocketStream<DuplexStream>,
) {
    let (near, far) = duplex(room);
    let writes = Arc::new(AtomicUsize::new(0));
    let stream = Counted {
        stream: near,
        writes: Arc::clone(&writes),
    };
    let json = Subprotocol::new(Format::Json);
    let upgrade = Upgrade::new("localhost", "/", HeaderMap::new(), vec![json], 1 << 24);
    let upgrade = upgrade.expect("it makes sense");
    #[expect(
        clippy::result_large_err,
        reason = "it is the type that tungstenite wants"
    )]
    let accepted = accept_hdr_async(far, |_: &_, mut response: http::Response<()>| {
        let name = http::HeaderValue::from_static("wamp.2.json");
        response
            .headers_mut()
            .insert(http::header::SEC_WEBSOCKET_PROTOCOL, name);
        Ok(response)
    });
    let (client, server) = tokio::join!(upgrade.connect(stream, "nowhere"), accepted);
    writes.store(0, Ordering::Relaxed);
    (
        client.expect("a good answer"),
        writes,
        server.expect("a good request"),
    )
}

async fn flush(client: &mut WebSocket<Counted>) {
    let flushed = poll_fn(|cx| client.poll_flush(cx)).await;
    flushed.expect("it is open");
}

#[tokio::test]
async fn many_messages_are_written_at_once() {
    let (mut client, writes, mut server) = connected(1 << 20).await;
    for _ in 0..1000 {
        client
            .send(Bytes::from_static(b"message"))
            .expect("it is open");
    }
    assert_eq!(
        writes.load(Ordering::Relaxed),
        0,
        "nothing before the flush"
    );
    flush(&mut client).await;
    assert_eq!(writes.load(Ordering::Relaxed), 1);
    for _ in 0..1000 {
        let message = server.next().await.expect("a message").expect("a good one");
        assert_eq!(message, Message::text("message"));
    }
}

#[tokio::test]
async fn what_comes_and_goes_is_counted() {
    let (mut client, _, mut server) = connected(1 << 20).await;
    let begin = client.traffic();
    client.send(Bytes::from_static(b"message")).expect("open");
    flush(&mut client).await;
    // A header of two bytes, and a mask of four.
    assert_eq!(client.traffic().sent - begin.sent, 13);
    server.send(Message::text("answer")).await.expect("open");
    let answer = poll_fn(|cx| client.poll_receive(cx)).await;
    assert_eq!(answer.expect("one").expect("good"), "answer");
    assert_eq!(client.traffic().received - begin.received, 8);
}

#[tokio::test]
async fn a_peer_that_does_not_read_yet_loses_nothing() {
    let (mut client, writes, mut server) = connected(1000).await;
    let long = "ö".repeat(500_000);
    for _ in 0..20_000 {
        client.send(Bytes::from_static(b"1")).expect("it is open");
    }
    client
        .send(long.clone().into_bytes().into())
        .expect("it is open");
    assert!(client.ping());
    assert_eq!(
        writes.load(Ordering::Relaxed),
        0,
        "nothing before the flush"
    );
    let reading = async {
        let mut received = Vec::new();
        while received.len() < 20_001 {
            match server.next().await.expect("more").expect("a good one") {
                Message::Text(text) => received.push(text.as_str().to_owned()),
                other => assert!(other.is_ping(), "{other:?}"),
            }
        }
        received
    };
    let (received, ()) = tokio::join!(reading, flush(&mut client));
    assert!(received[..20_000].iter().all(|it| it == "1"));
    assert!(received[20_000] == long);
}
