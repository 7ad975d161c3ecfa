//! Small messages that would like to be large, or deep.

use serde_json::json;
use wamp_server::Limits;

use crate::support::{Canary, Client, Frame, Running, timeless};

/// A format by its bytes.
struct Format {
    subprotocol: &'static str,
    binary: bool,
    /// CALL of `test.add` up to the beginning of its Arguments.
    call: &'static [u8],
    /// HELLO up to the beginning of its Details.
    hello: &'static [u8],
    /// The whole HELLO.
    greeting: &'static [u8],
    /// Openers of nested values, each with one place for another.
    nests: &'static [&'static [u8]],
    /// Values that say that they are huge.
    giants: &'static [&'static [u8]],
}

const FORMATS: [Format; 3] = [
    Format {
        subprotocol: "wamp.2.json",
        binary: false,
        call: br#"[48,1,{},"test.add","#,
        hello: br#"[1,"realm","#,
        greeting: br#"[1,"realm",{"roles":{"caller":{}}}]"#,
        nests: &[b"[", b"[[],", b"{\"\":", b"{\"a\":{},\"b\":"],
        giants: &[
            b"[1e",
            b"[\"\\u",
            b"[-",
            b"[0x",
            b"[00]]",
            b"[1.]]",
            b"[\"\0\"]]",
        ],
    },
    Format {
        subprotocol: "wamp.2.msgpack",
        binary: true,
        call: b"\x95\x30\x01\x80\xa8test.add",
        hello: b"\x93\x01\xa5realm",
        greeting: b"\x93\x01\xa5realm\x81\xa5roles\x81\xa6caller\x80",
        nests: &[
            b"\x91",
            b"\x92\x90",
            b"\x81\xa0",
            b"\x81\x01",
            b"\xdc\x00\x01",
            b"\xdd\x00\x00\x00\x01",
            b"\xdf\x00\x00\x00\x01\xa1a",
        ],
        giants: &[
            b"\xdd\xff\xff\xff\xff",
            b"\xdc\xff\xff",
            b"\xdf\xff\xff\xff\xff",
            b"\xde\xff\xff",
            b"\xdb\xff\xff\xff\xff",
            b"\xda\xff\xff",
            b"\xc6\xff\xff\xff\xff",
            b"\xc9\xff\xff\xff\xff\x01",
            b"\x91\xdb\x7f\xff\xff\xff",
            b"\xc1",
        ],
    },
    Format {
        subprotocol: "wamp.2.cbor",
        binary: true,
        call: b"\x85\x18\x30\x01\xa0\x68test.add",
        hello: b"\x83\x01\x65realm",
        greeting: b"\x83\x01\x65realm\xa1\x65roles\xa1\x66caller\xa0",
        nests: &[
            b"\x81",
            b"\x9f",
            b"\x82\x80",
            b"\xa1\x60",
            b"\xbf\x60",
            b"\xc1",
            b"\xd8\x40",
            b"\x9b\x00\x00\x00\x00\x00\x00\x00\x01",
        ],
        giants: &[
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
            b"\x9a\xff\xff\xff\xff",
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x7b\x00\x00\x00\x00\x7f\xff\xff\xff",
            b"\x5f\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x81\x9a\x00\xff\xff\xff",
            b"\x1c",
            b"\xff",
        ],
    },
];

impl Format {
    fn frame(&self, payload: Vec<u8>) -> Frame {
        if self.binary {
            Frame::binary(payload)
        } else {
            Frame::text(payload)
        }
    }

    async fn joined(&self, server: &Running) -> Client {
        let mut client = Client::upgraded(server.address, self.subprotocol).await;
        client.send_frame(&self.frame(self.greeting.to_vec())).await;
        let welcome = client.frame().await;
        assert!(welcome.opcode == 1 || welcome.opcode == 2, "{welcome:?}");
        client
    }
}

