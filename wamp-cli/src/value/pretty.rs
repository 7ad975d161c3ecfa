//! JSON that people read.

/// With line breaks and indentation. Digits and the order of keys stay as they are.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut letters = json.chars().peekable();
    let mut is_text = false;
    while let Some(letter) = letters.next() {
        if is_text {
            out.push(letter);
            match letter {
                '\\' => out.extend(letters.next()),
                '"' => is_text = false,
                _ => {}
            }
            continue;
        }
        match letter {
            '"' => {
                is_text = true;
                out.push(letter);
            }
            '[' | '{' => {
                out.push(letter);
                match letters.next_if(|it| matches!(it, ']' | '}')) {
                    Some(end) => out.push(end),
                    None => {
                        depth += 1;
                        new_line(&mut out, depth);
                    }
                }
            }
            ']' | '}' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push(letter),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// What others say, without what a terminal might obey.
pub(crate) fn printable(text: &str) -> String {
    let letters = text.chars().map(|it| match it.is_control() {
        true => it.escape_default().to_string(),
        false => it.to_string(),
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[\\PC\"\\\\{}\\[\\],:]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-c\"\\\\]{0,2}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_but_space_is_added(value in any_json()) {
            let json = value.to_string();
            let lines = pretty(&json);
            prop_assert_eq!(serde_json::from_str::<Value>(&lines).unwrap(), value.clone());
            prop_assert_eq!(lines, serde_json::to_string_pretty(&value).unwrap());
        }
    }

    #[test]
    fn json_has_lines() {
        for (json, expected) in [
            ("5", "5"),
            (r#""a,b:[\"]""#, r#""a,b:[\"]""#),
            ("[]", "[]"),
            ("{}", "{}"),
            (
                r#"{"a":[1,{}],"b":"x"}"#,
                "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"x\"\n}",
            ),
            ("[[],[[]]]", "[\n  [],\n  [\n    []\n  ]\n]"),
        ] {
            assert_eq!(pretty(json), expected, "{json}");
        }
    }

    #[test]
    fn terminals_are_not_told_what_to_do() {
        assert_eq!(printable("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(printable("grüße"), "grüße");
    }
}
