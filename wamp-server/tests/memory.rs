//! How much memory clients can make the server take. One test, so that nobody else allocates meanwhile.
//!
//! Everything is in one process, the clients too, so they keep nothing: they send from one buffer, and drop what they read.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "clippy knows the functions that are tests, but not those that these call"
)]

#[path = "websocket/support/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the other tests, of which these need less"
)]
mod support;

use std::time::Duration;

use peak_alloc::PeakAlloc;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;
use wamp_server::Limits;

use crate::support::raw::{MESSAGE, PING, Raw, frame, header};
use crate::support::{Client, Frame, Running};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What an attack takes at most, and what it leaves behind.
#[derive(Debug)]
struct Cost {
    peak: usize,
    left: usize,
}

/// Runs an attack, and measures it when nothing of it is left.
async fn cost(server: &Running, attack: impl AsyncFnOnce(&Running)) -> Cost {
    server.idle().await;
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    attack(server).await;
    server.idle().await;
    Cost {
        peak: MEMORY.peak_usage().saturating_sub(before),
        left: MEMORY.current_usage().saturating_sub(before),
    }
}

async fn expect(name: &str, server: &Running, peak: usize, attack: impl AsyncFn(&Running)) {
    // The first time fills caches and tables that stay.
    attack(server).await;
    let cost = cost(server, attack).await;
    println!(
        "{name}: at most {} KiB, then {} KiB",
        cost.peak / KIB,
        cost.left / KIB
    );
    assert!(cost.peak <= peak, "{name}: {cost:?}");
    assert!(cost.left <= 64 * KIB, "{name}: {cost:?}");
}

