//! Values by URI and pattern that come and go while others look them up.

use std::collections::hash_map::RandomState;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use bytestring::ByteString;
use smallvec::SmallVec;
use wamp_uri::Match;

use super::patterns::Patterns;

/// A table that peers put URIs of their own choice into: hashes are keyed at random.
///
/// Looking up a URI takes no lock. Where there are patterns, looking for those that fit takes one that many hold at once.
pub(crate) struct Index<T> {
    exact: papaya::HashMap<ByteString, T>,
    patterns: RwLock<Patterns<T, RandomState>>,
    /// How many patterns there are.
    count: AtomicUsize,
}

impl<T: Clone> Index<T> {
    pub(crate) fn new() -> Self {
        Self {
            exact: papaya::HashMap::new(),
            patterns: RwLock::default(),
            count: AtomicUsize::new(0),
        }
    }

    /// Adds a value; what had the same URI or pattern is to be taken out before.
    pub(crate) fn insert(&self, uri: &ByteString, matching: Match, value: T) {
        // What is kept does not keep the frame alive that it came in.
        let uri = ByteString::from(&**uri);
        if matching == Match::Exact {
            self.exact.pin().insert(uri, value);
            return;
        }
        let mut patterns = self
            .patterns
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if patterns.insert(uri.to_string(), matching, value).is_ok() {
            self.count.fetch_add(1, Ordering::Release);
        }
    }

    pub(crate) fn remove(&self, uri: &str, matching: Match) {
        if matching == Match::Exact {
            self.exact.pin().remove(uri);
            return;
        }
        let mut patterns = self
            .patterns
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if patterns.remove(uri, matching).is_some() {
            self.count.fetch_sub(1, Ordering::Release);
        }
    }

    /// Whether a peer may add this URI or pattern, so that looking up does not take too long.
    pub(crate) fn takes(&self, uri: &str, matching: Match) -> bool {
        self.read(|patterns| patterns.takes(uri, matching))
            .unwrap_or(true)
    }

    /// The value of exactly this URI or pattern.
    pub(crate) fn get(&self, uri: &str, matching: Match) -> Option<T> {
        match matching {
            Match::Exact => self.exact(uri),
            _ => self.read(|patterns| patterns.get(uri, matching).cloned())?,
        }
    }

    /// The value of exactly this URI.
    #[inline]
    pub(crate) fn exact(&self, uri: &str) -> Option<T> {
        self.exact.pin().get(uri).cloned()
    }

    /// The value whose pattern fits best.
    pub(crate) fn pattern(&self, uri: &str) -> Option<T> {
        self.read(|patterns| patterns.pattern(uri).cloned())?
    }

    /// All values whose URI or pattern fits, the best first.
    pub(crate) fn all(&self, uri: &str) -> SmallVec<[T; 4]> {
        let exact = self.exact(uri).into_iter();
        let patterns =
            self.read(|patterns| patterns.all(uri).cloned().collect::<SmallVec<[T; 4]>>());
        exact.chain(patterns.into_iter().flatten()).collect()
    }

    /// Every value, in no particular order.
    pub(crate) fn values(&self) -> Vec<T> {
        let mut values = self.exact.pin().values().cloned().collect::<Vec<_>>();
        self.read(|patterns| values.extend(patterns.iter().cloned()));
        values
    }

    fn read<R>(&self, look: impl FnOnce(&Patterns<T, RandomState>) -> R) -> Option<R> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let patterns = self.patterns.read().unwrap_or_else(PoisonError::into_inner);
        Some(look(&patterns))
    }
}
