//! What handlers keep in a session.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Values by type, and values by name.
///
/// ```
/// use wamp_server::{Session, procedure};
///
/// #[derive(Clone)]
/// struct Cart(Vec<String>);
///
/// #[procedure("shop.add")]
/// async fn add(item: String, session: &Session) -> usize {
///     session.data().update(|cart: Option<Cart>| {
///         let mut cart = cart.unwrap_or(Cart(Vec::new()));
///         cart.0.push(item);
///         cart
///     }).0.len()
/// }
/// ```
#[derive(Default)]
pub struct Data {
    typed: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    named: Mutex<HashMap<String, Arc<dyn Any + Send + Sync>>>,
}

impl Data {
    /// Keeps a value; what was kept of the same type is replaced.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) {
        lock(&self.typed).insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// The value of that type.
    #[must_use]
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let value = lock(&self.typed).get(&TypeId::of::<T>()).cloned();
        value?.downcast().ok()
    }

    /// Takes the value of that type out.
    pub fn remove<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        lock(&self.typed)
            .remove(&TypeId::of::<T>())?
            .downcast()
            .ok()
    }

    /// Replaces the value of that type by what `change` makes of it, and returns it. Nobody else can change it meanwhile.
    pub fn update<T: Clone + Send + Sync + 'static>(
        &self,
        change: impl FnOnce(Option<T>) -> T,
    ) -> Arc<T> {
        let mut typed = lock(&self.typed);
        let old = typed
            .remove(&TypeId::of::<T>())
            .and_then(|it| it.downcast::<T>().ok());
        let new = Arc::new(change(old.map(Arc::unwrap_or_clone)));
        typed.insert(
            TypeId::of::<T>(),
            Arc::clone(&new) as Arc<dyn Any + Send + Sync>,
        );
        new
    }

    /// Keeps a value under a name; what was kept under the same name is replaced.
    pub fn set<T: Send + Sync + 'static>(&self, name: impl Into<String>, value: T) {
        lock(&self.named).insert(name.into(), Arc::new(value));
    }

    /// The value kept under that name, if it is a `T`.
    #[must_use]
    pub fn named<T: Send + Sync + 'static>(&self, name: &str) -> Option<Arc<T>> {
        let value = lock(&self.named).get(name).cloned();
        value?.downcast().ok()
    }

    /// Forgets the value kept under that name; false if there was none.
    pub fn unset(&self, name: &str) -> bool {
        lock(&self.named).remove(name).is_some()
    }

    /// The names that values are kept under, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names = lock(&self.named).keys().cloned().collect::<Vec<_>>();
        names.sort();
        names
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("typed", &lock(&self.typed).len())
            .field("named", &self.names())
            .finish()
    }
}
