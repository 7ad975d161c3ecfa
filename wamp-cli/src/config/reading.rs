//! Reading tables key by key. Whatever is wrong is noted with its place, and reading goes on; keys that nobody asks for are unknown.
//!
//! This is not `serde`, because a deserializer stops at the first mistake.

use std::ops::Deref;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistakes::Notes;
use super::units;

/// Something, and where it is in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) at: usize,
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A table.
pub(crate) struct Section<'a> {
    table: &'a DeTable<'a>,
    /// Where it begins.
    pub(crate) at: usize,
    known: Vec<&'static str>,
    pub(crate) notes: &'a Notes,
}

impl<'a> Section<'a> {
    /// Reads a table. What `read` does not ask for is a mistake.
    pub(crate) fn read<T>(
        table: &'a DeTable<'a>,
        at: usize,
        notes: &'a Notes,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut section = Self {
            table,
            at,
            known: Vec::new(),
            notes,
        };
        let result = read(&mut section);
        section.complain_of_unknown();
        result
    }

    fn complain_of_unknown(&self) {
        for key in self.table.keys() {
            let name = &**key.get_ref();
            if self.known.contains(&name) {
                continue;
            }
            let similar = self.known.iter().min_by_key(|it| distance(it, name));
            let similar = similar.filter(|it| distance(it, name) <= 2);
            let mut known = self.known.clone();
            known.sort_unstable();
            let hint = match similar {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => format!("there are `{}`", known.join("`, `")),
            };
            let mistake = format!("unknown key `{name}`; {hint}");
            self.notes.add(key.span(), mistake);
        }
    }

    /// The value of a key.
    pub(crate) fn value(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.known.push(key);
        let inner = self.table.get(key)?;
        let notes = self.notes;
        Some(Value { inner, notes })
    }

    /// Where a key stands, if it is there.
    pub(crate) fn place(&self, key: &str) -> Option<usize> {
        let (key, _) = self.table.get_key_value(key)?;
        Some(key.span().start)
    }

    /// The value of a key as `read` understands it.
    pub(crate) fn get<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.value(key)?;
        let at = value.at();
        read(value).map(|value| At { value, at })
    }

    /// The same for a key that must be there.
    pub(crate) fn need<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<At<T>> {
        if !self.table.contains_key(key) {
            self.known.push(key);
            self.notes.add(self.at, format!("`{key}` is missing"));
            return None;
        }
        self.get(key, read)
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> Option<At<bool>> {
        self.get(key, Value::flag)
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Option<At<String>> {
        self.get(key, Value::text)
    }

    pub(crate) fn size(&mut self, key: &'static str) -> Option<At<usize>> {
        self.get(key, Value::size)
    }

    pub(crate) fn duration(&mut self, key: &'static str) -> Option<At<Duration>> {
        self.get(key, Value::duration)
    }

    /// The elements of a list, as far as `read` understands them.
    pub(crate) fn list<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(Value<'a>) -> Option<T>,
    ) -> Option<Vec<At<T>>> {
        let items = self.value(key)?.items()?;
        let items = items.into_iter().filter_map(|item| {
            let at = item.at();
            read(item).map(|value| At { value, at })
        });
        Some(items.collect())
    }

    /// The tables of `[[key]]`.
    pub(crate) fn sections<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(items) = value.inner.get_ref().as_array() else {
            let found = value.inner.get_ref().type_str();
            let mistake = format!(
                "expected tables, in double brackets, found {}",
                article(found)
            );
            self.notes.add(value.at(), mistake);
            return Vec::new();
        };
        let items = items.iter().map(|inner| Value {
            inner,
            notes: self.notes,
        });
        items.filter_map(|it| it.section(&mut read)).collect()
    }
}

/// A value.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    inner: &'a Spanned<DeValue<'a>>,
    pub(crate) notes: &'a Notes,
}

impl<'a> Value<'a> {
    pub(crate) fn at(&self) -> usize {
        self.inner.span().start
    }

    /// Notes that it is not what it should be.
    pub(crate) fn expected<T>(self, what: &str) -> Option<T> {
        let found = self.inner.get_ref().type_str();
        let mistake = format!("expected {what}, found {}", article(found));
        self.notes.add(self.at(), mistake);
        None
    }

    /// Notes a mistake in it.
    pub(crate) fn refuse<T>(self, mistake: impl Into<String>) -> Option<T> {
        self.notes.add(self.at(), mistake);
        None
    }

    pub(crate) fn is_table(self) -> bool {
        self.inner.get_ref().is_table()
    }

    /// Whether it is a table with this key.
    pub(crate) fn has(self, key: &str) -> bool {
        let table = self.inner.get_ref().as_table();
        table.is_some_and(|it| it.contains_key(key))
    }

    pub(crate) fn is_text(self) -> bool {
        self.inner.get_ref().is_str()
    }

    pub(crate) fn flag(self) -> Option<bool> {
        let flag = self.inner.get_ref().as_bool();
        flag.or_else(|| self.expected("true or false"))
    }

    pub(crate) fn text(self) -> Option<String> {
        let text = self.inner.get_ref().as_str();
        text.map(str::to_owned)
            .or_else(|| self.expected("a string"))
    }

    /// A text that `parse` understands.
    pub(crate) fn parsed<T>(self, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match parse(&self.text()?) {
            Ok(value) => Some(value),
            Err(mistake) => self.refuse(mistake),
        }
    }

    /// A number from 0 on that fits into the type.
    pub(crate) fn number<N: TryFrom<u64>>(self) -> Option<N> {
        let Some(number) = self.inner.get_ref().as_integer() else {
            return self.expected("a number");
        };
        let digits = number.as_str().replace('_', "");
        let number = u64::from_str_radix(&digits, number.radix());
        match number.map(N::try_from) {
            Ok(Ok(number)) => Some(number),
            _ if digits.starts_with('-') => self.refuse("the number must not be negative"),
            _ => self.refuse("the number is too large"),
        }
    }

    pub(crate) fn size(self) -> Option<usize> {
        let value = self.inner.get_ref();
        if value.is_integer() {
            self.number()
        } else if value.is_str() {
            self.parsed(units::size)
        } else {
            self.expected("a size, as in 4096 or \"64 KiB\"")
        }
    }

    pub(crate) fn duration(self) -> Option<Duration> {
        if self.inner.get_ref().is_str() {
            self.parsed(units::duration)
        } else {
            self.expected("a time, as in \"5s\" or \"1h 30m\"")
        }
    }

    pub(crate) fn items(self) -> Option<Vec<Self>> {
        let Some(items) = self.inner.get_ref().as_array() else {
            return self.expected("a list");
        };
        let notes = self.notes;
        Some(items.iter().map(|inner| Self { inner, notes }).collect())
    }

    pub(crate) fn section<T>(self, read: impl FnOnce(&mut Section<'a>) -> T) -> Option<T> {
        let Some(table) = self.inner.get_ref().as_table() else {
            return self.expected("a table");
        };
        Some(Section::read(table, self.at(), self.notes, read))
    }
}

fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

/// How many letters are to be changed, added or taken away (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b = b.chars().collect::<Vec<_>>();
    let mut row = (0..=b.len()).collect::<Vec<_>>();
    for (i, letter) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (other, pair) in b.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            let changed = diagonal + usize::from(letter != *other);
            let left = next.last().copied().unwrap_or_default();
            next.push(changed.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_words_are_near_each_other() {
        for (a, b, expected) in [
            ("", "", 0),
            ("realm", "realm", 0),
            ("relm", "realm", 1),
            ("match", "mtach", 2),
            ("uri", "listener", 8),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }
}
