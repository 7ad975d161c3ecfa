//! Whatever is cut wherever comes out as it went in.

use std::future::poll_fn;

use futures_util::FutureExt as _;
use proptest::prelude::*;
use wamp_proto::codec::Format;
use wamp_proto::rawsocket::MaxLength;

use super::*;
use crate::transport::hesitant::Hesitant;

#[derive(Clone, Debug)]
struct Sent {
    kind: FrameKind,
    payload: Vec<u8>,
}

fn bytes(frames: &[Sent]) -> Vec<u8> {
    let frames = frames.iter().flat_map(|Sent { kind, payload }| {
        let header = FrameHeader::new(*kind, payload.len()).expect("it fits");
        [header.octets().to_vec(), payload.clone()].concat()
    });
    frames.collect()
}

fn frames() -> impl Strategy<Value = Vec<Sent>> {
    let kind = prop_oneof![
        3 => Just(FrameKind::Message),
        1 => Just(FrameKind::Ping),
        1 => Just(FrameKind::Pong),
    ];
    let len = prop_oneof![4 => 0..20_usize, 1 => 16_380..16_390_usize, 1 => 30_000..50_000_usize];
    let frame = (kind, len, any::<u8>()).prop_map(|(kind, len, byte)| Sent {
        kind,
        payload: vec![byte; len],
    });
    prop::collection::vec(frame, 0..12)
}

/// Rarely nothing but zeros, with which nothing would ever move.
fn steps() -> impl Strategy<Value = Vec<usize>> {
    let step = prop_oneof![Just(0), Just(1), 1..10_usize, 1000..20_000_usize];
    prop::collection::vec(step, 0..6).prop_map(|mut steps| {
        if steps.iter().all(|it| *it == 0) {
            steps.clear();
        }
        steps
    })
}

fn connection(stream: Hesitant) -> RawSocket<Hesitant> {
    let reply = [0x7f, 0xf1, 0, 0];
    let mut stream = stream;
    for octet in reply.into_iter().rev() {
        stream.input.push_front(octet);
    }
    let connected = run(connect(stream, Format::Json, MaxLength::MAX, "nowhere"));
    match connected {
        Ok(connection) => connection,
        Err(_) => panic!("the reply is a good one"),
    }
}

/// Polls until it is done: the stream wakes whoever waits for it.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    loop {
        if let Some(output) = future.as_mut().now_or_never() {
            return output;
        }
    }
}

proptest! {
    #[test]
    fn frames_arrive_wherever_they_are_cut(sent in frames(), steps in steps(), cut in any::<bool>()) {
        let mut stream = Hesitant::new(steps);
        let mut input = bytes(&sent);
        if cut {
            input.pop();
        }
        stream.input = input.into();
        let mut connection = connection(stream);
        let mut received = Vec::new();
        let end = loop {
            match run(poll_fn(|cx| connection.poll_receive(cx))) {
                Some(Ok(message)) => received.push(message.to_vec()),
                end => break end,
            }
        };
        let complete = &sent[..sent.len() - usize::from(cut && !sent.is_empty())];
        let of_kind = |kind| complete.iter().filter(move |it| it.kind == kind);
        let messages = of_kind(FrameKind::Message).map(|it| it.payload.clone());
        prop_assert_eq!(received, messages.collect::<Vec<_>>());
        let length = u64::try_from(bytes(&sent).len()).expect("it is short") - u64::from(cut && !sent.is_empty());
        prop_assert_eq!(connection.traffic().received, length);
        prop_assert_eq!(connection.pongs(), of_kind(FrameKind::Pong).count() as u64);
        let pongs = of_kind(FrameKind::Ping).map(|it| Sent { kind: FrameKind::Pong, ..it.clone() });
        let request = [0x7f, 0xf1, 0, 0].to_vec();
        prop_assert!(connection.stream.output == [request, bytes(&pongs.collect::<Vec<_>>())].concat());
        match end {
            None => prop_assert!(!cut || sent.is_empty()),
            Some(end) => prop_assert!(cut && matches!(end, Err(TransportError::Closed)), "{end:?}"),
        }
    }

    #[test]
    fn frames_leave_whatever_is_taken(sent in frames(), steps in steps(), flushes in any::<u16>()) {
        let mut connection = connection(Hesitant::new(steps));
        connection.stream.output.clear();
        for (at, frame) in sent.iter().enumerate() {
            connection.push(frame.kind, frame.payload.clone().into()).expect("it fits");
            if flushes >> at & 1 == 1 {
                // It may stop anywhere.
                let _ = poll_fn(|cx| connection.poll_flush(cx)).now_or_never();
            }
        }
        run(poll_fn(|cx| connection.poll_flush(cx))).expect("it is open");
        prop_assert!(connection.stream.output == bytes(&sent));
        prop_assert_eq!(connection.traffic().sent, u64::try_from(bytes(&sent).len()).expect("it is short"));
    }
}

#[test]
fn many_messages_are_written_at_once() {
    let mut connection = connection(Hesitant::default());
    connection.stream.writes = 0;
    for _ in 0..1000 {
        connection
            .send(Bytes::from_static(b"message"))
            .expect("it is open");
    }
    assert_eq!(connection.stream.writes, 0, "nothing before the flush");
    run(poll_fn(|cx| connection.poll_flush(cx))).expect("it is open");
    assert_eq!(connection.stream.writes, 1);
}
