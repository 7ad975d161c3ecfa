//! Every kind of URL, in every serializer.

use tokio::net::TcpListener;
use wamp_client::dial::Dialing;
use wamp_client::proto::codec::Format;
use wamp_client::proto::subprotocol::Subprotocol;

use crate::support::server::Local;
use crate::support::{Running, app, open};

const FORMATS: [Format; 3] = [Format::Json, Format::MsgPack, Format::Cbor];

/// Opens a session in each serializer, and has something said that needs more than one read.
async fn works(dialing: &Dialing) {
    for format in FORMATS {
        let dialing = dialing.clone().subprotocols([Subprotocol::new(format)]);
        let (mut wire, welcome) = open(&dialing).await.expect("a session");
        assert!(welcome.roles.dealer.is_some());
        assert_eq!(wire.transport.subprotocol(), Subprotocol::new(format));
        assert_eq!(wire.echo("äöü").await, "äöü");
        let long = "ö".repeat(200_000);
        assert!(wire.echo(&long).await == long);
        wire.close().await;
    }
}

#[tokio::test]
async fn websocket_and_rawsocket_over_tcp() {
    let server = Running::new(app()).await;
    for scheme in ["ws", "rs", "tcp"] {
        works(&Dialing::new(server.url(scheme))).await;
    }
}

#[tokio::test]
async fn websocket_and_rawsocket_over_ipv6() {
    // Where there is none, there is nothing to test.
    let Ok(listener) = TcpListener::bind(("::1", 0)).await else {
        return;
    };
    let server = Running::on(listener, app());
    for scheme in ["ws", "rs"] {
        works(&Dialing::new(format!("{scheme}://{}", server.address))).await;
    }
}

#[tokio::test]
async fn websocket_and_rawsocket_over_unix_sockets() {
    let server = Local::new(app().paths(["/", "/ws"]));
    let path = server.path();
    let path = path.to_str().expect("a path in UTF-8").replace(' ', "%20");
    for url in [
        format!("ws+unix://{path}"),
        format!("ws+unix://{path}:/ws?a=b"),
        format!("rs+unix://{path}"),
        format!("unix://{path}"),
    ] {
        works(&Dialing::new(url)).await;
    }
}

#[tokio::test]
async fn batched_subprotocols_are_spoken_by_websocket() {
    let server = Running::new(app()).await;
    for format in FORMATS {
        let batched = Subprotocol::batched(format);
        let dialing = Dialing::new(server.url("ws")).subprotocols([batched]);
        let (mut wire, _) = open(&dialing).await.expect("a session");
        assert_eq!(wire.transport.subprotocol(), batched);
        assert_eq!(wire.echo("hi").await, "hi");
    }
}

#[tokio::test]
async fn the_first_serializer_that_the_router_speaks_is_taken() {
    let (cbor, msgpack) = (
        Subprotocol::new(Format::Cbor),
        Subprotocol::new(Format::MsgPack),
    );
    let server = Running::new(app().subprotocols([msgpack])).await;
    for scheme in ["ws", "rs"] {
        let dialing = Dialing::new(server.url(scheme));
        let (wire, _) = open(&dialing.clone()).await.expect("a session");
        assert_eq!(wire.transport.subprotocol(), msgpack);
        let offered = [Subprotocol::batched(Format::Json), cbor];
        let error = open(&dialing.subprotocols(offered)).await;
        let error = error.expect_err("the router speaks neither").to_string();
        let expected = match scheme {
            "ws" => "400",
            _ => "the serializer is not supported",
        };
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_served_is_an_answer_in_http() {
    let server = Running::new(app().paths(["/ws"])).await;
    let dialing = |path: &str| Dialing::new(format!("{}{path}", server.url("ws")));
    assert!(open(&dialing("/ws?a=b")).await.is_ok());
    let error = open(&dialing("/other"))
        .await
        .expect_err("there is nothing");
    assert!(error.to_string().contains("404"), "{error}");
}