/// Each is answered with ABORT and closed.
async fn is_aborted(server: &Running, format: &Format, payload: Vec<u8>, of: &str) {
    let mut client = format.joined(server).await;
    client.send_frame(&format.frame(payload)).await;
    let end = client.end().await;
    assert_eq!(end.code, Some(1002), "{of}: {end:?}");
    let abort = end.messages.last().expect("an ABORT");
    let reason = b"wamp.error.protocol_violation";
    assert!(
        abort.windows(reason.len()).any(|it| it == reason),
        "{of}: {abort:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nested_arguments() {
    let server = Running::default().await;
    let canary = Canary::start(server.address).await;
    for format in &FORMATS {
        for nest in format.nests {
            for depth in [101, 10_000, 1_000_000] {
                let depth = depth.min((1024 * 1024 - 64) / nest.len());
                let payload = [format.call, &nest.repeat(depth)].concat();
                let of = format!("{} {nest:?} × {depth}", format.subprotocol);
                is_aborted(&server, format, payload, &of).await;
            }
        }
    }
    canary.stop().await;
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nested_details_of_hello() {
    let server = Running::with(Limits {
        max_hello: 1024 * 1024,
        ..timeless()
    })
    .await;
    let canary = Canary::start(server.address).await;
    for format in &FORMATS {
        for nest in format.nests {
            for depth in [101, 10_000, 500_000] {
                let depth = depth.min((1024 * 1024 - 64) / nest.len());
                let mut client = Client::upgraded(server.address, format.subprotocol).await;
                let payload = [format.hello, &nest.repeat(depth)].concat();
                client.send_frame(&format.frame(payload)).await;
                let code = client.end().await.code;
                assert_eq!(
                    code,
                    Some(1002),
                    "{} {nest:?} × {depth}",
                    format.subprotocol
                );
            }
        }
    }
    canary.stop().await;
    server.rest().await;
}

/// Complete and well-formed, and still too deep.
#[tokio::test]
async fn the_depth_of_a_whole_message_is_limited() {
    let server = Running::default().await;
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let json = &FORMATS[0];
    for depth in [200, 1000, 100_000] {
        let payload = format!(r#"[48,1,{{}},"test.add",[{}]]"#, nested(depth));
        is_aborted(&server, json, payload.into_bytes(), "JSON").await;
    }
    let mut client = Client::joined(server.address).await;
    client
        .send_frame(&Frame::text(format!(
            r#"[48,1,{{}},"test.add",[{}]]"#,
            nested(90)
        )))
        .await;
    assert_eq!(client.message().await[4], "wamp.error.invalid_argument");
    client.leave().await;
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lengths_that_are_lies() {
    let server = Running::default().await;
    let canary = Canary::start(server.address).await;
    for format in &FORMATS {
        for giant in format.giants {
            let of = format!("{} {giant:x?}", format.subprotocol);
            is_aborted(&server, format, [format.call, giant].concat(), &of).await;
        }
    }
    canary.stop().await;
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_and_strings_as_long_as_a_message() {
    let server = Running::default().await;
    let canary = Canary::start(server.address).await;
    let mut client = Client::joined(server.address).await;
    for long in [
        "9".repeat(1_000_000),
        format!("1.{}", "3".repeat(1_000_000)),
        format!("\"{}\"", "\\\"".repeat(500_000)),
    ] {
        client
            .send_frame(&Frame::text(format!(
                r#"[48,1,{{}},"test.add",[{long},1]]"#
            )))
            .await;
        let answer = client.message().await;
        assert_eq!(
            (&answer[0], &answer[4]),
            (&json!(8), &json!("wamp.error.invalid_argument"))
        );
    }
    client.leave().await;
    canary.stop().await;
    server.rest().await;
}

/// A million elements where five are known.
#[tokio::test]
async fn messages_with_too_many_elements() {
    let server = Running::default().await;
    let many = format!(
        r#"[48,1,{{}},"test.add",[1,2],{{}}{}]"#,
        ",0".repeat(500_000)
    );
    is_aborted(&server, &FORMATS[0], many.into_bytes(), "JSON").await;
    let options = (0..50_000)
        .map(|n| format!(r#""x_{n}":0,"#))
        .collect::<String>();
    let mut client = Client::joined(server.address).await;
    client
        .send_frame(&Frame::text(format!(
            r#"[48,1,{{{options}"x":0}},"test.add",[1,2]]"#
        )))
        .await;
    client.send_frame(&Frame::close(1000, "")).await;
    assert!(matches!(client.end().await.code, Some(1000 | 1002)));
    server.rest().await;
}
