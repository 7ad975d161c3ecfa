//! What a message is expected to be like: JSON with gaps.

use serde_json::Value;

use super::message::{Direction, WireMessage};

/// Stands for any one value. No JSON text that comes over the wire begins with it by chance.
const ONE: &str = "\u{0}one";
/// Stands for everything else in a list or dict.
const REST: &str = "\u{0}rest";

/// A message with gaps; see the [module](super#patterns) for how they are written.
pub(super) struct Pattern {
    /// `None`: either.
    direction: Option<Direction>,
    value: Value,
}

impl Pattern {
    /// Reads a pattern.
    #[track_caller]
    pub(super) fn parse(text: &str) -> Self {
        let (direction, json) = split(text);
        match serde_json::from_str(&filled(json)) {
            Ok(value) => Self { direction, value },
            Err(error) => panic!("`{text}` is no pattern of a message: {error}"),
        }
    }

    pub(super) fn matches(&self, message: &WireMessage) -> bool {
        let is_way = self.direction.is_none_or(|it| it == message.direction());
        let value = is_way.then(|| message.value()).flatten();
        value.is_some_and(|value| is_like(&self.value, &value))
    }
}

fn split(text: &str) -> (Option<Direction>, &str) {
    let text = text.trim();
    let arrows = [
        ("→", Direction::ToServer),
        ("->", Direction::ToServer),
        ("←", Direction::ToClient),
        ("<-", Direction::ToClient),
    ];
    let found = arrows
        .into_iter()
        .find_map(|(arrow, direction)| Some((Some(direction), text.strip_prefix(arrow)?)));
    found.unwrap_or((None, text))
}

/// The same as JSON: texts stand in the gaps.
fn filled(pattern: &str) -> String {
    let mut json = String::with_capacity(pattern.len() + 16);
    // The brackets that are open, so that it is known whether a gap is in a list or a dict.
    let mut open = Vec::new();
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("...").or(rest.strip_prefix('…')) {
            json.push_str(r#""\u0000rest""#);
            if open.last() == Some(&'{') {
                json.push_str(":null");
            }
            rest = after;
            continue;
        }
        let length = match next {
            '"' => text_length(rest),
            _ => next.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        match next {
            '*' => json.push_str(r#""\u0000one""#),
            _ => json.push_str(token),
        }
        match next {
            '[' | '{' => open.push(next),
            ']' | '}' => drop(open.pop()),
            _ => {}
        }
        rest = after;
    }
    json
}

/// Bytes of the JSON text that `json` begins with, quotes included.
fn text_length(json: &str) -> usize {
    let mut escaped = false;
    for (at, character) in json.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    json.len()
}

fn is_like(pattern: &Value, value: &Value) -> bool {
    match (pattern, value) {
        (Value::String(text), _) if text == ONE => true,
        (Value::Array(wanted), Value::Array(values)) => {
            let (wanted, open) = match wanted.split_last() {
                Some((Value::String(last), before)) if last == REST => (before, true),
                _ => (wanted.as_slice(), false),
            };
            let fits = wanted.len() == values.len() || (open && wanted.len() < values.len());
            fits && wanted.iter().zip(values).all(|(w, v)| is_like(w, v))
        }
        (Value::Object(wanted), Value::Object(values)) => {
            let open = wanted.contains_key(REST);
            let named = wanted.iter().filter(|(key, _)| *key != REST);
            let fits = open || wanted.len() == values.len();
            fits && named
                .into_iter()
                .all(|(key, w)| values.get(key).is_some_and(|v| is_like(w, v)))
        }
        _ => pattern == value,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use wamp_proto::codec::Format;

    use super::*;

    fn matches(pattern: &str, message: &'static str) -> bool {
        let message = Bytes::from_static(message.as_bytes());
        let message = WireMessage::new(Direction::ToClient, Format::Json, message);
        Pattern::parse(pattern).matches(&message)
    }

    #[test]
    fn without_gaps_all_must_be_the_same() {
        assert!(matches("[50, 1, {}, [5]]", "[50,1,{},[5]]"));
        assert!(matches(r#"[8,{"a":1,"b":2}]"#, r#"[8,{"b":2,"a":1}]"#));
        for other in ["[50,1,{},[6]]", "[50,1,{}]", "[50,1,{},[5],{}]", "x"] {
            assert!(!matches("[50,1,{},[5]]", other), "{other}");
        }
    }

    #[test]
    fn a_star_is_any_one_value() {
        assert!(matches("[2,*,*]", r#"[2,17,{"a":[]}]"#));
        assert!(!matches("[2,*,*]", "[2,17]"));
        assert!(matches(r#"[1,{"a":*}]"#, r#"[1,{"a":{"b":1}}]"#));
        assert!(!matches(r#"[1,{"a":*}]"#, r#"[1,{"b":1}]"#));
    }

    #[test]
    fn dots_are_everything_else() {
        for message in ["[8]", "[8,48,1]"] {
            assert!(matches("[8, ...]", message), "{message}");
            assert!(matches("[8,…]", message), "{message}");
        }
        assert!(!matches("[8,...]", "[9]"));
        assert!(matches(r#"[1,{"a":1,...}]"#, r#"[1,{"b":2,"a":1}]"#));
        assert!(matches("[1,{...}]", "[1,{}]"));
        assert!(!matches(r#"[1,{"a":1,...}]"#, r#"[1,{"b":2}]"#));
    }

    #[test]
    fn in_a_text_there_are_no_gaps() {
        assert!(matches(r#"["a*","...","\"*"]"#, r#"["a*","...","\"*"]"#));
        assert!(!matches(r#"["a*"]"#, r#"["ab"]"#));
    }

    #[test]
    fn an_arrow_says_which_way() {
        assert!(matches("← [1]", "[1]") && matches("<- [1]", "[1]"));
        assert!(!matches("→ [1]", "[1]") && !matches("-> [1]", "[1]"));
    }

    #[test]
    #[should_panic(expected = "`← [1,` is no pattern of a message: EOF")]
    fn what_is_no_pattern_is_said() {
        matches("← [1,", "[1]");
    }
}
