//! Clients that say nothing, or do not finish what they say.

use std::time::Duration;

use serde_json::json;
use wamp_server::Limits;

use crate::support::{Canary, Client, Frame, Running, close_code, timeless};

#[tokio::test]
async fn a_silent_client_is_asked_for_a_sign_of_life() {
    let limits = Limits {
        ping_interval: Duration::from_millis(50),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    for _ in 0..5 {
        let ping = client.frame().await;
        assert_eq!(ping.opcode, 9, "{ping:?}");
        client.send_frame(&Frame::pong(ping.payload)).await;
    }
    assert_eq!(
        client.call("test.add", json!([1, 2])).await,
        json!([50, 1, {}, [3]])
    );
    client.leave().await;
    assert_eq!(server.stats().lost_peers, 0);
    server.rest().await;
}

#[tokio::test]
async fn a_client_that_gives_no_sign_of_life_is_dropped() {
    let limits = Limits {
        ping_interval: Duration::from_millis(50),
        pong_timeout: Duration::from_millis(100),
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    client.send_json(json!([48, 1, {}, "test.forever"])).await;
    assert_eq!(client.frame().await.opcode, 9);
    server.idle().await;
    assert_eq!(server.stats().lost_peers, 1);
    // The call may have come after a first ping, and been a sign of life.
    let mut farewell = client.frame().await;
    while farewell.opcode == 9 {
        farewell = client.frame().await;
    }
    assert_eq!(
        (farewell.opcode, close_code(&farewell.payload)),
        (8, Some(1001))
    );
    server.rest().await;
}

/// Any byte is a sign of life, so a busy client is not pinged and not dropped.
#[tokio::test]
async fn a_client_that_calls_need_not_answer_pings() {
    let limits = Limits {
        ping_interval: Duration::from_millis(20),
        pong_timeout: Duration::from_secs(5),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    let (mut pings, mut request) = (0, 0);
    // It never answers a ping, but calls when it sees one.
    while pings < 5 {
        assert_eq!(client.frame().await.opcode, 9);
        pings += 1;
        request += 1;
        client
            .send_json(json!([48, request, {}, "test.add", [1, 2]]))
            .await;
        assert_eq!(client.frame().await.opcode, 1);
    }
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn connections_that_never_say_hello_are_aborted_in_time() {
    let limits = Limits {
        hello_timeout: Duration::from_secs(1),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(Client::upgraded(server.address, "wamp.2.json").await);
    }
    for (n, client) in clients.iter_mut().enumerate() {
        // Pings are answered, but they are no HELLO.
        if n % 2 == 0 {
            client.send_frame(&Frame::ping("")).await;
        }
    }
    for mut client in clients {
        let end = client.end().await;
        assert_eq!(
            end.abort().as_deref(),
            Some("wamp.error.protocol_violation")
        );
        assert_eq!(end.code, Some(1008));
    }
    assert_eq!(server.stats().limits_hit, 100);
    canary.stop().await;
    server.rest().await;
}

#[tokio::test]
async fn a_message_that_does_not_end_is_not_waited_for() {
    let limits = Limits {
        message_timeout: Duration::from_secs(1),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let message = Frame::text(vec![b' '; 1000]).bytes();
    let fragment = Frame::text("[48,").unfinished().bytes();
    let mut clients = Vec::new();
    for begun in [&message[..1], &message[..6], &message[..500], &fragment] {
        let mut client = Client::joined(server.address).await;
        client.send(begun).await;
        clients.push(client);
    }
    for mut client in clients {
        assert_eq!(client.end().await.code, Some(1008));
    }
    assert_eq!(server.stats().limits_hit, 4);
    canary.stop().await;
    server.rest().await;
}

/// A byte now and then does not help.
#[tokio::test]
async fn a_message_that_drips_is_not_waited_for() {
    let limits = Limits {
        message_timeout: Duration::from_millis(300),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    client.send(Frame::text("").header(60_000)).await;
    let mut drip = tokio::time::interval(Duration::from_millis(10));
    let code = loop {
        tokio::select! {
            _ = drip.tick() => client.send(b" ").await,
            frame = client.next_frame() => break frame.and_then(|it| close_code(&it.payload)),
        }
    };
    assert_eq!(code, Some(1008));
    drop(client);
    server.rest().await;
}

#[tokio::test]
async fn a_long_message_that_keeps_coming_in_time_is_fine() {
    let limits = Limits {
        message_timeout: Duration::from_secs(20),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    let text = "x".repeat(100_000);
    let bytes = Frame::text(json!([48, 1, {}, "test.echo", [text]]).to_string()).bytes();
    for piece in bytes.chunks(100) {
        client.send(piece).await;
    }
    assert_eq!(client.message().await, json!([50, 1, {}, [text]]));
    client.leave().await;
    server.rest().await;
}

/// A subscriber that sends nothing but pings, as polite clients do, is no flood however long it does so.
#[tokio::test]
async fn pings_within_the_limit_never_use_up_the_allowance_for_bytes() {
    let limits = Limits {
        max_message: 1024,
        max_without_message: 64 * 1024,
        control_frames_burst: 5000,
        control_frames_per_second: 5000,
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    let payload = [7; 125];
    // Ten times as many bytes as may come without a message.
    for _ in 0..5000 {
        client.send_frame(&Frame::ping(payload)).await;
        assert_eq!(client.frame().await, Frame::pong(payload).unmasked());
    }
    assert_eq!(
        client.call("test.add", json!([1, 2])).await,
        json!([50, 1, {}, [3]])
    );
    client.leave().await;
    server.rest().await;
}
