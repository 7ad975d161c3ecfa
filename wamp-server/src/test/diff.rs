//! What is there beside what was expected.

use std::fmt::Write as _;

use super::message::WireMessage;
use super::pattern::Pattern;

/// `None` if all messages are like their patterns; else both, line by line: `-` was expected and is not there, `+` is there and was not
/// expected.
#[track_caller]
pub(super) fn diff(expected: &[&str], found: &[WireMessage]) -> Option<String> {
    let patterns = expected
        .iter()
        .map(|it| Pattern::parse(it))
        .collect::<Vec<_>>();
    let is_same = |at: usize, message: &WireMessage| {
        patterns
            .get(at)
            .is_some_and(|pattern| pattern.matches(message))
    };
    if patterns.len() == found.len() && (0..).zip(found).all(|(at, it)| is_same(at, it)) {
        return None;
    }
    // How many of the messages that are left can be paired, wherever one begins: the longest common subsequence.
    let width = found.len() + 1;
    let mut pairs = vec![0_usize; (expected.len() + 1) * width];
    for at in (0..expected.len()).rev() {
        for (column, message) in found.iter().enumerate().rev() {
            let get = |row: usize, column: usize| pairs.get(row * width + column).copied();
            let best = match is_same(at, message) {
                true => get(at + 1, column + 1).map(|it| it + 1),
                false => get(at + 1, column).max(get(at, column + 1)),
            };
            if let Some(cell) = pairs.get_mut(at * width + column) {
                *cell = best.unwrap_or_default();
            }
        }
    }
    let ahead = |row: usize, column: usize| pairs.get(row * width + column).copied();
    let mut lines = String::new();
    let (mut row, mut column) = (0, 0);
    loop {
        let line = match (expected.get(row), found.get(column)) {
            (Some(_), Some(message)) if is_same(row, message) => {
                (row, column) = (row + 1, column + 1);
                ("  ", message.to_string())
            }
            (Some(line), message)
                if message.is_none() || ahead(row + 1, column) >= ahead(row, column + 1) =>
            {
                row += 1;
                ("- ", (*line).to_owned())
            }
            (_, Some(message)) => {
                column += 1;
                ("+ ", message.to_string())
            }
            _ => return Some(lines),
        };
        // Writing to a text does not fail.
        let _ = write!(lines, "\n  {}{}", line.0, line.1);
    }
}

/// Messages for humans to read, one a line.
pub(super) fn list<'m>(messages: impl IntoIterator<Item = &'m WireMessage>) -> String {
    let mut lines = String::new();
    for message in messages {
        let _ = write!(lines, "\n  {message}");
    }
    match lines.is_empty() {
        true => "\n  nothing".to_owned(),
        false => lines,
    }
}
