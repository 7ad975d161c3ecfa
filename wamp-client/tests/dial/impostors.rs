//! Servers that are none, or not the right ones.

use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};
use wamp_client::dial::Dialing;
use wamp_client::error::ConnectError;
use wamp_client::transport::Connect as _;

use crate::support::Wire;
use crate::support::scripted::{drain, request, server, upgrade, write};

/// Why there is no connection to a server that does this.
async fn refused<F>(scheme: &str, serve: impl Fn(TcpStream) -> F + Send + 'static) -> ConnectError
where
    F: Future<Output = ()> + Send + 'static,
{
    let address = server(serve).await;
    let dialing = Dialing::new(format!("{scheme}://{address}"));
    Wire::dial(&dialing).await.expect_err("it is no router")
}

#[tokio::test]
async fn an_answer_in_http_is_told_by_its_status() {
    for status in [200, 301, 401, 404, 426, 500, 503] {
        let error = refused("ws", move |mut stream| async move {
            request(&mut stream).await;
            let answer =
                format!("HTTP/1.1 {status} Whatever\r\nLocation: /\r\nContent-Length: 2\r\n\r\nno");
            write(&mut stream, answer.as_bytes()).await;
            drain(&mut stream).await;
        });
        let ConnectError::Http(answered) = error.await else {
            panic!("not told");
        };
        assert_eq!(answered.as_u16(), status);
    }
}

#[tokio::test]
async fn what_is_not_http_is_no_answer() {
    for (garbage, expected) in [
        (
            &b"SSH-2.0-OpenSSH_9.9\r\n\r\n"[..],
            "does not answer in HTTP",
        ),
        (
            b"\x00\x01\x02\x03\xff\xfe\r\n\r\n",
            "does not answer in HTTP",
        ),
        (
            b"\x15\x03\x01\x00\x02\x02\x0a\r\n\r\n",
            "does not answer in HTTP",
        ),
        (b"HTTP/1.1 abc\r\n\r\n", "does not answer in HTTP"),
        (b"HTTP/1.0 101 Switching Protocols\r\n\r\n", "HTTP version"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "Upgrade"),
        (b"", "closed the connection instead of answering"),
        (
            b"HTTP/1.1 101",
            "closed the connection instead of answering",
        ),
    ] {
        let error = refused("ws", move |mut stream| async move {
            request(&mut stream).await;
            write(&mut stream, garbage).await;
        });
        let error = error.await.to_string();
        assert!(error.contains(expected), "{garbage:?}: {error}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_kept() {
    for part in [&b"X-Header: value\r\n"[..], b"x"] {
        let error = refused("ws", move |mut stream| async move {
            request(&mut stream).await;
            write(&mut stream, b"HTTP/1.1 101 Switching Protocols\r\n").await;
            let parts = part.repeat(4096);
            while tokio::io::AsyncWriteExt::write_all(&mut stream, &parts)
                .await
                .is_ok()
            {}
        });
        let error = error.await;
        assert!(matches!(error, ConnectError::Handshake(_)), "{error}");
    }
}

#[tokio::test]
async fn a_websocket_has_to_choose_one_of_the_subprotocols() {
    for (lines, expected) in [
        ("", "none of the offered subprotocols"),
        ("Sec-WebSocket-Protocol: mqtt\r\n", "not offered"),
        (
            "Sec-WebSocket-Protocol: wamp.2.json.batched\r\n",
            "not offered",
        ),
        ("Sec-WebSocket-Protocol: \r\n", "not offered"),
        (
            "Sec-WebSocket-Protocol: wamp.2.json\r\nSec-WebSocket-Protocol: wamp.2.cbor\r\n",
            "does not choose one",
        ),
        (
            "Sec-WebSocket-Protocol: wamp.2.json\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
            "extension",
        ),
    ] {
        let error = refused("ws", move |mut stream| async move {
            upgrade(&mut stream, lines).await;
            drain(&mut stream).await;
        });
        let error = error.await.to_string();
        assert!(error.contains(expected), "{lines}: {error}");
    }
}

#[tokio::test]
async fn an_answer_to_another_request_is_none() {
    let error = refused("ws", |mut stream| async move {
        request(&mut stream).await;
        let answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: wamp.2.json\r\n\r\n";
        write(&mut stream, answer).await;
        drain(&mut stream).await;
    });
    let error = error.await.to_string();
    assert!(error.contains("Sec-WebSocket-Accept"), "{error}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await;
    let address = listener
        .and_then(|it| it.local_addr())
        .expect("loopback exists");
    for url in [
        format!("ws://joe@{address}?hunter2"),
        format!("rs://{address}"),
    ] {
        let dialing = Dialing::new(url);
        let error = Wire::dial(&dialing).await.expect_err("nobody is there");
        assert!(matches!(error, ConnectError::Io { .. }), "{error}");
        let said = error.to_string();
        assert!(said.contains(&address.to_string()), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("joe"), "{said}");
    }
    #[cfg(unix)]
    for scheme in ["ws+unix", "rs+unix"] {
        let dialing = Dialing::new(format!("{scheme}:///nowhere/wamp.sock"));
        let error = Wire::dial(&dialing).await.expect_err("nobody is there");
        assert!(error.to_string().contains("/nowhere/wamp.sock"), "{error}");
    }
}

/// Whoever asks bounds the time; nothing ends before that by itself, and nothing is left waiting after it.
#[tokio::test]
async fn a_server_that_says_nothing_is_waited_for() {
    let (sender, mut left) = tokio::sync::mpsc::unbounded_channel();
    let address = server(move |mut stream| {
        let sender = sender.clone();
        async move {
            drain(&mut stream).await;
            sender.send(()).expect("the test waits");
        }
    })
    .await;
    let schemes: &[&str] = if cfg!(feature = "tls") {
        &["ws", "rs", "wss", "rss"]
    } else {
        &["ws", "rs"]
    };
    for scheme in schemes {
        let dialing = Dialing::new(format!("{scheme}://{address}"));
        #[cfg(feature = "tls")]
        let dialing = if scheme.contains("ss") {
            let authority = crate::support::certificates::Authority::new();
            dialing.change_tls(|tls| tls.authorities_pem(authority.pem))
        } else {
            dialing
        };
        let dialer = dialing.dialer().expect("it makes sense");
        tokio::time::pause();
        let (start, patience) = (Instant::now(), Duration::from_secs(30));
        assert!(timeout(patience, dialer.connect()).await.is_err());
        assert!(start.elapsed() >= patience);
        tokio::time::resume();
    }
    for _ in schemes {
        crate::support::soon("the end", left.recv())
            .await
            .expect("a word");
    }
}