#[tokio::test]
async fn no_client_takes_more_than_its_share() {
    let limits = Limits {
        // All clients have the same address.
        max_unauthenticated_per_peer: 1024,
        close_timeout: Duration::from_millis(100),
        write_timeout: Duration::from_millis(300),
        ..Limits::default()
    };
    let server = Running::with(limits).await;

    expect("a session", &server, 256 * KIB, async |server| {
        let mut client = Client::joined(server.address).await;
        client.call("test.add", json!([1, 2])).await;
        client.leave().await;
    })
    .await;
    expect(
        "100 idle sessions",
        &server,
        100 * 32 * KIB,
        async |server| {
            let mut clients = Vec::new();
            for _ in 0..100 {
                clients.push(Client::joined(server.address).await);
            }
            for client in clients {
                client.leave().await;
            }
        },
    )
    .await;
    expect(
        "100 idle sessions over RawSocket",
        &server,
        100 * 16 * KIB,
        async |server| {
            let mut clients = Vec::new();
            for _ in 0..100 {
                let mut raw = Raw::joined(server.address).await;
                // What a long message needs is not kept, on either side.
                raw.call("test.echo", json!(["x".repeat(10_000)])).await;
                clients.push(Raw::over(Client::over(raw.bytes.stream)));
            }
            for raw in clients {
                raw.leave().await;
            }
        },
    )
    .await;
    expect(
        "a flood of pings over RawSocket",
        &server,
        MIB,
        async |server| {
            let mut raw = Raw::joined(server.address).await;
            let packet = frame(PING, [0; 125]).repeat(500);
            let flood = async { while raw.bytes.stream.write_all(&packet).await.is_ok() {} };
            support::soon("the end of a flood", flood).await;
        },
    )
    .await;
    expect(
        "lengths over RawSocket that nothing follows",
        &server,
        100 * 32 * KIB,
        async |server| {
            let mut clients = Vec::new();
            for _ in 0..100 {
                let mut raw = Raw::joined(server.address).await;
                raw.bytes.send(header(MESSAGE, MIB)).await;
                clients.push(raw);
            }
        },
    )
    .await;
    expect("a flood of pings", &server, MIB, async |server| {
        let packet = Frame::ping([0; 125]).bytes().repeat(500);
        flood(server, &packet).await;
    })
    .await;
    expect("a flood of empty fragments", &server, MIB, async |server| {
        let packet = Frame::continuation("").unfinished().bytes().repeat(10_000);
        flood(server, &packet).await;
    })
    .await;
    expect(
        "a flood of fragments of one byte",
        &server,
        2 * MIB,
        async |server| {
            let packet = Frame::continuation(" ").unfinished().bytes().repeat(10_000);
            flood(server, &packet).await;
        },
    )
    .await;
    // tungstenite reserves what a frame says that it will hold, up to the limit; what is never written to is never backed by memory.
    expect(
        "lengths before HELLO that nothing follows",
        &server,
        100 * (MIB + 64 * KIB),
        async |server| {
            let mut clients = Vec::new();
            for _ in 0..100 {
                let mut client = Client::upgraded(server.address, "wamp.2.json").await;
                client.send(Frame::text("").header(MIB as u64)).await;
                clients.push(client);
            }
            // The server has read the length when it answers what comes after a part of the message.
            for client in &mut clients {
                client.send([b' '; 4]).await;
            }
            drop(clients);
        },
    )
    .await;
    expect("nesting bombs", &server, 4 * MIB, async |server| {
        let bomb = format!("[48,1,{{}},\"test.add\",{}", "[".repeat(1_000_000));
        aborted(server, &bomb).await;
    })
    .await;
    expect(
        "a million empty objects",
        &server,
        8 * MIB,
        async |server| {
            let bomb = format!("[48,1,{{}},\"test.add\",[{}{{}}]]", "{},".repeat(300_000));
            aborted(server, &bomb).await;
        },
    )
    .await;
    expect(
        "an EVENT flood to a subscriber that does not read",
        &server,
        10 * MIB,
        async |server| {
            let mut slow = narrow(server).await;
            slow.send_json(json!([32, 1, {}, "test.feed"])).await;
            slow.message().await;
            let realm = server
                .server
                .realm("test.realm")
                .expect("the default realm")
                .clone();
            let padding = "x".repeat(KIB);
            let ended = server.stats().slow_consumers + 1;
            while server.stats().slow_consumers < ended {
                for _ in 0..100 {
                    realm
                        .publish("test.feed", padding.as_str())
                        .expect("it can be serialized");
                }
                tokio::task::yield_now().await;
            }
        },
    )
    .await;
    expect(
        "large results that nobody reads",
        &server,
        8 * MIB,
        async |server| {
            let mut slow = narrow(server).await;
            let calls = (1..=500)
                .map(|n| Frame::text(format!(r#"[48,{n},{{}},"test.large",[1000000]]"#)).bytes());
            let ended = server.stats().slow_consumers + 1;
            slow.send(calls.flatten().collect::<Vec<_>>()).await;
            server
                .until("the end of it", |stats| stats.slow_consumers >= ended)
                .await;
        },
    )
    .await;
    expect(
        "large results that somebody reads late",
        &server,
        8 * MIB,
        async |server| {
            let mut late = narrow(server).await;
            let calls = (1..=20)
                .map(|n| Frame::text(format!(r#"[48,{n},{{}},"test.large",[1000000]]"#)).bytes());
            late.send(calls.flatten().collect::<Vec<_>>()).await;
            for _ in 1..=20 {
                late.frames().await;
            }
            late.leave().await;
        },
    )
    .await;
    expect(
        "sessions that nobody reads about",
        &server,
        8 * MIB,
        async |server| {
            let mut slow = narrow(server).await;
            let mut pair = Frame::text(r#"[6,{},"wamp.close.close_realm"]"#).bytes();
            pair.extend(Frame::text(r#"[1,"realm",{"roles":{"caller":{}}}]"#).bytes());
            let pairs = pair.repeat(100);
            let flood = async { while slow.stream.write_all(&pairs).await.is_ok() {} };
            support::soon("the end of a flood", flood).await;
        },
    )
    .await;
    server.rest().await;
    #[cfg(feature = "tls")]
    over_tls().await;
}

/// Half of it is the client's.
#[cfg(feature = "tls")]
async fn over_tls() {
    use support::{Authority, Dialer};

    let authority = Authority::new("authority");
    let pair = authority.sign("localhost");
    let tls = wamp_server::Tls::from_pem(pair.certificate.as_bytes(), pair.key.as_bytes());
    let app = support::app().limits(support::timeless());
    let server = Running::new(app.tls(tls.expect("a certificate"))).await;
    let dialer = Dialer::trusting(&authority);
    expect(
        "100 idle sessions over TLS",
        &server,
        100 * 64 * KIB,
        async |server| {
            let mut clients = Vec::new();
            for _ in 0..100 {
                clients.push(dialer.joined(server.address).await);
            }
            for client in clients {
                client.leave().await;
            }
        },
    )
    .await;
    server.rest().await;
}

/// Sends the same bytes until the server has had enough.
async fn flood(server: &Running, packet: &[u8]) {
    let mut client = Client::joined(server.address).await;
    client.send_frame(&Frame::text("").unfinished()).await;
    let flood = async { while client.stream.write_all(packet).await.is_ok() {} };
    support::soon("the end of a flood", flood).await;
}

async fn aborted(server: &Running, message: &str) {
    let mut client = Client::joined(server.address).await;
    client.send_frame(&Frame::text(message)).await;
    client.send_frame(&Frame::close(1000, "")).await;
    client.end().await;
}

/// A session with little room for what is on its way.
async fn narrow(server: &Running) -> Client {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a TCP socket");
    let stream = socket
        .connect(server.address)
        .await
        .expect("the server listens");
    let mut client = Client::over(stream);
    client.upgrade("wamp.2.json").await;
    client.join().await;
    client
}
