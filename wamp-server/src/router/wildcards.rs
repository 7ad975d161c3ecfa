//! Wildcard patterns, by which of their components are empty.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use smallvec::SmallVec;
use wamp_uri::{MAX_COMPONENTS, check_limits};

/// Shapes of the patterns that peers may choose, in one table.
pub(crate) const MAX_SHAPES: usize = 1024;

/// Values by pattern; an empty component stands for any.
///
/// Of each shape only one pattern can fit a URI: the URI itself, with the shape's components made empty. So a look-up asks once for each
/// shape that has as many components, however many patterns there are. A pattern that is longer than a URI may be fits nothing.
#[derive(Debug)]
pub(crate) struct Wildcards<T, S = RandomState> {
    values: HashMap<String, T, S>,
    /// Of the patterns, each with how many there are of it; of those with as many components the most specific first.
    shapes: Vec<(Shape, usize)>,
}

impl<T, S: Default> Default for Wildcards<T, S> {
    fn default() -> Self {
        Self {
            values: HashMap::default(),
            shapes: Vec::new(),
        }
    }
}

impl<T, S: BuildHasher> Wildcards<T, S> {
    /// Adds a value.
    ///
    /// # Errors
    ///
    /// The value that has the same pattern already.
    pub(crate) fn insert(&mut self, pattern: String, value: T) -> Result<(), &T> {
        let place = match self.values.entry(pattern) {
            Entry::Occupied(first) => return Err(first.into_mut()),
            Entry::Vacant(place) => place,
        };
        if let Some(shape) = Shape::of(place.key()) {
            let at = self.shapes.partition_point(|(other, _)| *other < shape);
            match self.shapes.get_mut(at) {
                Some((same, count)) if *same == shape => *count += 1,
                _ => self.shapes.insert(at, (shape, 1)),
            }
        }
        place.insert(value);
        Ok(())
    }

    /// Takes a value out, and its shape if it was the last one that has it.
    pub(crate) fn remove(&mut self, pattern: &str) -> Option<T> {
        let removed = self.values.remove(pattern)?;
        if let Some(at) = Shape::of(pattern).and_then(|it| self.position(it))
            && let Some((_, count)) = self.shapes.get_mut(at)
        {
            *count -= 1;
            if *count == 0 {
                self.shapes.remove(at);
            }
        }
        Some(removed)
    }

    /// The value of exactly this pattern.
    pub(crate) fn get(&self, pattern: &str) -> Option<&T> {
        self.values.get(pattern)
    }

    /// Whether a peer may add this pattern: there are not too many shapes, or it has one of them.
    pub(crate) fn takes(&self, pattern: &str) -> bool {
        self.shapes.len() < MAX_SHAPES
            || Shape::of(pattern).is_none_or(|it| self.position(it).is_some())
    }

    /// The values whose patterns fit, the most specific first: that with the most fixed components before its first empty one; if these
    /// are equally many, before its second, and so on.
    pub(crate) fn matches<'t, 'u>(
        &'t self,
        uri: &'u str,
    ) -> impl Iterator<Item = &'t T> + use<'t, 'u, T, S> {
        let asked = (!self.shapes.is_empty()).then(|| Shape::of(uri)).flatten();
        let (components, mut pattern) = match asked {
            Some(_) => (components(uri), String::with_capacity(uri.len())),
            None => Default::default(),
        };
        let shapes = asked.into_iter().flat_map(|asked| self.shapes_for(asked));
        shapes.filter_map(move |shape| {
            shape.write(&components, &mut pattern);
            self.values.get(&pattern)
        })
    }

    /// All values, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.values()
    }

    fn position(&self, shape: Shape) -> Option<usize> {
        let found = self.shapes.binary_search_by_key(&shape, |(it, _)| *it);
        found.ok()
    }

    /// Those that have as many components and stand for any wherever `asked` does: an empty component fits no other.
    fn shapes_for(&self, asked: Shape) -> impl Iterator<Item = Shape> + use<'_, T, S> {
        let first = self
            .shapes
            .partition_point(|(it, _)| it.components < asked.components);
        let shapes = self.shapes.iter().skip(first).map(|(shape, _)| *shape);
        shapes
            .take_while(move |it| it.components == asked.components)
            .filter(move |it| asked.empty & !it.empty == 0)
    }
}

