//! What is wrong with a configuration: everything at once, each mistake with its place.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use thiserror::Error;

/// All mistakes of a configuration, one a line: `wamp.toml:3:7: …`.
#[derive(Debug, Error)]
pub(crate) struct ConfigError {
    mistakes: Vec<String>,
}

impl ConfigError {
    /// One that has no place in the file.
    pub(crate) fn whole(mistake: impl Into<String>) -> Self {
        Self {
            mistakes: vec![mistake.into()],
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mistakes.join("\n"))
    }
}

/// Where a mistake is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In the file, this many bytes from its beginning.
    File(usize),
    /// In a variable of the environment, or an option of the command line.
    Named(String),
}

impl From<usize> for Place {
    fn from(at: usize) -> Self {
        Self::File(at)
    }
}

impl From<Range<usize>> for Place {
    fn from(span: Range<usize>) -> Self {
        Self::File(span.start)
    }
}

/// Collects mistakes while a configuration is read. Reading goes on after each of them, so that they are all found.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    mistakes: RefCell<Vec<(Place, String)>>,
}

impl Notes {
    pub(crate) fn add(&self, place: impl Into<Place>, mistake: impl Into<String>) {
        let mut mistakes = self.mistakes.borrow_mut();
        mistakes.push((place.into(), mistake.into()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.mistakes.borrow().is_empty()
    }

    /// The mistakes in the order of their places, if there are any.
    ///
    /// # Errors
    ///
    /// When there are.
    pub(crate) fn finish(self, file: &str, text: &str) -> Result<(), ConfigError> {
        let mut mistakes = self.mistakes.into_inner();
        if mistakes.is_empty() {
            return Ok(());
        }
        mistakes.sort();
        mistakes.dedup();
        let mistakes = mistakes.into_iter().map(|(place, mistake)| match place {
            Place::File(at) => {
                let (line, column) = line_and_column(text, at);
                format!("{file}:{line}:{column}: {mistake}")
            }
            Place::Named(name) => format!("{name}: {mistake}"),
        });
        Err(ConfigError {
            mistakes: mistakes.collect(),
        })
    }
}

/// Both counted from 1, columns in characters.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default();
    (line, column.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns_of_characters() {
        let text = "a = 1\nö = \"ß\" x\n";
        for (part, expected) in [("a", (1, 1)), ("1", (1, 5)), ("ö", (2, 1)), ("x", (2, 9))] {
            let at = text.find(part).expect("it is there");
            assert_eq!(line_and_column(text, at), expected, "{part}");
        }
        assert_eq!(line_and_column(text, text.len()), (3, 1));
        assert_eq!(line_and_column(text, 99), (3, 1));
    }

    #[test]
    fn mistakes_are_told_in_the_order_of_their_places_and_once() {
        let notes = Notes::default();
        notes.add(Place::Named("--listen".to_owned()), "c");
        notes.add(4, "b");
        notes.add(0, "a");
        notes.add(4, "b");
        let error = notes.finish("f", "one\ntwo").expect_err("there are some");
        assert_eq!(error.to_string(), "f:1:1: a\nf:2:1: b\n--listen: c");
        assert!(Notes::default().finish("f", "").is_ok());
    }
}
