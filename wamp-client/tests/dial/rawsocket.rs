//! A RawSocket server, right and wrong, octet by octet.

use std::future::poll_fn;

use bytes::Bytes;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use wamp_client::dial::Dialing;
use wamp_client::error::{ConnectError, TransportError};
use wamp_client::proto::codec::Format;
use wamp_client::proto::subprotocol::Subprotocol;

use crate::support::scripted::{drain, server, write};
use crate::support::{Wire, soon};

async fn octets(stream: &mut TcpStream) -> [u8; 4] {
    let mut octets = [0; 4];
    stream.read_exact(&mut octets).await.expect("four octets");
    octets
}

fn dialing(address: std::net::SocketAddr) -> Dialing {
    Dialing::new(format!("rs://{address}"))
        .subprotocols([Subprotocol::new(Format::Json)])
        .max_message(1000)
}

/// A connection to a server that takes 1024 bytes and does this after the handshake.
async fn connected<F>(serve: impl Fn(TcpStream) -> F + Clone + Send + 'static) -> Wire
where
    F: Future<Output = ()> + Send + 'static,
{
    let address = server(move |mut stream| {
        let serve = serve.clone();
        async move {
            // 512 bytes is the largest power of two that is not above 1000.
            assert_eq!(octets(&mut stream).await, [0x7f, 0x01, 0, 0]);
            write(&mut stream, &[0x7f, 0x11, 0, 0]).await;
            serve(stream).await;
        }
    });
    let wire = Wire::dial(&dialing(address.await)).await;
    wire.expect("a connection")
}

async fn frame(wire: &mut Wire) -> Option<Result<Bytes, TransportError>> {
    soon("a frame", poll_fn(|cx| wire.transport.poll_receive(cx))).await
}

/// What comes first after these bytes.
async fn after(bytes: &[u8]) -> Option<Result<Bytes, TransportError>> {
    let bytes = bytes.to_vec();
    let mut wire = connected(move |mut stream| {
        let bytes = bytes.clone();
        async move { write(&mut stream, &bytes).await }
    })
    .await;
    frame(&mut wire).await
}

#[tokio::test]
async fn refusals_are_told() {
    for (reply, expected) in [
        (&[0x7f, 0x10, 0, 0][..], "the serializer is not supported"),
        (
            &[0x7f, 0x20, 0, 0],
            "the maximum length of messages is not acceptable",
        ),
        (&[0x7f, 0x30, 0, 0], "reserved bits are set"),
        (&[0x7f, 0x40, 0, 0], "there are too many connections"),
        (&[0x7f, 0x50, 0, 0], "unknown reason 5"),
        (
            &[0x7f, 0xf2, 0, 0],
            "serializer 1 was asked for, but 2 is answered",
        ),
        (&[0x7f, 0xf1, 0, 1], "reserved bits of the handshake"),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "does the server speak RawSocket",
        ),
        (&[], "closed the connection instead of answering"),
        (
            &[0x7f, 0xf1, 0],
            "closed the connection instead of answering",
        ),
    ] {
        let address = server(move |mut stream| async move {
            octets(&mut stream).await;
            write(&mut stream, reply).await;
        });
        let error = Wire::dial(&dialing(address.await)).await;
        let ConnectError::Handshake(error) = error.expect_err("it is refused") else {
            panic!("not told");
        };
        assert!(error.contains(expected), "{reply:?}: {error}");
    }
}