/// Which components of a text are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    components: usize,
    /// A bit for each, the highest for the first: the less specific, the greater.
    empty: u32,
}

/// The bit of the first component.
const FIRST: u32 = 1 << (MAX_COMPONENTS - 1);

impl Shape {
    /// None if the text is longer than a URI may be.
    fn of(text: &str) -> Option<Self> {
        check_limits(text).ok()?;
        let mut shape = Self {
            components: 0,
            empty: 0,
        };
        for component in text.split('.') {
            if component.is_empty() {
                shape.empty |= FIRST >> shape.components;
            }
            shape.components += 1;
        }
        Some(shape)
    }

    /// The pattern of this shape that fits the URI that has these components, which are as many.
    fn write(self, components: &[&str], pattern: &mut String) {
        pattern.clear();
        for (at, component) in components.iter().enumerate() {
            if at > 0 {
                pattern.push('.');
            }
            if self.empty & (FIRST >> at) == 0 {
                pattern.push_str(component);
            }
        }
    }
}

/// Split once for all shapes.
fn components(uri: &str) -> SmallVec<[&str; 8]> {
    uri.split('.').collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hash::DefaultHasher;

    use proptest::prelude::*;
    use wamp_uri::{Match, specificity};

    use super::*;

    thread_local! {
        static HASHED: Cell<usize> = const { Cell::new(0) };
    }

    /// Counts what is hashed: each look-up is one.
    #[derive(Default)]
    struct Counting;

    impl BuildHasher for Counting {
        type Hasher = DefaultHasher;

        fn build_hasher(&self) -> DefaultHasher {
            HASHED.set(HASHED.get() + 1);
            DefaultHasher::new()
        }
    }

    /// How often the table is asked for a text while all that fits is looked for.
    fn probes<T>(table: &Wildcards<T, Counting>, uri: &str) -> usize {
        let before = HASHED.get();
        table.matches(uri).for_each(drop);
        HASHED.get() - before
    }

    /// `uri` with the components emptied that the number has a bit for.
    fn emptied(uri: &str, number: u32) -> String {
        let components = uri.split('.').enumerate();
        let components = components.map(|(at, it)| if number >> at & 1 == 1 { "" } else { it });
        components.collect::<Vec<_>>().join(".")
    }

    /// One pattern each for many shapes, as peers would add them, none of which fits `a.a.….a`.
    fn attack(table: &mut Wildcards<usize, Counting>, shapes: usize) -> usize {
        let text = format!("{}zzz", "a.".repeat(MAX_COMPONENTS - 1));
        let mut refused = 0;
        for number in (0..).take(shapes) {
            let pattern = emptied(&text, number);
            if table.takes(&pattern) {
                table.insert(pattern, 0).expect("no two are equal");
            } else {
                refused += 1;
            }
        }
        refused
    }

    fn many_components() -> String {
        ["a"; MAX_COMPONENTS].join(".")
    }

    #[test]
    fn a_look_up_asks_no_more_often_than_peers_may_have_shapes() {
        let mut table = Wildcards::default();
        assert_eq!(attack(&mut table, 1 << 16), (1 << 16) - MAX_SHAPES);
        assert_eq!(probes(&table, &many_components()), MAX_SHAPES);
        assert_eq!(probes(&table, "a.a"), 0);
        for (number, last) in (0..).take(MAX_SHAPES).zip(["b", "c"].iter().cycle()) {
            let pattern = emptied(&format!("{}{last}", "a.".repeat(31)), number);
            assert!(table.takes(&pattern));
            table.insert(pattern, 0).expect("no two are equal");
        }
        assert_eq!(probes(&table, &many_components()), MAX_SHAPES);
    }

    #[test]
    fn a_shape_that_nobody_has_any_more_makes_room_for_another() {
        let mut table = Wildcards::default();
        assert_eq!(attack(&mut table, MAX_SHAPES), 0);
        assert!(!table.takes("a..b"));
        table.insert("a..b".to_owned(), 1).expect("the first");
        table.insert("a..c".to_owned(), 2).expect("the first");
        assert!(table.takes("b..a"), "there is one of its shape");
        assert_eq!(table.matches("a.a.b").collect::<Vec<_>>(), [&1]);
        for pattern in ["a..b", "a..c"] {
            assert!(table.remove(pattern).is_some());
        }
        assert!(!table.takes("a..b"));
        let first = format!("{}zzz", "a.".repeat(31));
        assert_eq!(table.remove(&first), Some(0));
        assert!(table.takes("a..b"));
    }

    #[test]
    fn all_components_may_be_empty_and_no_longer_pattern_fits() {
        let mut table = Wildcards::<_>::default();
        let longest = ".".repeat(MAX_COMPONENTS - 1);
        let longer = ".".repeat(MAX_COMPONENTS);
        for pattern in [&longest, &longer] {
            table
                .insert(pattern.clone(), pattern.len())
                .expect("the first");
        }
        let found = table.matches(&many_components()).collect::<Vec<_>>();
        assert_eq!(found, [&longest.len()]);
        let none = format!("{}.a", many_components());
        assert_eq!(table.matches(&none).count(), 0);
        assert_eq!(table.get(&longer), Some(&longer.len()));
        assert_eq!(table.remove(&longer), Some(longer.len()));
        assert_eq!(table.iter().count(), 1);
    }

    #[test]
    fn what_is_too_long_to_be_a_uri_is_not_looked_for() {
        let mut table = Wildcards::default();
        table.insert(".".to_owned(), ()).expect("the first");
        assert_eq!(probes(&table, &"a".repeat(1000)), 0);
        assert_eq!(probes(&table, &format!("a.{}", "a".repeat(253))), 1);
        assert_eq!(probes(&table, &format!("a.{}", "a".repeat(254))), 0);
    }

    fn texts(components: &'static [&'static str]) -> impl Strategy<Value = String> {
        proptest::collection::vec(proptest::sample::select(components), 1..=6)
            .prop_map(|it| it.join("."))
    }

    proptest! {
        #[test]
        fn the_most_specific_comes_first(
            patterns in proptest::collection::hash_set(texts(&["", "", "a", "b"]), 0..60),
            uri in texts(&["a", "a", "b"]),
        ) {
            let mut table = Wildcards::<String>::default();
            for pattern in &patterns {
                table.insert(pattern.clone(), pattern.clone()).expect("no two are equal");
            }
            let found = table.matches(&uri).cloned().collect::<Vec<_>>();
            let fits = |it: &&String| wamp_uri::matches(it, Match::Wildcard, &uri);
            let mut expected = patterns.iter().filter(fits).cloned().collect::<Vec<_>>();
            expected.sort_by_key(|it| std::cmp::Reverse(specificity(it)));
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn nothing_is_left_of_what_is_taken_out(
            patterns in proptest::collection::vec(texts(&["", "a", "b"]), 0..40),
            more in texts(&["", "a", "b"]),
        ) {
            let mut table = Wildcards::<usize>::default();
            let refused = table.insert(more.clone(), 0).is_err();
            prop_assert!(!refused);
            let mut taken = vec![];
            for (value, pattern) in patterns.iter().enumerate() {
                if table.insert(pattern.clone(), value).is_ok() {
                    taken.push((pattern, value));
                }
                let shapes = table.shapes.iter().map(|(_, count)| count);
                prop_assert_eq!(shapes.sum::<usize>(), table.iter().count());
            }
            for (pattern, value) in taken {
                prop_assert_eq!(table.remove(pattern), Some(value));
                prop_assert_eq!(table.remove(pattern), None);
            }
            prop_assert_eq!(&table.shapes, &vec![(Shape::of(&more).expect("it is short"), 1)]);
            prop_assert_eq!(table.remove(&more), Some(0));
            prop_assert!(table.shapes.is_empty() && table.values.is_empty());
        }
    }
}
