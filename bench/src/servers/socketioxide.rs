//! socketioxide over axum: events answered by an acknowledgement.

use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::serve::ListenerExt;
use socketioxide::extract::{AckSender, Data, SocketRef};
use socketioxide::{SocketIo, TransportType};
use tokio::net::TcpListener;

/// Accepts connections until the process is ended.
pub async fn serve(listener: TcpListener) -> Result<()> {
    let (layer, io) = SocketIo::builder()
        .transports([TransportType::Websocket])
        // Longer than any run: the load generator answers the first of Engine.IO's pings only.
        .ping_interval(Duration::from_secs(3600))
        .build_layer();
    io.ns("/", async |socket: SocketRef| {
        // A failing acknowledgement means that the client went away: the end of every run.
        socket.on(
            "add2",
            async |Data((a, b)): Data<(i64, i64)>, ack: AckSender| {
                ack.send(&(a + b)).ok();
            },
        );
        socket.on("echo", async |Data(text): Data<String>, ack: AckSender| {
            ack.send(&text).ok();
        });
    });
    let listener = listener.tap_io(|stream| {
        stream.set_nodelay(true).ok();
    });
    axum::serve(listener, Router::new().layer(layer))
        .await
        .context("axum ended")
}
