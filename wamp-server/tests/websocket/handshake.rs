//! Requests that become connections, and the bytes of the answers.

use serde_json::json;

use crate::support::{Client, Frame, Running, app, request};

const ALL: [&str; 6] = [
    "wamp.2.json",
    "wamp.2.msgpack",
    "wamp.2.cbor",
    "wamp.2.json.batched",
    "wamp.2.msgpack.batched",
    "wamp.2.cbor.batched",
];

/// The response to a request, without its date.
pub(crate) async fn answer(server: &Running, request: impl AsRef<[u8]>) -> String {
    let mut client = Client::connect(server.address).await;
    client.send(request).await;
    let head = client.response_head().await;
    without_date(&head)
}

pub(crate) fn without_date(head: &str) -> String {
    head.split_inclusive("\r\n")
        .filter(|line| !line.starts_with("date: "))
        .collect()
}

fn switching(protocol: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\n\
         connection: upgrade\r\n\
         upgrade: websocket\r\n\
         sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
         sec-websocket-protocol: {protocol}\r\n\
         \r\n"
    )
}

#[tokio::test]
async fn the_request_of_the_rfc_gets_the_answer_of_the_rfc() {
    let server = Running::default().await;
    assert_eq!(
        answer(&server, request("/", "wamp.2.json")).await,
        switching("wamp.2.json")
    );
    server.rest().await;
}

#[tokio::test]
async fn of_several_subprotocols_the_first_that_the_client_names_is_chosen() {
    let server = Running::default().await;
    for first in ALL {
        for second in ALL {
            let offer = format!("soap, {first},{second}");
            assert_eq!(
                answer(&server, request("/", &offer)).await,
                switching(first),
                "{offer}"
            );
        }
    }
    server.rest().await;
}

#[tokio::test]
async fn subprotocols_may_be_spread_over_several_headers() {
    let server = Running::default().await;
    let offer = "wamp.3.json\r\nSec-WebSocket-Protocol: \t wamp.2.cbor , wamp.2.json";
    assert_eq!(
        answer(&server, request("/", offer)).await,
        switching("wamp.2.cbor")
    );
    server.rest().await;
}

#[tokio::test]
async fn only_subprotocols_that_the_application_offers_are_chosen() {
    use wamp_proto::subprotocol::Subprotocol;
    let json = Subprotocol::parse("wamp.2.json").expect("it exists");
    let server = Running::new(app().subprotocols([json])).await;
    let offer = "wamp.2.msgpack, wamp.2.json.batched, wamp.2.json";
    assert_eq!(
        answer(&server, request("/", offer)).await,
        switching("wamp.2.json")
    );
    server.rest().await;
}

#[tokio::test]
async fn header_names_and_tokens_are_compared_as_http_compares_them() {
    let server = Running::default().await;
    let request = "GET / HTTP/1.1\r\n\
         hOST: localhost\r\n\
         uPGRADE: WebSocket\r\n\
         cONNECTION: keep-alive, uPGRADE\r\n\
         sEC-wEBsOCKET-kEY: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sEC-wEBsOCKET-pROTOCOL: wamp.2.json\r\n\
         sEC-wEBsOCKET-vERSION: 13\r\n\
         \r\n";
    assert_eq!(answer(&server, request).await, switching("wamp.2.json"));
    server.rest().await;
}

#[tokio::test]
async fn without_paths_every_path_is_served() {
    let server = Running::default().await;
    for path in ["/", "/ws", "/a/b/c?d=e&f", "/%F0%9F%90%8D", "//"] {
        assert_eq!(
            answer(&server, request(path, "wamp.2.json")).await,
            switching("wamp.2.json"),
            "{path}"
        );
    }
    server.rest().await;
}

#[tokio::test]
async fn with_paths_these_alone_are_served() {
    let server = Running::new(app().paths(["/ws", "/api/ws"])).await;
    for path in ["/ws", "/api/ws", "/ws?token=1"] {
        assert_eq!(
            answer(&server, request(path, "wamp.2.json")).await,
            switching("wamp.2.json"),
            "{path}"
        );
    }
    for path in ["/", "/ws/", "/WS", "/api", "/ws/../ws", "/%77s"] {
        let answer = answer(&server, request(path, "wamp.2.json")).await;
        assert!(
            answer.starts_with("HTTP/1.1 404 Not Found\r\n"),
            "{path}: {answer}"
        );
    }
    assert_eq!(server.stats().refused_upgrades, 6);
    server.rest().await;
}

#[tokio::test]
async fn frames_in_the_same_packet_as_the_handshake_are_answered() {
    let server = Running::default().await;
    let mut client = Client::connect(server.address).await;
    let mut packet = request("/", "wamp.2.json").into_bytes();
    packet.extend(Frame::text(r#"[1,"realm",{"roles":{"caller":{}}}]"#).bytes());
    packet.extend(Frame::text(r#"[48,1,{},"test.add",[1,2]]"#).bytes());
    client.send(packet).await;
    assert!(client.response_head().await.starts_with("HTTP/1.1 101 "));
    assert_eq!(client.message().await[0], 2);
    assert_eq!(client.message().await, json!([50, 1, {}, [3]]));
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn a_handshake_may_arrive_byte_by_byte() {
    let server = Running::default().await;
    let mut client = Client::connect(server.address).await;
    let mut bytes = request("/", "wamp.2.json").into_bytes();
    bytes.extend(Frame::text(r#"[1,"realm",{"roles":{"caller":{}}}]"#).bytes());
    for byte in bytes {
        client.send([byte]).await;
    }
    assert!(client.response_head().await.starts_with("HTTP/1.1 101 "));
    assert_eq!(client.message().await[0], 2);
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn compression_is_offered_but_not_accepted() {
    let server = Running::default().await;
    let offer =
        "wamp.2.json\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
    let mut client = Client::connect(server.address).await;
    client.send(request("/", offer)).await;
    assert_eq!(
        without_date(&client.response_head().await),
        switching("wamp.2.json")
    );
    client.send_frame(&Frame::text("compressed").rsv(4)).await;
    assert_eq!(client.end().await.code, Some(1002));
    server.rest().await;
}

#[tokio::test]
async fn as_many_headers_and_bytes_as_the_limits_allow_are_welcome() {
    let server = Running::default().await;
    // Six are in the request already.
    let headers = (0..58)
        .map(|n| format!("\r\nX-{n}: {}", "x".repeat(240)))
        .collect::<String>();
    let request = request("/", &format!("wamp.2.json{headers}"));
    assert!(request.len() > 12 * 1024 && request.len() < 16 * 1024);
    assert_eq!(answer(&server, request).await, switching("wamp.2.json"));
    server.rest().await;
}
