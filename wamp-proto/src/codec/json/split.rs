//! Taking apart what was checked before.

use super::scan::plain;
use super::skip::space;

/// The elements of a list, or the keys and values of a map in turn, of text that is known to be JSON.
///
/// Looking for the next separator is much cheaper than reading once more what the values are. Text that is not JSON is taken apart
/// somewhere, too, but without any surprise but that.
#[derive(Clone, Debug)]
pub(crate) struct JsonParts<'de> {
    input: &'de [u8],
    at: usize,
}

impl<'de> JsonParts<'de> {
    /// The parts of a whole list or map.
    #[inline]
    pub(crate) fn new(container: &'de [u8]) -> Self {
        // Past the bracket or brace.
        Self {
            input: container,
            at: space(container, 0) + 1,
        }
    }

    /// Where the value at `at` ends.
    #[inline]
    fn end(&self, mut at: usize) -> usize {
        let mut depth = 0_usize;
        while let Some(&byte) = self.input.get(at) {
            match byte {
                b'"' => at = self.string_end(at),
                b'[' | b'{' => depth += 1,
                b',' | b':' | b']' | b'}' if depth == 0 => break,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// The closing quote of the string that begins at `at`.
    #[inline]
    fn string_end(&self, mut at: usize) -> usize {
        at += 1;
        loop {
            at += plain(self.input.get(at..).unwrap_or_default()).len;
            match self.input.get(at) {
                Some(b'"') | None => return at,
                // An escape: at least one byte more that means nothing by itself.
                Some(_) => at += 2,
            }
        }
    }
}

impl<'de> Iterator for JsonParts<'de> {
    type Item = &'de [u8];

    #[inline]
    fn next(&mut self) -> Option<&'de [u8]> {
        let start = space(self.input, self.at);
        let end = self.end(start);
        let part = self.input.get(start..end)?.trim_ascii_end();
        // Past the separator; at the end of the container there is none, and so nothing more.
        self.at = end + 1;
        (!part.is_empty()).then_some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(container: &str) -> Vec<&str> {
        JsonParts::new(container.as_bytes())
            .map(|part| str::from_utf8(part).unwrap())
            .collect()
    }

    #[test]
    fn lists_fall_apart_at_their_own_commas() {
        assert_eq!(parts("[1,2]"), ["1", "2"]);
        assert_eq!(
            parts(" [ 1 , \"a,]\\\"\" ,[2,{\"k\":[3]}] ] "),
            ["1", "\"a,]\\\"\"", "[2,{\"k\":[3]}]"]
        );
        assert_eq!(parts("[]"), [""; 0]);
        assert_eq!(parts("[ ]"), [""; 0]);
    }

    #[test]
    fn maps_give_keys_and_values_in_turn() {
        assert_eq!(
            parts(r#"{"a" : 1,"b":{"c":[2,3]}}"#),
            ["\"a\"", "1", "\"b\"", "{\"c\":[2,3]}"]
        );
    }

    #[test]
    fn what_is_not_json_is_survived() {
        for text in ["", "[", "]", "[\"", "[\"\\", "[\"\\\"", "{,", "[,1]", "[1"] {
            assert!(parts(text).len() <= 1, "{text}");
        }
    }
}
