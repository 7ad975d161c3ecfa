//! A network that delivers one byte at a time.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wamp_client::dial::Dialing;
use wamp_client::proto::codec::Format;
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_server::auth::{Principal, Principals};

use crate::support::scripted::server;
use crate::support::{Running, app, open};

/// Passes bytes on, one with each write.
async fn trickle(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    while let Ok(byte) = from.read_u8().await {
        let written = async {
            to.write_all(&[byte]).await?;
            to.flush().await
        };
        if written.await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    // The other side has gone.
    let _ = to.shutdown().await;
}

async fn relay(to: SocketAddr) -> SocketAddr {
    server(move |stream| async move {
        let onward = TcpStream::connect(to).await.expect("it listens");
        onward.set_nodelay(true).expect("it is open");
        let ((from_client, to_client), (from_server, to_server)) =
            (stream.into_split(), onward.into_split());
        tokio::join!(
            trickle(from_client, to_server),
            trickle(from_server, to_client)
        );
    })
    .await
}

#[tokio::test]
async fn everything_works_as_well_by_single_bytes() {
    let principals = Principals::new().ticket(Principal::new("joe", "user"), "open sesame");
    let server = Running::new(app().principals(principals)).await;
    let address = relay(server.address).await;
    for scheme in ["ws", "rs"] {
        for format in [Format::Json, Format::MsgPack, Format::Cbor] {
            let dialing = Dialing::new(format!("{scheme}://{address}"))
                .subprotocols([Subprotocol::new(format)])
                .change_credentials(|it| it.authid("joe").ticket("open sesame"));
            let (mut wire, _) = open(&dialing).await.expect("a session");
            let text = "ö".repeat(1000);
            assert!(wire.echo(&text).await == text);
            wire.close().await;
        }
    }
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn everything_works_as_well_by_single_bytes_of_tls() {
    use crate::support::certificates::Authority;
    use crate::tls::{secure, trusting};

    let authority = Authority::new();
    let server = Running::new(app().tls(secure(&authority.sign("127.0.0.1")))).await;
    let address = relay(server.address).await;
    for scheme in ["wss", "rss"] {
        let dialing = trusting(&authority, format!("{scheme}://{address}"));
        let (mut wire, _) = open(&dialing).await.expect("a session");
        assert_eq!(wire.echo("ö").await, "ö");
        wire.close().await;
    }
}
