//! A router that does everything wrong: nothing panics or hangs, whoever waits is told, and the client connects again.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;
use wamp_client::error::{ConnectError, TransportError};
use wamp_client::proto::codec::Format;
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_client::{Backoff, Builder, CallError, Invocation, RemoteError};

use crate::support::{Router, WELCOME, open, open_over, open_with, settle, spawn};

/// Against a session with one call (1), subscription (2, 7), registration (3, 8).
async fn breaks(message: &[u8]) {
    let (client, mut router, mut peer) = open_with(|it| it).await;
    let call = spawn(client.call("x"));
    peer.expect(r#"[48,1,{},"x"]"#).await;
    let subscribing = spawn(client.subscribe("t"));
    peer.expect(r#"[32,2,{},"t"]"#).await;
    peer.send("[33,2,7]");
    let _events = subscribing.await.unwrap().unwrap();
    let registering =
        spawn(client.register_raw("p", async |_: Invocation| Ok::<_, RemoteError>(())));
    peer.expect(r#"[64,3,{},"p"]"#).await;
    peer.send("[65,3,8]");
    registering.await.unwrap().unwrap();

    let shown = String::from_utf8_lossy(&message[..message.len().min(80)]).into_owned();
    peer.send_bytes(message.to_vec());
    let last_words = peer.receive().await;
    let last_words = last_words.unwrap_or_else(|| panic!("{shown}: nothing is said"));
    assert_eq!(last_words[0], 3, "{shown}: {last_words}");
    assert_eq!(last_words[2], "wamp.error.protocol_violation", "{shown}");
    assert!(
        matches!(call.await.unwrap(), Err(CallError::Lost)),
        "{shown}"
    );
    assert!(peer.is_closed().await, "{shown}");
    peer.expect_nothing().await;

    let mut peer = router.welcome().await;
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.expect(r#"[64,2,{},"p"]"#).await;
    peer.send("[33,1,7]");
    peer.send("[65,2,8]");
    client.connected().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whatever_is_no_message() {
    let deep = format!("[50,1,{{}},{}{}]", "[".repeat(5000), "]".repeat(5000));
    let messages: [&[u8]; 22] = [
        b"",
        b"\0\xff\xfe",
        b"\xc3\x28",
        b"[50,1,{},[\"\xff\"]]",
        b"[]",
        b"{}",
        b"null",
        b"50",
        b"\"text\"",
        b"[50]",
        b"[50,1]",
        b"[50,1,{},[1]",
        b"[50,1,{},[1]]]",
        b"[50,\"1\",{}]",
        b"[50,0,{}]",
        b"[50,-1,{}]",
        b"[50,9007199254740993,{}]",
        b"[50,1e300,{}]",
        b"[99999,1]",
        b"[-1]",
        b"[36,7,1,[]]",
        deep.as_bytes(),
    ];
    for message in messages {
        breaks(message).await;
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_a_router_does_not_say() {
    for message in [
        WELCOME,
        r#"[1,"realm1",{}]"#,
        r#"[4,"ticket",{}]"#,
        r#"[5,"signature",{}]"#,
        r#"[16,1,{},"t"]"#,
        r#"[32,1,{},"t"]"#,
        "[34,1,7]",
        r#"[48,1,{},"x"]"#,
        "[49,1,{}]",
        r#"[64,1,{},"p"]"#,
        "[66,1,8]",
        "[70,1,{}]",
    ] {
        breaks(message.as_bytes()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_nobody_has_asked_for() {
    for message in [
        "[50,77,{}]",
        r#"[50,77,{"progress":true}]"#,
        r#"[8,48,77,{},"e"]"#,
        "[17,77,1]",
        "[33,77,1]",
        "[35,77]",
        "[65,77,1]",
        "[67,77]",
        "[35,0]",
        "[67,0]",
        // Of the wrong kind: 1 is a call.
        "[17,1,1]",
        "[33,1,1]",
        "[35,1]",
        "[65,1,1]",
        "[67,1]",
        r#"[8,32,1,{},"e"]"#,
        // We have not sent an INVOCATION.
        r#"[8,68,1,{},"e"]"#,
    ] {
        breaks(message.as_bytes()).await;
    }
}

/// What may come late, or twice, or is about something that has ended meanwhile.
#[tokio::test(start_paused = true)]
async fn what_is_merely_late_is_passed_over() {
    let (client, mut peer) = open().await;
    let call = spawn(client.call("x"));
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.send(r#"[8,48,1,{},"e"]"#);
    assert_eq!(call.await.unwrap().unwrap_err().uri(), Some("e"));
    for message in [
        "[50,1,{}]",
        "[50,1,{}]",
        r#"[50,1,{"progress":true}]"#,
        r#"[8,48,1,{},"e"]"#,
        "[36,99,1,{}]",
        r#"[69,99,{"mode":"kill"}]"#,
        r#"[35,0,{"subscription":99}]"#,
        r#"[67,0,{"registration":99}]"#,
    ] {
        peer.send(message);
        peer.expect_nothing().await;
        assert!(client.state().is_open(), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_at_every_point_of_the_handshake_is_bounded() {
    let ticket = || wamp_client::Credentials::new().authid("ada").ticket("t");
    for says in [
        &[][..],
        &[r#"[4,"ticket",{}]"#],
        &[r#"[4,"ticket",{}]"#, r#"[4,"ticket",{}]"#],
    ] {
        let (mut router, connect) = Router::new(Subprotocol::default());
        let builder = Builder::over(connect).credentials(ticket());
        let connecting = spawn(builder.connect_timeout(Duration::from_secs(3)).connect());
        let began = Instant::now();
        let peer = router.accept().await;
        let waits = says.len() < 2;
        // Nor does it answer when the connection is to be closed.
        peer.shared.clings.store(waits, Ordering::SeqCst);
        for message in says {
            peer.send(message);
        }
        let error = connecting.await.unwrap().unwrap_err();
        assert!(began.elapsed() <= Duration::from_secs(3), "{says:?}");
        assert!(
            matches!(error, ConnectError::Timeout(_) | ConnectError::Auth(_)),
            "{error}"
        );
        assert!(peer.is_closed().await);
    }
    // Nobody even answers.
    let (mut router, connect) = Router::new(Subprotocol::default());
    let connecting = spawn(Builder::over(connect).connect());
    let attempt = router.attempt().await;
    assert!(matches!(
        connecting.await.unwrap(),
        Err(ConnectError::Timeout(_))
    ));
    assert!(attempt.is_closed());
}

#[tokio::test(start_paused = true)]
async fn nonsense_in_the_handshake_is_an_error_at_once() {
    for message in [
        "",
        "[]",
        "[50,1,{}]",
        r#"[6,{},"wamp.close.system_shutdown"]"#,
        r#"[1,"realm1",{}]"#,
        "[36,1,1,{}]",
        "[2,0,{}]",
        r#"[2,1,{"roles":5}]"#,
    ] {
        let (mut router, connect) = Router::new(Subprotocol::default());
        let connecting = spawn(Builder::over(connect).connect());
        let mut peer = router.accept().await;
        // Not even read is what the client says about it, and its connection cannot be closed.
        peer.shared.clings.store(true, Ordering::SeqCst);
        peer.expect(r#"[1,"*","*"]"#).await;
        let began = Instant::now();
        peer.send(message);
        let error = connecting.await.unwrap().unwrap_err();
        assert!(
            matches!(error, ConnectError::Protocol(_)),
            "{message}: {error}"
        );
        assert_eq!(peer.receive().await.unwrap()[0], 3, "{message}");
        assert!(began.elapsed() < Duration::from_secs(6), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_router_that_hangs_up_in_the_handshake() {
    let (mut router, connect) = Router::new(Subprotocol::default());
    let connecting = spawn(Builder::over(connect).connect());
    let mut peer = router.accept().await;
    peer.close();
    let error = connecting.await.unwrap().unwrap_err();
    assert!(
        matches!(error, ConnectError::Transport(TransportError::Closed)),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_with_its_welcome_fails_to_connect() {
    let batched = Subprotocol::batched(Format::Json);
    let (mut router, connect) = Router::new(batched);
    let connecting = spawn(Builder::over(connect).connect());
    let peer = router.accept().await;
    peer.send_all([WELCOME, r#"[3,{},"wamp.error.system"]"#]);
    // Either it was open for a moment, or it has never been.
    match connecting.await.unwrap() {
        Ok(client) => {
            settle().await;
            assert!(!client.state().is_open());
        }
        Err(error) => assert!(matches!(error, ConnectError::Abort { .. }), "{error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_with_welcome_is_heard() {
    let batched = Subprotocol::batched(Format::Json);
    let (client, mut router, mut peer) = open_over(batched, |it| it).await;
    let subscribing = spawn(client.subscribe("t"));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send_all(["[33,1,7]", "[36,7,1,{}]", "[36,7,2,{}]"]);
    let mut events = subscribing.await.unwrap().unwrap();
    assert_eq!(events.next().await.unwrap().publication().get(), 1);
    assert_eq!(events.next().await.unwrap().publication().get(), 2);
    peer.close();
    let mut peer = router.accept().await;
    peer.expect(r#"[1,"*","*"]"#).await;
    // It knows what it will be asked.
    peer.send_all([WELCOME, "[68,1,99,{}]"]);
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.expect(r#"[8,68,1,{},"wamp.error.no_such_registration"]"#)
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_tiny_messages_is_refused_at_the_first() {
    let batched = Subprotocol::batched(Format::Json);
    let (client, _router, mut peer) = open_over(batched, |it| it).await;
    peer.send_bytes(b"1\x1e".repeat(1 << 20));
    assert_eq!(peer.receive().await.unwrap()[0], 3);
    assert!(!client.state().is_open());
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_nothing_leaves_others_their_turn() {
    let (client, mut peer) = open().await;
    for _ in 0..100_000 {
        peer.send("[36,99,1,{}]");
        peer.send("[69,99,{}]");
    }
    let call = spawn(client.call("x").get::<i32>());
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.send("[50,1,{},[1]]");
    assert_eq!(call.await.unwrap().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_router_that_reads_nothing_makes_publishers_wait() {
    let (client, mut peer) = open().await;
    peer.stall(true);
    let text = "x".repeat(1000);
    let publishing = spawn({
        let client = client.clone();
        async move {
            let mut sent = 0;
            while client.publish("t").arg(&text).await.is_ok() {
                sent += 1;
            }
            sent
        }
    });
    settle().await;
    assert!(!publishing.is_finished());
    peer.close();
    // About a megabyte.
    let sent = publishing.await.unwrap();
    assert!((900..1100).contains(&sent), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn a_router_that_asks_but_does_not_read_is_not_listened_to_any_more() {
    let (client, mut peer) = open().await;
    let registering = spawn(client.register_raw("p", async |_: Invocation| {
        Ok::<_, RemoteError>("x".repeat(1 << 20))
    }));
    peer.expect(r#"[64,1,{},"p"]"#).await;
    peer.send("[65,1,7]");
    registering.await.unwrap().unwrap();
    peer.stall(true);
    for batch in 0..10 {
        for id in 1..=30 {
            peer.send(format!("[68,{},7,{{}}]", batch * 30 + id));
        }
        settle().await;
    }
    // It asks for 300 MiB.
    peer.stall(false);
    settle().await;
    let mut at_once = 0;
    peer.stall(true);
    while peer.receive().await.is_some() {
        at_once += 1;
    }
    assert!((64..=300).contains(&at_once), "{at_once}");
    peer.stall(false);
    for _ in at_once..300 {
        assert_eq!(peer.receive().await.unwrap()[0], 70);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_gives_up_in_time_on_a_router_that_only_breaks_the_protocol() {
    let (client, mut router, peer) = open_with(|it| it.reconnect(Backoff::new().attempts(3))).await;
    peer.send("[]");
    for _ in 0..3 {
        let peer = router.accept().await;
        peer.send("[]");
        settle().await;
    }
    settle().await;
    assert!(client.state().is_closed());
}
