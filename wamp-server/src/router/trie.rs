//! Wildcard patterns, component by component.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

/// Values by pattern; an empty component stands for any.
#[derive(Debug)]
pub(crate) struct Trie<T, S = RandomState> {
    value: Option<T>,
    fixed: HashMap<String, Self, S>,
    any: Option<Box<Self>>,
}

impl<T, S: Default> Default for Trie<T, S> {
    fn default() -> Self {
        Self {
            value: None,
            fixed: HashMap::default(),
            any: None,
        }
    }
}

impl<T, S: BuildHasher + Default> Trie<T, S> {
    /// Adds a value.
    ///
    /// # Errors
    ///
    /// The value that has the same pattern already.
    pub(crate) fn insert(&mut self, pattern: &str, value: T) -> Result<(), &T> {
        let mut node = self;
        for component in pattern.split('.') {
            node = match component {
                "" => node.any.get_or_insert_default(),
                fixed => node.fixed.entry(fixed.to_owned()).or_default(),
            };
        }
        if node.value.is_none() {
            node.value = Some(value);
            return Ok(());
        }
        node.value.as_ref().map_or(Ok(()), Err)
    }

    /// The value of exactly this pattern.
    pub(crate) fn get(&self, pattern: &str) -> Option<&T> {
        let mut node = self;
        for component in pattern.split('.') {
            node = match component {
                "" => node.any.as_deref()?,
                fixed => node.fixed.get(fixed)?,
            };
        }
        node.value.as_ref()
    }

    /// Takes a value out, and what leads to nothing any more.
    pub(crate) fn remove(&mut self, pattern: &str) -> Option<T> {
        let (component, rest) = match pattern.split_once('.') {
            Some((component, rest)) => (component, Some(rest)),
            None => (pattern, None),
        };
        let node = match component {
            "" => self.any.as_deref_mut()?,
            fixed => self.fixed.get_mut(fixed)?,
        };
        let removed = match rest {
            Some(rest) => node.remove(rest),
            None => node.value.take(),
        };
        if node.value.is_none() && node.any.is_none() && node.fixed.is_empty() {
            match component {
                "" => self.any = None,
                fixed => drop(self.fixed.remove(fixed)),
            }
        }
        removed
    }

    /// The values whose patterns fit, the most specific first: that with the most fixed components before its first empty one; if these
    /// are equally many, before its second, and so on.
    pub(crate) fn matches<'t, 'u>(&'t self, uri: &'u str) -> Matches<'t, 'u, T, S> {
        Matches {
            to_visit: vec![(self, Some(uri))],
        }
    }

    /// All values, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let mut to_visit = vec![self];
        let nodes = std::iter::from_fn(move || {
            let node = to_visit.pop()?;
            to_visit.extend(node.fixed.values());
            to_visit.extend(node.any.as_deref());
            Some(node)
        });
        nodes.filter_map(|node| node.value.as_ref())
    }
}

/// See [`Trie::matches`].
pub(crate) struct Matches<'t, 'u, T, S> {
    /// Nodes, each with the components that are still to come; the next one is the last.
    to_visit: Vec<(&'t Trie<T, S>, Option<&'u str>)>,
}

impl<'t, T, S: BuildHasher> Iterator for Matches<'t, '_, T, S> {
    type Item = &'t T;

    fn next(&mut self) -> Option<&'t T> {
        while let Some((node, rest)) = self.to_visit.pop() {
            let Some(rest) = rest else {
                if node.value.is_some() {
                    return node.value.as_ref();
                }
                continue;
            };
            let (component, rest) = match rest.split_once('.') {
                Some((component, rest)) => (component, Some(rest)),
                None => (rest, None),
            };
            self.to_visit
                .extend(node.any.as_deref().map(|any| (any, rest)));
            self.to_visit
                .extend(node.fixed.get(component).map(|fixed| (fixed, rest)));
        }
        None
    }
}
