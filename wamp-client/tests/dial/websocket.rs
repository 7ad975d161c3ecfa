//! Frames of a WebSocket server, right and wrong ones.

use std::future::poll_fn;

use bytes::Bytes;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use wamp_client::dial::Dialing;
use wamp_client::error::TransportError;
use wamp_client::proto::codec::Format;
use wamp_client::proto::subprotocol::Subprotocol;

use crate::support::scripted::{drain, header, server, upgrade, write};
use crate::support::{Wire, soon};

const JSON: &str = "Sec-WebSocket-Protocol: wamp.2.json\r\n";

/// A connection to a server that does this after the handshake.
async fn connected<F>(serve: impl Fn(TcpStream) -> F + Clone + Send + 'static) -> Wire
where
    F: Future<Output = ()> + Send + 'static,
{
    let address = server(move |mut stream| {
        let serve = serve.clone();
        async move {
            upgrade(&mut stream, JSON).await;
            serve(stream).await;
        }
    });
    let dialing = Dialing::new(format!("ws://{}", address.await))
        .subprotocols([Subprotocol::new(Format::Json)])
        .max_message(1000);
    Wire::dial(&dialing).await.expect("a connection")
}

/// What comes first after these bytes.
async fn after(bytes: &[u8]) -> Option<Result<Bytes, TransportError>> {
    let bytes = bytes.to_vec();
    let mut wire = connected(move |mut stream| {
        let bytes = bytes.clone();
        async move {
            write(&mut stream, &bytes).await;
            drain(&mut stream).await;
        }
    })
    .await;
    frame(&mut wire).await
}

async fn frame(wire: &mut Wire) -> Option<Result<Bytes, TransportError>> {
    soon("a frame", poll_fn(|cx| wire.transport.poll_receive(cx))).await
}

/// A short frame of the client, without its mask.
async fn masked(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await.expect("a frame");
    assert_eq!(head[1] & 0x80, 0x80, "clients mask");
    let mut mask = [0; 4];
    stream.read_exact(&mut mask).await.expect("a mask");
    let mut payload = vec![0; usize::from(head[1] & 0x7f)];
    stream.read_exact(&mut payload).await.expect("a payload");
    let bytes = payload.iter().zip(mask.iter().cycle());
    (head[0], bytes.map(|(byte, mask)| byte ^ mask).collect())
}

#[tokio::test]
async fn messages_come_whole_or_in_fragments() {
    for bytes in [
        &b"\x81\x02hi"[..],
        b"\x01\x01h\x80\x01i",
        b"\x01\x00\x00\x01h\x89\x01x\x80\x01i",
        b"\x8a\x01x\x81\x02hi",
    ] {
        let received = after(bytes).await.expect("a message");
        assert_eq!(&received.expect("it is right")[..], b"hi");
    }
    let long = [b"\x81\x7e\x03\xe8".to_vec(), vec![b'x'; 1000]].concat();
    let received = after(&long).await.expect("a message");
    assert_eq!(received.expect("it is right").len(), 1000);
}

#[tokio::test]
async fn what_is_wrong_ends_the_connection() {
    for (bytes, expected) in [
        (&b"\x82\x02hi"[..], "binary message, but text was agreed on"),
        (b"\x81\x7e\x03\xe9", "limit of 1000 bytes"),
        (
            b"\x81\x7f\x00\x00\x00\xff\xff\xff\xff\xff",
            "limit of 1000 bytes",
        ),
        (b"\x81\x01\xff", "UTF-8"),
        (b"\x81\x82abcdhi", "masked"),
        (b"\xc1\x02hi", "Reserved"),
        (b"\x83\x02hi", "invalid opcode"),
        (b"\x80\x02hi", "nothing to continue"),
        (b"\x88\x02\x03\xea", "with code 1002"),
        (b"\x88\x06\x03\xf1long", "with code 1009: long"),
    ] {
        let error = after(bytes).await.expect("something").expect_err("wrong");
        let error = error.to_string();
        assert!(error.contains(expected), "{bytes:?}: {error}");
    }
    let fragments = [
        vec![1, 126, 2, 88],
        vec![b'x'; 600],
        vec![128, 126, 2, 88],
        vec![b'x'; 600],
    ];
    let error = after(&fragments.concat()).await.expect("something");
    assert!(matches!(
        error,
        Err(TransportError::TooLarge { limit: 1000 })
    ));
}

#[tokio::test]
async fn a_proper_end_is_none_and_a_broken_one_an_error() {
    for bytes in [&b"\x88\x00"[..], b"\x88\x02\x03\xe8", b"\x88\x02\x03\xe9"] {
        assert!(after(bytes).await.is_none());
    }
    for bytes in [&b""[..], b"\x81", b"\x81\x02h"] {
        let mut wire = connected(move |mut stream| async move {
            write(&mut stream, bytes).await;
        })
        .await;
        let error = frame(&mut wire).await.expect("something");
        assert!(matches!(error, Err(TransportError::Closed)), "{error:?}");
        assert!(frame(&mut wire).await.is_none(), "once is enough");
    }
}

#[tokio::test]
async fn pings_are_answered_by_a_client_that_only_waits() {
    let mut wire = connected(|mut stream| async move {
        for payload in ["", "x", &"y".repeat(125)] {
            let len = u8::try_from(payload.len()).expect("it is short");
            let ping = [&[0x89, len], payload.as_bytes()].concat();
            write(&mut stream, &ping).await;
            let pong = masked(&mut stream).await;
            assert_eq!(pong, (0x8a, payload.as_bytes().to_vec()));
        }
        write(&mut stream, b"\x81\x02ok").await;
        drain(&mut stream).await;
    })
    .await;
    let received = frame(&mut wire).await.expect("a message");
    assert_eq!(&received.expect("it is right")[..], b"ok");
}

#[tokio::test]
async fn pongs_are_counted() {
    let mut wire = connected(|mut stream| async move {
        for _ in 0..2 {
            let (code, payload) = masked(&mut stream).await;
            assert_eq!(code, 0x89);
            let len = u8::try_from(payload.len()).expect("it is short");
            write(&mut stream, &[&[0x8a, len], &payload[..]].concat()).await;
        }
        write(&mut stream, b"\x81\x02ok").await;
        drain(&mut stream).await;
    })
    .await;
    assert_eq!(wire.transport.pongs(), 0);
    for _ in 0..2 {
        assert!(wire.transport.ping());
    }
    let flushed = soon("a flush", poll_fn(|cx| wire.transport.poll_flush(cx)));
    flushed.await.expect("it is open");
    assert!(matches!(frame(&mut wire).await, Some(Ok(_))));
    assert_eq!(wire.transport.pongs(), 2);
}

#[tokio::test]
async fn what_is_asked_for_is_what_was_configured() {
    let (sender, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let address = server(move |mut stream| {
        let sender = sender.clone();
        async move {
            let request = upgrade(&mut stream, JSON).await;
            sender.send(request).expect("the test waits");
            drain(&mut stream).await;
        }
    })
    .await;
    let dialing = Dialing::new(format!("ws://jo%C3%AB:a%3Ab@{address}/a%20b?c=d"))
        .subprotocols([Format::Cbor, Format::Json].map(Subprotocol::new))
        .header("X-Custom", "one")
        .header("X-Custom", "two")
        .header("Origin", "https://example.com");
    Wire::dial(&dialing).await.expect("a connection");
    let request = requests.recv().await.expect("a request");
    assert!(
        request.starts_with("GET /a%20b?c=d HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("x-custom: one\r\nx-custom: two\r\n"),
        "{request}"
    );
    for (name, value) in [
        ("host", address.to_string().as_str()),
        ("origin", "https://example.com"),
        ("authorization", "Basic am/DqzphOmI="),
        ("sec-websocket-protocol", "wamp.2.cbor, wamp.2.json"),
        ("sec-websocket-version", "13"),
    ] {
        assert_eq!(header(&request, name), Some(value), "{name}");
    }
    let dialing = dialing.header("Host", "example.com");
    Wire::dial(&dialing).await.expect("a connection");
    let second = requests.recv().await.expect("a request");
    assert_eq!(header(&second, "host"), Some("example.com"));
    let key = |request| header(request, "sec-websocket-key").map(str::to_owned);
    assert_ne!(key(&request), key(&second));
}

#[tokio::test]
async fn a_client_closes_and_waits_for_the_other_side() {
    let (sender, mut closed) = tokio::sync::mpsc::unbounded_channel();
    let mut wire = connected(move |mut stream| {
        let sender = sender.clone();
        async move {
            let close = masked(&mut stream).await;
            // Messages on their way are passed over.
            write(&mut stream, b"\x81\x02hi\x88\x02\x03\xe8").await;
            sender.send(close).expect("the test waits");
        }
    })
    .await;
    wire.close().await;
    let close = closed.recv().await.expect("a frame");
    assert_eq!(close, (0x88, vec![0x03, 0xe8]));
}

#[tokio::test]
async fn a_client_answers_when_it_is_closed() {
    let (sender, mut answered) = tokio::sync::mpsc::unbounded_channel();
    let mut wire = connected(move |mut stream| {
        let sender = sender.clone();
        async move {
            write(&mut stream, b"\x88\x02\x03\xe8").await;
            let answer = masked(&mut stream).await;
            sender.send(answer).expect("the test waits");
        }
    })
    .await;
    assert!(frame(&mut wire).await.is_none());
    wire.close().await;
    let answer = answered.recv().await.expect("a frame");
    assert_eq!(answer, (0x88, vec![0x03, 0xe8]));
}
