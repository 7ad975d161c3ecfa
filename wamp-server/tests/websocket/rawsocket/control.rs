//! PING and PONG, as they should be, missing, and too many.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use wamp_server::Limits;

use crate::support::raw::{MESSAGE, PING, PONG, Raw, frame};
use crate::support::{Canary, Running, soon, timeless};

#[tokio::test]
async fn a_ping_is_answered_with_what_is_in_it() {
    let server = Running::default().await;
    let mut raw = Raw::joined(server.address).await;
    for len in [0_usize, 1, 125, 126, 16 * 1024, 16 * 1024 + 1, 1 << 20] {
        let payload = (0..len).map(|n| n.to_le_bytes()[0]).collect::<Vec<_>>();
        raw.send_frame(PING, &payload).await;
        assert!(raw.frame().await == (PONG, payload), "{len}");
    }
    assert_eq!(raw.call("test.add", json!([1, 2])).await[3], json!([3]));
    raw.leave().await;
    server.rest().await;
}

/// Before there is a session, too.
#[tokio::test]
async fn a_ping_before_hello_is_answered() {
    let server = Running::default().await;
    let mut raw = Raw::open(server.address).await;
    raw.send_frame(PING, "early").await;
    assert_eq!(raw.frame().await, (PONG, b"early".to_vec()));
    raw.join().await;
    raw.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn a_silent_client_is_asked_for_a_sign_of_life() {
    let limits = Limits {
        ping_interval: Duration::from_millis(50),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut raw = Raw::joined(server.address).await;
    for _ in 0..5 {
        let (kind, payload) = raw.frame().await;
        assert_eq!(kind, PING);
        raw.send_frame(PONG, payload).await;
    }
    raw.leave().await;
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
    let mut raw = Raw::joined(server.address).await;
    assert_eq!(raw.frame().await.0, PING);
    assert!(raw.end().await.is_empty());
    assert_eq!(server.stats().lost_peers, 1);
    server.rest().await;
}

/// Pings that come slowly enough never use up anything.
#[tokio::test]
async fn pings_within_the_limit_may_come_for_ever() {
    let limits = Limits {
        max_message: 1024,
        control_frames_burst: 5000,
        control_frames_per_second: 5000,
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut raw = Raw::joined(server.address).await;
    for _ in 0..5000 {
        raw.send_frame(PING, [7; 1000]).await;
        assert_eq!(raw.frame().await, (PONG, vec![7; 1000]));
    }
    raw.leave().await;
    server.rest().await;
}

/// A flooding client reads no answers, so that waiting for its end is in vain.
async fn is_cut_off(bytes: Vec<u8>) {
    let limits = Limits {
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let packet = bytes.repeat(1 + 64 * 1024 / bytes.len());
    for _ in 0..3 {
        let mut raw = Raw::joined(server.address).await;
        let stream = &mut raw.bytes.stream;
        let flood = async { while stream.write_all(&packet).await.is_ok() {} };
        soon("the end of a flood", flood).await;
    }
    canary.stop().await;
    assert_eq!(server.stats().limits_hit, 3);
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_pings_are_cut_off() {
    is_cut_off(frame(PING, [0; 125])).await;
    is_cut_off(frame(PING, "")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_pongs_are_cut_off() {
    is_cut_off(frame(PONG, [0; 125])).await;
    is_cut_off(frame(PONG, "")).await;
}

/// A breach is told where somebody listens: there is no close code.
#[tokio::test]
async fn a_flood_is_told_about() {
    let limits = Limits {
        control_frames_burst: 3,
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut raw = Raw::joined(server.address).await;
    raw.bytes.send(frame(PONG, "").repeat(50)).await;
    raw.is_aborted("wamp.error.limit_exceeded").await;
    server.rest().await;
}

/// Long pings whose answers are not read: no more than one answer is kept, so what is not read by the client is not read by the server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_pongs_is_not_read_either() {
    let limits = Limits {
        ping_interval: Duration::from_millis(200),
        pong_timeout: Duration::from_millis(200),
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let mut raw = Raw::joined(server.address).await;
    let ping = frame(PING, vec![0; 1 << 20]);
    let stream = &mut raw.bytes.stream;
    let flood = async { while stream.write_all(&ping).await.is_ok() {} };
    soon("the end of a flood", flood).await;
    canary.stop().await;
    assert_eq!(server.stats().lost_peers, 1);
    server.rest().await;
}

/// Messages between pings are served all the same.
#[tokio::test]
async fn calls_and_pings_may_be_mixed() {
    let server = Running::default().await;
    let mut raw = Raw::joined(server.address).await;
    for n in 1..=50 {
        let mut bytes = frame(PING, [n]);
        bytes.extend(frame(
            MESSAGE,
            format!(r#"[48,{n},{{}},"test.add",[{n},1]]"#),
        ));
        raw.bytes.send(bytes).await;
        let mut frames = [raw.frame().await, raw.frame().await];
        frames.sort();
        let result = format!("[50,{n},{{}},[{}]]", n + 1);
        assert_eq!(frames, [(MESSAGE, result.into_bytes()), (PONG, vec![n])]);
    }
    raw.leave().await;
    server.rest().await;
}
