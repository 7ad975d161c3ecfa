//! Sessions come and go, the client stays.

use std::time::Duration;

use tokio::time::{Instant, advance};
use wamp_client::error::{ConnectError, TransportError};
use wamp_client::{Backoff, Builder, CallError, Invocation, RemoteError, State, States};

use crate::support::{Router, open, open_with, settle, spawn, word};

async fn next(states: &mut States) -> String {
    word(&states.next().await.unwrap())
}

fn refused() -> ConnectError {
    ConnectError::Handshake("not today".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_lost_session_is_followed_by_another_one() {
    let (client, mut router, mut peer) = open_with(|it| it).await;
    let mut states = client.states();
    assert_eq!(next(&mut states).await, "open 4711");
    let call = spawn(client.call("x"));
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.fail(TransportError::Closed);
    assert!(matches!(call.await.unwrap(), Err(CallError::Lost)));
    assert_eq!(
        next(&mut states).await,
        "connecting 0: the connection broke"
    );
    assert!(client.session().is_none());
    assert!(matches!(
        client.call("x").await,
        Err(CallError::NotConnected)
    ));
    assert!(matches!(
        client.publish("x").await,
        Err(CallError::NotConnected)
    ));
    assert!(matches!(
        client.subscribe("x").await,
        Err(CallError::NotConnected)
    ));
    let mut peer = router.welcome().await;
    assert_eq!(next(&mut states).await, "open 4711");
    // Nothing is sent twice, and ids begin again.
    peer.expect_nothing().await;
    let call = spawn(client.call("y"));
    peer.expect(r#"[48,1,{},"y"]"#).await;
    peer.send("[50,1,{}]");
    call.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn everybody_who_waits_is_told_at_once() {
    let (client, _router, mut peer) = open_with(|it| it).await;
    let call = spawn(client.call("x"));
    let mut progress = client.call("x").progress();
    let progress = spawn(async move {
        assert!(progress.next().await.is_none());
        progress.result().await
    });
    let publish = spawn(client.publish("x").acknowledge());
    let subscribe = spawn(client.subscribe("x"));
    let register = spawn(client.register_raw("x", async |_: Invocation| Ok::<_, RemoteError>(())));
    let input = spawn(
        client
            .call("x")
            .send(futures_util::stream::pending::<i32>()),
    );
    for _ in 0..6 {
        peer.receive().await.unwrap();
    }
    let began = Instant::now();
    peer.close();
    assert!(matches!(call.await.unwrap(), Err(CallError::Lost)));
    assert!(matches!(progress.await.unwrap(), Err(CallError::Lost)));
    assert!(matches!(publish.await.unwrap(), Err(CallError::Lost)));
    assert!(matches!(subscribe.await.unwrap(), Err(CallError::Lost)));
    assert!(matches!(register.await.unwrap(), Err(CallError::Lost)));
    assert!(matches!(input.await.unwrap(), Err(CallError::Lost)));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_wait_grows_from_attempt_to_attempt() {
    let backoff = Backoff::new()
        .first(Duration::from_secs(1))
        .longest(Duration::from_secs(8));
    let (client, mut router, mut peer) = open_with(|it| it.reconnect(backoff)).await;
    advance(Duration::from_secs(60)).await;
    peer.close();
    let mut last = Instant::now();
    for (failures, most) in [1, 2, 4, 8, 8, 8].into_iter().enumerate() {
        router.refuse(refused()).await;
        let waited = last.elapsed();
        let most = Duration::from_secs(most);
        assert!(
            waited >= most / 2 && waited <= most + Duration::from_millis(5),
            "{failures}: {waited:?}"
        );
        last = Instant::now();
        settle().await;
        assert_eq!(
            word(&client.state()),
            format!(
                "connecting {}: the handshake failed: not today",
                failures + 1
            )
        );
    }
    let _peer = router.welcome().await;
    client.connected().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_router_that_hangs_up_at_once_is_not_called_all_the_time() {
    let (client, mut router, peer) = open_with(|it| it.reconnect(Backoff::new())).await;
    drop(peer);
    let began = Instant::now();
    for _ in 0..20 {
        drop(router.welcome().await);
        settle().await;
    }
    assert!(
        began.elapsed() > Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn attempts_are_limited_if_one_wants() {
    let (client, mut router, mut peer) =
        open_with(|it| it.reconnect(Backoff::new().attempts(2))).await;
    let mut states = client.states();
    next(&mut states).await;
    peer.close();
    assert!(next(&mut states).await.starts_with("connecting 0"));
    router.refuse(refused()).await;
    assert!(next(&mut states).await.starts_with("connecting 1"));
    router.refuse(refused()).await;
    assert_eq!(
        next(&mut states).await,
        "closed: the handshake failed: not today"
    );
    assert!(states.next().await.is_none());
    assert!(matches!(client.call("x").await, Err(CallError::Closed)));
    assert!(client.connected().await.is_err());
    client.close().await;
}

#[tokio::test(start_paused = true)]
async fn without_reconnection_a_lost_session_is_the_end() {
    let (client, mut router, mut peer) = open_with(Builder::no_reconnect).await;
    let subscribing = spawn(client.subscribe("t"));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,7]");
    let mut events = subscribing.await.unwrap().unwrap();
    peer.close();
    assert!(events.next().await.is_none());
    assert!(client.state().is_closed());
    assert!(router.is_idle());
}

#[tokio::test(start_paused = true)]
async fn connect_tries_once() {
    let (mut router, connect) = Router::new(Default::default());
    let connecting = spawn(Builder::over(connect).connect());
    router.refuse(refused()).await;
    assert!(matches!(
        connecting.await.unwrap(),
        Err(ConnectError::Handshake(_))
    ));
    assert!(router.is_idle());

    let (mut router, connect) = Router::new(Default::default());
    let connecting = spawn(Builder::over(connect).connect());
    let mut peer = router.accept().await;
    peer.expect(r#"[1,"*","*"]"#).await;
    peer.send(r#"[3,{"message":"no such realm"},"wamp.error.no_such_realm"]"#);
    let error = connecting.await.unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the router refuses the session with `wamp.error.no_such_realm`: no such realm"
    );
}

#[tokio::test(start_paused = true)]
async fn start_connects_in_the_background() {
    let (mut router, connect) = Router::new(Default::default());
    let client = Builder::over(connect).start().unwrap();
    assert_eq!(word(&client.state()), "connecting 0");
    assert!(matches!(
        client.call("x").await,
        Err(CallError::NotConnected)
    ));
    router.refuse(refused()).await;
    router.refuse(refused()).await;
    let connected = spawn({
        let client = client.clone();
        async move { client.connected().await }
    });
    let _peer = router.welcome().await;
    assert_eq!(connected.await.unwrap().unwrap().id().get(), 4711);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_be_closed_does_not_hold_up_the_next_one() {
    let (client, mut router, peer) = open_with(|it| it).await;
    peer.shared
        .clings
        .store(true, std::sync::atomic::Ordering::SeqCst);
    peer.fail(TransportError::Closed);
    let began = Instant::now();
    settle().await;
    assert!(!client.state().is_open());
    let _peer = router.welcome().await;
    client.connected().await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn goodbye_and_abort_in_the_middle_of_a_call() {
    let (client, mut router, mut peer) = open_with(|it| it).await;
    let call = spawn(client.call("x"));
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.send(r#"[6,{},"wamp.close.system_shutdown"]"#);
    assert!(matches!(call.await.unwrap(), Err(CallError::Lost)));
    peer.expect(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
    assert!(peer.is_closed().await);
    assert_eq!(
        word(&client.state()),
        "connecting 0: the router has said goodbye: `wamp.close.system_shutdown`"
    );
    let mut peer = router.welcome().await;
    client.connected().await.unwrap();
    let call = spawn(client.call("x"));
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.send(r#"[3,{"message":"out of memory"},"wamp.error.system"]"#);
    assert!(matches!(call.await.unwrap(), Err(CallError::Lost)));
    peer.expect_nothing().await;
    assert_eq!(
        word(&client.state()),
        "connecting 0: the router refuses the session with `wamp.error.system`: out of memory"
    );
}

#[tokio::test(start_paused = true)]
async fn states_end_with_the_client() {
    let (client, mut peer) = open().await;
    let mut states = client.states();
    assert!(matches!(states.next().await, Some(State::Open(_))));
    drop(client);
    peer.expect(r#"[6,{},"wamp.close.close_realm"]"#).await;
    peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
    assert!(matches!(
        states.next().await,
        Some(State::Closed { reason: None })
    ));
    assert!(states.next().await.is_none());
    assert!(states.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn whoever_looks_when_the_client_is_long_gone_is_still_told_how_it_ended() {
    let (client, _, peer) = open_with(Builder::no_reconnect).await;
    let mut states = client.states();
    assert!(matches!(states.next().await, Some(State::Open(_))));
    peer.fail(TransportError::Closed);
    settle().await;
    drop(client);
    settle().await;
    assert_eq!(next(&mut states).await, "closed: the connection broke");
    assert!(states.next().await.is_none());
}
