//! Four octets each way.

use std::time::Duration;

use wamp_server::Limits;
use wamp_server::proto::codec::Format;
use wamp_server::proto::subprotocol::Subprotocol;

use crate::support::raw::{MESSAGE, REQUEST, Raw, frame};
use crate::support::{Canary, Client, Running, app, hello, timeless};

const SERIALIZER_UNSUPPORTED: [u8; 4] = [0x7f, 0x10, 0, 0];
const LENGTH_UNACCEPTABLE: [u8; 4] = [0x7f, 0x20, 0, 0];
const RESERVED_BITS: [u8; 4] = [0x7f, 0x30, 0, 0];
const TOO_MANY_CONNECTIONS: [u8; 4] = [0x7f, 0x40, 0, 0];

/// All 256 second octets: a length and a serializer each.
#[tokio::test]
async fn every_length_and_every_serializer_has_its_answer() {
    let server = Running::default().await;
    let mut refused = 0;
    for second in 0..=u8::MAX {
        let mut raw = Raw::connect(server.address).await;
        let expected = match (second >> 4, second & 0x0f) {
            (0, 1..=3) => LENGTH_UNACCEPTABLE,
            // 1 MiB, 2^20, is what the server takes.
            (_, serializer @ 1..=3) => [0x7f, 0xb0 | serializer, 0, 0],
            _ => SERIALIZER_UNSUPPORTED,
        };
        assert_eq!(raw.ask([0x7f, second, 0, 0]).await, expected, "{second:#x}");
        refused += u64::from(expected[1] & 0x0f == 0);
        raw.leave().await;
    }
    assert_eq!(server.stats().refused_rawsockets, refused);
    server.rest().await;
}

#[tokio::test]
async fn reserved_bits_are_refused() {
    let server = Running::default().await;
    for bit in 0..16 {
        let [third, fourth] = (1_u16 << bit).to_be_bytes();
        let mut raw = Raw::connect(server.address).await;
        assert_eq!(raw.ask([0x7f, 0xf1, third, fourth]).await, RESERVED_BITS);
        raw.leave().await;
    }
    assert_eq!(server.stats().refused_rawsockets, 16);
    server.rest().await;
}

#[tokio::test]
async fn what_is_advertised_is_the_limit_rounded_down() {
    for (max_message, advertised) in [
        (1024, 1024),
        (1_000_000, 1 << 19),
        (1 << 24, 1 << 24),
        (64 << 20, 1 << 24),
    ] {
        let limits = Limits {
            max_message,
            max_without_message: 65 << 20,
            ..timeless()
        };
        let server = Running::with(limits).await;
        let mut raw = Raw::connect(server.address).await;
        assert_eq!(raw.handshake(REQUEST).await, advertised);
        raw.leave().await;
        server.rest().await;
    }
}

#[tokio::test]
async fn only_serializers_that_are_offered_unbatched_are_spoken() {
    let offered = [
        Subprotocol::batched(Format::Json),
        Subprotocol::new(Format::MsgPack),
    ];
    let server = Running::new(app().limits(timeless()).subprotocols(offered)).await;
    for (serializer, spoken) in [(1, false), (2, true), (3, false)] {
        let mut raw = Raw::connect(server.address).await;
        let reply = raw.ask([0x7f, 0xf0 | serializer, 0, 0]).await;
        assert_eq!(reply != SERIALIZER_UNSUPPORTED, spoken);
        raw.leave().await;
    }
    server.rest().await;
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let limits = Limits {
        max_connections: 1,
        ..timeless()
    };
    let server = Running::with(limits).await;
    let first = Raw::joined(server.address).await;
    let mut second = Raw::connect(server.address).await;
    assert_eq!(second.ask(REQUEST).await, TOO_MANY_CONNECTIONS);
    second.leave().await;
    first.leave().await;
    server.idle().await;
    Raw::joined(server.address).await.leave().await;
    server.rest().await;
}

/// The kernel would reset a connection that is closed while something waits to be read, and the answer might be lost.
#[tokio::test]
async fn a_refusal_is_read_even_by_those_who_do_not_wait_for_it() {
    let server = Running::default().await;
    for _ in 0..100 {
        let mut raw = Raw::connect(server.address).await;
        let mut bytes = vec![0x7f, 0xf9, 0, 0];
        for _ in 0..100 {
            bytes.extend(frame(MESSAGE, hello().to_string()));
        }
        raw.bytes.send(bytes).await;
        assert_eq!(raw.reply().await, SERIALIZER_UNSUPPORTED);
        raw.leave().await;
    }
    server.rest().await;
}

#[tokio::test]
async fn a_message_may_come_with_the_handshake() {
    let server = Running::default().await;
    let mut raw = Raw::connect(server.address).await;
    let mut bytes = REQUEST.to_vec();
    bytes.extend(frame(MESSAGE, hello().to_string()));
    raw.bytes.send(bytes).await;
    raw.reply().await;
    assert_eq!(raw.message().await[0], 2);
    raw.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn half_a_handshake_is_not_waited_for() {
    let limits = Limits {
        handshake_timeout: Duration::from_millis(300),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let mut clients = Vec::new();
    for len in 0..4 {
        let mut client = Client::connect(server.address).await;
        client.send(&REQUEST[..len]).await;
        clients.push(client);
    }
    for mut client in clients {
        assert_eq!(client.rest().await, b"");
    }
    assert_eq!(server.stats().limits_hit, 4);
    canary.stop().await;
    server.rest().await;
}

/// Who has shaken hands and says nothing has no more time than others.
#[tokio::test]
async fn a_client_that_never_says_hello_is_aborted_in_time() {
    let limits = Limits {
        hello_timeout: Duration::from_millis(300),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut raw = Raw::open(server.address).await;
    raw.is_aborted("wamp.error.protocol_violation").await;
    server.rest().await;
}

#[tokio::test]
async fn it_can_be_turned_off() {
    let server = Running::new(app().limits(timeless()).rawsocket(false)).await;
    let mut client = Client::connect(server.address).await;
    client.send(REQUEST).await;
    client.send("\r\n\r\n").await;
    let answer = client.rest().await;
    assert!(answer.starts_with(b"HTTP/1.1 400 "), "{answer:?}");
    Client::joined(server.address).await.leave().await;
    assert_eq!(server.stats().refused_rawsockets, 0);
    server.rest().await;
}
