//! Realms: one server that offers different procedures to guests, customers and admins.
//!
//! `cargo run --example realms`, then join `guests`, `customers` or `admins`; any other name is refused. `shop.price` is there for
//! guests and customers, who see different prices; `shop.order` is for customers, `shop.orders` for admins.
//!
//! Realms separate what is served: procedures, topics, events, and state if they are given their own. They do not authenticate: as
//! it is, everybody may join any of the three.

use std::env;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wamp_server::{App, CallError, Error, Realm, SharedState, Single, State, procedure};

/// What customers have ordered. It is given to the application, so all realms share it.
#[derive(Default)]
struct Orders(Mutex<Vec<String>>);

impl Orders {
    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is taken off the list price. Each realm has its own.
struct Discount {
    percent: u32,
}

/// The price of a product, in cents. It is not annotated, so several realms can serve it.
async fn price(product: String, discount: SharedState<Discount>) -> Result<u32, CallError> {
    let (_, price) = find(&product)?;
    Ok(price * (100 - discount.percent) / 100)
}

/// Orders a product and returns the number of the order.
#[procedure("shop.order", realm = "customers")]
async fn order(product: String, orders: State<'_, Orders>) -> Result<usize, CallError> {
    let (name, _) = find(&product)?;
    let mut orders = orders.lock();
    orders.push(name.to_owned());
    Ok(orders.len())
}

/// What was ordered so far.
#[procedure("shop.orders", realm = "admins")]
async fn orders(orders: State<'_, Orders>) -> Single<Vec<String>> {
    Single(orders.lock().clone())
}

fn find(product: &str) -> Result<(&'static str, u32), CallError> {
    let found = PRODUCTS.into_iter().find(|(name, _)| *name == product);
    found.ok_or_else(|| CallError::new("shop.error.unknown_product").arg(product))
}

/// Names, and list prices in cents.
const PRODUCTS: [(&str, u32); 3] = [("bell", 1_500), ("bicycle", 90_000), ("pump", 2_000)];

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().init();
    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let with_prices = |realm: &str, percent| {
        Realm::new(realm)
            .state(Discount { percent })
            .procedure("shop.price", price)
    };
    App::new()
        .state(Orders::default())
        .default_realm(false)
        .realm(with_prices("guests", 0))
        .realm(with_prices("customers", 10))
        .realm(Realm::new("admins"))
        .serve(address)
        .await
}
