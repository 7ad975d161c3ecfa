//! Sends every message back. What it costs is what the transport costs.

use anyhow::{Context, Result};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// When answers leave.
#[derive(Clone, Copy, Debug)]
pub enum Flush {
    /// Once everything that was ready to be read is answered.
    WhenDrained,
    /// After every message.
    EachMessage,
}

/// Accepts connections until the process is ended. Without `read_buffer` each has tungstenite's
/// default, 128 KiB.
pub async fn serve(listener: TcpListener, flush: Flush, read_buffer: Option<usize>) -> Result<()> {
    let config = match read_buffer {
        Some(size) => WebSocketConfig::default().read_buffer_size(size),
        None => WebSocketConfig::default(),
    };
    loop {
        let (stream, _) = listener
            .accept()
            .await
            .context("cannot accept a connection")?;
        tokio::spawn(async move {
            // A client that goes away is the end of every run and no news.
            let _ = connection(stream, flush, config).await;
        });
    }
}

async fn connection(stream: TcpStream, flush: Flush, config: WebSocketConfig) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let mut socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_close() {
            continue; // tungstenite answers it; the stream then ends
        }
        socket.feed(message).await?;
        if let Flush::WhenDrained = flush {
            for _ in 1..BATCH {
                match socket.next().now_or_never() {
                    Some(Some(message)) => socket.feed(message?).await?,
                    Some(None) | None => break,
                }
            }
        }
        socket.flush().await?;
    }
    Ok(())
}

/// Messages answered before a flush, at most.
const BATCH: usize = 256;
