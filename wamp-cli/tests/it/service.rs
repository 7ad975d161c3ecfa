//! What is spoken on listeners: paths, serializers, RawSocket, origins.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wamp_tests::client::Client;
use wamp_tests::soon;

use crate::support::{ANYWHERE, Folder, Router, hello};

/// What comes when this is said, until the connection ends or `len` bytes are there.
async fn says(router: &Router, bytes: &[u8], len: usize) -> Vec<u8> {
    let mut stream = TcpStream::connect(router.address())
        .await
        .expect("it listens");
    stream.write_all(bytes).await.expect("it is open");
    let mut answer = Vec::new();
    let mut some = stream.take(len as u64);
    soon("an answer", some.read_to_end(&mut answer))
        .await
        .expect("it is open");
    answer
}

/// The status of an upgrade request.
async fn status(router: &Router, path: &str, more: &str) -> String {
    let address = router.address();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{more}\r\n"
    );
    let answer = says(router, request.as_bytes(), 12).await;
    String::from_utf8_lossy(&answer).into_owned()
}

const JSON: &str = "Sec-WebSocket-Protocol: wamp.2.json\r\n";
const CBOR: &str = "Sec-WebSocket-Protocol: wamp.2.cbor\r\n";

#[tokio::test]
async fn it_is_as_the_file_says() {
    let server = "[server]\npaths = [\"/ws\"]\nrawsocket = false\nserializers = [\"json\"]\n\
                  [handshake]\norigins = [\"https://shop.example\"]\n";
    let router = Folder::new(&format!("{ANYWHERE}{server}")).start().await;
    let line = format!("listening on ws://{} (WebSocket)", router.address());
    assert_eq!(router.lines, [line]);
    assert_eq!(status(&router, "/ws", JSON).await, "HTTP/1.1 101");
    assert_eq!(status(&router, "/", JSON).await, "HTTP/1.1 404");
    assert_eq!(status(&router, "/ws", CBOR).await, "HTTP/1.1 400");
    let friend = format!("{JSON}Origin: https://shop.example\r\n");
    assert_eq!(status(&router, "/ws", &friend).await, "HTTP/1.1 101");
    let stranger = format!("{JSON}Origin: https://evil.example\r\n");
    assert_eq!(status(&router, "/ws", &stranger).await, "HTTP/1.1 403");
    let raw = says(&router, &[0x7f, 0xf1, 0, 0], 4).await;
    assert_ne!(raw.first(), Some(&0x7f));
    let mut client = Client::connect(router.address(), "/ws").await;
    assert_eq!(client.knock("a", hello(json!({}))).await[0], 2);
}

#[tokio::test]
async fn everything_is_spoken_where_nothing_is_said() {
    let router = Folder::new(ANYWHERE).start().await;
    assert_eq!(status(&router, "/anything", CBOR).await, "HTTP/1.1 101");
    let raw = says(&router, &[0x7f, 0xf1, 0, 0], 4).await;
    assert_eq!((raw[0], raw[1] & 0x0f), (0x7f, 1));
}
