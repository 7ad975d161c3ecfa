//! Several messages in one frame.

use wamp_proto::codec::Format;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::{App, Server, State, procedure, procedures, session, sessions};

use crate::support::{ANY, Client, Events, HELLO, build, json, nothing_is_left, settle};

#[procedure("echo")]
async fn echo(value: i64) -> i64 {
    value
}

#[session]
async fn asks(events: State<'_, Events>) {
    events.wait("accept").await;
}

const FORMATS: [Format; 3] = [Format::Json, Format::MsgPack, Format::Cbor];

fn server() -> Server {
    build(App::empty().procedures(procedures![echo]))
}

fn call(request: u32) -> String {
    json!([48, request, {}, "echo", [request]]).to_string()
}

#[tokio::test(start_paused = true)]
async fn what_follows_hello_in_the_same_batch_is_served() {
    for format in FORMATS {
        let server = server();
        let mut client = Client::connect_as(&server, Subprotocol::batched(format));
        client.say_all(&[HELLO, &call(1), &call(2)]).await;
        client.hears(json!([2, ANY, ANY])).await;
        client.hears(json!([50, 1, {}, [1]])).await;
        client.hears(json!([50, 2, {}, [2]])).await;
        client.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_follows_hello_waits_for_the_session_handlers() {
    for format in FORMATS {
        let events = Events::default();
        let app = App::empty()
            .procedures(procedures![echo])
            .sessions(sessions![asks])
            .state(events.clone());
        let server = build(app);
        let mut client = Client::connect_as(&server, Subprotocol::batched(format));
        client.say_all(&[HELLO, &call(1)]).await;
        client.hears_nothing().await;
        events.happen("accept");
        client.hears(json!([2, ANY, ANY])).await;
        client.hears(json!([50, 1, {}, [1]])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn answers_to_one_batch_come_in_one_batch() {
    for format in FORMATS {
        let server = server();
        let mut client = Client::join_as(&server, Subprotocol::batched(format)).await;
        let calls = (1..=100).map(call).collect::<Vec<_>>();
        client
            .say_all(&calls.iter().map(String::as_str).collect::<Vec<_>>())
            .await;
        settle().await;
        client.hears(json!([50, 1, {}, [1]])).await;
        for request in 2..=100 {
            assert!(client.has_more_of_its_batch(), "{format:?} {request}");
            client.hears(json!([50, request, {}, [request]])).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn messages_may_contain_line_breaks_and_the_last_separator_must_be_there() {
    let server = server();
    let mut client = Client::join_as(&server, Subprotocol::batched(Format::Json)).await;
    client
        .say_bytes("[48,1,\n{},\r\n\"echo\",[1]]\u{1e}\n[48,2,{},\"echo\",[2]]\u{1e}")
        .await;
    client.hears(json!([50, 1, {}, [1]])).await;
    client.hears(json!([50, 2, {}, [2]])).await;
    client
        .say_bytes("[48,3,{},\"echo\",[1]]\u{1e}[48,4,{},\"echo\",[2]]")
        .await;
    client.is_told_off_for("batch").await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_nothing_or_of_half_a_message_is_illegal() {
    for (format, frame) in [
        (Format::Json, &b""[..]),
        (Format::MsgPack, b""),
        (Format::Cbor, b""),
        (Format::Json, b"[48,1,{},\"echo\",[1]]"),
        (Format::MsgPack, b"\0\0\0\x05\x90"),
        (Format::Cbor, b"\0\0\0"),
        (Format::MsgPack, b"\xff\xff\xff\xff\x90"),
    ] {
        let server = server();
        let mut client = Client::join_as(&server, Subprotocol::batched(format)).await;
        client.say_bytes(frame).await;
        client.is_told_off_for("batch").await;
        settle().await;
        assert_eq!(server.stats().violations, 1);
        nothing_is_left(&server);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_violation_the_rest_of_the_batch_is_not_served() {
    for format in FORMATS {
        let server = server();
        let mut client = Client::join_as(&server, Subprotocol::batched(format)).await;
        client.say_all(&[&call(1), "[48,2]", &call(3)]).await;
        client.hears(json!([50, 1, {}, [1]])).await;
        client.is_told_off_for("CALL").await;
        assert_eq!(server.stats().calls, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn goodbye_and_a_new_hello_fit_in_one_batch() {
    for format in FORMATS {
        let server = server();
        let mut client = Client::connect_as(&server, Subprotocol::batched(format));
        let goodbye = r#"[6,{},"wamp.close.close_realm"]"#;
        client
            .say_all(&[HELLO, &call(1), goodbye, HELLO, &call(1), goodbye])
            .await;
        for _ in 0..2 {
            client.hears(json!([2, ANY, ANY])).await;
            client.hears(json!([50, 1, {}, [1]])).await;
            client
                .hears(json!([6, {}, "wamp.close.goodbye_and_out"]))
                .await;
        }
    }
}
