//! Connections that somebody else has accepted, and those of proxies: without a request, only the connection itself is known.

use serde_json::{Value, json};
use tokio::io::DuplexStream;
use wamp_server::auth::Principal;
use wamp_server::proto::message::Secret;
use wamp_server::transport::ConnectionInfo;
use wamp_server::{Handshake, Limits, Server, Session};

use crate::elsewhere::{everything, mirror};
use crate::support::raw::{REQUEST, Raw};
use crate::support::{Client, Logged, app, timeless};

/// A client that has asked for JSON.
async fn attached(server: &Server, info: ConnectionInfo) -> Raw<DuplexStream> {
    let (ours, theirs) = tokio::io::duplex(4096);
    tokio::spawn(server.attach_stream_from(theirs, info));
    let mut raw = Raw::over(Client::over(ours));
    raw.bytes.send(REQUEST).await;
    raw
}

async fn seen(server: &Server, info: ConnectionInfo) -> Value {
    let mut raw = attached(server, info).await;
    raw.reply().await;
    raw.join().await;
    let answer = raw.call("mirror", json!([])).await;
    raw.leave().await;
    answer[3][0].clone()
}

#[tokio::test]
async fn what_is_known_elsewhere_is_known_here() {
    let server = mirror().build().expect("no mistakes");
    let expected = json!({
        "peer": "192.0.2.1:4711",
        "secure": true,
        "certificate": b"DER",
        "binding": true,
    });
    assert_eq!(seen(&server, everything("192.0.2.1:4711")).await, expected);
    let nothing = json!({"peer": null, "secure": false, "certificate": null, "binding": false});
    assert_eq!(seen(&server, ConnectionInfo::new()).await, nothing);
    server.shutdown().await;
}

#[tokio::test]
async fn what_is_known_of_a_proxy_is_not_known_of_its_clients() {
    let handshake = Handshake::new().trusted_proxies(["10.0.0.2"]);
    let server = mirror().handshake(handshake).build().expect("no mistakes");
    let nothing = json!({"peer": null, "secure": false, "certificate": null, "binding": false});
    assert_eq!(seen(&server, everything("10.0.0.2:1")).await, nothing);
    server.shutdown().await;
}

/// All whom a proxy connects for share what it may do.
#[tokio::test]
async fn everybody_counts_for_an_address_that_is_known() {
    let limits = Limits {
        max_unauthenticated_per_peer: 1,
        ..timeless()
    };
    let handshake = Handshake::new().trusted_proxies(["10.0.0.2"]);
    let app = app().limits(limits).handshake(handshake);
    let server = app.build().expect("no mistakes");
    let mut waiting = Vec::new();
    for (peer, granted) in [
        ("192.0.2.1:1", true),
        ("192.0.2.1:2", false),
        ("192.0.2.2:1", true),
        ("10.0.0.2:1", true),
        ("10.0.0.2:2", false),
    ] {
        let mut raw = attached(&server, everything(peer)).await;
        let reply = raw.reply().await;
        assert_eq!(reply[1] & 0x0f != 0, granted, "{peer}: {reply:?}");
        waiting.push(raw);
    }
    drop(waiting);
    server.shutdown().await;
}

#[tokio::test]
async fn the_log_says_once_that_addresses_are_missing() {
    let logged = Logged::here();
    let app = app()
        .limits(timeless())
        .ticket(async |_: Session, _: Secret| None::<Principal>);
    let server = app.build().expect("no mistakes");
    for _ in 0..3 {
        attached(&server, ConnectionInfo::new()).await.reply().await;
    }
    assert_eq!(logged.count("without the addresses of their peers"), 1);
    server.shutdown().await;
}
