//! The place of a connection among those that a server may have.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::Server;
use crate::session::connection::Connection;
use crate::transport::Transport;

/// Counts a connection for as long as it lasts.
pub(crate) struct ConnectionSlot(Server);

impl ConnectionSlot {
    /// Whoever makes it has counted it.
    pub(super) fn new(server: Server) -> Self {
        Self(server)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.0.connection_ended();
    }
}

/// A connection with its place. An `async` block would need room for the connection twice: where it was and where it is awaited.
pub(super) struct Placed<T: Transport> {
    connection: Connection<T>,
    _slot: ConnectionSlot,
}

impl<T: Transport> Placed<T> {
    pub(super) fn new(connection: Connection<T>, slot: ConnectionSlot) -> Self {
        Self {
            connection,
            _slot: slot,
        }
    }
}

impl<T: Transport> Future for Placed<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.connection).poll(cx)
    }
}
