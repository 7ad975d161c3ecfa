//! The smallest useful server: a procedure with typed arguments, an error, a topic and its events.
//!
//! `cargo run --example quickstart`, then call `shop.buy` from any WAMP client: with no argument, with `[3]`, or with
//! `{"count": 3}`. Who subscribes to `shop.stock` sees what others buy.

use std::env;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use wamp_server::{App, CallError, Error, Realm, State, procedure, topic};

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
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().init(); // The log tells what is served, and where.
    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let stock = Stock {
        bicycles: AtomicU32::new(10),
    };
    App::new().state(stock).serve(address).await
}