/// In the order of preference, each once and each on a connection of its own.
#[tokio::test]
async fn all_serializers_are_tried() {
    let (sender, mut asked) = tokio::sync::mpsc::unbounded_channel();
    let address = server(move |mut stream| {
        let sender = sender.clone();
        async move {
            let request = octets(&mut stream).await;
            sender.send(request[1] & 0x0f).expect("the test waits");
            write(&mut stream, &[0x7f, 0x10, 0, 0]).await;
        }
    })
    .await;
    let formats = [Format::Cbor, Format::Json, Format::MsgPack];
    let dialing = dialing(address).subprotocols(formats.map(Subprotocol::new));
    assert!(Wire::dial(&dialing).await.is_err());
    for expected in [3, 1, 2] {
        assert_eq!(asked.try_recv(), Ok(expected));
    }
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn messages_of_all_lengths_come() {
    for bytes in [
        &b"\x00\x00\x00\x02hi"[..],
        b"\x02\x00\x00\x01x\x00\x00\x00\x02hi",
    ] {
        let received = after(bytes).await.expect("a message");
        assert_eq!(&received.expect("it is right")[..], b"hi");
    }
    let received = after(&[0; 4]).await.expect("a message");
    assert!(received.expect("it is right").is_empty());
    let longest = [b"\x00\x00\x02\x00".to_vec(), vec![b'x'; 512]].concat();
    let received = after(&longest).await.expect("a message");
    assert_eq!(received.expect("it is right").len(), 512);
}

#[tokio::test]
async fn what_is_wrong_ends_the_connection() {
    for (bytes, expected) in [
        (&b"\x00\x00\x02\x01"[..], "limit of 512 bytes"),
        (b"\x08\x00\x00\x00", "limit of 512 bytes"),
        (b"\x01\x00\x02\x01", "limit of 512 bytes"),
        (b"\x08\x00\x00\x01", "more than 2^24"),
        (b"\x10\x00\x00\x00", "reserved bits"),
        (b"\x03\x00\x00\x00", "no frame of type 3"),
        (b"HTTP/1.1", "reserved bits"),
    ] {
        let error = after(bytes).await.expect("something").expect_err("wrong");
        let error = error.to_string();
        assert!(error.contains(expected), "{bytes:?}: {error}");
    }
    for bytes in [&b"\x00"[..], b"\x00\x00\x00", b"\x00\x00\x00\x02h"] {
        let error = after(bytes).await.expect("something");
        assert!(matches!(error, Err(TransportError::Closed)), "{error:?}");
    }
    assert!(after(b"").await.is_none());
}

#[tokio::test]
async fn pings_are_answered_by_a_client_that_only_waits() {
    let mut wire = connected(|mut stream| async move {
        for payload in ["", "x", &"y".repeat(512)] {
            let [.., high, low] = payload.len().to_be_bytes();
            write(
                &mut stream,
                &[&[1, 0, high, low], payload.as_bytes()].concat(),
            )
            .await;
            assert_eq!(octets(&mut stream).await, [2, 0, high, low]);
            let mut echoed = vec![0; payload.len()];
            stream.read_exact(&mut echoed).await.expect("a payload");
            assert_eq!(echoed, payload.as_bytes());
        }
        write(&mut stream, b"\x00\x00\x00\x02ok").await;
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
            assert_eq!(octets(&mut stream).await, [1, 0, 0, 0]);
            write(&mut stream, &[2, 0, 0, 0]).await;
        }
        write(&mut stream, b"\x00\x00\x00\x02ok").await;
        drain(&mut stream).await;
    })
    .await;
    for _ in 0..2 {
        assert!(wire.transport.ping());
    }
    let flushed = soon("a flush", poll_fn(|cx| wire.transport.poll_flush(cx)));
    flushed.await.expect("it is open");
    assert!(matches!(frame(&mut wire).await, Some(Ok(_))));
    assert_eq!(wire.transport.pongs(), 2);
}

#[tokio::test]
async fn the_peers_limit_is_kept() {
    let mut wire = connected(|mut stream| async move { drain(&mut stream).await }).await;
    assert_eq!(wire.transport.peer_max_message(), 1024);
    assert!(wire.transport.send(vec![0; 1024].into()).is_ok());
    let error = wire.transport.send(vec![0; 1025].into());
    assert!(matches!(
        error,
        Err(TransportError::TooLargeForPeer { limit: 1024 })
    ));
    wire.close().await;
}

#[tokio::test]
async fn what_was_written_last_arrives() {
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let mut wire = connected(move |mut stream| {
        let sender = sender.clone();
        async move {
            // Nobody reads this.
            write(&mut stream, b"\x00\x00\x00\x02hi").await;
            let mut all = Vec::new();
            let read = stream.read_to_end(&mut all).await;
            sender.send(read.map(|_| all)).expect("the test waits");
        }
    })
    .await;
    let bye = wire.transport.send(Bytes::from_static(b"bye"));
    bye.expect("it is open");
    wire.close().await;
    let heard = heard.recv().await.expect("a word");
    assert_eq!(heard.expect("it is whole"), b"\x00\x00\x00\x03bye");
}
