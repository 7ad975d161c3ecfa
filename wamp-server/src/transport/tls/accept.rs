//! The TLS handshake of a connection, and what is known after it.

use std::io;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConnection;
use tokio_rustls::server::TlsStream;

use super::Tls;
use crate::transport::ConnectionInfo;

/// A connection of ours that speaks TLS.
pub(crate) type Stream = TlsStream<TcpStream>;

/// RFC 9266, 2: this label, an empty context and 32 bytes.
const LABEL: &[u8] = b"EXPORTER-Channel-Binding";

impl Tls {
    /// Speaks TLS with a client, and adds what is known then. When that fails, the client has been told; the connection is given back, so
    /// that the caller decides when it is closed.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
        mut info: ConnectionInfo,
    ) -> Result<(Stream, ConnectionInfo), (io::Error, TcpStream)> {
        let acceptor = TlsAcceptor::from(self.config());
        let stream = acceptor.accept(stream).into_fallible().await?;
        let (_, connection) = stream.get_ref();
        // The client's own is the first. The others help to verify it, or do not: nobody checks those that are not needed.
        if let Some([certificate, ..]) = connection.peer_certificates() {
            info = info.with_certificate(certificate.as_ref());
        }
        if let Some(value) = channel_binding(connection) {
            info = info.with_channel_binding(value);
        }
        Ok((stream, info.with_security(true)))
    }
}

/// Sound for TLS 1.3, and for TLS 1.2 because its handshake fails without the extended master secret.
fn channel_binding(connection: &ServerConnection) -> Option<[u8; 32]> {
    let exported = connection.export_keying_material([0; 32], LABEL, Some(&[]));
    exported.ok()
}
