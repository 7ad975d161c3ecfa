//! A transport of one's own: what it is asked to do, and what its failures mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::transport::{Activity, Close, Failure, Transport};
use wamp_server::{App, Limits, Server};

use crate::support::{HELLO, Log, build, nothing_is_left, settle};

/// Frames and failures come from one channel and go to another.
struct Scripted {
    incoming: mpsc::UnboundedReceiver<Result<Bytes, Failure>>,
    outgoing: mpsc::UnboundedSender<Bytes>,
    signs: Signs,
    log: Log,
}

/// What a peer would show of itself.
#[derive(Clone, Default)]
struct Signs {
    answers_pings: Arc<AtomicBool>,
    received: Arc<AtomicU64>,
    partial: Arc<AtomicBool>,
}

impl Transport for Scripted {
    fn subprotocol(&self) -> Subprotocol {
        Subprotocol::default()
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        self.incoming.poll_recv(cx)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Failure> {
        self.outgoing
            .send(frame)
            .map_err(|_| Failure::Io(std::io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, _: &mut Context<'_>, reason: Close) -> Poll<()> {
        self.log.note(format!("close {reason:?}"));
        Poll::Ready(())
    }

    fn ping(&mut self) -> bool {
        self.log.note("ping");
        if self.signs.answers_pings.load(Ordering::Relaxed) {
            self.signs.received.fetch_add(2, Ordering::Relaxed);
        }
        true
    }

    fn activity(&self) -> Activity {
        Activity {
            received: self.signs.received.load(Ordering::Relaxed),
            partial: self.signs.partial.load(Ordering::Relaxed),
            ..Activity::default()
        }
    }

    fn opened(&mut self) {
        self.log.note("opened");
    }
}

struct Far {
    to_server: mpsc::UnboundedSender<Result<Bytes, Failure>>,
    from_server: mpsc::UnboundedReceiver<Bytes>,
    signs: Signs,
    log: Log,
}

impl Far {
    fn connect(server: &Server) -> Self {
        let (to_server, incoming) = mpsc::unbounded_channel();
        let (outgoing, from_server) = mpsc::unbounded_channel();
        let (signs, log) = (Signs::default(), Log::default());
        let near = Scripted {
            incoming,
            outgoing,
            signs: signs.clone(),
            log: log.clone(),
        };
        tokio::spawn(server.attach(near));
        Self {
            to_server,
            from_server,
            signs,
            log,
        }
    }

    async fn join(server: &Server) -> Self {
        let mut far = Self::connect(server);
        far.to_server
            .send(Ok(HELLO.into()))
            .expect("the server reads");
        settle().await;
        assert!(far.hears().starts_with("[2,"));
        assert_eq!(far.log.take(), ["opened"]);
        far
    }

    fn hears(&mut self) -> String {
        self.from_server
            .try_recv()
            .map(|it| String::from_utf8_lossy(&it).into_owned())
            .unwrap_or_default()
    }
}

fn server() -> Server {
    let limits = Limits {
        ping_interval: Duration::from_secs(20),
        pong_timeout: Duration::from_secs(10),
        message_timeout: Duration::from_secs(30),
        ..Limits::default()
    };
    build(App::empty().procedure("one", async || 1).limits(limits))
}

#[tokio::test(start_paused = true)]
async fn a_session_runs_over_it_and_is_closed_with_a_reason() {
    let server = server();
    let mut far = Far::join(&server).await;
    far.to_server
        .send(Ok(r#"[48,1,{},"one"]"#.into()))
        .expect("the server reads");
    settle().await;
    assert_eq!(far.hears(), "[50,1,{},[1]]");
    far.to_server
        .send(Ok("[48]".into()))
        .expect("the server reads");
    settle().await;
    assert!(far.hears().contains("wamp.error.protocol_violation"));
    assert_eq!(far.log.take(), ["close ProtocolError"]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn frames_that_break_the_rules_are_violations() {
    for failure in [
        Failure::WrongKind("binary"),
        Failure::NotUtf8,
        Failure::Protocol("reserved bits".to_owned()),
    ] {
        let server = server();
        let mut far = Far::join(&server).await;
        let (close, message) = (failure.close(), failure.to_string());
        far.to_server.send(Err(failure)).expect("the server reads");
        settle().await;
        let abort = far.hears();
        assert!(
            abort.starts_with("[3,")
                && abort.contains(&message)
                && abort.contains("protocol_violation"),
            "{abort}"
        );
        assert_eq!(far.log.take(), [format!("close {close:?}")]);
        assert_eq!(
            (server.stats().violations, server.stats().limits_hit),
            (1, 0)
        );
        nothing_is_left(&server);
    }
}

#[tokio::test(start_paused = true)]
async fn frames_beyond_the_limits_close_the_connection() {
    for failure in [Failure::TooLarge { limit: 5 }, Failure::Flood("pings")] {
        let server = server();
        let mut far = Far::join(&server).await;
        let close = failure.close();
        far.to_server.send(Err(failure)).expect("the server reads");
        settle().await;
        assert_eq!(far.hears(), "");
        assert_eq!(far.log.take(), [format!("close {close:?}")]);
        assert_eq!(
            (server.stats().violations, server.stats().limits_hit),
            (0, 1)
        );
        nothing_is_left(&server);
    }
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_nobodys_fault() {
    let server = server();
    let mut far = Far::join(&server).await;
    far.to_server
        .send(Err(Failure::Io(std::io::ErrorKind::ConnectionReset.into())))
        .expect("the server reads");
    settle().await;
    assert_eq!(far.hears(), "");
    assert_eq!(
        (server.stats().violations, server.stats().limits_hit),
        (0, 0)
    );
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_breaks_while_it_sends_ends_the_session() {
    let server = server();
    let Far {
        to_server,
        from_server,
        ..
    } = Far::join(&server).await;
    drop(from_server);
    to_server
        .send(Ok(r#"[48,1,{},"one"]"#.into()))
        .expect("the server reads");
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_asked_and_then_lost() {
    let server = server();
    let far = Far::join(&server).await;
    tokio::time::sleep(Duration::from_secs(19)).await;
    assert_eq!(far.log.take(), [""; 0]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(far.log.take(), ["ping"]);
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(server.stats().sessions, 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(far.log.take(), ["close GoingAway"]);
    assert_eq!(server.stats().lost_peers, 1);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_stays() {
    let server = server();
    let far = Far::join(&server).await;
    far.signs.answers_pings.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(2000)).await;
    let pings = far.log.take();
    assert!(
        pings.len() > 50 && pings.iter().all(|it| it == "ping"),
        "{}",
        pings.len()
    );
    assert_eq!((server.stats().sessions, server.stats().lost_peers), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_never_ends_ends_the_connection() {
    let server = server();
    let far = Far::join(&server).await;
    far.signs.answers_pings.store(true, Ordering::Relaxed);
    far.signs.partial.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(70)).await;
    assert_eq!(
        far.log.take().last().map(String::as_str),
        Some("close Policy")
    );
    assert_eq!(server.stats().limits_hit, 1);
    nothing_is_left(&server);
}
