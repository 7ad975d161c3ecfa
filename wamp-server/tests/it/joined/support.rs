//! A router, applications that join it, and connections that can be cut.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::client::error::TransportError;
use wamp_server::client::transport::{Connect, Connecting, Transport};
use wamp_server::client::{Builder, Client as Peer};
use wamp_server::{App, Connector, Joined, RouterOptions, Server};

use crate::support::build;

/// A router without functions of its own.
pub(super) fn router() -> Server {
    build(App::empty().router(RouterOptions::default()))
}

/// A router that names everybody to everybody.
pub(super) fn telling_router() -> Server {
    use wamp_server::permission::Disclosure;

    build(
        App::empty()
            .router(RouterOptions::default())
            .disclosure(Disclosure::Forced),
    )
}

/// Offers the functions of an application at a router.
pub(super) async fn join(router: &Server, app: App) -> Joined {
    join_over(router.connector(), app).await
}

/// The same over any connections.
pub(super) async fn join_over(connect: impl Connect, app: App) -> Joined {
    let server = build(app);
    let joined = server.join(Builder::over(connect)).await;
    joined.expect("it joins")
}

/// A client of a router.
pub(super) async fn peer(router: &Server) -> Peer {
    let client = Builder::over(router.connector()).connect().await;
    client.expect("it connects")
}

/// All serializers.
pub(super) fn serializers() -> impl Iterator<Item = Subprotocol> {
    Subprotocol::ALL.iter().filter(|it| !it.batched).copied()
}

/// Makes connections that can be cut.
pub(super) struct Fragile {
    connector: Connector,
    scissors: Scissors,
}

/// Cuts connections.
#[derive(Clone, Default)]
pub(super) struct Scissors(Arc<Mutex<CancellationToken>>);

impl Scissors {
    /// Cuts the connection that is open.
    pub(super) fn cut(&self) {
        let mut token = self.0.lock().expect("not poisoned");
        std::mem::take(&mut *token).cancel();
    }
}

impl Fragile {
    pub(super) fn new(router: &Server) -> (Self, Scissors) {
        let scissors = Scissors::default();
        let connector = router.connector();
        let fragile = Self {
            connector,
            scissors: scissors.clone(),
        };
        (fragile, scissors)
    }
}

impl Connect for Fragile {
    fn connect(&self) -> Connecting<'_> {
        let token = self.scissors.0.lock().expect("not poisoned").clone();
        Box::pin(async move {
            let transport = self.connector.connect().await?;
            let cut = Box::pin(token.cancelled_owned());
            Ok(Box::new(Thread { transport, cut }) as Box<dyn Transport>)
        })
    }

    fn target(&self) -> String {
        self.connector.target()
    }
}

struct Thread {
    transport: Box<dyn Transport>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Transport for Thread {
    fn subprotocol(&self) -> Subprotocol {
        self.transport.subprotocol()
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        if self.cut.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        self.transport.poll_receive(cx)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.transport.send(frame)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.transport.poll_flush(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.transport.poll_close(cx)
    }
}

/// A connection whose other end is in the hands of the test.
pub(super) fn by_hand() -> (Box<dyn Transport>, wamp_server::transport::memory::Peer) {
    let (near, far) = wamp_server::transport::memory::pair();
    (Box::new(ByHand(near)), far)
}

struct ByHand(wamp_server::transport::memory::MemoryTransport);

impl Transport for ByHand {
    fn subprotocol(&self) -> Subprotocol {
        Subprotocol::default()
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        use wamp_server::transport::Transport as _;

        let received = self.0.poll_receive(cx);
        received.map(|it| it.map(|it| it.map_err(|_| TransportError::Closed)))
    }

    fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        use wamp_server::transport::Transport as _;

        self.0.send(frame).map_err(|_| TransportError::Closed)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        use wamp_server::transport::Transport as _;

        let flushed = self.0.poll_flush(cx);
        flushed.map(|it| it.map_err(|_| TransportError::Closed))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        use wamp_server::transport::{Close, Transport as _};

        self.0.poll_close(cx, Close::Normal)
    }
}
