//! What there is to call, and what it works on.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use wamp_server::{CallError, Realm, Session, SharedState, Single, State, procedure};

/// Names, and list prices in cents.
const PRODUCTS: [(&str, u32); 3] = [("bell", 1_500), ("bicycle", 90_000), ("pump", 2_000)];

/// What is taken off the list price. Each realm has its own.
pub(crate) struct Discount {
    pub(crate) percent: u32,
}

/// What was ordered, and who may know. It is given to the application, so all realms share it.
#[derive(Default)]
pub(crate) struct Shop(Mutex<Books>);

#[derive(Default)]
struct Books {
    baskets: HashMap<String, Vec<&'static str>>,
    /// Owner and friend.
    shared: HashSet<(String, String)>,
}

impl Shop {
    /// Whether a friend may look into the basket of its owner.
    pub(crate) fn is_shared(&self, owner: &str, friend: &str) -> bool {
        let pair = (owner.to_owned(), friend.to_owned());
        self.books().shared.contains(&pair)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The price of a product, in cents. It is not annotated, so several realms can serve it.
pub(crate) async fn price(
    product: String,
    discount: SharedState<Discount>,
) -> Result<u32, CallError> {
    let (_, price) = find(&product)?;
    Ok(price * (100 - discount.percent) / 100)
}

/// Orders a product, and returns how many things the customer has ordered. Who calls was authenticated: nobody orders for others.
#[procedure("shop.order", realm = "customers")]
async fn order(
    product: String,
    session: &Session,
    shop: State<'_, Shop>,
) -> Result<usize, CallError> {
    let (name, _) = find(&product)?;
    let mut books = shop.books();
    let basket = books
        .baskets
        .entry(session.auth().id.to_string())
        .or_default();
    basket.push(name);
    Ok(basket.len())
}

/// What a customer has ordered. Who may know, the authorizer decides before this runs.
#[procedure("shop.basket.{owner}", realm = "customers")]
async fn basket(owner: &str, shop: State<'_, Shop>) -> Single<Vec<&'static str>> {
    let books = shop.books();
    Single(books.baskets.get(owner).cloned().unwrap_or_default())
}

/// Lets a friend look into the caller's basket: at once, whatever the authorizer has said before.
#[procedure("shop.share", realm = "customers")]
async fn share(friend: String, session: &Session, shop: State<'_, Shop>, realm: &Realm) {
    let pair = (session.auth().id.to_string(), friend);
    shop.books().shared.insert(pair);
    realm.purge_authorizations();
}

/// How many things were ordered by all customers together.
#[procedure("shop.orders", realm = "staff")]
async fn orders(shop: State<'_, Shop>) -> usize {
    shop.books().baskets.values().map(Vec::len).sum()
}

/// Forgets all orders. That is for admins, whatever else the rules of a realm permit.
#[procedure("shop.clear", realm = "staff", roles("admin"))]
async fn clear(shop: State<'_, Shop>) {
    shop.books().baskets.clear();
}

fn find(product: &str) -> Result<(&'static str, u32), CallError> {
    let found = PRODUCTS.into_iter().find(|(name, _)| *name == product);
    found.ok_or_else(|| CallError::new("shop.error.unknown_product").arg(product))
}
