//! What is renewed after each reconnection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::registration::Offer;
use crate::subscription::Topic;

/// Subscriptions and registrations, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    topics: List<Topic>,
    offers: List<Offer>,
}

#[derive(Debug)]
pub(crate) struct List<T>(Mutex<Vec<Arc<T>>>);

impl Kept {
    pub(crate) fn topics(&self) -> &List<Topic> {
        &self.topics
    }

    pub(crate) fn offers(&self) -> &List<Offer> {
        &self.offers
    }
}

/// What is renewed until nobody wants it any more.
pub(crate) trait Renewed {
    fn is_given_up(&self) -> bool;
}

impl<T: Renewed> List<T> {
    pub(crate) fn all(&self) -> Vec<Arc<T>> {
        self.lock().clone()
    }

    /// Forgets all, and gives them to whoever drops them: they may hold code of others, which may hold the client.
    pub(crate) fn clear(&self) -> Vec<Arc<T>> {
        std::mem::take(&mut *self.lock())
    }

    pub(crate) fn remove(&self, item: &Arc<T>) {
        self.lock().retain(|it| !Arc::ptr_eq(it, item));
    }

    /// Keeps an item, unless what is returned is dropped before it is told to.
    pub(crate) fn try_out(&self, item: &Arc<T>, give_up: fn(&Arc<T>)) -> Trial<'_, T> {
        let mut list = self.lock();
        let mut revoked = Vec::new();
        if list.len() == list.capacity() {
            // What the router has ended is still here, and nobody else may ever remove it.
            let (wanted, given_up) = list.drain(..).partition(|it| !it.is_given_up());
            *list = wanted;
            revoked = given_up;
        }
        list.push(Arc::clone(item));
        drop(list);
        drop(revoked);
        Trial {
            list: self,
            item: Some(Arc::clone(item)),
            give_up,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// Something whose first request is not answered yet.
pub(crate) struct Trial<'a, T: Renewed> {
    list: &'a List<T>,
    item: Option<Arc<T>>,
    give_up: fn(&Arc<T>),
}

impl<T: Renewed> Trial<'_, T> {
    /// It worked.
    pub(crate) fn keep(mut self) {
        self.item = None;
    }
}

impl<T: Renewed> Drop for Trial<'_, T> {
    fn drop(&mut self) {
        if let Some(item) = self.item.take() {
            self.list.remove(&item);
            (self.give_up)(&item);
        }
    }
}
