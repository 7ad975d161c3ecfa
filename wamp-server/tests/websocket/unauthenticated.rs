//! Connections that are not in a session yet: how many there may be.

use std::time::Duration;

use serde_json::json;
use wamp_server::transport::websocket::PeerAddr;
use wamp_server::{Handshake, Limits};

use crate::mount::mounted;
use crate::origins::{checked, request_with};
use crate::support::{Canary, Client, End, Running, app, request, timeless};

fn few(all: usize, of_peer: usize) -> Limits {
    Limits {
        max_unauthenticated: all,
        max_unauthenticated_per_peer: of_peer,
        ..timeless()
    }
}

/// Connects until the server has taken `n`, and shows that it drops any other.
async fn full(server: &Running, n: usize) -> Vec<Client> {
    let mut clients = Vec::new();
    for _ in 0..n {
        clients.push(Client::connect(server.address).await);
    }
    for n in 1..=3 {
        let mut late = Client::connect(server.address).await;
        assert_eq!(late.rest().await, b"");
        assert_eq!(server.stats().limits_hit, n);
    }
    clients
}

#[tokio::test]
async fn the_newest_is_dropped_until_there_is_a_place() {
    for limits in [few(8, 1024), few(1024, 8)] {
        let server = Running::with(limits).await;
        let mut clients = full(&server, 8).await;

        // One that is upgraded still has no session.
        clients[0].upgrade("wamp.2.json").await;
        let mut late = Client::connect(server.address).await;
        assert_eq!(late.rest().await, b"");

        // A session is not counted any more.
        clients[0].join().await;
        let mut another = Client::connect(server.address).await;
        another.upgrade("wamp.2.json").await;

        // Neither is a connection that has ended.
        another.leave().await;
        let joins = async { while !joins(&server).await {} };
        crate::support::soon("a free place", joins).await;

        drop(clients);
        server.rest().await;
    }
}

#[tokio::test]
async fn sixty_four_of_one_peer_are_let_in_unless_something_else_is_said() {
    let limits = Limits {
        max_unauthenticated_per_peer: Limits::default().max_unauthenticated_per_peer,
        ..timeless()
    };
    let server = Running::with(limits).await;
    drop(full(&server, 64).await);
    server.rest().await;
}

/// Whether there is a place for a session; the server may not have noticed yet that there is one.
async fn joins(server: &Running) -> bool {
    let mut client = Client::connect(server.address).await;
    client.send(request("/", "wamp.2.json")).await;
    client.stream.readable().await.expect("it is connected");
    let mut byte = [0];
    if !matches!(client.stream.peek(&mut byte).await, Ok(1)) {
        return false;
    }
    client.response_head().await;
    client.join().await;
    client.leave().await;
    true
}

