//! Realms and the ways into them: guests, customers and staff of one shop, who prove who they are and may do different things.
//!
//! `cargo run --example realms`, then join with any WAMP client; any other realm is refused.
//!
//! | realm | method | `authid` | proof | may |
//! |---|---|---|---|---|
//! | `guests` | `anonymous` | | none | `shop.price` |
//! | `customers` | `ticket` | joe | `open sesame` | `shop.price`, at a discount, `shop.order`, |
//! | | `wampcra` | peter | the password `secret1`, salted | `shop.share`, their own `shop.basket.…`, |
//! | | `scram`, `wamp-scram` | sarah | the password `pencil` | and those that are shared with them |
//! | `staff` | `cryptosign` | ann | the key whose seed is `0b` 32 times, in hexadecimal | everything |
//! | | `ticket-and-number` | carl | the ticket `sesame`, then a number of his list: see `two_steps` | `shop.orders` |
//!
//! With autobahn for Python, `Component(realm="customers", transports="ws://127.0.0.1:8080/", authentication={"ticket": {"authid":
//! "joe", "ticket": "open sesame"}})`. Tickets travel as they are: outside of an example, `App::tls` or a proxy keeps them secret.
//!
//! - `people`: who is known, and by what.
//! - `two_steps`: a method of the shop's own.
//! - `shop`: what there is to call.

mod people;
mod shop;
mod two_steps;

use std::env;
use std::error::Error;
use std::time::Duration;

use wamp_server::permission::{Access, Action, Decision, Permissions, Rule};
use wamp_server::{App, Realm, RealmBuilder, Session};

use crate::shop::{Discount, Shop};
use crate::two_steps::TicketAndNumber;

/// Everybody comes in, and may ask for prices.
fn guests() -> RealmBuilder {
    let rules = [Rule::exact("shop.price").call()];
    with_prices("guests", 0)
        .anonymous("guest")
        .permissions(Permissions::new().role("guest", rules))
}

/// What the rules do not speak of, baskets, is for the authorizer.
fn customers() -> Result<RealmBuilder, Box<dyn Error>> {
    let rules = ["shop.price", "shop.order", "shop.share"].map(|uri| Rule::exact(uri).call());
    Ok(with_prices("customers", 10)
        .principals(people::customers()?)
        .permissions(Permissions::new().role("customer", rules))
        .authorizer(may_look_into_basket))
}

/// Clerks may see what was ordered. They may not do what `shop` keeps for admins, whatever else is permitted.
fn staff() -> RealmBuilder {
    let permissions = Permissions::new()
        .role("admin", [Rule::prefix("").all()])
        .role("clerk", [Rule::prefix("shop.").call()]);
    Realm::new("staff")
        .cryptosign(async |_, key| people::admin(&key))
        .authenticator(TicketAndNumber::default())
        .permissions(permissions)
}

fn with_prices(realm: &str, percent: u32) -> RealmBuilder {
    Realm::new(realm)
        .state(Discount { percent })
        .procedure("shop.price", shop::price)
}

/// Customers see their own basket, and those of others who have shared theirs. The answer holds for a minute, if nobody shares anything
/// meanwhile: see `shop::share`.
async fn may_look_into_basket(session: Session, access: Access) -> Decision {
    let owner = access.uri.strip_prefix("shop.basket.");
    let shop = session.realm().state::<Shop>();
    let allowed = access.action == Action::Call
        && owner.zip(shop).is_some_and(|(owner, shop)| {
            session.auth().id == owner || shop.is_shared(owner, &session.auth().id)
        });
    Decision::from(allowed).cache_for(Duration::from_secs(60))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    App::new()
        .state(Shop::default())
        .default_realm(false)
        .realm(guests())
        .realm(customers()?)
        .realm(staff())
        .serve(address)
        .await?;
    Ok(())
}
