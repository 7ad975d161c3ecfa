//! This project's server, used as its users do.

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use wamp_server::{App, RouterOptions, Session, State, procedure, subscriber, topic};

/// Accepts connections until the process is ended.
pub async fn serve(listener: TcpListener, routes: bool) -> Result<()> {
    let mut app = App::new().state(Offset(0));
    if routes {
        app = app.router(RouterOptions::new());
    }
    app.serve_with(listener, std::future::pending())
        .await
        .context("the server ended")
}

/// What [`state2`] looks up.
struct Offset(i64);

#[procedure("bench.add2")]
async fn add2(a: i64, b: i64) -> i64 {
    a + b
}

#[procedure("bench.echo")]
async fn echo(text: &str) -> &str {
    text
}

/// Is not ready when it is first polled.
#[procedure("bench.wait2")]
async fn wait2(a: i64, b: i64) -> i64 {
    tokio::task::yield_now().await;
    a + b
}

#[procedure("bench.state2")]
async fn state2(a: i64, b: i64, State(offset): State<'_, Offset>) -> i64 {
    a + b + offset.0
}

#[procedure("bench.five")]
async fn five(a: i64, b: i64, text: &str, number: f64, flag: bool) -> i64 {
    if flag && number > 0.0 && !text.is_empty() {
        a + b
    } else {
        0
    }
}

#[topic("bench.topic")]
async fn bench_topic() {}

/// What clients publish goes to all who are subscribed.
#[subscriber("bench.topic")]
async fn forward(text: &str, session: &Session) {
    publish(text, session).await;
}

#[procedure("bench.publish")]
async fn publish(text: &str, session: &Session) {
    if let Err(error) = session.realm().publish("bench.topic", text) {
        eprintln!("cannot publish: {error}"); // the missing deliveries show in the figures
    }
}
