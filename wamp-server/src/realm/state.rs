//! What the application gives to its handlers: shared values and ways to make values.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::handler::{Call, CallError};

/// Shared values, one for each type.
#[derive(Clone, Default)]
pub(crate) struct States(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl States {
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: Arc<T>) {
        self.0.insert(TypeId::of::<T>(), value);
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }

    pub(crate) fn get_arc<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        Arc::clone(self.0.get(&TypeId::of::<T>())?).downcast().ok()
    }

    pub(crate) fn contains(&self, id: TypeId) -> bool {
        self.0.contains_key(&id)
    }

    /// Takes from `outer` what is not here yet.
    pub(crate) fn inherit(&mut self, outer: &Self) {
        for (id, value) in &outer.0 {
            self.0.entry(*id).or_insert_with(|| Arc::clone(value));
        }
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} states", self.0.len())
    }
}

type Made<'c> = Pin<Box<dyn Future<Output = Result<Box<dyn Any + Send>, CallError>> + Send + 'c>>;
type Factory = Arc<dyn for<'c> Fn(&'c Call) -> Made<'c> + Send + Sync>;

/// Ways to make a value for each call, one for each type.
#[derive(Clone, Default)]
pub(crate) struct Factories(HashMap<TypeId, Factory>);

impl Factories {
    pub(crate) fn insert<T, F, Fut>(&mut self, factory: F)
    where
        T: Send + 'static,
        F: Fn(&Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, CallError>> + Send + 'static,
    {
        let make: Factory = Arc::new(move |call| {
            let made = factory(call);
            Box::pin(async move { Ok(Box::new(made.await?) as Box<dyn Any + Send>) })
        });
        self.0.insert(TypeId::of::<T>(), make);
    }

    /// Makes a `T`; `None` if nobody said how.
    pub(crate) fn make<'c, T: Send + 'static>(
        &self,
        call: &'c Call,
    ) -> Option<impl Future<Output = Result<T, CallError>> + Send + use<'c, T>> {
        let made = self.0.get(&TypeId::of::<T>())?(call);
        Some(async move {
            match made.await?.downcast() {
                Ok(value) => Ok(*value),
                Err(_) => Err(CallError::internal(format!(
                    "the factory of `{}` made something else",
                    type_name::<T>()
                ))),
            }
        })
    }

    pub(crate) fn contains(&self, id: TypeId) -> bool {
        self.0.contains_key(&id)
    }

    pub(crate) fn inherit(&mut self, outer: &Self) {
        for (id, factory) in &outer.0 {
            self.0.entry(*id).or_insert_with(|| Arc::clone(factory));
        }
    }
}

impl fmt::Debug for Factories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} factories", self.0.len())
    }
}
