//! Peers that say nothing, where others are asked for a sign of life.

use std::time::Duration;

use wamp_server::transport::memory;
use wamp_server::{App, CallError, Limits, Session, session, sessions};

fn impatient() -> Limits {
    Limits {
        ping_interval: Duration::from_secs(1),
        hello_timeout: Duration::from_secs(5),
        welcome_timeout: Duration::from_secs(30),
        ..Limits::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_without_a_session_is_given_its_time_and_no_more() {
    let server = App::empty().limits(impatient()).build().unwrap();
    let (near, mut far) = memory::pair();
    let began = tokio::time::Instant::now();
    let connection = tokio::spawn(server.attach(near));
    let abort = far.receive().await.unwrap();
    assert!(abort.starts_with(b"[3,"), "{abort:?}");
    assert_eq!(began.elapsed().as_secs(), 5);
    drop(far);
    connection.await.unwrap();
}

/// Takes longer than the ping interval.
#[session]
async fn slow(_: &Session) -> Result<(), CallError> {
    tokio::time::sleep(Duration::from_secs(10)).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_session_handler_may_take_longer_than_the_ping_interval() {
    let app = App::empty().limits(impatient()).sessions(sessions![slow]);
    let server = app.build().unwrap();
    let (near, mut far) = memory::pair();
    tokio::spawn(server.attach(near));
    far.send(r#"[1,"realm1",{"roles":{"caller":{}}}]"#)
        .await
        .unwrap();
    let welcome = far.receive().await.unwrap();
    assert!(welcome.starts_with(b"[2,"), "{welcome:?}");
}

#[tokio::test]
async fn limits_that_cannot_work_are_reported() {
    let limits = Limits {
        max_waiting_input: 0,
        outbound_soft: 0,
        hello_timeout: Duration::MAX,
        max_blocking_handlers: usize::MAX,
        ..Limits::default()
    };
    let error = App::empty().limits(limits).build().unwrap_err();
    assert_eq!(error.problems().len(), 4, "{error}");
}
