//! This project's router: it has nothing of its own, and passes on what clients offer each other.

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use wamp_server::{App, RouterOptions};

/// Accepts connections until the process is ended.
pub async fn serve(listener: TcpListener) -> Result<()> {
    app()
        .serve_with(listener, std::future::pending())
        .await
        .context("the server ended")
}

fn app() -> App {
    App::empty().router(RouterOptions::new())
}
