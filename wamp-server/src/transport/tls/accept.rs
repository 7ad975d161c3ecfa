//! The TLS handshake of a connection, and what is known after it.

use std::io;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConnection;
use tokio_rustls::server::TlsStream;

use super::Tls;
use crate::app::gate::Secured;

/// A connection of ours that speaks TLS.
pub(crate) type Stream = TlsStream<TcpStream>;

/// RFC 9266, 2: this label, an empty context and 32 bytes.
const LABEL: &[u8] = b"EXPORTER-Channel-Binding";

impl Tls {
    /// Speaks TLS with a client. When that fails, the client has been told; the connection is given back, so that the caller decides
    /// when it is closed.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> Result<(Stream, Secured), (io::Error, TcpStream)> {
        let acceptor = TlsAcceptor::from(self.config());
        let stream = acceptor.accept(stream).into_fallible().await?;
        let (_, connection) = stream.get_ref();
        let secured = Secured {
            certificates: certificates(connection),
            channel_binding: channel_binding(connection),
        };
        Ok((stream, secured))
    }
}

fn certificates(connection: &ServerConnection) -> Vec<Vec<u8>> {
    let chain = connection.peer_certificates().unwrap_or_default();
    chain.iter().map(|it| it.to_vec()).collect()
}

/// Sound for TLS 1.3, and for TLS 1.2 because its handshake fails without the extended master secret.
fn channel_binding(connection: &ServerConnection) -> Option<[u8; 32]> {
    let exported = connection.export_keying_material([0; 32], LABEL, Some(&[]));
    exported.ok()
}
