//! Servers that do what a test wants, byte by byte.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Accepts connections, and has each served.
pub(crate) async fn server<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await;
    let listener = listener.expect("loopback exists");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).expect("it is open");
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// Reads the head of a request, and not a byte more.
pub(crate) async fn request(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a request"));
    }
    String::from_utf8(head).expect("a request")
}

/// The value of a header of that request.
pub(crate) fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    request.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Lets the client become a WebSocket, with these lines in the answer.
pub(crate) async fn upgrade(stream: &mut TcpStream, lines: &str) -> String {
    let request = request(stream).await;
    let key = header(&request, "sec-websocket-key").expect("a key");
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n{lines}\r\n",
        derive_accept_key(key.as_bytes())
    );
    write(stream, answer.as_bytes()).await;
    request
}

pub(crate) async fn write(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).await.expect("the client reads");
}

/// Waits until the client hangs up.
pub(crate) async fn drain(stream: &mut TcpStream) {
    let mut nothing = [0; 1024];
    while let Ok(1..) = stream.read(&mut nothing).await {}
}
