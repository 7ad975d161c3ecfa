//! This project's router: it has nothing of its own, and passes on what clients offer each other.

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use wamp_server::{App, Limits, RouterOptions};

/// Accepts connections until the process is ended.
pub async fn serve(listener: TcpListener) -> Result<()> {
    app()
        .serve_with(listener, std::future::pending())
        .await
        .context("the server ended")
}

fn app() -> App {
    // A million entries are held by few sessions.
    let limits = Limits {
        max_registrations: 1_000_000,
        max_subscriptions: 1_000_000,
        max_patterns: 1_000_000,
        ..Limits::default()
    };
    App::empty().limits(limits).router(RouterOptions::new())
}
