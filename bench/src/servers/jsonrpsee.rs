//! jsonrpsee: JSON-RPC 2.0 over WebSocket.

use anyhow::{Context, Result};
use jsonrpsee::RpcModule;
use jsonrpsee::server::{ServerBuilder, ServerConfig};
use jsonrpsee::types::ErrorObjectOwned;
use tokio::net::TcpListener;

/// Accepts connections until the process is ended.
pub async fn serve(listener: TcpListener) -> Result<()> {
    let mut module = RpcModule::new(());
    module.register_async_method("add2", async |params, _, _| {
        let (a, b): (i64, i64) = params.parse()?;
        Ok::<_, ErrorObjectOwned>(a + b)
    })?;
    module.register_async_method("echo", async |params, _, _| {
        let (text,): (String,) = params.parse()?;
        Ok::<_, ErrorObjectOwned>(text)
    })?;
    let config = ServerConfig::builder()
        .ws_only()
        .max_connections(u32::MAX)
        .set_tcp_no_delay(true)
        .build();
    let listener = listener
        .into_std()
        .context("the listener is not a std listener")?;
    let server = ServerBuilder::with_config(config)
        .build_from_tcp(listener)
        .context("jsonrpsee does not start")?;
    server.start(module).stopped().await;
    Ok(())
}
