//! Clients that send as fast as they can, what means nothing or asks for too much. Others must not notice.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use wamp_server::Limits;

use crate::support::{Canary, Client, Frame, Running, app, request, soon, timeless};

/// A flooding client reads no answers, so that waiting for its Close is in vain.
fn impatient() -> Limits {
    Limits {
        close_timeout: Duration::from_millis(100),
        ..timeless()
    }
}

/// Sends a packet again and again, reading nothing, until the server has had enough.
async fn send_until_cut_off(client: &mut Client, packet: &[u8]) {
    let flood = async { while client.stream.write_all(packet).await.is_ok() {} };
    soon("the end of a flood", flood).await;
}

/// The same with these bytes many times in a packet, from a new client.
async fn flood(server: &Running, bytes: &[u8]) {
    let mut client = Client::joined(server.address).await;
    let packet = bytes.repeat(1 + 64 * 1024 / bytes.len());
    send_until_cut_off(&mut client, &packet).await;
}

async fn is_cut_off(bytes: &[u8]) {
    let server = Running::with(impatient()).await;
    let canary = Canary::start(server.address).await;
    for _ in 0..3 {
        flood(&server, bytes).await;
    }
    canary.stop().await;
    assert_eq!(server.stats().limits_hit, 3);
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_without_reading_the_answers() {
    is_cut_off(&Frame::ping([0; 125]).bytes()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_pings() {
    is_cut_off(&Frame::ping("").bytes()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pongs_that_nobody_asked_for() {
    is_cut_off(&Frame::pong([0; 125]).bytes()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_fragments() {
    let server = Running::with(impatient()).await;
    let canary = Canary::start(server.address).await;
    for _ in 0..3 {
        let mut client = Client::joined(server.address).await;
        client.send_frame(&Frame::text("").unfinished()).await;
        let packet = Frame::continuation("").unfinished().bytes().repeat(10_000);
        send_until_cut_off(&mut client, &packet).await;
    }
    canary.stop().await;
    assert_eq!(server.stats().limits_hit, 3);
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fragments_of_one_byte() {
    let server = Running::with(impatient()).await;
    let canary = Canary::start(server.address).await;
    let mut client = Client::joined(server.address).await;
    client.send_frame(&Frame::text("[").unfinished()).await;
    let packet = Frame::continuation(" ").unfinished().bytes().repeat(10_000);
    send_until_cut_off(&mut client, &packet).await;
    canary.stop().await;
    assert_eq!(server.stats().limits_hit, 1);
    server.rest().await;
}

/// The same before there is a session, where hardly anything is allowed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fragments_instead_of_hello() {
    let server = Running::with(impatient()).await;
    let canary = Canary::start(server.address).await;
    for first in [Frame::text(""), Frame::text("[")] {
        let mut client = Client::upgraded(server.address, "wamp.2.json").await;
        client.send_frame(&first.unfinished()).await;
        let packet = Frame::continuation("").unfinished().bytes().repeat(10_000);
        send_until_cut_off(&mut client, &packet).await;
    }
    canary.stop().await;
    assert_eq!(server.stats().limits_hit, 2);
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_half_sent_upgrades() {
    let limits = Limits {
        handshake_timeout: Duration::from_secs(2),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let request = request("/", "wamp.2.json");
    let mut attackers = Vec::new();
    for n in 0..500 {
        let mut attacker = Client::connect(server.address).await;
        attacker
            .send(&request.as_bytes()[..n % request.len()])
            .await;
        attackers.push(attacker);
    }
    // Somebody else gets in while they hang.
    Client::joined(server.address).await.leave().await;
    for mut attacker in attackers {
        assert_eq!(attacker.rest().await, b"");
    }
    canary.stop().await;
    assert!(server.stats().limits_hit >= 500);
    server.rest().await;
}

fn is_limit(answer: &Value) -> bool {
    answer[0] == 8 && answer[4] == "wamp.error.limit_exceeded"
}

#[tokio::test]
async fn subscriptions_beyond_the_limit_get_an_error() {
    let server = Running::with(Limits {
        max_subscriptions: 100,
        ..timeless()
    })
    .await;
    let canary = Canary::start(server.address).await;
    let mut client = Client::joined(server.address).await;
    let mut subscriptions = Vec::new();
    let requests =
        (1..=2000).map(|n| Frame::text(format!(r#"[32,{n},{{}},"test.topic.{n}"]"#)).bytes());
    client.send(requests.flatten().collect::<Vec<_>>()).await;
    for n in 1..=2000 {
        let answer = client.message().await;
        if n <= 100 {
            assert_eq!(
                (&answer[0], &answer[1]),
                (&json!(33), &json!(n)),
                "{answer}"
            );
            subscriptions.push(answer[2].clone());
        } else {
            assert!(is_limit(&answer), "{answer}");
        }
    }
    // A place that is given back can be taken again.
    client.send_json(json!([34, 2001, subscriptions[0]])).await;
    assert_eq!(client.message().await, json!([35, 2001]));
    client
        .send_json(json!([32, 2002, {}, "test.another"]))
        .await;
    assert_eq!(client.message().await[0], 33);
    client.leave().await;
    canary.stop().await;
    assert_eq!(
        server
            .server
            .realm("test.realm")
            .expect("the default realm")
            .topics(),
        0
    );
    server.rest().await;
}

#[tokio::test]
async fn open_calls_beyond_the_limit_get_an_error() {
    let server = Running::with(Limits {
        max_pending_calls: 100,
        ..timeless()
    })
    .await;
    let canary = Canary::start(server.address).await;
    let mut client = Client::joined(server.address).await;
    let requests =
        (1..=2000).map(|n| Frame::text(format!(r#"[48,{n},{{}},"test.forever"]"#)).bytes());
    client.send(requests.flatten().collect::<Vec<_>>()).await;
    for n in 101..=2000 {
        let answer = client.message().await;
        assert!(is_limit(&answer) && answer[2] == n, "{answer}");
    }
    assert_eq!(server.stats().running_handlers, 100);
    // One that is cancelled makes room.
    client.send_json(json!([49, 1, {"mode": "kill"}])).await;
    assert_eq!(client.message().await[4], "wamp.error.canceled");
    client
        .send_json(json!([48, 2001, {}, "test.add", [1, 2]]))
        .await;
    assert_eq!(client.message().await, json!([50, 2001, {}, [3]]));
    client.leave().await;
    canary.stop().await;
    server.rest().await;
}

#[tokio::test]
async fn handlers_beyond_the_limit_of_the_server_get_an_error() {
    let server = Running::with(Limits {
        max_running_handlers: 10,
        ..timeless()
    })
    .await;
    let mut clients = Vec::new();
    for n in 0..5 {
        let mut client = Client::joined(server.address).await;
        for request in 1..=4 {
            client
                .send_json(json!([48, request, {}, "test.forever"]))
                .await;
        }
        let expected = (4 * (n + 1)).min(10);
        server
            .until("the calls", |stats| stats.running_handlers == expected)
            .await;
        clients.push(client);
    }
    let full = clients.last_mut().expect("five");
    assert!(is_limit(&full.message().await));
    for client in clients {
        drop(client);
    }
    server.rest().await;
}

/// A busy session does not keep the others waiting: they take turns.
#[tokio::test]
async fn a_flood_of_calls_is_served_in_turns() {
    let server = Running::new(app()).await;
    let mut busy = Client::joined(server.address).await;
    let calls =
        (1..=20_000).map(|n| Frame::text(format!(r#"[48,{n},{{}},"test.add",[1,2]]"#)).bytes());
    let calls = calls.flatten().collect::<Vec<_>>();
    let canary = Canary::start(server.address).await;
    let (mut reader, mut writer) = busy.stream.split();
    let sending = async {
        writer.write_all(&calls).await.expect("the server reads");
    };
    let reading = async {
        use tokio::io::AsyncReadExt as _;
        let expected = (1..=20_000)
            .map(|n| format!("[50,{n},{{}},[3]]").len() + 2)
            .sum::<usize>();
        let mut buffer = vec![0; expected];
        reader
            .read_exact(&mut buffer)
            .await
            .expect("the server answers");
    };
    soon("all answers", async { tokio::join!(sending, reading) }).await;
    busy.leave().await;
    canary.stop().await;
    server.rest().await;
}