/// A handshake that is refused, or never sent, gives its place back.
#[tokio::test]
async fn connections_that_come_to_nothing_leave_nothing_behind() {
    let limits = Limits {
        hello_timeout: Duration::from_millis(50),
        ..few(4, 4)
    };
    let server = Running::with(limits).await;
    for n in 0..40 {
        let mut client = Client::connect(server.address).await;
        match n % 4 {
            0 => client.send("nonsense\r\n\r\n").await,
            1 => client.send(request_with("evil.test", "")).await,
            2 => client.send(request("/", "soap")).await,
            _ => client.upgrade("wamp.2.json").await,
        }
        client.rest().await;
    }
    // The server notices the end of each, sooner or later.
    let four = async {
        loop {
            let mut clients = Vec::new();
            for _ in 0..4 {
                let mut client = Client::connect(server.address).await;
                client.send(request("/", "wamp.2.json")).await;
                clients.push(client);
            }
            let mut joined = 0;
            for client in &mut clients {
                joined += usize::from(client.stream.peek(&mut [0]).await.is_ok_and(|n| n > 0));
            }
            if joined == 4 {
                break;
            }
        }
    };
    crate::support::soon("four free places", four).await;
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_go_on_while_strangers_crowd() {
    let server = Running::with(few(16, 1024)).await;
    let canary = Canary::start(server.address).await;
    let mut strangers = Vec::new();
    for _ in 0..500 {
        strangers.push(Client::connect(server.address).await);
    }
    server
        .until("the drops", |stats| stats.limits_hit == 500 - 16)
        .await;
    canary.stop().await;
    drop(strangers);
    server.rest().await;
}

/// Behind a proxy, each client has its own limit, and the proxy none.
#[tokio::test]
async fn a_trusted_proxy_has_as_many_as_its_clients() {
    let handshake = Handshake::new().trusted_proxies(["127.0.0.1"]);
    let server = Running::new(checked(handshake).limits(few(1024, 2))).await;
    let upgrade = async |client: &str| {
        let mut connection = Client::connect(server.address).await;
        let lines = format!("X-Forwarded-For: {client}\r\n");
        connection.send(request_with("localhost", &lines)).await;
        let head = connection.response_head().await;
        (connection, head[9..12].to_owned())
    };
    let mut connections = Vec::new();
    for (client, expected) in [
        ("203.0.113.1", "101"),
        ("203.0.113.1", "101"),
        ("203.0.113.1", "503"),
        ("203.0.113.2", "101"),
        ("2001:db8::1", "101"),
        ("2001:db8::2", "101"),
        ("2001:db8::3", "503"),
        ("2001:db8:0:1::1", "101"),
    ] {
        let (connection, status) = upgrade(client).await;
        assert_eq!(status, expected, "{client}");
        connections.push(connection);
    }
    assert_eq!(server.stats().refused_upgrades, 2);
    // One that is in a session makes room for another.
    connections[0].join().await;
    let (connection, status) = upgrade("203.0.113.1").await;
    assert_eq!(status, "101");
    connections.push(connection);
    drop(connections);
    server.rest().await;
}

#[tokio::test]
async fn where_it_is_mounted_they_count_from_the_upgrade() {
    let server = app().limits(few(3, 2)).build().expect("no mistakes");
    let peers = [
        "192.0.2.1:1",
        "192.0.2.1:2",
        "192.0.2.1:3",
        "192.0.2.2:1",
        "192.0.2.3:1",
    ];
    let mut clients = Vec::new();
    for (peer, expected) in peers.into_iter().zip(["101", "101", "503", "101", "503"]) {
        let (ours, theirs) = tokio::io::duplex(4096);
        let peer = PeerAddr(peer.parse().expect("an address"));
        tokio::spawn(mounted(&server, theirs, Some(peer)));
        let mut client = Client::over(ours);
        client.send(request("/", "wamp.2.json")).await;
        let head = client.response_head().await;
        assert_eq!(&head[9..12], expected, "{peer:?}: {head}");
        clients.push(client);
    }
    clients[0].join().await;
    let (ours, theirs) = tokio::io::duplex(4096);
    tokio::spawn(mounted(&server, theirs, None::<PeerAddr>));
    let mut client = Client::over(ours);
    client.upgrade("wamp.2.json").await;
    assert_eq!(server.stats().refused_upgrades, 2);
    client
        .send_frame(&crate::support::Frame::close(1000, ""))
        .await;
    assert_eq!(
        client.end().await,
        End {
            messages: vec![],
            code: Some(1000)
        }
    );
    drop(clients);
    server.shutdown().await;
}

#[tokio::test]
async fn whoever_says_goodbye_needs_a_place_again() {
    let server = Running::with(few(1, 1024)).await;
    let mut first = Client::joined(server.address).await;
    // The only place is taken, so the next session of the first one would be one too many.
    let mut stranger = Client::upgraded(server.address, "wamp.2.json").await;
    let goodbye = json!([6, {}, "wamp.close.close_realm"]);
    first.send_json(goodbye.clone()).await;
    let end = first.end().await;
    assert_eq!(end.code, Some(1000));
    assert_eq!(end.messages.len(), 1, "GOODBYE is answered");
    assert_eq!(server.stats().limits_hit, 1);

    // With a place it can open another one.
    stranger.join().await;
    stranger.send_json(goodbye).await;
    assert_eq!(stranger.message().await[0], 6);
    let late = Client::connect(server.address).await.rest().await;
    assert_eq!(late, b"", "it counts again");
    stranger.join().await;
    stranger.leave().await;
    server.rest().await;
}
