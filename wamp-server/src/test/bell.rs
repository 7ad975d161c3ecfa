//! Wakes all who wait for a connection: its task, and tests.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// Who is to be woken. The ends of a connection know only this one, so none of those who poll them is forgotten.
#[derive(Debug, Default)]
pub(super) struct Bell(Mutex<Vec<Waker>>);

impl Bell {
    /// Somebody else to be woken next time.
    pub(super) fn register(&self, waker: &Waker) {
        let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !wakers.iter().any(|it| it.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }

    pub(super) fn ring(&self) {
        let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wakers = std::mem::take(&mut *wakers);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}
