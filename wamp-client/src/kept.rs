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

impl<T> List<T> {
    pub(crate) fn all(&self) -> Vec<Arc<T>> {
        self.lock().clone()
    }

    pub(crate) fn remove(&self, item: &Arc<T>) {
        self.lock().retain(|it| !Arc::ptr_eq(it, item));
    }

    /// Keeps an item, unless what is returned is dropped before it is told to.
    pub(crate) fn try_out(&self, item: &Arc<T>, give_up: fn(&Arc<T>)) -> Trial<'_, T> {
        self.lock().push(Arc::clone(item));
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
pub(crate) struct Trial<'a, T> {
    list: &'a List<T>,
    item: Option<Arc<T>>,
    give_up: fn(&Arc<T>),
}

impl<T> Trial<'_, T> {
    /// It worked.
    pub(crate) fn keep(mut self) {
        self.item = None;
    }
}

impl<T> Drop for Trial<'_, T> {
    fn drop(&mut self) {
        if let Some(item) = self.item.take() {
            self.list.remove(&item);
            (self.give_up)(&item);
        }
    }
}
