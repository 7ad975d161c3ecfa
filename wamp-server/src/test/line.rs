//! Connections of a [`wamp_client::Client`] to a server in the same process.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use wamp_client::error::{ConnectError, TransportError};
use wamp_client::transport::{Connect, Connecting, Transport};
use wamp_proto::subprotocol::Subprotocol;

use super::tap::Tap;
use crate::app::Server;
use crate::transport::{TransportInfo, memory};

/// Makes connections to a server.
pub(super) struct Connector {
    pub(super) server: Server,
    pub(super) info: TransportInfo,
    pub(super) tap: Arc<Tap>,
}

impl Connect for Connector {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async {
            if self.tap.lock().refuses {
                return Err(ConnectError::Io {
                    target: self.target(),
                    source: io::ErrorKind::ConnectionRefused.into(),
                });
            }
            let (near, far) = memory::pair_with(self.tap.subprotocol(), self.info.clone());
            tokio::spawn(self.server.attach(near));
            let line = Line::new(Arc::clone(&self.tap), far);
            Ok(Box::new(line) as Box<dyn Transport>)
        })
    }

    fn target(&self) -> String {
        "memory".to_owned()
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Line {
    tap: Arc<Tap>,
    generation: u64,
}

impl Line {
    pub(super) fn new(tap: Arc<Tap>, far: memory::Peer) -> Self {
        Self {
            generation: tap.connect(far),
            tap,
        }
    }
}

impl Transport for Line {
    fn subprotocol(&self) -> Subprotocol {
        self.tap.subprotocol()
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        self.tap.poll_receive(cx)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.tap.send(frame)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.tap.poll_flush(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.tap.poll_close(cx)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.tap.hang_up(self.generation);
    }
}
