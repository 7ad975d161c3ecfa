//! The smallest useful server: a procedure with typed arguments, an error, a topic and its events.
//!
//! `cargo run --example quickstart`, then call `shop.buy` from any WAMP client: with no argument, with `[3]`, or with
//! `{"count": 3}`. Who subscribes to `shop.stock` sees what others buy. With `join --url ws://…`, the same is offered at a router.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use wamp_server::{App, CallError, Realm, State, cli, procedure, topic};

/// What the shop has.
struct Stock {
    bicycles: AtomicU32,
}

/// Sells bicycles and returns how many are left.
#[procedure("shop.buy")]
async fn buy(
    #[arg(default = 1)] count: u32,
    stock: State<'_, Stock>,
    realm: &Realm,
) -> Result<u32, CallError> {
    let take = |left: u32| left.checked_sub(count);
    let left = match stock.bicycles.fetch_update(Relaxed, Relaxed, take) {
        Ok(before) => before - count,
        Err(left) => return Err(CallError::new("shop.error.sold_out").kwarg("left", left)),
    };
    realm.publish("shop.stock", left)?;
    Ok(left)
}

/// Lets everybody watch the stock.
#[topic("shop.stock")]
async fn stock() {}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().init(); // The log tells what is served, and where.
    let stock = Stock {
        bicycles: AtomicU32::new(10),
    };
    cli::run(App::new().state(stock)).await
}
